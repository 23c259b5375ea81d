"""What recovery, sensitivity and early show of a small run: text, JSON, tables and figures."""

import io
import json

import pyarrow.parquet as pq
import pytest

from experiments.early import make_early, measure_early
from experiments.recovery.run import make_recovery, recover
from experiments.sensitivity import make_sensitivity, measure_sensitivity
from lab.errors import RequestError
from lab.statistics.interval import Interval
from lab.store import manifest
from lab.store.tables import parquet_bytes
from reports import publish
from reports.early import pages as early
from reports.recovery import pages as recovery
from reports.recovery.pages import steps
from reports.sensitivity import pages as sensitivity

COMMON = {
    "landscapes": ["rosenbrock"], "schedules": ("cosine", "greedy", "greedy:patience=1"),
    "seeds": 30, "steps": 40, "noise": "gaussian", "channel": "metric", "strengths": (0.1, 0.2),
}  # fmt: skip


def recover_small():
    return recover(make_recovery(events=["kick:at=10", "reset:at=20"], **COMMON))


RUNS = {
    "recovery": (recovery, recover_small),
    "sensitivity": (sensitivity, lambda: measure_sensitivity(make_sensitivity(rates=5, **COMMON))),
    "early": (early, lambda: measure_early(make_early(**COMMON))),
}


@pytest.fixture(scope="module")
def results():
    return {name: run() for name, (_, run) in RUNS.items()}


def documented(pages) -> set[str]:
    """The keys of the JSON document that the module's docstring names."""
    return set(pages.__doc__.split('"')[1::2])


def keys_of(value) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    if isinstance(value, list):
        return set().union(*map(keys_of, value))
    return set()


@pytest.mark.parametrize("name", RUNS)
def test_the_json_document_is_the_documented_one(name, results):
    pages, _ = RUNS[name]
    document = pages.document(results[name], "there")
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    words = documented(pages) - {"inf", "-inf"}
    assert keys_of(document) == words
    assert (document["schema"], document["out"]) == (1, "there")


@pytest.mark.parametrize("name", RUNS)
def test_the_help_names_the_same_keys(name, results):
    from reports.commands import scenarios

    function = getattr(scenarios, name)
    named = set(function.__doc__.split('"')[1::2])
    assert named <= documented(RUNS[name][0])
    # Only what repeats within the document is left out of the help.
    missing = documented(RUNS[name][0]) - named - {"inf", "-inf"}
    assert not missing & set(RUNS[name][0].document(results[name], ""))


@pytest.mark.parametrize("name", RUNS)
def test_the_text_names_every_schedule_and_marks_those_that_hear_nothing(name, results):
    pages, _ = RUNS[name]
    shown = pages.text(results[name])
    assert "nan" not in shown
    assert "cosine* " in shown
    assert "* the noise cannot act here" in shown
    assert "greedy* " not in shown
    assert "gaussian in channel metric at strength 0.1, adam" in shown
    assert "at strength 0.2, adam" in shown
    assert "n = 30 paired seeds" in shown


@pytest.mark.parametrize("name", RUNS)
def test_tables_are_whole_parquet_files(name, results):
    pages, _ = RUNS[name]
    tables = pages.tables(results[name])
    rows = {"recovery": 2 * 3 * 30, "sensitivity": 3 * 5, "early": 3 * 41}[name]
    assert len(tables) == 2
    for columns in tables.values():
        table = pq.read_table(io.BytesIO(parquet_bytes(columns)))
        assert table.num_rows == rows
        assert set(table["schedule"].to_pylist()) == set(COMMON["schedules"])
        assert table["strength"].to_pylist()[0] in (0.1, 0.2)


def test_times_in_the_table_are_those_of_the_result(results):
    found = results["recovery"]
    table = pq.read_table(
        io.BytesIO(parquet_bytes(recovery.tables(found)["runs/00001.parquet"]))
    ).to_pandas()
    for result in found.results[2:]:
        for arm, times in zip(result.arms, result.times.time, strict=True):
            rows = table[(table.event == result.event.text) & (table.schedule == arm.written)]
            assert rows.seed.tolist() == list(range(30))
            expected = [-1 if t == float("inf") else int(t) for t in times]
            assert rows.time.tolist() == expected


@pytest.mark.parametrize("name", RUNS)
def test_a_directory_is_whole(name, results, tmp_path):
    pages, _ = RUNS[name]
    result, target = results[name], tmp_path / "out"
    identity = result.grid.identity()
    with publish.result_directory(target, identity, "lab x") as place:
        lines = publish.fill(place, target, result, pages, draw=True)
    for line in lines:
        path = line.split()[1]
        assert path.startswith(str(target))
        assert (tmp_path / path).exists(), line
    assert json.loads((target / "result.json").read_text())["out"] == str(target)
    record = manifest.read(target)
    assert record["complete"]
    assert record["hash"] == result.grid.hash
    figures = sorted(path.suffix for path in (target / "report").iterdir())
    assert figures.count(".png") == figures.count(".svg") >= 1
    # The same again renews it, another is refused.
    with publish.result_directory(target, identity, "lab x") as place:
        publish.fill(place, target, result, pages, draw=False)
    assert not (target / "report").exists()
    with (
        pytest.raises(RequestError, match="another study"),
        publish.result_directory(target, {**identity, "x": 1}, "lab x"),
    ):
        pass


@pytest.mark.parametrize(
    ("interval", "written"),
    [
        (Interval(12.0, 11.0, 14.5, 9), "12 [11, 14.5]"),
        (Interval(12.0, 11.0, float("inf"), 9), "12 [11, >30]"),
        (Interval(float("inf"), 29.0, float("inf"), 9), ">30 [29, >30]"),
        (Interval(float("inf"), float("inf"), float("inf"), 9), ">30"),
        (Interval(12.0, None, None, 2), "12"),
        (Interval(None, None, None, 0), "-"),
        (None, "-"),
    ],
)
def test_a_time_beyond_the_horizon_is_said_so(interval, written):
    assert steps(interval, 30) == written


def test_what_the_published_measures_measure_is_said(results):
    shown = recovery.text(results["recovery"])
    assert "published: every loss is that of the lane without noise, bit for bit; both" in shown
    assert "metric: the noise changes the losses, except under cosine, where both" in shown
    assert (
        "gradient: the noise changes the losses; no term of the metric is recorded, so no" in shown
    )


def test_a_win_at_a_bad_rate_only_is_said():
    grid = make_sensitivity(
        ["quadratic:dim=2,condition=4"], ["sgd"], lr=0.5, decades=2.0, rates=5, steps=100, seeds=60,
        schedules=("constant", "linear-lr:start_factor=0.33,end_factor=0.33"),
    )  # fmt: skip
    shown = sensitivity.text(measure_sensitivity(grid))
    line = (
        "linear-lr:start_factor=0.33,end_factor=0.33 is ahead at badly chosen rates only: at lr 5"
    )
    assert line in shown
    assert "constant is ahead at badly chosen" not in shown


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "options",
    [
        {"optimizers": ["sgd"], "lr": 1e30},  # everything diverges
        {"lr": 1e-6, "decades": 0.1},  # the tuned rate is beyond the rates that are shown
    ],
)
def test_a_figure_of_sensitivity_stays_inside_its_axes(options, tmp_path):
    given = {"schedules": ("constant", "greedy"), "seeds": 3, "steps": 5, "rates": 3, **options}
    found = measure_sensitivity(make_sensitivity(["rosenbrock"], **given))
    assert sensitivity.draw(found, tmp_path)
