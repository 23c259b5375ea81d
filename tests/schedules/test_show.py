"""`lab list` and `lab show`: all there is to know of every schedule and optimizer."""

import re

import pytest

from lab.component import Percent, written
from lab.errors import RequestError
from lab.optimizers import OPTIMIZERS
from lab.schedules import SCHEDULES
from reports.listing import description, listing

BOTH = [(registry, name) for registry in (SCHEDULES, OPTIMIZERS) for name in registry.all()]
each = pytest.mark.parametrize(("registry", "name"), BOTH, ids=[name for _, name in BOTH])


def plain(text):
    """Text without its line breaks."""
    return " ".join(text.split())


def rows(text):
    """The table of parameters: cells by name, the meaning put together again."""
    lines = text.splitlines()
    header = next(line for line in lines if line.startswith("parameter "))
    starts = [match.start() for match in re.finditer(r"\S+", header)]
    found: dict[str, list[str]] = {}
    name = ""
    for line in lines[lines.index(header) + 2 :]:
        if not line or line.startswith("% of"):
            break
        cells = [line[a:b].strip() for a, b in zip(starts, [*starts[1:], None], strict=True)]
        name = cells[0] or name
        old = found.setdefault(name, ["", "", "", ""])
        found[name] = [f"{a} {b}".strip() for a, b in zip(old, cells[1:], strict=True)]
    return found


@each
def test_show_prints_every_parameter_with_all_there_is_to_know(registry, name):
    component = registry.find(name)
    text = description(component)
    assert max(map(len, text.splitlines())) <= 110
    assert plain(component.summary) in plain(text)
    assert f"source: {plain(component.source)}" in plain(text)
    if not component.parameters:
        assert "no parameters" in text
        return
    table = rows(text)
    assert list(table) == [p.name for p in component.parameters]
    for p in component.parameters:
        kind, default, allowed, meaning = table[p.name]
        assert kind == p.type_name + (" or %" if p.rate else "")
        assert default == ("required" if p.required else written(p.default))
        assert allowed == ("" if p.choices or p.interval == "(-inf, inf)" else p.interval)
        assert meaning == plain(p.meaning) + (f" [{p.source}]" if p.source else "")


@each
def test_show_says_what_else_a_name_is_and_is_not(registry, name):
    component = registry.find(name)
    text = plain(description(component))
    assert plain(component.notes) in text
    for alias in component.aliases:
        assert alias in text
    for other, difference in component.not_the_same.items():
        assert f"not the same as {other}: {plain(difference)}" in text


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("greedy", "warmup is a rest after an increase, not a ramp at the start."),
        ("greedy", "reset_start counts reductions at min_lr, not steps."),
        ("cosine-restarts", "not the same as cosine_with_restarts: transformers divides all steps"),
        ("warmup", "GreedyLR's parameter warmup is something else"),
        ("constant", "torch's ConstantLR, which starts with a share of the rate, is constant-lr."),
        ("reduce-on-plateau", "not the same as reduce_on_plateau: optax's"),
        ("greedy-simple", "feedback: sets the rate of the same step, before it is taken,"),
        ("greedy", "feedback: sets the rate of the next step from the loss"),
        ("cosine", "open-loop: a table of rates, whatever the loss"),
    ],
)
def test_what_a_name_does_not_mean(name, part):
    assert part in plain(description(SCHEDULES.find(name)))


@pytest.mark.parametrize("registry", [SCHEDULES, OPTIMIZERS], ids=["schedules", "optimizers"])
def test_list_has_a_line_each(registry):
    lines = listing(registry).splitlines()
    for line, (name, component) in zip(lines, registry.all().items(), strict=True):
        assert line.split(maxsplit=1) == [name, component.summary]


def misspelled(name):
    """A name with its third letter lost, or doubled where it has three or fewer."""
    return name[:2] + name[3:] if len(name) > 3 else name + name[-1]


@each
def test_an_unknown_parameter_is_answered_with_the_nearest(registry, name):
    for p in registry.find(name).parameters:
        names = {other.name for other in registry.find(name).parameters}
        wrong = misspelled(p.name)
        if wrong in names:
            continue
        with pytest.raises(RequestError) as caught:
            registry.choose(f"{name}:{wrong}=1")
        message = str(caught.value)
        assert message.startswith(f"unknown parameter {wrong!r} in {registry.kind} {name!r}")
        assert "did you mean '" in message
        assert message.endswith(f"(allowed: {', '.join(sorted(names))})")


@each
def test_what_lies_below_the_range_is_refused(registry, name):
    for p in registry.find(name).parameters:
        if isinstance(p.default, Percent | float | int) and not isinstance(p.default, bool):
            low = p.interval[1:-1].split(",")[0]
            beyond = "-inf" if low == "-inf" else repr(float(low) - 1.0)
            with pytest.raises(RequestError, match=re.escape(f"{p.name}={beyond} is not allowed")):
                p.read(beyond, name)


def test_capitals_do_not_hide_the_nearest():
    with pytest.raises(RequestError, match="did you mean 'F'"):
        SCHEDULES.choose("greedy-simple:f=0.5")
    with pytest.raises(RequestError, match="did you mean 'T_max'"):
        SCHEDULES.choose("cosine:t_max=9")
