"""What `lab rank` shows: text, JSON, tables, figures."""

import io
import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from experiments.contest.run import contest, make_contest
from experiments.contest.scores import FACTORS, OVERALL
from lab.store import manifest
from lab.store.tables import parquet_bytes
from reports import publish
from reports.commands.rank import rank as command
from reports.contest import figures as contest_figures
from reports.contest import pages
from tests.reports.test_experiment_pages import documented, keys_of

CONTENDERS = ("greedy with adam", "cosine with sgd", "armijo with sgd", "polyak", "dog")


@pytest.fixture(scope="module")
def result():
    return contest(
        make_contest(
            CONTENDERS, ("smooth convex",), ("rosenbrock", "ackley"), ("none",), events=("none",),
            steps=20, seeds=16, tuning_seeds=8,
        ),
        threads=1,
    )  # fmt: skip


def test_the_json_document_is_the_documented_one(result):
    document = pages.document(result, "there")
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert keys_of(document) == documented(pages) - {"default", "tuned"}
    assert (document["schema"], document["out"]) == (1, "there")


def test_the_help_names_the_same_keys():
    assert set(command.__doc__.split('"')[1::2]) == documented(pages)


def test_the_text_has_every_family_and_says_what_it_rests_on(result):
    shown = pages.text(result)
    for part in (
        "5 contenders in 6 scenarios of 2 families, 20 steps, n = 16 paired seeds",
        "tuned on 8 others", "Who leads", "smooth convex, default rates: 4 scenarios of 4",
        "yours, tuned rates: 2 scenarios of 2 landscapes; ref is greedy with adam",
        "overall, tuned rates: 6 scenarios", "polyak with sgd+", "+ knows the minimum",
        "ranks are at equal steps",
    ):  # fmt: skip
        assert part in shown
    assert "nan" not in shown


def test_the_line_of_a_family_is_its_table(result):
    """First in `Who leads` is the contender of rank 1, and the others may be first, too."""
    for table in pages.document(result, "")["tables"]:
        for family in table["families"]:
            ranked = [s for s in family["standings"] if s["contender"] != "polyak with sgd"]
            assert family["leaders"][0] == ranked[0]["contender"]
            assert family["leaders"] == [
                s["contender"] for s in ranked if s["rank_ci"][0] == 1
            ]  # fmt: skip


def test_a_long_table_is_cut_but_for_the_last(result, monkeypatch):
    monkeypatch.setattr(pages, "TOP", 1)
    found = result.tables[0].families
    shown = [len(pages._shown(result, f)) for f in found.values()]
    assert shown[-1] == len(CONTENDERS)
    assert list(found)[-1] == OVERALL
    assert min(shown) < len(CONTENDERS)
    for family in found.values():
        rows = pages._shown(result, family)
        assert {0, 3} <= {s.contender for s in rows}


def test_tables_are_whole_parquet_files(result):
    tables = {
        name: pq.read_table(io.BytesIO(parquet_bytes(columns))).to_pydict()
        for name, columns in pages.tables(result).items()
    }
    assert len(tables) == 6
    scenarios = tables["scenarios/default.parquet"]
    assert scenarios["contender"][:5] == [c.label for c in result.grid.contenders]
    assert scenarios["landscape"][4:6] == [r.landscape.text for r in result.grid.requests[:2]]
    pairs = tables["pairs/tuned.parquet"]
    rows = list(zip(pairs["family"], pairs["contender"], pairs["other"], strict=True))
    better = dict(zip(rows, pairs["better"], strict=True))
    for family, one, other in rows:
        assert better[family, one, other] + better[family, other, one] == pytest.approx(1.0)
    standing = next(
        s for s in result.tables[1].families["yours"].standings if s.contender == 4
    )  # fmt: skip
    assert better["yours", "dog with sgd", "greedy with adam"] == standing.better.estimate


def test_a_long_name_leaves_the_panels_room():
    """Without its parameters, unless another contender is called that."""
    long = "warmup-stable-decay:num_warmup_steps=2,num_decay_steps=4"
    twins = [f"piecewise:boundaries=10/20,scales={scales}" for scales in ("0.5/0.5", "0.1/0.5")]
    found = contest(
        make_contest(
            ("greedy", long, *twins), (), ("booth",), ("none",), events=("none",),
            steps=20, seeds=8, tuning_seeds=0,
        ),
        threads=1,
    )  # fmt: skip
    figure = contest_figures.forest(found, found.tables[0])
    shown = {text.get_text() for text in figure.axes[0].get_yticklabels()}
    assert shown == {
        "greedy with adam", "warmup-stable-decay with adam",
        *(f"{twin} with adam" for twin in twins),
    }  # fmt: skip


def test_profiles_end_where_none_rises(result):
    """Each is at its last value at the end of the axis, and one of them was not just before it."""
    figure = contest_figures.profiles(result, result.tables[0])
    families = list(result.tables[0].families.values())
    panels = figure.axes[: len(families)]
    (end,) = {panel.get_xlim()[1] for panel in panels}
    assert end < FACTORS[-1]
    before = []
    for panel in panels:
        for line in panel.get_lines():
            x, y = (np.asarray(values) for values in line.get_data())
            assert (y[x >= end] == y[-1]).all()
            before += list(y[x < end][-1:] < y[-1])
    assert any(before)


def test_figures_say_who_is_first(result, tmp_path):
    paths = pages.draw(result, tmp_path)
    assert sorted(path.name for path in paths if path.suffix == ".svg") == [
        "rank-forest-default.svg", "rank-forest-tuned.svg",
        "rank-profiles-default.svg", "rank-profiles-tuned.svg",
    ]  # fmt: skip
    leader = pages.leaders(result, result.tables[0].families[OVERALL])[0]
    assert f"overall: {leader}" in contest_figures.said(result, result.tables[0])
    assert leader in (tmp_path / "rank-forest-default.svg").read_text(encoding="utf-8")


def test_a_directory_is_whole_and_has_a_page(result, tmp_path):
    from reports.page import write

    target = tmp_path / "out"
    with publish.result_directory(target, result.grid.identity(), "lab rank") as place:
        publish.fill(place, target, result, pages, draw=True)
    assert manifest.read(target)["hash"] == result.grid.hash
    page = write(target).read_text(encoding="utf-8")
    assert page.count("data:image/svg+xml") == 4
