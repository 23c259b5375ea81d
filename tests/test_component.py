"""Parameters: which values they take, and how presets, shares and defaults become numbers."""

import math

import pytest

from lab.component import Chosen, Component, Parameter, Percent, written
from lab.errors import RequestError, nearest, unknown
from lab.parameter import inside
from lab.registry import Registry
from lab.spec import Spec, parse

WHERE = "landscape 'bowl'"


def parameter(default, **rest) -> Parameter:
    return Parameter("size", default, "how large", **rest)


@pytest.mark.parametrize(
    ("default", "raw", "value"),
    [
        (1.0, "2.5", 2.5), (1.0, "1e-3", 1e-3), (1.0, 3, 3.0),
        (1, "7", 7), (1, "1e3", 1000), (1, 5.0, 5), (1, "-2", -2),
        (True, "false", False), (False, "true", True), (True, False, False),
        ((1.0,), "30/80", (30.0, 80.0)), ((1.0,), "30", (30.0,)), ((1.0,), [1, 2], (1.0, 2.0)),
        ("word", "any text", "any text"),
        (Spec("a"), "b:c=1", Spec("b", {"c": "1"})), (Spec("a"), Spec("b"), Spec("b")),
    ],
)  # fmt: skip
def test_values_are_read_by_the_type_of_the_default(default, raw, value):
    found = parameter(default).read(raw, WHERE)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("default", "raw", "allowed"),
    [
        (1.0, "big", "number"), (1.0, "nan", "number"), (1.0, "", "number"), (1.0, True, "number"),
        (1.0, "2/3", "number"), (1.0, None, "number"), (1.0, "10%", "number"),
        (1, "2.5", "integer"), (1, "inf", "integer"), (1, "two", "integer"), (1, True, "integer"),
        (True, "yes", "true | false"), (True, "True", "true | false"), (True, "1", "true | false"),
        ((1.0,), "30/", "list a/b/..."), ((1.0,), "30/x", "list a/b/..."),
    ],
)  # fmt: skip
def test_other_types_are_refused(default, raw, allowed):
    with pytest.raises(RequestError) as caught:
        parameter(default).read(raw, WHERE)
    shown = raw if default != (1.0,) else raw.split("/")[-1]
    assert str(caught.value) == f"{WHERE}: size={shown} is not allowed (allowed: {allowed})"


@pytest.mark.parametrize("default", [1.0, 1, True, (1.0,)])
def test_a_component_is_no_number(default):
    with pytest.raises(RequestError, match=r"size=\(b:c=1\) is not allowed"):
        parameter(default).read(parse("b:c=1"), WHERE)


@pytest.mark.parametrize(
    ("interval", "within", "outside"),
    [
        ("(0, 1)", ["0.5", "1e-300"], ["0", "1", "-1", "inf"]),
        ("[0, 1]", ["0", "1"], ["1.0000001", "-1e-300"]),
        ("[0, inf)", ["0", "1e308"], ["inf", "-inf"]),
        ("(0, inf]", ["inf"], ["0"]),
        ("(-inf, inf)", ["-1e308"], ["-inf", "inf"]),
    ],
)
def test_intervals_have_the_ends_they_show(interval, within, outside):
    given = parameter(0.5, interval=interval)
    for raw in within:
        assert given.read(raw, WHERE) == float(raw)
        assert inside(float(raw), interval)
    for raw in outside:
        with pytest.raises(RequestError) as caught:
            given.read(raw, WHERE)
        assert f"size={raw} is not allowed (allowed: number" in str(caught.value)
        assert not inside(float(raw), interval)


def test_the_message_names_the_interval_and_the_nearest_word():
    with pytest.raises(RequestError, match=r"allowed: integer in \[1, 9\]\)"):
        parameter(2, interval="[1, 9]").read("10", WHERE)
    with pytest.raises(RequestError, match=r"allowed: list a/b/... in \[0, 1\]\)"):
        parameter((1.0,), interval="[0, 1]").read("0.5/2", WHERE)
    with pytest.raises(RequestError) as caught:
        parameter("abs", choices=("abs", "rel")).read("rell", WHERE)
    assert str(caught.value) == (
        f"unknown size 'rell' in {WHERE}; did you mean 'rel'? (allowed: abs, rel)"
    )


def test_a_rate_may_be_a_share():
    rate = parameter(0.1, rate=True, interval="[0, inf)")
    assert rate.read("10%", WHERE) == Percent(10.0)
    assert rate.read("0.1", WHERE) == 0.1
    assert Percent(25.0).of(0.4) == pytest.approx(0.1, rel=1e-15)
    for raw in ("-10%", "%", "ten%", "nan%"):
        with pytest.raises(RequestError):
            rate.read(raw, WHERE)


