"""docs/which-one.md: its outputs, and that its decisions are what the tables say."""

import json
import re
from typing import NamedTuple

import pytest

from tests.docs.pages import Page, full

PAGE = "docs/which-one.md"


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    directory = tmp_path_factory.mktemp("page")
    page = Page(PAGE)
    return page, page.run(directory), directory


def standings(directory, result, rates, family):
    """The standings of a family by contender."""
    document = json.loads((directory / result / "result.json").read_text(encoding="utf-8"))
    tables = {table["rates"]: table["families"] for table in document["tables"]}
    found = next(f for f in tables[rates] if f["family"] == family)
    ranks = {s["contender"]: s for s in found["standings"] if s["contender"] != "polyak with sgd"}
    return found["leaders"], ranks


def test_commands_outputs_and_figures(ran):
    page, commands, directory = ran
    assert page.differences(commands, directory) == [], f"docs/refresh.py renews {PAGE}"


def test_the_small_contest_and_what_is_said_of_it(ran):
    leaders, default = standings(ran[2], "ranking", "default", "overall")
    assert leaders == ["dowg with sgd"]
    leaders, tuned = standings(ran[2], "ranking", "tuned", "overall")
    assert leaders == ["cosine with sgd"]
    assert len(leaders_of("rank-tuned", "tuned", "overall")) == 1 + 2
    assert tuned["constant with adam"]["factor"] > tuned["greedy with adam"]["factor"]
    drifting, _ = standings(ran[2], "ranking", "tuned", "non-stationary")
    assert set(leaders_of("rank-tuned", "tuned", "non-stationary")) & set(drifting)
    assert default["greedy with sgd"]["factor"] < default["greedy with adam"]["factor"]


def test_a_line_search_leads_at_equal_steps_only(ran):
    leaders, _ = standings(ran[2], "steps", "default", "overall")
    assert leaders[0] == "armijo with sgd"
    _, found = standings(ran[2], "evaluations", "default", "overall")
    assert [*found][-1] == "armijo with sgd"
    assert found["armijo with sgd"]["evaluations"] > 2.0


class Row(NamedTuple):
    """A row of a table of `docs/full`; better is that over the reference in per cent."""

    rank: int
    first: int
    last: int
    factor: float
    landscapes: tuple[float, float]
    better: float
    better_seeds: tuple[float, float]
    better_landscapes: tuple[float, float]
    evaluations: float


def table(name, title):
    """Rows of a table of a full run by contender, without those that know f*."""
    text = full(name).split(f"\n{title}", 1)[1].split("\n\n", 1)[0]
    found = {}
    for line in text.splitlines()[3:]:
        place, contender, *cells = re.split(r"  +", line.strip())
        if place == "-":
            continue
        rank, first, last = (int(word) for word in re.findall(r"\d+", place))
        (factor, *_), wide = ends(cells[0]), ends(cells[1])
        reference = cells[2] == "-"
        better, *seeds = (50.0, 50.0, 50.0) if reference else ends(cells[2].replace(" %", ""))
        beyond = (50.0, 50.0) if reference else ends(cells[3])
        found[contender] = Row(
            rank, first, last, factor, wide, better, tuple(seeds), beyond, float(cells[-1])
        )
    assert len(found) > 6
    return found


def ends(text):
    numbers = re.findall(r"[\d.,]+(?:e[+-]?\d+)?", text)
    return tuple(float(word.strip(",").replace(",", "")) for word in numbers)


def leaders_of(name, rates, family):
    """Everybody whom the table of leaders names."""
    line = re.search(rf"^{rates} +{family}  +(.*)$", full(name), re.MULTILINE)
    assert line
    first, others = re.split(r"  +", line[1])
    return [first, *(word for word in others.split(", ") if word != "-")]


def test_who_cannot_tune():
    default = table("rank-tuned", "overall, default")
    assert [*default][:2] == ["armijo with sgd", "dowg with sgd"]
    assert 8.0 < default["armijo with sgd"].evaluations < 10.0
    assert leaders_of("rank-parameters", "default", "overall") == ["dowg with sgd"]
    near = [default[f"{name} with sgd"].factor for name in ("constant", "greedy", "cosine")]
    assert max(near) < 2.0 * default["dowg with sgd"].factor
    equal = table("rank-evaluations", "overall, default")
    assert [*equal][:2] == ["cosine with sgd", "dowg with sgd"]
    assert equal["armijo with sgd"].rank == 9


def test_who_has_adam_and_cannot_tune():
    default = table("rank-tuned", "overall, default")
    adam = {name: row for name, row in default.items() if name.endswith("with adam")}
    assert default["constant with prodigy"].factor < min(row.factor for row in adam.values())
    robust = adam["greedy-robust with adam"]
    assert robust.better == 62.8
    assert robust.better_landscapes[0] > 50.0
    for name in ("linear with adam", "cosine with adam"):
        assert adam[name].factor > 4.0 * adam["constant with adam"].factor
    sgd = [f"{name} with sgd" for name in ("constant", "greedy", "greedy-robust", "cosine")]
    assert max(default[name].factor for name in sgd) < min(row.factor for row in adam.values())
    assert default["constant with schedule-free-adamw"].rank == len(default) == 22


