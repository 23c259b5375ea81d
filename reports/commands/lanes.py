"""`lab trace` and `lab replay`: one lane, and one recorded loss series, step by step."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated

import typer

from lab.errors import RequestError
from reports import places
from reports.commands import terminal
from reports.commands.options import (
    ChannelOption,
    EveryOption,
    JsonOption,
    LandscapeOption,
    MetricOption,
    NoiseOption,
    OneStrengthOption,
    OptimizerOption,
    PerturbOption,
    PluginOption,
    RateOption,
    SchedulesOption,
    SeedOption,
    SeedsOption,
    StepsOption,
)


def trace(
    landscape: LandscapeOption,
    noise: NoiseOption = "none",
    channel: ChannelOption = "batch",
    strength: OneStrengthOption = 0.5,
    schedule: SchedulesOption = None,
    optimizer: OptimizerOption = "adam",
    lr: RateOption = None,
    steps: StepsOption = 200,
    seeds: SeedsOption = 2000,
    seed: SeedOption = 0,
    metric_every: EveryOption = 1,
    metric: MetricOption = "last",
    perturb: PerturbOption = None,
    index: Annotated[int, typer.Option("--index", help="Which seed of the run.")] = 0,
    start: Annotated[
        str | None, typer.Option("--start", help="Start point, e.g. 1.2,-0.5.")
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option("--figure", help="Map of the paths of all schedules, PDF, SVG or PNG."),
    ] = None,
    json: JsonOption = False,
    plugin: PluginOption = None,
) -> None:
    """One lane, every step: exactly lane K of the same run."""
    from experiments import trace as tracing
    from experiments.components import add_plugins
    from experiments.request import make_request
    from reports import series

    add_plugins(plugin or ())
    default = () if figure else ("greedy",)
    request = make_request(
        landscape, noise, channel=channel, strength=strength, schedules=schedule or default,
        optimizer=optimizer, lr=lr, steps=steps, seeds=seeds, seed=seed,
        metric_every=metric_every, metric=metric, perturbations=perturb or (),
        start=None if start is None else terminal.numbers("start", start, 10_000),
    )  # fmt: skip
    terminal.notes(request.warnings())
    if figure is None and len(request.schedules) > 1:
        raise RequestError("schedule: a trace shows one; --figure FILE draws the paths of several")
    lanes = tracing.trace(request, index)
    if figure is not None:
        from reports.figures import contour

        contour.save(request, lanes, index, figure)
    if json:
        print(json_module.dumps(series.trace_document(lanes[0])))
    else:
        print(series.trace_table(lanes[0]) if figure is None else places.line("figure", figure))


def replay(
    schedule: Annotated[str, typer.Argument(help="Schedule, e.g. greedy:patience=5.")],
    losses: Annotated[
        str, typer.Option("--losses", help="CSV, JSON (lines) or numbers; - is stdin.")
    ],
    lr: Annotated[float, typer.Option("--lr", help="Initial rate.")] = 0.01,
    column: Annotated[
        str | None, typer.Option("--column", help="Column that holds the loss.")
    ] = None,
    metric_every: EveryOption = 1,
    metric: Annotated[
        str, typer.Option("--metric", help="What it looks at: last or mean loss.")
    ] = "last",
    json: JsonOption = False,
    plugin: PluginOption = None,
) -> None:
    """Feed a recorded loss series to a schedule: step, loss, lr."""
    from experiments.components import SCHEDULES, add_plugins
    from experiments.losslog import read_losses
    from experiments.request import make_cadence
    from experiments.schedules import remarks
    from lab.replay import replay as replay_losses
    from reports import series

    add_plugins(plugin or ())
    if not 0.0 < lr < float("inf"):
        raise RequestError(f"lr: {lr} is not allowed (allowed: (0, inf))")
    chosen = SCHEDULES.choose(schedule)
    cadence = make_cadence(metric_every, metric)
    seen = read_losses(losses, column, lambda line: terminal.notes([line]))
    terminal.notes(remarks(chosen, schedule, lr, len(seen)))
    rates = replay_losses(chosen, seen, lr, cadence)
    if json:
        print(json_module.dumps(series.replay_document(schedule, rates)))
    else:
        print(series.replay_table(seen, rates))
