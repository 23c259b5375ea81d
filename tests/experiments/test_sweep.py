"""What a study leaves behind is what its cells, run one by one, would give."""

import copy
import json
from concurrent.futures import Future

import numpy as np
import pandas as pd
import pytest

from experiments.components import LANDSCAPES
from experiments.recovery.times import recovery_times
from experiments.study import sweep
from experiments.study.cells import DECREASE_AT
from experiments.study.chunk import band_steps, chunks
from experiments.study.declaration import make_study
from experiments.study.estimate import estimate
from experiments.study.lanes import first_below
from experiments.study.ranking import rank, read_cells, read_table
from lab import distribution, ensemble
from lab.component import Facts, Landscape
from lab.ensemble import suboptimality
from lab.errors import RequestError
from lab.simulation import simulate
from lab.sketch import FINE_ERROR
from lab.statistics.bootstrap import median_ratios
from lab.statistics.quantiles import quantiles
from lab.store import manifest
from lab.store.chunks import ChunkStore

CONTENT = {
    "seeds": 300,
    "seed": 5,
    "constants": {"steps": 60, "lr": 0.05},
    "axes": {
        "landscape": ["rosenbrock", "quadratic:dim=3"],
        "noise": ["none", "gaussian"],
        "schedule": ["cosine", "greedy:patience=2", "constant"],
    },
    "keep": {"bands": 7, "losses": [0, 30]},
}
LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
NAMES = ("p5", "p10", "p25", "p50", "p75", "p90", "p95")


@pytest.fixture(autouse=True)
def many_chunks(monkeypatch):
    """Two groups a chunk."""
    monkeypatch.setattr("experiments.study.chunk.CHUNK_LANES", 1000)


def study_of(**parts):
    content = copy.deepcopy(CONTENT)
    for name, value in parts.items():
        content[name] = content[name] | value if isinstance(value, dict) else value
    return make_study("small", content, "small")


def run(study, directory, resume=False, threads=1):
    sweep.run_study(study, directory, "lab sweep", resume, threads, None, (), lambda text: None)
    return directory


def frame(directory, folder) -> pd.DataFrame:
    return pd.DataFrame(read_table(directory, folder))


def data(directory) -> dict[str, bytes]:
    """Every file of a result but the manifest, which has times."""
    paths = [p for p in directory.rglob("*") if p.is_file()]
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in paths
        if path.name not in ("manifest.json", ".lock") and path.parent.name != "report"
    }


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    study = study_of()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("experiments.study.chunk.CHUNK_LANES", 1000)
        return study, run(study, tmp_path_factory.mktemp("sweep") / "out")


def each_cell(study):
    """Every cell with a simulation of its own."""
    for group in study.groups:
        for i, (arm, cell) in enumerate(zip(group.arms, group.cells, strict=True)):
            outcome = simulate(
                group.scenario, [arm], group.steps, study.document.seeds,
                seed=study.document.seed, perturbations=group.perturbations,
            )  # fmt: skip
            yield group, group.first + i, cell, outcome


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


class TestStreams:
    """Lanes that do not fit in memory at once."""

    @pytest.fixture(autouse=True)
    def little_memory(self, monkeypatch):
        monkeypatch.setattr(ensemble, "PIECE_BYTES", 128 * 61 * 8 * 3)
        monkeypatch.setattr("lab.store.tables.ROW_GROUP", 700)

    def test_rows_are_the_same(self, finished, tmp_path):
        study, directory = finished
        assert_same_rows(run(study, tmp_path), directory)

    def test_and_so_are_exact_quantiles(self, finished, tmp_path):
        study, directory = finished
        run(study, tmp_path)
        for folder in ("cells", "bands"):
            pd.testing.assert_frame_equal(
                frame(tmp_path, folder), frame(directory, folder), rtol=1e-14
            )

    def test_arms_may_run_apart(self, finished, tmp_path, monkeypatch):
        study, directory = finished
        monkeypatch.setattr(ensemble, "HELD_BYTES", 2 * 7 * 300 * 8)
        assert len(list(ensemble.together(study.groups[0].arms, 60, 300, 7))) == 2
        assert_same_rows(run(study, tmp_path), directory)
        pd.testing.assert_frame_equal(
            frame(tmp_path, "cells"), frame(directory, "cells"), rtol=1e-14
        )

    def test_beyond_what_is_exact_the_error_is_the_sketchs(self, finished, tmp_path, monkeypatch):
        study, directory = finished
        monkeypatch.setattr(distribution, "EXACT_LANES", 299)
        run(study, tmp_path)
        assert_same_rows(tmp_path, directory)
        found, exact = frame(tmp_path, "cells"), frame(directory, "cells")
        assert not found["exact"].any()
        for name in (f"{value}_{level}" for value in ("final", "last", "best") for level in NAMES):
            np.testing.assert_allclose(found[name], exact[name], rtol=FINE_ERROR, err_msg=name)
        found, exact = frame(tmp_path, "bands"), frame(directory, "bands")
        np.testing.assert_allclose(found[list(NAMES)], exact[list(NAMES)], rtol=FINE_ERROR)

    def test_pairs_are_the_first_seeds(self, finished, tmp_path, monkeypatch):
        study, directory = finished
        monkeypatch.setattr("experiments.study.cells.PAIRED_SEEDS", 200)
        cells = frame(run(study, tmp_path), "cells")
        rows = frame(directory, "runs")
        assert set(cells["paired_seeds"]) == {200}
        final = [rows[rows["cell"] == n]["final"].to_numpy()[:200] for n in (1, 0)]
        assert cells["ratio"][0] == median_ratios(np.stack(final), 0)[1].estimate


