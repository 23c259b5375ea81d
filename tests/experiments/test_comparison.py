"""The main experiment: its numbers are those of its lanes."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from experiments import comparison, rows
from experiments.comparison import LEVELS, compare
from experiments.request import make_request
from lab import distribution, ensemble
from lab.sketch import FINE_ERROR
from lab.statistics.ranks import large_median_ratios
from lab.store.tables import parquet_bytes
from tests.trajectories import trajectories

SCHEDULES = ("constant", "greedy:patience=1", "cosine")


def request_for(**rest):
    given = {"noise": "gaussian", "schedules": SCHEDULES, "steps": 25, "seeds": 200} | rest
    return make_request("quadratic", **given)


@pytest.fixture(scope="module")
def request_():
    return request_for(tune=True)


@pytest.fixture(scope="module")
def found(request_):
    (comparison,) = compare(request_, threads=1)
    return comparison


@pytest.fixture(scope="module")
def lanes(request_):
    return trajectories(request_, 200)


def test_quantiles_are_those_of_the_lanes(found, lanes):
    for i, arm in enumerate(found.arms):
        np.testing.assert_array_equal(arm.final, np.quantile(lanes.summary["final"][i], LEVELS))
        np.testing.assert_array_equal(arm.best, np.quantile(lanes.summary["best"][i], LEVELS))


def test_bands_are_those_of_the_lanes(found, lanes):
    expected = np.quantile(lanes.loss, LEVELS, axis=-1).transpose(1, 2, 0)
    np.testing.assert_array_equal(found.shared.bands, expected)


def test_comparisons_are_with_greedy_on_the_same_seeds(found, lanes):
    final = lanes.summary["final"]
    assert [arm.paired is None for arm in found.arms] == [False, True, False]
    for i in (0, 2):
        pair = found.arms[i].paired
        assert pair.against == "greedy:patience=1"
        assert pair.ratio.estimate == np.median(final[i]) / np.median(final[1])
        assert pair.ratio.low < pair.ratio.estimate < pair.ratio.high
        wins = np.mean(final[i] < final[1]) + 0.5 * np.mean(final[i] == final[1])
        assert pair.probability_better.estimate == pytest.approx(wins, abs=1e-12)


def test_the_noise_effect_is_against_the_same_lanes_without_noise(found, request_, lanes):
    quiet = trajectories(request_, 200, strength=0.0).summary["final"]
    for i, arm in enumerate(found.arms):
        expected = np.median(lanes.summary["final"][i]) / np.median(quiet[i])
        assert arm.noise_effect.estimate == expected


def test_the_tuned_comparison_runs_at_the_tuned_rates(found, request_):
    for i, arm in enumerate(found.arms):
        (tuned,) = trajectories(
            request_, 200, arms=[request_.arms([a.tuned.rate.lr for a in found.arms])[i]]
        ).summary["final"]
        assert arm.tuned.p50 == np.median(tuned)
        np.testing.assert_array_equal(found.tuned["final"][i], tuned)


def test_without_noise_or_tuning_there_is_no_such_column():
    (found,) = compare(request_for(noise="none", tune=False))
    assert all(arm.noise_effect is None and arm.tuned is None for arm in found.arms)
    assert found.tuned is None
    assert not any(arm.inert for arm in found.arms)


def test_every_strength_is_a_comparison_of_its_own():
    request = request_for(strength=(0.0, 2.0), tune=False)
    quiet, loud = compare(request)
    assert (quiet.strength, loud.strength) == (0.0, 2.0)
    assert all(arm.inert for arm in quiet.arms)
    assert not any(arm.inert for arm in loud.arms)
    (alone,) = compare(request_for(strength=2.0, tune=False))
    np.testing.assert_array_equal(alone.arms[0].final, loud.arms[0].final)


def test_diverged_lanes_are_infinite_and_counted():
    (found,) = compare(request_for(optimizer="sgd", lr=1e9, steps=60, tune=False))
    assert found.arms[0].diverged == 1.0
    assert np.isinf(found.arms[0].final).all()
    assert np.isfinite(found.arms[0].best).all()


def test_threads_change_nothing(request_, found):
    (again,) = compare(request_, threads=2)
    for one, other in zip(found.arms, again.arms, strict=True):
        assert one.paired == other.paired
        assert one.noise_effect == other.noise_effect
        assert one.tuned == other.tuned
        np.testing.assert_array_equal(one.final, other.final)


def test_a_single_seed_is_enough():
    (found,) = compare(request_for(seeds=1, tune=False))
    assert all(arm.final[0] == arm.final[-1] for arm in found.arms)


def test_rows_are_lanes(request_, found, lanes):
    columns = rows.lanes(request_, found)
    assert list(columns) == [
        "schedule", "rate", "lr", "strength", "seed", "final", "last", "best", "best_step",
        "log_area", "diverged",
    ]  # fmt: skip
    words = columns["schedule"].arrow().to_pylist()
    assert words == [word for word in SCHEDULES for _ in range(200)] * 2
    assert columns["rate"].arrow().to_pylist() == ["shared"] * 600 + ["tuned"] * 600
    np.testing.assert_array_equal(columns["final"][:600], lanes.summary["final"].ravel())
    np.testing.assert_array_equal(columns["seed"], np.tile(np.arange(200), 6))
    assert (columns["diverged"] == -1).all()
    assert set(columns["lr"][:600]) == {request_.lr}


def test_a_band_is_a_row_a_schedule_and_step(request_, found, lanes):
    columns = rows.bands(request_, found)
    assert list(columns) == [
        "schedule", "strength", "step", "p5", "p10", "p25", "p50", "p75", "p90", "p95", "lr_mean",
    ]  # fmt: skip
    np.testing.assert_array_equal(columns["step"], np.tile(np.arange(26), 3))
    np.testing.assert_array_equal(columns["p50"], np.median(lanes.loss, axis=-1).ravel())
    rates = columns["lr_mean"].values.reshape(3, 26)
    np.testing.assert_allclose(rates[:, :-1], lanes.lr_mean, rtol=1e-15)
    missing = np.array(columns["lr_mean"].arrow().is_null()).reshape(3, 26)
    assert missing[:, -1].all()
    assert missing.sum() == 3


def test_two_runs_of_one_request_leave_the_same_bytes(request_, found):
    (again,) = compare(request_)
    for table in (rows.lanes, rows.bands):
        assert parquet_bytes(table(request_, again)) == parquet_bytes(table(request_, found))


def test_very_many_seeds_are_counted_and_ranked(request_, found, monkeypatch, tmp_path):
    """Beyond the limit: bands from histograms, intervals from order statistics, a file an arm."""
    for module in (comparison, distribution, ensemble, rows):
        monkeypatch.setattr(module, "EXACT_LANES", 150)
    (many,) = compare(request_, threads=1)
    assert not many.shared.exact
    np.testing.assert_allclose(many.shared.bands, found.shared.bands, rtol=FINE_ERROR)
    ranked = large_median_ratios(many.shared.summary["final"], 1, seed=request_.seed)
    for i, (arm, exact) in enumerate(zip(many.arms, found.arms, strict=True)):
        np.testing.assert_array_equal(arm.final, exact.final)
        if arm.paired is not None:
            ratio, other = arm.paired.ratio, exact.paired.ratio
            assert ratio.estimate == other.estimate
            assert ratio == ranked[i]
            assert arm.paired.probability_better == exact.paired.probability_better
    rows.write(tmp_path / "many", request_, [many])
    monkeypatch.undo()
    rows.write(tmp_path / "few", request_, [found])
    files = sorted((tmp_path / "many" / "runs").iterdir())
    assert [path.name for path in files] == [f"{i:05d}.parquet" for i in range(6)]
    few, parts = (pq.read_table(tmp_path / name / "runs").to_pydict() for name in ("few", "many"))
    assert few == parts
