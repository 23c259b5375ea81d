"""A study file means what it says, and a wrong one is refused in one line that says where."""

import copy
import datetime as dt
import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.components import SCHEDULES, add_plugins
from experiments.study.declaration import make_study, read_study
from lab.errors import RequestError

STUDIES = sorted(Path("studies").glob("*.toml"))

PLAIN = {
    "title": "plain",
    "seeds": 10,
    "seed": 3,
    "components": {"g5": "greedy:patience=5"},
    "constants": {"optimizer": "sgd", "steps": 50},
    "axes": {
        "landscape": ["rosenbrock", "rosenbrock:dim=5"],
        "schedule": ["g5", "cosine"],
        "perturb": ["none", "kick:at=10,size=1"],
    },
    "zip": [{"noise": ["none", "gaussian"], "strength": [0, 0.5]}],
    "exclude": [{"noise": "none", "perturb": ["kick:at=10,size=1"]}],
    "keep": {"rows": True, "bands": 5, "losses": [0, 50]},
}


def changed(**parts):
    """The plain study with some tables changed; None takes an entry away."""
    content = copy.deepcopy(PLAIN)
    for name, value in parts.items():
        if isinstance(value, dict) and isinstance(content.get(name), dict):
            content[name] |= value
            content[name] = {k: v for k, v in content[name].items() if v is not None}
        else:
            content[name] = value
    return content


def refusal(content) -> str:
    with pytest.raises(RequestError) as caught:
        make_study("plain", content, "plain.toml")
    text = str(caught.value)
    assert text.startswith("study 'plain.toml': ")
    assert "\n" not in text
    return text.removeprefix("study 'plain.toml': ")


class TestMeaning:
    def test_every_combination_that_is_not_excluded_is_a_cell(self):
        study = make_study("plain", PLAIN, "plain.toml")
        # 2 landscapes x 2 schedules x (2 events x 2 zipped noises - 1 excluded)
        assert study.cells == 2 * 2 * 3
        found = {(c.landscape, c.noise, c.strength, c.perturb, c.schedule) for c in cells(study)}
        assert len(found) == study.cells
        assert ("rosenbrock", "gaussian", 0.5, "kick:at=10,size=1", "g5") in found
        assert {(c.noise, c.strength) for c in cells(study)} == {("none", 0.0), ("gaussian", 0.5)}
        assert not [c for c in cells(study) if c.noise == "none" and c.perturb != "none"]

    def test_constants_and_defaults_fill_every_cell(self):
        for cell in cells(make_study("plain", PLAIN, "plain.toml")):
            assert (cell.optimizer, cell.steps, cell.channel) == ("sgd", 50, "batch")
            assert (cell.metric, cell.metric_every) == ("last", 1)
            # sgd starts from the landscape's own rate
            assert cell.lr == 1e-4

    def test_cells_of_one_scenario_run_together(self):
        study = make_study("plain", PLAIN, "plain.toml")
        assert [len(group.cells) for group in study.groups] == [2] * 6
        assert [group.first for group in study.groups] == list(range(0, 12, 2))
        assert {len(group.perturbations) for group in study.groups} == {0, 1}

    def test_a_named_component_runs_under_its_name(self):
        study = make_study("plain", PLAIN, "plain.toml")
        arm = next(a for g in study.groups for a, c in zip(g.arms, g.cells, strict=True)
                   if c.schedule == "g5")  # fmt: skip
        assert arm.schedule.values["patience"] == 5
        assert study.components()["schedule"]["g5"].startswith(
            "greedy:preset=hf,factor=0.95,patience=5,"
        )

    def test_the_hash_tells_studies_apart(self):
        variants = [
            {}, {"seeds": 11}, {"seed": 4}, {"keep": {"bands": 6}}, {"constants": {"steps": 60}},
            {"components": {"g5": "greedy:patience=6"}}, {"exclude": []},
            {"axes": {"landscape": ["rosenbrock"]}},
        ]  # fmt: skip
        hashes = [make_study("plain", changed(**v), "x").hash for v in variants]
        assert len(set(hashes)) == len(variants)

    def test_the_hash_does_not_depend_on_words_beside_the_numbers(self):
        same = [make_study(n, changed(title=t), n).hash for n, t in [("a", "b"), ("c", "d")]]
        assert len(set(same)) == 1

    def test_a_plug_in_is_part_of_the_study(self, tmp_path, monkeypatch):
        monkeypatch.setattr(SCHEDULES, "_added", {})
        hashes = []
        for factor in (2.0, 3.0):
            file = tmp_path / "mine.py"
            file.write_text(PLUGIN.format(factor=factor))
            add_plugins([file])
            content = changed(axes={"schedule": ["g5", "mine"]})
            hashes.append(make_study("plain", content, "x").hash)
        assert len(set(hashes)) == 2

    @pytest.mark.parametrize("path", STUDIES, ids=lambda p: p.stem)
    def test_the_studies_that_come_with_it_are_sound(self, path):
        assert read_study(path).cells > 100

    def test_the_published_grid_is_the_papers(self):
        study = read_study("studies/published.toml")
        assert len(study.groups) == 11 * (8 * 3 + 1)
        assert study.cells == 11 * (8 * 3 + 1) * 6
        assert {c.channel for c in cells(study)} == {"published"}
        acting = read_study("studies/published-channels.toml")
        assert acting.cells == 4 * study.cells
        greedy = study.components()["schedule"]
        assert "factor=0.9,smooth=true,window_size=10,min_lr=1e-05" in greedy["greedy-patience-1"]

    def test_the_example_in_the_documentation_is_a_study(self, tmp_path):
        from experiments.study import declaration as module

        assert module.__doc__ is not None
        file = tmp_path / "example.toml"
        file.write_text(module.__doc__.split("\n\n", 1)[1])
        assert read_study(file).cells == 2 * 2 * 2 * (2 * 2 - 1)


