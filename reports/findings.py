"""What each experiment's figure shows, in a sentence or two: its alternative text.

The sentences are made of the numbers that are drawn, and travel inside the picture's file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from experiments.convergence.theory import Study
from experiments.early import ScenarioEarly
from experiments.optimal_f.outcome import Outcome
from experiments.optimal_f.run import CellResult
from experiments.optimal_f.theory import Theory
from experiments.recovery.published import PublishedRecovery
from experiments.recovery.run import LEVEL, EventResult, Recovery
from experiments.sensitivity import LEVELS, ScenarioSensitivity
from experiments.tune.judge import TUNED
from experiments.tune.run import Tuned
from reports.numbers import percent, significant

MEDIAN = LEVELS.index(0.50)
#: f(x_0) of problem P4: Huber's function with delta 0.01 at x_0 = 1.
HUBER_START = 0.00995


def rates(found: ScenarioSensitivity) -> str:
    """Of the final median over the initial rate: the lowest of each schedule."""
    lowest = {}
    for arm in found.arms:
        at = int(np.argmin(arm.bands[:, MEDIAN]))
        lowest[arm.written] = (float(arm.bands[at, MEDIAN]), found.rates[at])
    parts = [
        f"{name} {significant(value)} at lr {rate:.3g}"
        for name, (value, rate) in sorted(lowest.items(), key=lambda pair: pair[1][0])
    ]
    request = found.request
    return (
        f"Final {request.measure} on {request.landscape.text} over {len(found.rates)} initial"
        f" rates, n = {request.seeds:,} seeds: lowest medians {'; '.join(parts)}."
    )


def recovered(found: Sequence[EventResult]) -> str:
    """Of the recovery curves: after each event who is back first and last, by the mean time."""
    parts = []
    for event in found:
        means = [(a.mean.estimate, a.written) for a in event.arms if a.mean.estimate is not None]
        if means:
            (first, quick), (last, slow) = min(means), max(means)
            told = f"{quick} first, {significant(first)} steps, {slow} last, {significant(last)}"
            if first == last:
                told = f"every schedule {significant(first)} steps"
            parts.append(f"after {event.event.text} {told}")
    request = found[0].request
    return (
        f"Recovery on {request.landscape.text}, n = {request.seeds:,} seeds, mean steps:"
        f" {'; '.join(parts) or 'no lane at risk'}."
    )


def differences(result: Recovery) -> str:
    """Of the differences from the reference: how many are certain, and in which direction."""
    pairs = [a.against for event in result.results for a in event.arms if a.against is not None]
    certain = [pair for pair in pairs if pair.sign]
    sooner = sum((pair.difference.estimate or 0.0) < 0.0 for pair in certain)
    name = result.grid.first.written[result.grid.first.reference]
    return (
        f"Mean recovery time less that of {name}: of {len(pairs)} comparisons of a schedule, event"
        f" and scenario, {sooner} are sooner and {len(certain) - sooner} later at a Holm-corrected"
        f" level of {LEVEL:g}; n = {result.grid.first.seeds:,} pairs."
    )


def published(measures: PublishedRecovery) -> str:
    """Of the paper's two measures: each schedule's clean ratio, and where noise acts on nothing."""
    ratios = [
        f"{name} {significant(clean.median.estimate)}"
        for name, clean in measures.clean.items()
        if clean.median is not None
    ]
    acting = {m.channel for m in measures.channels if m.same < 1.0}
    inert = sorted({m.channel for m in measures.channels} - acting)
    same = f"; identical with and without noise in: {', '.join(inert)}" if inert else ""
    return (
        f"Median recovery ratio without noise, n = {measures.seeds:,} seeds: {'; '.join(ratios)}"
        f"{same}."
    )


def early(scenarios: Iterable[ScenarioEarly]) -> str:
    """Of the remaining loss and the time to targets: who reaches most in each scenario."""
    parts = []
    for found in scenarios:
        areas = [(a.area.estimate, a.written) for a in found.arms if a.area.estimate is not None]
        if areas:
            (most, first), (least, last) = max(areas), min(areas)
            parts.append(
                f"on {found.request.landscape.text} {first} reaches most targets,"
                f" {percent(most)} on average over the run, {last} fewest, {percent(least)}"
                f" (n = {found.n:,} seeds)"
            )
    return _sentence("; ".join(parts) or "no schedule has a defined area")


def averages(study: Study) -> str:
    """Of the convergence curves: the gaps at the largest T under Algorithm 1 and lagged."""
    parts = []
    for problem in ("P1", "P2", "P5"):
        for variant, F in (("algorithm-1", 0.5), ("lagged", 0.5)):
            last = study.outcome.of(problem, variant, F)[-1]
            gap, bound = last.averaged_loss, last.setting.bound_b(last.steps)
            parts.append(
                f"{problem}, {variant}: averaged loss {significant(gap)} under bound B"
                f" {significant(bound)}"
                if gap <= bound
                else f"{problem}, {variant}: averaged loss {significant(gap)} above bound B"
                f" {significant(bound)}"
            )
    steps = study.request.checkpoints[-1]
    return f"Mean gaps after T = {steps:,}, n = {study.request.seeds:,} seeds: {'; '.join(parts)}."


def bias(study: Study) -> str:
    """Of the bias of a rate that reads its own sample: the gap at the smallest rate and F."""
    smallest = min(b.rate for b in study.biases)
    found = min((b for b in study.biases if b.rate == smallest), key=lambda b: b.F)
    return (
        f"P3 at b = {found.rate:g}, F = {found.F:g}: Algorithm 1 keeps a gap of"
        f" {significant(found.algorithm_1.value)} (closed form {significant(found.expected)}),"
        f" the lagged decision {significant(found.lagged.value)}; n = {study.request.seeds:,}"
        " seeds."
    )


def huber(study: Study) -> str:
    """Of Huber's function: how little the loss has fallen where the proof promises decay."""
    curve = study.huber
    at, steps = -1, int(curve.steps[-1])
    left = curve.last_iterate[at] / HUBER_START
    return (
        f"P4: after {steps:,} steps {significant(float(left))} of the loss is left, where the"
        f" one-step recursion of the proof promises"
        f" {significant(float(curve.setting.recursion(steps)))}; the averaged loss is"
        f" {significant(float(curve.ratio_a()[at]))} of bound A."
    )