BOWL = Component(
    name="bowl",
    summary="",
    source="",
    parameters=(
        Parameter("dim", 2, "coordinates", "[1, 9]"),
        Parameter("scale", 1.0, "factor", rate=True),
        Parameter("steps", 0, "length", "[0, inf)", zero_is_steps=True),
        Parameter("mode", "up", "direction", choices=("up", "down")),
        Parameter("wide", False, "whether wide"),
        Parameter("preset", "a", "set of values", choices=("a", "b")),
    ),
    presets={"b": {"dim": 5, "scale": Percent(50.0)}},
    rule=lambda values: "scale exceeds 5" if values["scale"] > 5 else "",
)


def read(text: str) -> dict:
    return dict(BOWL.read(parse(text)))


def test_defaults_fill_in_what_is_not_given():
    assert read("bowl:scale=3") == {
        "dim": 2, "scale": 3.0, "steps": 0, "mode": "up", "wide": False, "preset": "a",
    }  # fmt: skip


def test_a_preset_fills_in_and_what_is_given_wins():
    assert read("bowl:preset=b")["dim"] == 5
    assert read("bowl:preset=b,dim=3")["dim"] == 3
    assert read("bowl:preset=b,dim=2")["dim"] == 2


def test_an_unknown_key_is_named_with_the_nearest_one():
    with pytest.raises(RequestError) as caught:
        read("bowl:scal=3")
    assert str(caught.value) == (
        "unknown parameter 'scal' in component 'bowl'; did you mean 'scale'?"
        " (allowed: dim, mode, preset, scale, steps, wide)"
    )


def test_what_is_required_must_be_given():
    needy = Component(
        name="needy", summary="", source="",
        parameters=(Parameter("file", "", "where the rates are", required=True),),
    )  # fmt: skip
    with pytest.raises(RequestError, match=r"'needy': file is required \(where the rates are\)"):
        needy.read(parse("needy"))
    assert needy.read(parse("needy:file=a")) == {"file": "a"}


def test_values_are_resolved_for_a_run():
    values = Chosen(BOWL, read("bowl:preset=b")).at(lr=0.2, steps=80).values
    assert (values["scale"], values["steps"], values["dim"]) == (0.1, 80, 5)
    assert Chosen(BOWL, read("bowl:steps=7")).at(0.2, 80).values["steps"] == 7


def test_values_that_do_not_go_together_are_refused():
    with pytest.raises(RequestError, match="component 'bowl': scale exceeds 5"):
        Chosen(BOWL, read("bowl:scale=6")).at(0.1, 10)
    with pytest.raises(RequestError, match="scale exceeds 5"):
        Chosen(BOWL, read("bowl:preset=b")).at(100.0, 10)


def test_a_kernel_receives_numbers_and_the_positions_of_words():
    found = BOWL.kernel_values(read("bowl:mode=down,wide=true"))
    assert found == {"dim": 2, "scale": 1.0, "steps": 0, "mode": 1, "wide": True, "preset": 0}
    assert type(found["wide"]) is bool


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"), (1e-5, "1e-05"), (1 / 3, repr(1 / 3)), (1e22, "1e+22"), (math.inf, "inf"),
        (True, "true"), (7, "7"), ((30.0, 80.0), "30/80"), (Percent(10.0), "10%"),
        (parse("cosine:T_max=9"), "(cosine:T_max=9)"), ("word", "word"),
    ],
)  # fmt: skip
def test_values_are_written_as_they_are_read(value, text):
    assert written(value) == text


def registries() -> list[Registry]:
    from experiments.components import REGISTRIES

    return list(REGISTRIES.values())


@pytest.mark.parametrize("registry", registries(), ids=lambda registry: registry.kind)
def test_every_component_can_be_written_out_and_chosen_again(registry):
    for name, component in registry.all().items():
        if any(p.required for p in component.parameters):
            continue
        chosen = registry.choose(name)
        again = registry.choose(chosen.text)
        assert again.component.name == name
        assert again.values == chosen.values, chosen.text


@pytest.mark.parametrize("registry", registries(), ids=lambda registry: registry.kind)
def test_every_default_is_allowed(registry):
    for name, component in registry.all().items():
        for p in component.parameters:
            if not p.required and not isinstance(p.default, Percent):
                assert p.read(p.default, name) == p.default, f"{name}: {p.name}"


def test_the_nearest_match():
    names = ["rosenbrock", "rastrigin", "quadratic"]
    assert nearest("rosenbrok", names) == "rosenbrock"
    assert nearest("Rosenbrock", names) == "rosenbrock"
    assert nearest("xyz", names) is None
    assert str(unknown("kind", "xyz", names)) == (
        "unknown kind 'xyz' (allowed: quadratic, rastrigin, rosenbrock)"
    )
    assert str(unknown("kind", "xyz", [])) == "unknown kind 'xyz' (allowed: none)"