def cells(study):
    return [cell for group in study.groups for cell in group.cells]


class TestRefusal:
    @pytest.mark.parametrize(
        ("parts", "says"),
        [
            ({"seeds": 0}, "seeds = 0 is not allowed"),
            ({"seeds": 2**39}, f"seeds = {2**39} is not allowed"),
            ({"seeds": 1.5}, "seeds = 1.5 is not allowed: a whole number is needed"),
            ({"seeds": True}, "seeds = True is not allowed: a whole number is needed"),
            ({"sedes": 3}, "unknown key 'sedes'; did you mean 'seeds'?"),
            ({"title": "\x1b[31m"}, "title = '\\x1b[31m' is not allowed: one line of text"),
            ({"axes": 3}, "axes = 3 is not allowed: a table is needed"),
            ({"keep": 3}, "keep = 3 is not allowed: a table is needed"),
            ({"keep": {"row": True}}, "unknown key 'keep.row'; did you mean 'rows'?"),
            ({"keep": {"rows": 1}}, "keep.rows = 1 is not allowed: true or false is needed"),
            ({"keep": {"bands": "al"}}, "keep.bands = 'al' is not allowed: a whole number or"),
            ({"keep": {"bands": -1}}, "keep.bands = -1 is not allowed"),
            ({"keep": {"losses": [51]}}, "keep.losses[0] = 51 lies beyond step 50"),
            ({"keep": {"losses": [1, 1]}}, "keep.losses[1] = 1 is there already"),
            ({"axes": {"lrr": [1]}}, "unknown key 'axes.lrr'; did you mean 'lr'?"),
            ({"axes": {"lr": []}}, "axes.lr = [] is not allowed: at least one entry is needed"),
            ({"axes": {"lr": 1}}, "axes.lr = 1 is not allowed: a list is needed"),
            ({"axes": {"lr": [0]}}, "axes.lr[0] = 0 is not allowed: a number in (0, inf)"),
            ({"axes": {"lr": ["a"]}}, "axes.lr[0] = 'a' is not allowed: a number in (0, inf)"),
            ({"axes": {"lr": [1, 1.0]}}, "axes.lr[1] = 1.0 is the same as number 0"),
            ({"axes": {"lr": [10**400]}}, "axes.lr[0] = 1000"),
            ({"axes": {"lr": [1 << 20000]}}, "axes.lr[0] = a very long number is not allowed"),
            ({"axes": {"lr": [float("nan")]}}, "axes.lr[0] = nan is not allowed: text or a finite"),
            ({"axes": {"lr": [True]}}, "axes.lr[0] = True is not allowed: text or a finite"),
            ({"axes": {"lr": [dt.date(2020, 1, 1)]}}, "axes.lr[0] = 2020-01-01 is not allowed"),
            ({"axes": {"channel": ["bach"]}}, "axes.channel[0] = 'bach': unknown channel 'bach';"),
            ({"axes": {"channel": [3]}}, "axes.channel[0] = 3 is not allowed: a channel is needed"),
            ({"axes": {"metric": ["lst"]}}, "axes.metric[0] = 'lst': unknown metric 'lst'"),
            ({"axes": {"metric_every": [0]}}, "axes.metric_every[0] = 0 is not allowed: a whole"),
            ({"axes": {"landscape": ["rosenbrock:dim=1"]}}, "axes.landscape[0] = 'rosenbrock:dim"),
            ({"axes": {"noise": ["none"] * 2}, "zip": []}, "axes.noise[1] = 'none' is the same as"),
            ({"axes": {"steps": [10]}}, "steps is given in constants and again in axes"),
            ({"axes": {"landscape": None}}, "landscape is given nowhere"),
            ({"constants": {"noise": "x"}}, "noise is given in constants and again in zip[0]"),
            ({"constants": {"optimizer": "adm"}}, "constants.optimizer = 'adm': unknown optimizer"),
            ({"zip": [{}]}, "zip[0] = {} is not allowed: at least one entry is needed"),
            ({"zip": [{"noise": ["none"], "strength": [1, 2]}]}, "zip[0]: axes that vary together"),
            ({"zip": [{"strength": [1, 1]}]}, "zip[0][1] = 1 is the same as number 0"),
            ({"exclude": {}}, "exclude is a table, a list of tables is needed: write [[exclude]]"),
            ({"zip": {"lr": [1]}}, "zip is a table, a list of tables is needed: write [[zip]]"),
            ({"zip": 3}, "zip = 3 is not allowed: a list is needed"),
            ({"axes": {"lr": [dt.time(7, 8)]}}, "axes.lr[0] = 07:08:00 is not allowed: text or"),
            ({"exclude": [{}]}, "exclude[0] = {} is not allowed: at least one entry is needed"),
            ({"exclude": [{"nois": "none"}]}, "unknown key 'exclude[0].nois'; did you mean"),
            ({"exclude": [{"noise": "nne"}]}, "exclude[0].noise = 'nne' is no value of noise;"),
            ({"exclude": [{"noise": ["none", "x"]}]}, "exclude[0].noise[1] = 'x' is no value of"),
            ({"exclude": [{"steps": 50}]}, "every cell is excluded"),
            ({"components": {"g5": "greedy:patiance=5"}}, "components.g5 = 'greedy:patiance=5', "),
            ({"components": {"g6": "greedy"}}, "components.g6 is used by no axis and no constant"),
            ({"components": {"cosine": "cosine"}}, "components.cosine: that is the name of a sche"),
            ({"components": {"g 5": "greedy"}}, "is not allowed: a letter, then letters, digits"),
            ({"axes": {"perturb": ["kick:at=50"]}, "exclude": []}, "the cell landscape rosenbr"),
            ({"components": {"g5": "greedy:min_lr=10%,max_lr=1e-6"}}, "schedule g5, lr 0.0001: s"),
        ],
    )  # fmt: skip
    def test_names_the_place_the_value_and_what_is_allowed(self, parts, says):
        assert says in refusal(changed(**parts))

    def test_too_many_combinations(self):
        axes = {"lr": [1.0 + i for i in range(500)], "metric_every": list(range(1, 502))}
        assert refusal(changed(axes=axes)).startswith("4,008,000 combinations (axes.landscape 2,")

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"seeds = = 3", r"is not TOML: .*line 1, column 9"),
            (b"a = 1\nb = \xff\n", r"is not UTF-8 text \(at line 2\)"),
            (b"\xef\xbb\xbfa\n\xff\n", r"is not UTF-8 text \(at line 2\)"),
            (b"a = " + b"[" * 100_000, r"is not TOML: nested too deeply"),
            (b"a = " + b"9" * 5000, r"is not TOML: Exceeds the limit"),
            (b"#" * 10_000_001, r"cannot be read: it is larger than 10,000,000 bytes"),
            (b"", r"landscape is given nowhere"),
        ],
    )  # fmt: skip
    def test_of_files(self, content, says, tmp_path):
        file = tmp_path / "wrong.toml"
        file.write_bytes(content)
        with pytest.raises(RequestError, match=rf"^study '.*wrong\.toml':? .*{says}"):
            read_study(file)

    def test_what_a_windows_editor_puts_first_is_no_matter(self, tmp_path):
        file = tmp_path / STUDIES[0].name
        file.write_bytes(b"\xef\xbb\xbf" + STUDIES[0].read_bytes())
        assert read_study(file).hash == read_study(STUDIES[0]).hash

    def test_of_what_has_no_end(self, tmp_path):
        os.mkfifo(tmp_path / "pipe")
        for path in (tmp_path / "pipe", Path("/dev/zero")):
            with pytest.raises(RequestError, match="cannot be read: it is not a regular file"):
                read_study(path)

    def test_of_what_is_no_file(self, tmp_path):
        for path in (tmp_path / "missing.toml", tmp_path):
            with pytest.raises(
                RequestError, match=r"cannot be read: (No such file|Is a directory)"
            ):
                read_study(path)