def scores(outcome: Outcome, shown: Sequence[CellResult]) -> str:
    """Of the scores against F: the range of the best F, and what 1 - 1/L costs, a panel each."""
    panels: dict[str, list[CellResult]] = {}
    for r in shown:
        rate = f"{r.cell.rate.value:g}" + ("/L" if r.cell.rate.scaled else "")
        panel = f"d = {r.cell.dim}, s = {r.cell.strength:g}, T = {r.cell.steps}, lr0 = {rate}"
        panels.setdefault(panel, []).append(r)
    parts = []
    for panel, found in panels.items():
        best = [r.best for r in found]
        regrets = [r.regret for r in found if r.regret is not None]
        cost = f", 1 - 1/L worse by up to {max(regrets):.2g} decades" if regrets else ""
        smallest, largest = (choose(r.cell.L for r in found) for choose in (min, max))
        parts.append(
            f"{panel}, L from {smallest:g} to {largest:g}: F from {min(best):g} to {max(best):g}"
            f"{cost}"
        )
    return f"Best F, n = {outcome.request.seeds:,} paired seeds: {'; '.join(parts)}."


def collapse(theory: Theory) -> str:
    """Of the best F against L and lr0 L: its range at a fixed product, and over all of them."""
    by_product: dict[float, list[float]] = {}
    for r in (r for found in theory.collapse.values() for r in found):
        by_product.setdefault(float(f"{r.cell.u:.6g}"), []).append(r.best)
    shared = [max(best) - min(best) for best in by_product.values() if len(best) > 1]
    every = [F for best in by_product.values() for F in best]
    same = ""
    if shared:
        off = "differs by at most" if max(shared) else "differs by"
        same = f"; where lr0 L agrees it {off} {max(shared):.2g}"
    return (
        f"The best F runs from {min(every):g} to {max(every):g} over"
        f" {len(by_product)} values of lr0 L{same}."
    )


def phases(theory: Theory) -> str:
    """Of the growth by phase: the best simulated mean, and the share that diverges."""
    best = min(theory.phases, key=lambda row: row.simulated)
    off = max(abs(row.simulated - row.expected) for row in theory.phases)
    share = float(np.mean(theory.map.growth > 0.0))
    return (
        f"Mean growth of ln|x| a step is lowest, {best.simulated:.3f}, at F = {best.F:g};"
        f" simulation and closed form differ by at most {significant(off)}. In the map"
        f" {percent(share)} of the cells of lr0 L and F diverge."
    )


def variations(result: Tuned) -> str:
    """Of the tuned parameters varied alone: the value that costs most, an axis each."""
    parts = []
    for axis in result.grid.space.axes:
        costs = [
            (v.cost.estimate, v.value)
            for v in result.variations
            if v.name == axis.name and v.cost.estimate is not None
        ]
        if costs:
            cost, value = max(costs, key=lambda pair: pair[0])
            size = "diverges" if math.isinf(cost) else f"{significant(cost)} times the median"
            parts.append(f"{axis.name} = {value}: {size}")
    name = result.grid.first.written[0]
    return (
        f"Cost of the worst value of each parameter of {name}, the others as tuned, n ="
        f" {result.grid.first.seeds:,} seeds: {'; '.join(parts)}."
    )


def gains(result: Tuned) -> str:
    """Of the gain in every scenario: the tuned schedule against the untuned one."""
    ratios = result.outcomes[TUNED].ratios
    better = sum(r.high is not None and r.high < 1.0 for r in ratios)
    worse = sum(r.low is not None and r.low > 1.0 for r in ratios)
    return (
        f"{result.outcomes[TUNED].label} against untuned: certainly lower in {better} and higher"
        f" in {worse} of {len(ratios)} scenarios, geometric mean ratio"
        f" {significant(result.outcomes[TUNED].gain.estimate)}."
    )


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
