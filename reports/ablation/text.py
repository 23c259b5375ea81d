"""The tables of `lab ablate`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from experiments.ablation.effects import PARTS
from experiments.ablation.knobs import WINDOW
from experiments.ablation.request import BOUND
from experiments.ablation.result import NEGLIGIBLE, Ablated
from lab.component import written
from lab.statistics.interval import Interval
from reports.labels import short
from reports.numbers import percent, ratio, with_interval
from reports.text import aligned

#: Pairs of parameters that are listed for each optimizer.
PAIRS = 6


def text(result: Ablated) -> str:
    """All tables with what each shows."""
    parts = [_asked(result), _ranges(result)]
    parts += [_indices(result, optimizer) for optimizer in result.grid.optimizers]
    if len(result.grid.optimizers) > 1:
        parts.append(_differences(result))
    parts += [_families(result), _interactions(result), _effects(result), _choices(result)]
    parts.append(_reverted(result))
    return "\n\n".join(part for part in parts if part)


def default(result: Ablated, knob: int) -> Any:
    """What the schedule has where the knob is not turned."""
    name = result.grid.knobs[knob].name
    values = result.grid.first.schedules[0].values
    if name == WINDOW and not values.get("smooth", True):
        return 1
    value = values[name]
    return value if isinstance(value, int | float) else written(value)


def _asked(result: Ablated) -> str:
    grid = result.grid
    rates = ", from each scenario's own best rate" if grid.tuned else ""
    landscapes = len({request.landscape.text for request in grid.requests})
    return (
        f"Ablation of {grid.first.written[0]}: {len(grid.knobs)} parameters,"
        f" {len(grid.settings):,} settings ({grid.points} rows) in {len(grid.requests)} scenarios"
        f" on {landscapes} landscapes, {grid.first.steps} steps, medians of {grid.design_seeds}"
        f" seeds{rates}\n"
        f"Response: log10(median final value / that of {grid.first.written[0]} as written), within"
        f" +-{BOUND:g}; values below {grid.floor:g} count as it\n"
        "Intervals: 95 %, over landscapes and the design's rows"
    )


def _ranges(result: Ablated) -> str:
    rows = [["parameter", "scale", "range", "as written"]]
    for i, knob in enumerate(result.grid.knobs):
        rows.append([knob.name, knob.scale, knob.range, f"{written(default(result, i))}"])
    return f"{aligned(rows, left=2)}\nx: times the scenario's initial rate"


def _indices(result: Ablated, optimizer: str) -> str:
    """First order and total of every knob, the largest total first."""
    grid, d = result.grid, len(result.grid.knobs)
    totals = [result.index(d + i, optimizer) for i in range(d)]
    rows = [["parameter", "first order", "total", "decades", "clear in", "verdict"]]
    for i in sorted(range(d), key=lambda i: -(totals[i].estimate or 0.0)):
        rows.append(
            [
                grid.knobs[i].name, share(result.index(i, optimizer)), share(totals[i]),
                f"{result.decades(i, optimizer).estimate or 0.0:.3f}",
                f"{result.clear(i, optimizer)} of {len(grid.members(optimizer))}",
                result.verdict(i, optimizer),
            ]
        )  # fmt: skip
    flat = result.flat(optimizer)
    note = (
        f"\nIn {flat} of the scenarios the response hardly varies (standard deviation below 0.01),"
        " or one row of the\ndesign makes most of its variance: they have no indices"
    )
    return (
        f"Under {labels(result)[optimizer]}: share of the response's variance\n{aligned(rows)}\n"
        f"decades: standard deviation it has a part in; clear in: scenarios whose own total is"
        f" surely above {NEGLIGIBLE:g}\n"
        f"Sum of the first orders: {share(result.additive(optimizer))}; the rest is interaction\n"
        f"Settings with a lower median than as written: {share(result.better(optimizer))};"
        f" responses at the bound: {percent(result.at_bound(optimizer))}"
        f"{note if flat else ''}"
    )


def _differences(result: Ablated) -> str:
    one, other = (labels(result)[name] for name in result.grid.optimizers[:2])
    rows = [["parameter", f"total, {one} less {other}"]]
    for i, knob in enumerate(result.grid.knobs):
        rows.append([knob.name, share(result.difference(len(result.grid.knobs) + i), signed=True)])
    return f"Which optimizer changes what matters, same landscape and noise\n{aligned(rows)}"


def _families(result: Ablated) -> str:
    """Totals in each family of landscapes."""
    grid = result.grid
    parts = []
    for optimizer in grid.optimizers:
        rows = [["parameter", *grid.families]]
        for i, knob in enumerate(grid.knobs):
            column = len(grid.knobs) + i
            rows.append(
                [knob.name, *(share(result.index(column, optimizer, g)) for g in grid.families)]
            )
        parts.append(f"Total by family under {labels(result)[optimizer]}\n{aligned(rows)}")
    return "\n\n".join(parts)


def _interactions(result: Ablated) -> str:
    """The largest interactions of two parameters under each optimizer."""
    names = [knob.name for knob in result.grid.knobs]
    found = result.indices.pairs
    if not found:
        return ""
    rows = [["pair", "optimizer", "interaction"]]
    for optimizer in result.grid.optimizers:
        sizes = [result.index(2 * len(names) + k, optimizer) for k in range(len(found))]
        order = sorted(range(len(found)), key=lambda k: -(sizes[k].estimate or 0.0))[:PAIRS]
        for k in order:
            i, j = found[k]
            rows.append([f"{names[i]}, {names[j]}", labels(result)[optimizer], share(sizes[k])])
    return (
        f"Largest interactions: share of the variance in which both have a part\n"
        f"{aligned(rows, left=2)}"
    )


def _effects(result: Ablated) -> str:
    """Main effect of each quarter of the range, in decades."""
    header = ["parameter", "optimizer", *(f"quarter {part + 1}" for part in range(PARTS))]
    rows = [header]
    for i, knob in enumerate(result.grid.knobs):
        for optimizer in result.grid.optimizers:
            found = (result.effect(i, part, optimizer) for part in range(PARTS))
            rows.append([knob.name, labels(result)[optimizer], *(_signed(e) for e in found)])
    return (
        "Mean response over a quarter of the range less that over all of it, decades; below 0 is"
        f" better\n{aligned(rows, left=2)}\nQuarter 1 is the lowest"
    )


def _choices(result: Ablated) -> str:
    """The best settings of the design, on other seeds; one that is the best twice stands once."""
    judged, names = result.judged, _groups(result)
    parts = []
    for key in dict.fromkeys((choice.point, choice.trimmed) for choice in judged.choices):
        same = [i for i, c in enumerate(judged.choices) if (c.point, c.trimmed) == key]
        where = ", ".join(names[judged.choices[i].group] for i in same)
        title = f"Best of the design in {where}"
        if key[1]:
            title = "The same with what hardly matters as written"
        rows = [["scenarios", "median / as written", "for other landscapes"]]
        for group, gain in judged.gains[same[0]].items():
            spread = gain.over_landscapes
            ends = "-" if spread.low is None else f"[{ratio(spread.low)}, {ratio(spread.high)}]"
            rows.append([names[group], with_interval(gain.over_seeds), ends])
        parts.append(
            f"{title}:\n  {result.text(judged.choices[same[0]])}\n"
            f"{_optimism(result, same)}\n{aligned(rows)}"
        )
    return "\n\n".join(parts)


def _optimism(result: Ablated, choices: list[int]) -> str:
    """What the design believed of some choices, and what other seeds say."""
    names, seeds = _groups(result), f"{result.grid.first.seeds:,}"
    said = []
    for i in choices:
        choice, found = result.judged.choices[i], f"{result.held_out[i]:+.3f}"
        if choice.trimmed:
            said.append(f"{names[choice.group]} {found} on {seeds} seeds beside the design's")
        else:
            before = f"{choice.objective:+.3f} on the seeds of the design"
            said.append(f"{names[choice.group]} {before}, {found} on {seeds} others")
    return f"Mean response: {'; '.join(said)}"


def _reverted(result: Ablated) -> str:
    rows = [["parameter", "put back to", "median / with it", ""]]
    for i, (knob, cost) in enumerate(zip(result.grid.knobs, result.judged.reverted, strict=True)):
        note = cost.note if cost.note.startswith("refused") else ""
        rows.append([knob.name, written(default(result, i)), with_interval(cost), note])
    return (
        "The first of these with one parameter put back, geometric mean over all scenarios, above 1"
        f" is worse\n{aligned(rows)}"
    )


def labels(result: Ablated) -> Mapping[str, str]:
    """Short names of the optimizers."""
    return short(result.grid.optimizers)


def _groups(result: Ablated) -> Mapping[str, str]:
    """What a group of scenarios is called."""
    own = labels(result)
    return {name: f"{name} scenarios" if name == "all" else own.get(name, name)
            for name in result.grid.groups}  # fmt: skip


def share(interval: Interval, signed: bool = False) -> str:
    """A share of a variance to two places, with its interval."""
    return _places(interval, lambda x: f"{x:+.2f}" if signed else f"{x:.2f}")


def _signed(interval: Interval) -> str:
    return _places(interval, lambda x: f"{x:+.2f}")


def _places(interval: Interval, shown: Callable[[float], str]) -> str:
    """An estimate with its interval; zero has no sign."""

    def plain(value: float) -> str:
        found = shown(value)
        return shown(0.0).replace("+", "") if math.isclose(float(found), 0.0) else found

    if interval.estimate is None:
        return "-"
    if interval.low is None or interval.high is None:
        return plain(interval.estimate)
    return f"{plain(interval.estimate)} [{plain(interval.low)}, {plain(interval.high)}]"
