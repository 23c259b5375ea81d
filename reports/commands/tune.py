"""`lab tune`: the best parameters of a schedule for a family of scenarios."""

from __future__ import annotations

from typing import Annotated

import typer

from reports.commands import terminal
from reports.commands.experiment import run_experiment
from reports.commands.options import (
    EveryOption,
    JsonOption,
    LandscapesOption,
    MetricOption,
    OpenOption,
    OptimizersOption,
    OutOption,
    PluginOption,
    QuietOption,
    RateOption,
    SeedOption,
    SeedsOption,
    StepsOption,
    StrengthOption,
    ThreadsOption,
)


def tune(
    landscape: LandscapesOption = None,
    noise: Annotated[
        list[str] | None, typer.Option("--noise", help="Noise model, none; repeat for several.")
    ] = None,
    channel: Annotated[
        list[str] | None, typer.Option("--channel", help="Channel, batch; repeat for several.")
    ] = None,
    strength: StrengthOption = "0.5",
    schedule: Annotated[str, typer.Option("--schedule", help="Schedule to tune.")] = "greedy",
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary", help="Parameter: name=a/b/c or name=low..high; lr=0.1x is a multiple; repeat."
        ),
    ] = None,
    search: Annotated[
        str, typer.Option("--search", help="grid, or tpe (Optuna) for more parameters.")
    ] = "grid",
    trials: Annotated[int, typer.Option("--trials", help="Candidates of --search tpe.")] = 200,
    against: Annotated[
        list[str] | None,
        typer.Option("--against", help="Schedule to judge beside it, untuned; repeat."),
    ] = None,
    tuning_seeds: Annotated[
        int, typer.Option("--tuning-seeds", help="Seeds of the search; --seeds are others.")
    ] = 250,
    floor: Annotated[
        float, typer.Option("--floor", help="Final values below it count as it.")
    ] = 1e-12,
    optimizer: OptimizersOption = None,
    lr: RateOption = None,
    steps: StepsOption = 200,
    seeds: SeedsOption = 2000,
    seed: SeedOption = 0,
    metric_every: EveryOption = 1,
    metric: MetricOption = "last",
    threads: ThreadsOption = None,
    out: OutOption = None,
    open: OpenOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
    plugin: PluginOption = None,
) -> None:
    """Best parameters of a schedule over some scenarios: searched on some seeds, judged on others.

    Without --vary: lr over four decades, and factor, F, patience or gamma where the schedule has
    them. For greedy the result ends with the call for transformers.

    \b
    --json: {"schema", "schedule", "search", "candidates", "tuning_seeds", "judging_seeds",
      "floor",
      "axes": [{"parameter", "values", "default", "tuned", "at_edge"}],
      "objective": {"tuning", "held_out", "optimism", "close"},
      "cells": [{"landscape", "noise", "channel", "strength", "optimizer", "lr", "steps", "seeds",
        "schedules": [{"schedule", "lr", "p50", "ratio", "ci", "probability_better",
        "probability_better_ci"}]}], "gains": [{"schedule", "ratio", "ci", "at_rate",
        "at_rate_ci"}],
      "sensitivity": [{"parameter", "value", "tuned", "default", "ratio", "ci"}],
      "calls": [{"lr", "call", "lr_scheduler_kwargs", "training_arguments"}], "out"}

    Example: lab tune --landscape rosenbrock --landscape ackley --noise spikes --noise gaussian
    """
    from experiments.components import add_plugins
    from experiments.tune import run as tuning
    from reports.tune import pages

    add_plugins(plugin or ())
    grid = tuning.make_tune(
        landscape or (), noise or ("none",), channel or ("batch",),
        terminal.numbers("strength", strength), optimizers=optimizer or ("adam",),
        schedule=schedule, against=against or (), axes=vary or (), search=search, trials=trials,
        tuning_seeds=tuning_seeds, floor=floor, lr=lr, steps=steps, seeds=seeds, seed=seed,
        metric_every=metric_every, metric=metric,
    )  # fmt: skip
    log = terminal.log(quiet)
    run_experiment(grid, lambda: tuning.tune(grid, threads, log), pages, out, open, json, log)
