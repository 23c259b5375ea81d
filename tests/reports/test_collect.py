"""What a page takes from a directory; what is not a result is refused in one line."""

import json

import numpy as np
import pytest

from lab.errors import RequestError
from lab.store import manifest, marks
from reports.page import streams, write
from reports.page.collect import collect, read_columns
from reports.page.streams import read_bands, read_samples, thinned
from tests.reports.fabricate import put, study


def refusal(directory):
    with pytest.raises(RequestError) as caught:
        write(directory)
    text = str(caught.value)
    assert "\n" not in text
    assert not (directory / "report").exists()
    return text


def test_cells_of_a_study(tmp_path):
    results = collect(study(tmp_path))
    assert len(results.cells["cell"]) == 2 * 3 * 2 * 2 * 3
    assert results.schedules == ["greedy", "cosine", "exponential"]
    assert results.experiment == "sweep"
    assert results.measure == "suboptimality"
    reference = results.cells["reference"]
    assert (results.cells["schedule"][reference] == "greedy").all()
    assert (results.scenario == results.scenario[reference]).all()


def test_the_scenario_shown_first_is_one_where_noise_acts(tmp_path):
    results = collect(study(tmp_path, channels=("published", "metric", "batch")))
    first = int(np.flatnonzero(results.scenario == results.first)[0])
    assert results.cells["channel"][first] == "batch"
    assert results.cells["noise"][first] != "none"


def test_only_chunks_with_a_mark_count(tmp_path):
    study(tmp_path)
    (tmp_path / "cells" / "00001.parquet").write_bytes(b"half-written")
    assert len(collect(tmp_path).cells["cell"]) == 72
    marks.path(tmp_path, 0).unlink()
    assert "nothing to show" in refusal(tmp_path)


def test_optional_columns_may_be_absent(tmp_path):
    study(tmp_path)
    path = tmp_path / "cells" / "00000.parquet"
    needed = ("landscape", "noise", "channel", "schedule", "final_p50")
    put(tmp_path, "cells", read_columns(path, needed))
    results = collect(tmp_path)
    assert np.isnan(results.cells["ratio"]).all()
    assert (results.cells["reference"] == -1).all()
    assert write(tmp_path).is_file()


@pytest.mark.parametrize("column", ["landscape", "schedule", "final_p50"])
def test_a_missing_column_is_named(tmp_path, column):
    study(tmp_path)
    path = tmp_path / "cells" / "00000.parquet"
    names = {"landscape", "noise", "channel", "schedule", "final_p50"} - {column}
    put(tmp_path, "cells", read_columns(path, tuple(names)))
    assert column in refusal(tmp_path)


@pytest.mark.parametrize("folder", ["cells", "bands", "runs"])
@pytest.mark.parametrize("content", [b"", b"not Parquet", b"PAR1" + bytes(100) + b"PAR1"])
def test_a_damaged_file_is_named(tmp_path, folder, content):
    study(tmp_path)
    (tmp_path / folder / "00000.parquet").write_bytes(content)
    assert folder in refusal(tmp_path)


def test_words_where_numbers_belong(tmp_path):
    study(tmp_path)
    path = tmp_path / "cells" / "00000.parquet"
    columns = read_columns(path, ("landscape", "noise", "channel", "schedule", "final_p50"))
    put(tmp_path, "cells", {**columns, "final_p50": columns["noise"].astype(str)})
    assert "final_p50" in refusal(tmp_path)


@pytest.mark.parametrize(
    "manifest",
    [None, "", "[]", "{", '"words"', "\xff"],
    ids=["missing", "empty", "a list", "cut off", "words", "not UTF-8"],
)
def test_a_foreign_directory_is_refused(tmp_path, manifest):
    (tmp_path / "photo.png").write_bytes(b"\x89PNG")
    if manifest is not None:
        (tmp_path / "manifest.json").write_bytes(manifest.encode("latin-1"))
    assert "manifest.json" in refusal(tmp_path)


def test_a_file_and_a_missing_directory_are_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    for name in ("file", "missing"):
        with pytest.raises(RequestError, match="is not a directory"):
            write(tmp_path / name)


