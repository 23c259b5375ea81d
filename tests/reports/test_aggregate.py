"""How far from the best, on studies whose answer is known."""

import numpy as np
import pytest

from reports import aggregate
from reports.page.collect import collect, read_columns
from tests.reports.fabricate import put, study


def everything(results):
    return np.ones(len(results.cells["cell"]), dtype=bool)


def test_ratios_to_the_lowest_median(tmp_path):
    results = collect(study(tmp_path))
    found = aggregate.heat(results, "noise", everything(results))
    assert found.schedules == ["greedy", "cosine", "exponential"]
    assert found.values == ["none", "gaussian", "spikes"]
    np.testing.assert_allclose(found.ratio, [[1.0] * 3, [2.0] * 3, [3.0] * 3], rtol=1e-12)
    np.testing.assert_array_equal(found.scenarios, [8, 8, 8])
    np.testing.assert_allclose(found.overall, [1.0, 2.0, 3.0], rtol=1e-12)


def test_the_mean_over_scenarios_is_geometric(tmp_path):
    def final(cell):
        factor = {"greedy": 1.0, "cosine": 4.0 if cell["strength"] == 1.0 else 1.0}
        return np.full(20, factor[cell["schedule"]])

    results = collect(study(tmp_path, schedules=("greedy", "cosine"), final=final))
    found = aggregate.heat(results, "landscape", everything(results))
    np.testing.assert_allclose(found.ratio[1], [2.0, 2.0], rtol=1e-12)


def test_diverged_medians_are_counted_and_left_out(tmp_path):
    def final(cell):
        lost = cell["schedule"] == "exponential" and cell["strength"] == 1.0
        return np.full(20, np.inf if lost else 2.0)

    results = collect(study(tmp_path, final=final))
    found = aggregate.heat(results, "noise", everything(results))
    np.testing.assert_array_equal(found.lost[2], [4, 4, 4])
    np.testing.assert_allclose(found.ratio[2], 1.0)


def test_where_all_diverged_there_is_nothing_to_compare(tmp_path):
    results = collect(study(tmp_path, final=lambda cell: np.full(20, np.inf)))
    found = aggregate.heat(results, "noise", everything(results))
    assert np.isnan(found.ratio).all()
    assert aggregate.profile(results, everything(results)).shares.max() == 0.0


def test_a_profile_is_that_of_its_definition(tmp_path):
    results = collect(study(tmp_path))
    found = aggregate.profile(results, everything(results))
    assert found.problems == 24
    at = {factor: np.searchsorted(aggregate.FACTORS, factor, side="right") - 1
          for factor in (1.0, 1.9, 2.05, 3.1)}  # fmt: skip
    for factor, shares in ((1.0, [1, 0, 0]), (1.9, [1, 0, 0]), (2.05, [1, 1, 0]), (3.1, [1, 1, 1])):
        np.testing.assert_array_equal(found.shares[:, at[factor]], shares)


def test_few_scenarios_have_no_profile(tmp_path):
    results = collect(study(tmp_path, noises=("gaussian",), channels=("batch",)))
    assert aggregate.profile(results, everything(results)) is None


def test_channels_are_facets_and_the_one_where_noise_acts_comes_first(tmp_path):
    results = collect(study(tmp_path, channels=("metric", "batch")))
    assert [name for name, _ in aggregate.facets(results)] == ["batch", "metric"]
    results = collect(study(tmp_path, channels=("parameters", "batch", "gradient")))
    assert [name for name, _ in aggregate.facets(results)] == ["batch", "parameters", "gradient"]


def test_inert_values_are_marked_only_where_all_their_cells_are(tmp_path):
    results = collect(study(tmp_path, channels=("metric",), schedules=("cosine", "linear")))
    found = aggregate.heat(results, "noise", everything(results))
    assert found.inert.tolist() == [False, True, True]


@pytest.mark.parametrize("axis", ["noise", "landscape"])
def test_losses_without_a_known_minimum_have_no_ratio(tmp_path, axis):
    directory = study(tmp_path)
    columns = read_columns(
        directory / "cells" / "00000.parquet",
        ("cell", "channel", "landscape", "noise", "strength", "schedule", "final_p50", "measure"),
    )
    columns["measure"] = np.array(["loss"] * len(columns["cell"]))
    columns["final_p50"] = -columns["final_p50"]
    put(directory, "cells", columns)
    results = collect(directory)
    assert np.isnan(aggregate.heat(results, axis, everything(results)).ratio).all()