class TestDivergence:
    def test_lanes_that_diverge_are_infinite_and_counted(self, tmp_path):
        study = study_of(
            axes={"landscape": ["rosenbrock"], "noise": ["none"], "schedule": ["constant"]},
            constants={"optimizer": "sgd", "lr": 0.002},
        )
        run(study, tmp_path)
        rows, cells = frame(tmp_path, "runs"), frame(tmp_path, "cells")
        gone = rows["diverged"] >= 0
        assert 0.1 < gone.mean() < 0.9
        assert cells["diverged"][0] == gone.mean()
        assert np.isinf(rows["final"][gone]).all()
        assert np.isfinite(rows["final"][~gone]).all()
        found = [cells[f"final_{level}"][0] for level in NAMES]
        np.testing.assert_array_equal(found, quantiles(rows["final"], LEVELS))
        assert not cells.drop(columns=["ratio", "better"]).isna().all(axis=None)
        (only,) = rank(read_cells(tmp_path))[()]
        assert only.lost == int(np.isinf(cells["final_p50"][0]))


def assert_same_rows(directory, other):
    order = ["cell", "seed"]
    found, expected = (
        frame(d, "runs").sort_values(order, ignore_index=True) for d in (directory, other)
    )
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


class TestPerturbations:
    def test_recovery_is_against_the_lanes_own_twin(self, tmp_path):
        study = study_of(
            axes={"perturb": ["none", "kick:at=20,size=2"], "landscape": ["quadratic:dim=3"]},
            constants={"lr": 0.2},
        )
        run(study, tmp_path)
        rows, cells = frame(tmp_path, "runs"), frame(tmp_path, "cells")
        for group, number, cell, outcome in each_cell(study):
            mine, summary = rows[rows["cell"] == number], cells.iloc[number]
            if cell.perturb == "none":
                assert mine["recovery_excluded"].all()
                assert summary[["recovery", "recovery_p50", "recovery_seeds"]].isna().all()
                continue
            twin = simulate(
                group.scenario, [group.arms[number - group.first]], 60, 300, seed=5
            ).loss
            perturbed, unperturbed = (
                suboptimality(group.scenario, loss[0]) for loss in (outcome.loss, twin)
            )
            times = recovery_times(perturbed, unperturbed, 20)
            np.testing.assert_array_equal(mine["recovery"], times.time)
            np.testing.assert_array_equal(mine["recovery_excluded"], times.excluded)
            assert summary["recovery"] == np.isfinite(times.time).mean()
            assert summary["recovery_p50"] == quantiles(times.time, 0.5)
            assert summary["recovery_seeds"] == 300
            assert summary["recovery_horizon"] == 60 - 20 - 4
        assert cells["recovery"].max() > 0

    def test_twins_stream_with_their_lanes(self, tmp_path, monkeypatch):
        study = study_of(axes={"perturb": ["kick:at=20,size=2"], "landscape": ["quadratic:dim=3"]})
        run(study, tmp_path / "whole")
        monkeypatch.setattr(ensemble, "PIECE_BYTES", 128 * 61 * 8 * 3)
        assert_same_rows(run(study, tmp_path / "pieces"), tmp_path / "whole")

    def test_an_event_too_late_to_recover_from_is_no_error(self, tmp_path):
        study = study_of(axes={"perturb": ["kick:at=59"], "landscape": ["quadratic"]})
        assert frame(run(study, tmp_path), "cells")["recovery"].isna().all()


def shifted(x, value, grad):
    """A bowl below zero, whose depth nobody was told."""
    for k in range(x.shape[1]):
        value[k] = x[0, k] * x[0, k] - 1.0
        grad[0, k] = 2.0 * x[0, k]