@pytest.mark.parametrize(
    "record",
    [{}, {"request": 7}, {"request": {"experiment": "recovery"}}, {"hash": None, "versions": []}],
)
def test_a_directory_without_results_is_refused(tmp_path, record):
    (tmp_path / "manifest.json").write_text(json.dumps({"schema": 1, **record}))
    assert "nothing to show" in refusal(tmp_path)


@pytest.mark.parametrize(
    "document",
    [
        {"schedules": [{"schedule": "greedy"}]},
        {"schedules": 5},
        {"runs": [{"schedules": []}]},
        {"claims": [7]},
        {"runs": 3},
    ],
)
def test_a_document_of_another_shape_is_refused(tmp_path, document):
    record = {"schema": 1, "request": {"experiment": "recovery"}}
    (tmp_path / "manifest.json").write_text(json.dumps(record))
    (tmp_path / "result.json").write_text(json.dumps(document))
    refusal(tmp_path)


@pytest.mark.parametrize("schema", [2, 99, 0, None, "1", 1.0])
def test_a_later_schema_is_refused(tmp_path, schema):
    study(tmp_path, schema=schema)
    assert f"has schema {schema!r}, this version of the laboratory reads" in refusal(tmp_path)


@pytest.mark.parametrize("content", ["[" * 100_000, "{", "\xff"])
def test_a_document_that_is_damaged_is_refused(tmp_path, content):
    manifest.write(tmp_path, manifest.provenance({"experiment": "recovery"}, "lab recovery"))
    (tmp_path / "result.json").write_bytes(content.encode("latin-1"))
    assert "result.json' cannot be read, it may be damaged: " in refusal(tmp_path)


RUN = {
    "schedules": [
        {
            "schedule": name, "inert": False, "diverged": 0.0, "final": {"p50": 1.0},
            "paired": {"against": against}, "noise_effect": {}, "tuned": None,
        }
        for name, against in (("greedy", None), ("cosine", "greedy"))
    ],
    "landscape": "rosenbrock", "seeds": 9, "measure": "suboptimality",
}  # fmt: skip


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({**RUN, "steps": 10**12}, "steps holds values outside [1, 2,147,483,647]"),
        ({**RUN, "steps": 0}, "steps holds values outside [1, "),
        ({**RUN, "lr": None}, "lr holds values that are not "),
        ({**RUN, "lr": float("nan")}, "lr holds values that are not finite numbers"),
        ({**RUN, "strength": [1]}, "strength holds values that are not numbers"),
        ({**RUN, "schedules": RUN["schedules"][1:]}, "schedules[0].paired.against = 'greedy' is"),
        ({k: v for k, v in RUN.items() if k != "seeds"}, "it may be damaged: no field 'seeds'"),
        ({**RUN, "schedules": [{"schedule": "greedy"}]}, "it may be damaged: no field 'paired'"),
    ],
)
def test_a_document_with_one_wrong_field_is_refused_by_its_name(tmp_path, document, says):
    manifest.write(tmp_path, manifest.provenance({"experiment": "run"}, "lab run"))
    (tmp_path / "result.json").write_text(json.dumps(RUN))
    assert collect(tmp_path).cells["reference"].tolist() == [0, 0]
    (tmp_path / "result.json").write_text(json.dumps(document))
    text = refusal(tmp_path)
    assert "result.json'" in text
    assert says in text


def test_a_manifest_of_odd_types_does_no_harm(tmp_path):
    study(tmp_path, command=None, versions=3, machine=[], started="now", seconds=None, request=[])
    assert write(tmp_path).is_file()


def test_a_study_that_is_not_complete_says_so(tmp_path):
    study(tmp_path, complete=False, completed=[0], planned=7)
    assert "not complete: 1 of 7 chunks" in write(tmp_path).read_text(encoding="utf-8")


@pytest.mark.parametrize("seeds", [1, 2])
def test_one_or_two_seeds_make_a_page(tmp_path, seeds):
    assert write(study(tmp_path, seeds=seeds)).is_file()


