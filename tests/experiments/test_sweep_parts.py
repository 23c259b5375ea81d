"""The parts of a study: what is kept, chunks, steps of the bands, estimates, ranking."""

import json

import numpy as np
import pytest

from experiments.study.chunk import band_steps, chunks
from experiments.study.declaration import make_study
from experiments.study.estimate import estimate
from experiments.study.ranking import rank, read_cells
from lab.errors import RequestError
from tests.experiments.small_study import data, run, study_of

pytestmark = pytest.mark.usefixtures("many_chunks")


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
