"""Components as text: one line each for `lab list`, all there is to know for `lab show`."""

from __future__ import annotations

import textwrap
from typing import Any

from lab.component import (
    Chosen,
    Feedback,
    Landscape,
    OpenLoop,
    Parameter,
    PythonSchedule,
    written,
)
from lab.registry import Registry
from reports import assumptions
from reports.numbers import significant
from reports.text import aligned

#: Columns of a page, and of a parameter's meaning at least.
WIDTH, LEAST = 96, 30


def listing(registry: Registry) -> str:
    """A line a component: its name and its summary."""
    components = registry.all()
    width = max((len(name) for name in components), default=0)
    return "\n".join(f"{name.ljust(width)}  {c.summary}" for name, c in components.items())


def description(of: Any) -> str:
    """Summary, formula, facts, parameters, notes and source of a component or a chosen one.

    Facts of a landscape are those with its default parameters, or with the chosen ones.
    """
    component = of.component if isinstance(of, Chosen) else of
    parts = [_wrap(f"{component.kind} {component.name}: {component.summary}")]
    if isinstance(component, OpenLoop | Feedback | PythonSchedule):
        parts.append(_wrap(_hearing(component)))
    formula = getattr(component, "formula", "")
    if formula:
        parts.append(f"formula: {formula}")
    if isinstance(component, Landscape):
        defaults = {parameter.name: parameter.default for parameter in component.parameters}
        chosen = of if isinstance(of, Chosen) else Chosen(component, defaults)
        parts.append(_facts(chosen, chosen.values == defaults))
        parts.append("\n".join(assumptions.lines(chosen, WIDTH)))
    parts.append(_parameters(component.parameters))
    if component.notes:
        parts.append(_wrap(component.notes))
    if component.aliases:
        parts.append(f"also known as: {', '.join(component.aliases)}")
    for name, difference in component.not_the_same.items():
        parts.append(_wrap(f"not the same as {name}: {difference}"))
    also = " (of the parameters too, unless they name another)" if component.parameters else ""
    parts.append(_wrap(f"source: {component.source}{also}"))
    return "\n\n".join(parts)


def _wrap(text: str) -> str:
    paragraphs = text.strip().split("\n\n")
    return "\n\n".join(textwrap.fill(" ".join(p.split()), WIDTH) for p in paragraphs)


def _hearing(schedule: OpenLoop | Feedback | PythonSchedule) -> str:
    """What a schedule goes by, and when."""
    if isinstance(schedule, OpenLoop):
        return "open-loop: a table of rates, whatever the loss"
    if isinstance(schedule, PythonSchedule):
        return f"feedback: sets the rate of the next step from the loss; {schedule.remark}"
    which = "same step, before it is taken," if schedule.before else "next step"
    text = f"feedback: sets the rate of the {which} from {schedule.heard}"
    if schedule.judge is None:
        return text
    trials = schedule.trials({p.name: p.default for p in schedule.parameters})
    return f"{text}; up to {trials} more evaluations of the loss a step"


def _facts(chosen: Chosen, default: bool) -> str:
    landscape, values = chosen.component, chosen.values
    facts = landscape.facts(values)
    known = "unknown" if facts.minimum is None else significant(facts.minimum, 6)
    where = "unknown, or its own for every seed"
    if facts.minimiser is not None:
        shown = [significant(float(x), 4) for x in facts.minimiser[:6]]
        where = f"({', '.join(shown)}{', ...' if facts.dim > 6 else ''})"
    lines = [
        "with the default parameters:" if default else f"of {chosen.text}:",
        f"  dim {facts.dim}, minimum {known} at {where}",
        f"  L {'none' if facts.L is None else significant(facts.L, 6)},"
        f" mu {'none' if facts.mu is None else significant(facts.mu, 6)}"
        + (f" ({facts.reason})" if facts.reason else ""),
        f"  start {landscape.start_text}, base lr {facts.base_lr:.4g} (sgd, momentum, nesterov)",
        f"  shown and meant for coordinates from {facts.domain[0]:g} to {facts.domain[1]:g}",
    ]
    return "\n".join(_indented(line) for line in lines)


def _indented(line: str) -> str:
    return textwrap.fill(line, WIDTH, subsequent_indent="    ")


def _parameters(parameters: tuple[Parameter, ...]) -> str:
    if not parameters:
        return "no parameters"
    rows = [_cells(parameter) for parameter in parameters]
    header = ["parameter", "type", "default", "allowed", "meaning"]
    taken = sum(2 + max(len(row[i]) for row in (header, *rows)) for i in range(4))
    table = [header]
    for row in rows:
        first, *rest = textwrap.wrap(row[4], max(WIDTH - taken, LEAST))
        table += [[*row[:4], first], *(["", "", "", "", line] for line in rest)]
    share = "\n% of the initial rate" if any(p.rate for p in parameters) else ""
    return aligned(table, left=True) + share


def _cells(p: Parameter) -> list[str]:
    """Name, type, default, allowed range, and meaning with its source where it is another one."""
    return [
        p.name,
        f"{p.type_name} or %" if p.rate else p.type_name,
        "required" if p.required else written(p.default),
        "" if p.choices or p.interval == "(-inf, inf)" else p.interval,
        p.meaning + (f" [{p.source}]" if p.source else ""),
    ]