def test_all_lanes_diverged_make_a_page(tmp_path):
    path = write(study(tmp_path, final=lambda cell: np.full(20, np.inf)))
    assert "more than half of the lanes diverged" in path.read_text(encoding="utf-8")


def test_a_single_cell_makes_a_page(tmp_path):
    study(tmp_path, ("rosenbrock",), ("spikes",), ("batch",), (0.5,), ("greedy",))
    assert "The one cell" in write(tmp_path).read_text(encoding="utf-8")


def test_bands_are_those_of_the_files(tmp_path):
    results = collect(study(tmp_path, steps=50, bands=12))
    bands = read_bands(results)
    path = tmp_path / "bands" / "00000.parquet"
    table = read_columns(path, ("cell", "step", "p10", "p50", "p90"))
    assert bands.grids[50].tolist() == sorted(set(table["step"].tolist()))
    for i in (0, 17, 71):
        mine = table["cell"] == i
        for k, name in enumerate(("p10", "p50", "p90")):
            np.testing.assert_array_equal(bands.values[i, :, k], table[name][mine])
    assert np.isnan(bands.rates[:, -1]).all()


def test_bands_do_not_depend_on_the_order_of_rows(tmp_path):
    first = read_bands(collect(study(tmp_path)))
    path = tmp_path / "bands" / "00000.parquet"
    columns = read_columns(path, ("cell", "step", "p10", "p50", "p90", "lr_mean"))
    order = np.random.default_rng(0).permutation(len(columns["cell"]))
    put(tmp_path, "bands", {name: values[order] for name, values in columns.items()})
    second = read_bands(collect(tmp_path))
    np.testing.assert_array_equal(first.values, second.values)
    np.testing.assert_array_equal(first.rates, second.rates)


def test_thinned_steps_are_some_of_them_with_both_ends():
    steps = np.arange(201)
    few = thinned(steps, 30)
    assert len(few) == 30
    assert few[0] == 0
    assert few[-1] == 200
    assert (np.diff(few) > 0).all()
    assert np.isin(few, steps).all()
    # Evenly spaced in log(step + 1) where steps are dense enough for it.
    gaps = np.diff(np.log(few[15:] + 1.0))
    assert gaps.max() / gaps.min() < 1.5
    np.testing.assert_array_equal(thinned(few, 30), few)


def test_samples_are_quantiles_of_the_rows(tmp_path):
    results = collect(study(tmp_path, seeds=20))
    samples = read_samples(results)
    assert samples.whole
    table = read_columns(tmp_path / "runs" / "00000.parquet", ("cell", "final"))
    for i in (0, 40):
        expected = np.quantile(table["final"][table["cell"] == i], samples.levels)
        np.testing.assert_allclose(samples.values[i], expected, rtol=1e-12)


def test_samples_do_not_depend_on_the_order_of_rows(tmp_path):
    first = read_samples(collect(study(tmp_path)))
    columns = read_columns(tmp_path / "runs" / "00000.parquet", ("cell", "seed", "final"))
    order = np.random.default_rng(0).permutation(len(columns["cell"]))
    put(tmp_path, "runs", {name: values[order] for name, values in columns.items()})
    np.testing.assert_array_equal(first.values, read_samples(collect(tmp_path)).values)


def test_samples_of_very_many_seeds_are_those_of_the_first(tmp_path, monkeypatch):
    study(tmp_path, seeds=20)
    monkeypatch.setattr(streams, "SEEDS", 7)
    samples = read_samples(collect(tmp_path))
    table = read_columns(tmp_path / "runs" / "00000.parquet", ("cell", "seed", "final"))
    mine = (table["cell"] == 3) & (table["seed"] < 7)
    expected = np.quantile(table["final"][mine], samples.levels)
    np.testing.assert_allclose(samples.values[3], expected, rtol=1e-12)


def test_samples_without_rows_are_the_quantiles_of_the_cells(tmp_path):
    results = collect(study(tmp_path, rows=False))
    samples = read_samples(results)
    assert not samples.whole
    np.testing.assert_array_equal(samples.values[:, 3], results.cells["final_p50"])