PLUGIN = """
import numpy as np
from lab.component import OpenLoop

MINE = OpenLoop(
    name="mine", summary="", source="",
    rates=lambda lr, steps, values: np.full(steps, {factor} * lr),
)
"""

VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
        st.dates(), st.sampled_from(["none", "greedy", "greedy:", "kick:at=1", "a:b=(", "all"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip
KEYS = st.one_of(st.text(max_size=8), st.sampled_from([*PLAIN, "noise", "lr", "perturb", "metric"]))


def places(content, path=()):
    """Every place in nested tables and lists."""
    yield path
    if isinstance(content, dict | list):
        for key in content if isinstance(content, dict) else range(len(content)):
            yield from places(content[key], (*path, key))


@st.composite
def broken(draw):
    """The plain study with up to three places replaced, renamed or removed."""
    content = copy.deepcopy(PLAIN)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from([p for p in places(content) if p]))
        parent = content
        for key in path[:-1]:
            parent = parent[key]
        change = draw(st.sampled_from(["replace", "remove", "rename"]))
        if change == "replace" or isinstance(parent, list):
            parent[path[-1]] = draw(VALUES)
        elif change == "remove":
            del parent[path[-1]]
        else:
            parent[draw(KEYS)] = parent.pop(path[-1])
    return content


@given(broken())
@settings(max_examples=400)
def test_whatever_is_wrong_is_one_line(content):
    try:
        study = make_study("plain", content, "plain.toml")
    except RequestError as error:
        text = str(error)
        assert text.startswith("study 'plain.toml': ")
        assert text.isprintable()
        assert len(text) < 2000
    else:
        assert study.cells >= 1
        assert re.fullmatch("[0-9a-f]{10}", study.hash)


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
@settings(
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_is_in_the_file_is_one_line(tmp_path, content):
    file = tmp_path / "some.toml"
    file.write_bytes(content)
    with pytest.raises(RequestError, match=r"^study '.*some\.toml'") as caught:
        read_study(file)
    assert "\n" not in str(caught.value)
