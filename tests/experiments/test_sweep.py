"""What a study leaves behind is what its cells, run one by one, would give."""

from concurrent.futures import Future

import numpy as np
import pytest

from experiments.study import sweep
from experiments.study.cells import DECREASE_AT
from experiments.study.chunk import band_steps
from lab.ensemble import suboptimality
from lab.statistics.bootstrap import median_ratios
from lab.statistics.quantiles import quantiles
from lab.store import manifest
from lab.store.chunks import ChunkStore
from tests.experiments.small_study import (
    CONTENT,
    LEVELS,
    NAMES,
    data,
    each_cell,
    frame,
    run,
    study_of,
)

pytestmark = pytest.mark.usefixtures("many_chunks")


class TestTables:
    def test_rows_are_the_cells_run_one_by_one(self, finished):
        study, directory = finished
        rows = frame(directory, "runs")
        assert len(rows) == study.cells * 300
        for group, number, cell, outcome in each_cell(study):
            mine = rows[rows["cell"] == number]
            assert mine["seed"].tolist() == list(range(300))
            for name, value in vars(cell).items():
                assert set(mine[name]) == {value}, name
            losses = suboptimality(group.scenario, outcome.loss[0])
            expected = {
                "final": losses[-1], "last": losses[-2], "best": losses.min(axis=0),
                "best_step": losses.argmin(axis=0), "log_area": outcome.summary["log_area"][0],
                "diverged": np.full(300, -1), "loss_0": losses[0], "loss_30": losses[30],
                "converged": [_first(lane < 0.01 * lane[0]) for lane in losses[:-1].T],
            }  # fmt: skip
            for name, values in expected.items():
                np.testing.assert_array_equal(mine[name], values, name)

    def test_bands_are_exact_quantiles(self, finished):
        study, directory = finished
        bands = frame(directory, "bands")
        at = band_steps(60, 7)
        assert len(bands) == study.cells * 7
        for group, number, _, outcome in each_cell(study):
            mine = bands[bands["cell"] == number]
            assert mine["step"].tolist() == at.tolist()
            exact = quantiles(suboptimality(group.scenario, outcome.loss[0, at]), LEVELS)
            np.testing.assert_array_equal(mine[list(NAMES)].T, exact)
            rates = mine["lr_mean"].to_numpy()
            np.testing.assert_allclose(rates[:-1], outcome.lr_mean[0, at[:-1]], rtol=1e-14)
            assert np.isnan(rates[-1]), "step T has no rate"

    def test_cells_are_quantiles_over_their_rows(self, finished):
        study, directory = finished
        rows, cells = frame(directory, "runs"), frame(directory, "cells")
        assert cells["cell"].tolist() == list(range(study.cells))
        for _, cell in cells.iterrows():
            mine = rows[rows["cell"] == cell["cell"]]
            for name in ("final", "last", "best"):
                found = [cell[f"{name}_{level}"] for level in NAMES]
                np.testing.assert_array_equal(found, quantiles(mine[name], LEVELS))
            assert cell["exact"]
            assert cell["diverged"] == 0.0
            assert cell["converged"] == (mine["converged"] >= 0).mean()
            steps = mine["converged"].where(mine["converged"] >= 0, np.inf)
            assert cell["converged_p50"] == quantiles(steps, 0.5)

    def test_relative_decrease(self, finished):
        study, directory = finished
        cells = frame(directory, "cells")
        for group, number, _, outcome in each_cell(study):
            losses = suboptimality(group.scenario, outcome.loss[0])
            for step in DECREASE_AT:
                found = cells[f"decrease_{step}_p50"][number]
                if step > 60:
                    assert np.isnan(found)
                else:
                    assert found == pytest.approx(np.median(1 - losses[step] / losses[0]))

    def test_comparison_with_the_reference(self, finished):
        study, directory = finished
        rows, cells = frame(directory, "runs"), frame(directory, "cells")
        for group in study.groups:
            first, greedy = group.first, group.first + 1
            mine = cells.iloc[first : first + 3]
            assert mine["reference"].tolist() == [greedy] * 3
            assert mine["paired_seeds"].tolist() == [300] * 3
            final = [rows[rows["cell"] == n]["final"].to_numpy() for n in range(first, first + 3)]
            for i in (0, 2):
                ratio = median_ratios(np.stack([final[1], final[i]]), 0, 1000, seed=5)[1]
                found = mine.iloc[i]
                assert found["ratio"] == ratio.estimate
                # The other arms take part in nothing but the order of the draws.
                assert (found["ratio_low"], found["ratio_high"]) == (ratio.low, ratio.high)
                ahead = np.mean(final[i] < final[1]) + 0.5 * np.mean(final[i] == final[1])
                assert found["better"] == pytest.approx(ahead)
            assert np.isnan(mine.iloc[1]["ratio"])

    def test_cells_name_the_parameters_that_ran(self, finished):
        study, directory = finished
        cells = frame(directory, "cells")
        assert "patience=2" in cells["parameters"][1]
        assert "T_max=60" in cells["parameters"][0]
        assert set(cells["measure"]) == {"suboptimality"}
        inert = {
            (c.noise, c.schedule): m for c, m in zip(all_cells(study), cells["inert"], strict=True)
        }
        assert not any(inert.values())

    def test_the_manifest_says_what_was_asked(self, finished):
        study, directory = finished
        found = manifest.read(directory)
        assert found["complete"] is True
        assert found["completed"] == list(range(found["planned"]))
        assert found["hash"] == study.hash
        assert found["study"]["axes"] == CONTENT["axes"]
        assert "dim=3" in found["components"]["landscape"]["quadratic:dim=3"]


def all_cells(study):
    return [cell for group in study.groups for cell in group.cells]


def _first(mask) -> int:
    return int(np.argmax(mask)) if mask.any() else -1


class TestSameBytes:
    def test_whatever_the_number_of_threads(self, finished, tmp_path):
        study, directory = finished
        assert data(run(study, tmp_path / "out", threads=3)) == data(directory)

    def test_after_an_interrupt(self, finished, tmp_path, monkeypatch):
        study, directory = finished
        original = sweep.run_chunk
        done = []

        def interrupted(*arguments):
            if done:
                raise KeyboardInterrupt
            original(*arguments)
            done.append(1)

        with monkeypatch.context() as patch:
            patch.setattr(sweep, "run_chunk", interrupted)
            with pytest.raises(
                sweep.Stopped, match=r"^interrupted; . of 2 chunks .*--resume"
            ) as stop:
                run(study_of(), tmp_path, threads=1)
        del stop
        assert manifest.read(tmp_path)["complete"] is False
        assert not list(tmp_path.glob("*/*.part"))
        assert data(run(study, tmp_path, resume=True)) == data(directory)
        assert manifest.read(tmp_path)["complete"] is True


def test_what_was_finished_during_an_interrupt_is_kept(tmp_path):
    store = ChunkStore(
        tmp_path, {"a": 1}, 4, ("cells",), manifest.provenance({"a": 1}, "lab"), True
    )
    futures = [Future() for _ in range(4)]
    for number in (0, 1):
        files = store.files(number)
        files.write("cells", {"a": np.arange(3)})
        files.finish()
        futures[number].set_result(files)
    futures[2].set_exception(KeyboardInterrupt())
    futures[3].cancel()
    (tmp_path / "cells" / "00001.parquet.part").unlink()
    sweep._collect(set(futures), store)
    store.close()
    assert store.done == {0}
