"""What `lab ablate` shows: text, JSON, tables, figures and a whole directory."""

import io
import json
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from experiments.ablation.request import make_ablation
from experiments.ablation.run import ablate
from lab.store import manifest
from lab.store.tables import parquet_bytes
from reports import publish
from reports.ablation import pages
from reports.commands.ablation import ablate as command
from tests.reports.test_experiment_pages import documented, keys_of

SCHEDULE = "greedy:threshold=0,cooldown=0,warmup=0,min_lr=0.01%,max_lr=10000%,reset_start=500"


def ablated(landscapes=("quadratic", "rosenbrock"), **more):
    options = {"points": 8, "design_seeds": 16, "seeds": 20, "steps": 25, "schedule": SCHEDULE}
    return ablate(make_ablation(landscapes, ("gaussian",), **{**options, **more}))


@pytest.fixture(scope="module")
def result():
    return ablated()


def test_the_json_document_is_the_documented_one(result):
    document = pages.document(result, "there")
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert keys_of(document) == documented(pages)
    assert (document["schema"], document["out"]) == (1, "there")
    assert document["settings"] == 8 * 5
    assert [p["parameter"] for p in document["parameters"]] == ["factor", "patience", "window_size"]
    assert [p["default"] for p in document["parameters"]] == [0.95, 10, 1]
    assert len(document["pooled"]) == 2 * 3 * 3
    assert {row["family"] for row in document["pooled"]} == {"", "smooth convex", "non-convex"}
    groups = [choice["group"] for choice in document["choices"]]
    assert groups == ["all", "all", *result.grid.optimizers]


def test_the_help_names_the_same_keys():
    assert set(command.__doc__.split('"')[1::2]) == documented(pages)


def test_the_text_answers_every_question(result):
    shown = pages.text(result)
    for part in (
        "3 parameters, 40 settings (8 rows) in 4 scenarios on 2 landscapes",
        "Under adam: share of the response's variance", "Sum of the first orders",
        "Which optimizer changes what matters", "Total by family under sgd",
        "Largest interactions", "patience, window_size", "quarter 4",
        "Best of the design in all scenarios", "for other landscapes",
        "with one parameter put back", "on the seeds of the design,",
    ):  # fmt: skip
        assert part in shown
    assert "nan" not in shown
    assert "-0.00" not in shown


def test_a_setting_that_is_the_best_twice_stands_once(result):
    first, trimmed, *_ = result.judged.choices
    twice = replace(result.judged, choices=(first, trimmed, first, first))
    assert pages.text(replace(result, judged=twice)).count("Best of the design in") == 1
    assert pages.text(result).count("The same with what hardly matters") == 1


def test_one_optimizer_has_no_difference_and_one_landscape_no_interval():
    found = ablated(("quadratic",), optimizers=("sgd",))
    shown = pages.text(found)
    assert "Which optimizer changes" not in shown
    document = pages.document(found, "there")
    assert document["differences"] == []
    assert {row["total_ci"] for row in document["pooled"]} == {None}
    assert {row["verdict"] for row in document["pooled"] if not row["family"]} == {"unclear"}


def test_tables_hold_what_ran(result):
    read = {
        name: pq.read_table(io.BytesIO(parquet_bytes(columns))).to_pydict()
        for name, columns in pages.tables(result).items()
    }
    settings = read["ablation/settings.parquet"]
    assert settings["patience"] == result.grid.settings[:, 1].tolist()
    responses = read["ablation/responses.parquet"]
    assert responses["response"] == result.responses.ravel().tolist()
    assert responses["scenario"][-1] == 3
    indices = read["ablation/indices.parquet"]
    at = indices["index"].index("total patience")
    assert indices["estimate"][at] == result.indices.estimates[0, 4]
    assert "interaction factor patience" in indices["index"]


def test_a_directory_is_whole_and_has_a_page(result, tmp_path):
    from reports.page import write

    target = tmp_path / "out"
    with publish.result_directory(target, result.grid.identity(), "lab ablate") as place:
        publish.fill(place, target, result, pages, draw=True)
    assert sorted(path.name for path in (target / "report").iterdir()) == [
        "ablation-effects.png", "ablation-effects.svg",
        "ablation-indices.png", "ablation-indices.svg",
    ]  # fmt: skip
    assert manifest.read(target)["hash"] == result.grid.hash
    page = write(target).read_text(encoding="utf-8")
    assert "Ablate: " in page
    assert page.count("data:image/svg+xml") == 2
