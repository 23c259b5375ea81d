"""A component written out with its values is read as the same, whatever the values."""

import math
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from experiments.components import REGISTRIES, add_plugins
from experiments.request import make_request
from experiments.study.declaration import Study, make_study
from lab.component import Chosen, Parameter, Percent
from lab.errors import RequestError
from lab.parameter import inside
from lab.schedules import SCHEDULES
from lab.spec import Spec, parse, quoted

COMPONENTS = [
    (registry, name) for registry in REGISTRIES.values() for name in registry.all()
]  # fmt: skip
PRINTABLE = st.text(st.characters(codec="utf-8"), max_size=15)
#: Text that needs quotes, more often than chance would have it.
AWKWARD = st.text(st.sampled_from("ab ,:=()'\"/%\t\n"), max_size=12)


def numbers(parameter: Parameter, kind: type) -> st.SearchStrategy:
    low, high = (float(bound) for bound in parameter.interval[1:-1].split(","))
    whole = st.integers(
        max(-(10**6), math.ceil(max(low, -1e6))), min(10**6, math.floor(min(high, 1e6)))
    )
    values = whole if kind is int else st.one_of(st.floats(low, high, allow_nan=False), whole)
    return values.map(kind).filter(lambda value: inside(value, parameter.interval))


def values_of(parameter: Parameter) -> st.SearchStrategy:
    """Values that a parameter may have, as Python values."""
    default = parameter.default
    if parameter.choices:
        return st.sampled_from(parameter.choices)
    if isinstance(default, bool):
        return st.booleans()
    if isinstance(default, str):
        return st.one_of(PRINTABLE, AWKWARD)
    if isinstance(default, Spec):
        return st.just(default)
    if isinstance(default, tuple):
        return st.lists(numbers(parameter, float), min_size=1, max_size=4).map(tuple)
    found = numbers(parameter, int if isinstance(default, int) else float)
    return st.one_of(found, st.floats(0.0, 1e6).map(Percent)) if parameter.rate else found


@pytest.mark.parametrize(("registry", "name"), COMPONENTS, ids=lambda x: getattr(x, "kind", x))
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_component_with_any_values(registry, name, data):
    component = registry.find(name)
    # What a rule says of the values together is another matter, and may look at files.
    free = replace(component, rule=lambda values: "", contents=lambda values: "")
    given = {p.name: data.draw(values_of(p), p.name) for p in component.parameters}
    try:
        values = free.read(Spec(name, given))
    except RequestError:
        assume(False)
    text = Chosen(free, values).text
    assert parse(text).name == name
    assert free.read(parse(text)) == values, text


@given(st.one_of(PRINTABLE, AWKWARD))
def test_any_text_can_be_quoted(text):
    assert parse(f"a:x={quoted(text)},y=1").values == {"x": text, "y": "1"}
    assert parse(f"a:x=(b:y={quoted(text)})").values["x"] == Spec("b", {"y": text})


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("rates.txt", "rates.txt"), ("", '""'), ("a b", '"a b"'), ("a,b=c", '"a,b=c"'),
        ('say "x"', "'say \"x\"'"), ("it's", '"it\'s"'), ("'\"", '"\'"""'),
    ],
)  # fmt: skip
def test_quotes(text, written):
    assert quoted(text) == written


def table(tmp_path: Path, content: str, name: str = "my rates, 1.txt") -> str:
    (tmp_path / name).write_text(content)
    return f"table:file={quoted(str(tmp_path / name))}"


def identity(text: str) -> str:
    return make_request("rosenbrock", schedules=(text,), steps=2, lr=0.1).hash


def test_a_file_of_rates_is_part_of_what_was_asked(tmp_path):
    text = table(tmp_path, "0.1\n0.2\n")
    nested = f"warmup:steps=1,then=({text})"
    before = identity(text), identity(nested)
    table(tmp_path, "# the same numbers\n0.10\n2e-1\n")
    assert (identity(text), identity(nested)) == before
    table(tmp_path, "0.1\n0.3\n")
    assert identity(text) != before[0]
    assert identity(nested) != before[1]
    assert SCHEDULES.choose(text).text == SCHEDULES.choose(SCHEDULES.choose(text).text).text


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "cannot be read: No such file or directory"),
        ("0.1\nfast\n", "line 2: 'fast' is not a rate (allowed: a number in [0, inf))"),
        ("0.1\n-1\n", "line 2: '-1' is not a rate"),
        ("0.1\nnan\n", "line 2: 'nan' is not a rate"),
        ("# nothing\n\n", "holds no rates"),
        ("0.1\n", "holds 1 rates, 2 are needed (end=hold repeats the last one)"),
        ("\0\xff", "line 1: '\\x00\xff' is not a rate"),
    ],
)
def test_a_wrong_file_of_rates_is_refused_before_anything_runs(tmp_path, content, complaint):
    text = table(tmp_path, content or "")
    if content is None:
        (tmp_path / "my rates, 1.txt").unlink()
    for spec in (text, f"warmup:steps=1,then=({text})"):
        with pytest.raises(RequestError) as caught:
            make_request("rosenbrock", schedules=(spec,), steps=3 if "warmup" in spec else 2)
        assert complaint in str(caught.value)
        assert "\n" not in str(caught.value)
        assert caught.value.exit_code == 2


def test_a_file_that_is_not_text_is_refused(tmp_path):
    (tmp_path / "rates.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(RequestError, match="cannot be read: 'utf-8' codec"):
        make_request("rosenbrock", schedules=(f"table:file={tmp_path / 'rates.txt'}",))
    with pytest.raises(RequestError, match="cannot be read: Is a directory"):
        make_request("rosenbrock", schedules=(f"table:file={tmp_path}",))


def test_a_file_without_an_end_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(RequestError, match="cannot be read: it is not a regular file"):
            make_request("rosenbrock", schedules=(f"table:file={path}",))


def test_a_file_of_nobody_is_refused():
    with pytest.raises(RequestError, match="cannot be read: Could not determine home directory"):
        make_request("rosenbrock", schedules=("table:file=~nouser/rates.txt",))


PLUGIN = """
from lab.component import OpenLoop
import numpy as np
MINE = OpenLoop(
    name="mine", summary="flat", source="here", rates=lambda lr, steps, values: np.full(steps, lr)
)
"""


def test_a_plug_ins_file_is_part_of_what_was_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(SCHEDULES, "_added", {})
    path = tmp_path / "mine.py"
    found = []
    for content in (PLUGIN, PLUGIN + "\n# edited\n", PLUGIN):
        path.write_text(content)
        add_plugins([path])
        texts = ("mine", "warmup:steps=1,then=(mine)", "constant")
        found.append([identity(text) for text in texts])
    assert found[0] == found[2]
    assert [a == b for a, b in zip(found[0], found[1], strict=True)] == [False, False, True]


def study(path: Path) -> Study:
    axes = {"schedule": [f"table:file={quoted(str(path))}", "greedy"]}
    return make_study(
        "s", {"constants": {"landscape": "rosenbrock", "steps": 2}, "axes": axes}, "s"
    )


def test_a_study_is_another_one_with_other_rates(tmp_path):
    path = tmp_path / "rates.txt"
    path.write_text("0.1\n0.2\n")
    before = study(path).hash
    path.write_text("0.1\n0.2 # the same\n")
    assert study(path).hash == before
    path.write_text("0.1\n0.3\n")
    assert study(path).hash != before
    path.write_text("0.1\n")
    with pytest.raises(
        RequestError, match=r"^study 's': the cell .*: schedule 'table': file .* holds 1 rates"
    ):
        study(path)
