"""`lab tune`: the best parameters of a schedule for a family of scenarios."""

from __future__ import annotations

from typing import Annotated

import typer

from reports.commands import terminal
from reports.commands.experiment import Experiment, command
from reports.commands.options import (
    ChannelsOption,
    EveryOption,
    FloorOption,
    LandscapesOption,
    MetricOption,
    OptimizersOption,
    RateOption,
    SeedOption,
    SeedsOption,
    StepsOption,
    StrengthOption,
)


@command()
def tune(
    landscape: LandscapesOption = None,
    noise: Annotated[
        list[str] | None, typer.Option("--noise", help="Noise model, none; repeat for several.")
    ] = None,
    channel: ChannelsOption = None,
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
    floor: FloorOption = 1e-12,
    each: Annotated[
        bool, typer.Option("--each", help="An answer for each landscape; for all if none is given.")
    ] = False,
    optimizer: OptimizersOption = None,
    lr: RateOption = None,
    steps: StepsOption = 200,
    seeds: SeedsOption = 2000,
    seed: SeedOption = 0,
    metric_every: EveryOption = 1,
    metric: MetricOption = "last",
) -> Experiment:
    """Best parameters of a schedule over some scenarios: searched on some seeds, judged on others.

    Without --vary: lr over four decades, and factor, F, patience or gamma where the schedule has
    them. For greedy the result ends with the call for transformers. With --each, the table of all
    landscapes, and --json has a document of this shape for each of them.

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

    \b
    --each: {"schema", "schedule", "each": [the above of each landscape],
      "overall": [{"comparison", "ratio", "ci", "landscapes_ci", "lower", "higher"}], "out"}

    Example: lab tune --landscape rosenbrock --landscape ackley --noise spikes --noise gaussian
    """
    from experiments.tune import each as apart
    from experiments.tune import run as tuning
    from reports.tune import each as each_pages
    from reports.tune import pages

    make = apart.make_each if each else tuning.make_tune
    grid = make(
        landscape or (), noise or ("none",), channel or ("batch",),
        terminal.numbers("strength", strength), optimizers=optimizer or ("adam",),
        schedule=schedule, against=against or (), axes=vary or (), search=search, trials=trials,
        tuning_seeds=tuning_seeds, floor=floor, lr=lr, steps=steps, seeds=seeds, seed=seed,
        metric_every=metric_every, metric=metric,
    )  # fmt: skip
    if each:
        return Experiment(grid, apart.tune_each, each_pages)
    return Experiment(grid, tuning.tune, pages)
