"""Studies whose lanes do not fit into memory, diverge, are perturbed or have no known minimum."""

import numpy as np
import pandas as pd
import pytest

from experiments.components import LANDSCAPES
from experiments.recovery.times import recovery_times
from experiments.study.ranking import rank, read_cells
from lab import distribution, ensemble
from lab.component import Facts, Landscape
from lab.ensemble import suboptimality
from lab.simulation import simulate
from lab.sketch import FINE_ERROR
from lab.statistics.bootstrap import median_ratios
from lab.statistics.quantiles import quantiles
from tests.experiments.small_study import (
    LEVELS,
    NAMES,
    assert_same_rows,
    each_cell,
    frame,
    run,
    study_of,
)

pytestmark = pytest.mark.usefixtures("many_chunks")


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