def test_who_can_tune():
    tuned = table("rank-tuned", "overall, tuned")
    assert set(leaders_of("rank-tuned", "tuned", "overall")) == {
        "cosine with sgd", "armijo with sgd", "greedy-kesten with adam",
    }  # fmt: skip
    assert leaders_of("rank-tuned", "tuned", "smooth convex") == [
        "cosine with sgd", "greedy with sgd",
    ]  # fmt: skip
    assert [*table("rank-tuned", "non-smooth, tuned")][:2] == ["armijo with sgd", "cosine with sgd"]
    assert leaders_of("rank-tuned", "tuned", "stochastic") == [
        "linear with adam", "cosine with adam",
    ]  # fmt: skip
    kesten, gated = tuned["greedy-kesten with adam"], tuned["greedy-gated with adam"]
    assert kesten.better_landscapes[0] > 50.0
    assert gated.better_landscapes[0] < 50.0 < gated.better_landscapes[1]
    first = [row.landscapes for row in tuned.values() if row.rank <= 11]
    assert max(low for low, _ in first) < min(high for _, high in first)
    ranks = [tuned[f"{name}"].rank for name in ("dowg with sgd", "dog with sgd")]
    assert [*ranks, tuned["constant with prodigy"].rank] == [16, 18, 19]
    assert tuned["constant with schedule-free-adamw"].rank == 14


def test_what_drifts_and_what_is_hit():
    drifting = table("rank-tuned", "non-stationary, tuned")
    assert {name for name, row in drifting.items() if row.rank <= 4} == {
        f"{name} with adam" for name in ("greedy", "greedy-kesten", "greedy-gated", "greedy-robust")
    }
    assert drifting["constant with adam"].rank == 6
    assert not [name for name in drifting if name.startswith(("cosine", "linear"))]
    hit = table("rank-tuned", "recovery, tuned")
    assert [*hit][:2] == ["armijo with sgd", "cosine with sgd"]
    constant = hit["constant with adam"]
    assert constant.factor < hit["greedy with adam"].factor
    assert constant.better_seeds[0] > 50.0


def test_greedy_against_a_constant_rate():
    default = table("rank-tuned", "overall, default")["constant with adam"]
    assert default.better_landscapes[0] < 50.0 < default.better_landscapes[1]
    tuned = table("rank-tuned", "overall, tuned")
    constant = tuned["constant with adam"]
    assert constant.better_seeds[1] < 50.0
    assert 1.0 < constant.factor / tuned["greedy with adam"].factor < 1.2


def test_channels():
    batch, every = table("rank-tuned", "overall, default"), table("rank-channels", "overall")
    names = [[name for name in found if name != "dog with sgd"][:7] for found in (batch, every)]
    assert names[0] == names[1]
    assert every["dog with sgd"].rank < batch["dog with sgd"].rank
    moved = table("rank-parameters", "overall")
    assert [*moved][:2] == ["dowg with sgd", "dog with sgd"]
    assert moved["armijo with sgd"].rank == 11


def test_the_whole_contest_at_tuned_rates():
    assert "75 contenders in 1,300 scenarios" in full("rank-whole")
    found = table("rank-whole", "overall, tuned")
    assert len(found) == 73
    first = [f"constant with {name}" for name in ("nesterov", "rmsprop", "adagrad", "nadam")]
    assert [*found][:4] == first
    assert found[first[0]][:3] == (1, 1, 1)
    falling = "(polynomial|linear|warmup|one-cycle|cosine).* with sgd"
    assert all(re.fullmatch(falling, name) for name, row in found.items() if 5 <= row.rank <= 11)
    greedy = {name: row.rank for name, row in found.items() if name.startswith("greedy")}
    assert min(greedy.values()) == greedy["greedy with sgd"] == 16
    with_adam = {name: row.rank for name, row in found.items() if name.endswith("with adam")}
    assert min(with_adam.values()) == with_adam["greedy-kesten with adam"] == 24
    assert found["greedy-kesten with adam"].better_landscapes[0] > 50.0
    constant = found["constant with adam"]
    assert constant.better_seeds[1] < 50.0 < constant.better_landscapes[1]
    assert found["armijo with sgd"].rank == 43


def test_who_leads_in_the_whole_contest():
    families = (
        "smooth convex", "non-convex", "non-smooth", "stochastic", "non-stationary", "recovery",
    )  # fmt: skip
    leaders = {name: leaders_of("rank-whole", "tuned", name) for name in families}
    greedy = {name for name, found in leaders.items() if any("greedy" in one for one in found)}
    assert greedy == {"non-stationary"}
    assert len(leaders["non-stationary"]) == 3
    assert leaders["non-smooth"] == ["armijo with sgd"]
    assert leaders["recovery"] == ["constant with adagrad", "constant with nesterov"]


def test_the_whole_contest_at_default_rates():
    default = table("rank-whole", "overall, default")
    assert [*default][:4] == [
        "armijo with sgd", "dowg with sgd", "constant with nesterov", "dog with sgd",
    ]  # fmt: skip
    assert default["constant with nesterov"].last == default["dog with sgd"].last == 4


def test_every_number_of_the_short_answers_is_in_a_table():
    short = Page(PAGE).text.split("## In short", 1)[1].split("\n## ", 1)[0]
    said = set(re.findall(r"\d+\.\d+", short)) - {"0.01"}
    kept = full("rank-tuned")
    assert len(said) > 5
    assert all(number in kept for number in said)