class TestUnknownMinimum:
    @pytest.fixture(autouse=True)
    def landscape(self, monkeypatch):
        unknown = Landscape(
            name="bowl-below", summary="", source="", formula="", kernel=shifted,
            facts=lambda values: Facts(1, None, None, 0.1),
        )  # fmt: skip
        monkeypatch.setitem(LANDSCAPES._added, "bowl-below", unknown)

    @pytest.mark.parametrize("exact", [True, False])
    def test_losses_may_be_negative_and_have_no_ratios(self, exact, tmp_path, monkeypatch):
        if not exact:
            monkeypatch.setattr(distribution, "EXACT_LANES", 10)
        cells = frame(run(study_of(axes={"landscape": ["bowl-below"]}), tmp_path), "cells")
        assert set(cells["measure"]) == {"loss"}
        assert (cells["final_p50"] < -0.5).all()
        assert (cells["final_p5"] >= -1.0 - 0.01).all()
        assert cells[["ratio", "ratio_low", "decrease_10_p50"]].isna().all(axis=None)
        assert cells["better"].notna().any()
        assert rank(read_cells(tmp_path))

    def test_the_sketch_is_signed(self, tmp_path, monkeypatch):
        study = study_of(axes={"landscape": ["bowl-below"]})
        exact = frame(run(study, tmp_path / "exact"), "bands")
        monkeypatch.setattr(distribution, "EXACT_LANES", 10)
        found = frame(run(study, tmp_path / "counted"), "bands")
        np.testing.assert_allclose(found[list(NAMES)], exact[list(NAMES)], atol=2 * FINE_ERROR)


class TestParts:
    def test_bands_alone_and_rows_alone(self, tmp_path):
        run(study_of(keep={"rows": False}), tmp_path / "a")
        assert {p.name for p in (tmp_path / "a").iterdir() if p.is_dir()} == {
            "bands", "cells", "chunks",
        }  # fmt: skip
        run(study_of(keep={"bands": 0}), tmp_path / "b")
        assert not (tmp_path / "b" / "bands").exists()

    def test_every_group_is_in_one_chunk(self):
        study = study_of()
        found = chunks(study)
        assert [group for chunk in found for group in chunk] == list(study.groups)
        assert len(found) == 2

    @pytest.mark.parametrize("steps", [1, 2, 3, 10, 59, 200, 1000, 12345])
    def test_band_steps_are_distinct_and_reach_both_ends(self, steps):
        for wanted in [*range(2, 60), 500, 10_000]:
            at = band_steps(steps, wanted)
            assert len(at) == min(wanted, steps + 1)
            assert at[0] == 0
            assert at[-1] == steps
            assert np.all(np.diff(at) > 0)
        assert band_steps(steps, "all").tolist() == list(range(steps + 1))
        assert band_steps(steps, 1).tolist() == [steps]
        assert len(band_steps(steps, 0)) == 0

    def test_a_lane_that_never_converges_or_diverges(self):
        loss = np.array([[100.0, 2.0, 0.9, 0.5], [100, 2, 1, 0.5], [1, np.inf, np.inf, np.inf]]).T
        assert first_below(loss[None], 0.0).tolist() == [[2, -1, -1]]
        assert first_below(loss[None] + 7.0, 7.0).tolist() == [[2, -1, -1]]

    def test_an_estimate_counts_exactly(self):
        study = study_of()
        found = estimate(study, threads=1)
        assert (found.cells, found.lanes, found.chunks) == (12, 3600, 2)
        assert found.lane_steps == 3600 * 60
        assert found.share == 1.0

    def test_the_estimate_of_the_size_is_right(self, finished):
        study, directory = finished
        size = sum(
            len(content) for name, content in data(directory).items() if "chunks" not in name
        )
        assert estimate(study, threads=1).bytes == pytest.approx(size, rel=0.02)

    def test_damaged_tables_are_told(self, finished, tmp_path):
        run(study_of(), tmp_path)
        (tmp_path / "cells" / "00001.parquet").write_bytes(b"PAR1")
        with pytest.raises(RequestError, match=r"00001\.parquet' is damaged or missing"):
            read_cells(tmp_path)


class TestRanking:
    def test_counts_what_the_intervals_tell(self, finished):
        _, directory = finished
        cells = read_cells(directory)
        found = {r.schedule: r for r in rank(cells)[()]}
        assert found["greedy:patience=2"].below is None
        for name in ("cosine", "constant"):
            mine = cells["schedule"] == name
            assert found[name].below == (cells["ratio_high"][mine] < 1).sum()
            assert found[name].above == (cells["ratio_low"][mine] > 1).sum()
            assert found[name].scenarios == 4
        assert sum(r.lowest for r in found.values()) >= 1.0
        assert min(r.to_best for r in found.values()) >= 1.0

    def test_all_diverged_is_nobodys_win(self):
        columns = {name: np.array(["x", "x"]) for name in (
            "landscape", "noise", "channel", "strength", "steps", "metric_every", "metric",
            "perturb", "optimizer", "lr",
        )}  # fmt: skip
        columns |= {
            "cell": np.array([0, 1]), "reference": np.array([0, 0]),
            "measure": np.array(["suboptimality"] * 2), "schedule": np.array(["a", "b"]),
            "final_p50": np.array([np.inf, np.inf]), "ratio_low": np.array([np.nan] * 2),
            "ratio_high": np.array([np.nan] * 2),
        }  # fmt: skip
        for found in rank(columns)[()]:
            assert (found.scenarios, found.lost, found.lowest) == (1, 1, 0.0)


def test_the_document_of_a_study_survives_json(finished):
    study, _ = finished
    content = json.loads(study.document.model_dump_json())
    assert make_study("small", content, "small").hash == study.hash
