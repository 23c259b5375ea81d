"""`lab ablate`: which parameters of GreedyLR matter, and how they act together."""

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
    StepsOption,
    StrengthOption,
)


@command()
def ablate(
    landscape: LandscapesOption = None,
    noise: Annotated[
        list[str] | None, typer.Option("--noise", help="Noise model; repeat for several.")
    ] = None,
    channel: ChannelsOption = None,
    strength: StrengthOption = "0.5",
    schedule: Annotated[
        str, typer.Option("--schedule", help="Schedule; parameters that it sets stay.")
    ] = "greedy",
    points: Annotated[
        int | None, typer.Option("--points", help="Rows of the design, a power of 2; 128.")
    ] = None,
    design_seeds: Annotated[
        int, typer.Option("--design-seeds", help="Seeds of the medians; --seeds are others.")
    ] = 128,
    quick: Annotated[
        bool, typer.Option("--quick", help="32 rows, and gaussian noise alone.")
    ] = False,
    tuned: Annotated[
        bool, typer.Option("--tuned", help="Start from each scenario's own best rate.")
    ] = False,
    floor: FloorOption = 1e-12,
    optimizer: OptimizersOption = None,
    lr: RateOption = None,
    steps: StepsOption = 200,
    seeds: Annotated[
        int, typer.Option("--seeds", help="Seeds on which the best settings are judged.")
    ] = 500,
    seed: SeedOption = 0,
    metric_every: EveryOption = 1,
    metric: MetricOption = "last",
) -> Experiment:
    """Which parameters of GreedyLR matter: all varied at once, the variance decomposed.

    Without further options: 20 landscapes in five families, no noise and three models in the
    channel batch, adam and sgd.

    \b
    --json: {"schema", "schedule", "points", "settings", "design_seeds", "judging_seeds", "floor",
      "bound", "tuned", "parameters": [{"parameter", "scale", "low", "high", "default"}],
      "cells": [{"landscape", "noise", "channel", "strength", "optimizer", "lr", "steps", "seeds",
        "family", "deviation", "at_bound",
        "indices": [{"parameter", "first", "first_ci", "total", "total_ci"}]}],
      "pooled": [{"optimizer", "family", "parameter", "first", "first_ci", "total", "total_ci",
        "clear", "scenarios", "verdict"}],
      "differences": [{"parameter", "family", "total", "total_ci"}],
      "interactions": [{"optimizer", "parameters", "index", "ci"}],
      "effects": [{"optimizer", "parameter", "part", "decades", "ci"}],
      "choices": [{"group", "trimmed", "schedule", "objective", "held_out",
        "gains": [{"group", "ratio", "ci", "landscapes_ci"}]}],
      "reverted": [{"parameter", "ratio", "ci"}], "out"}

    Example: lab ablate --quick --out ablation
    """
    from experiments.ablation.request import OPTIMIZERS, make_ablation
    from experiments.ablation.run import ablate as run
    from reports.ablation import pages

    grid = make_ablation(
        landscape or (), noise or (), channel or ("batch",),
        terminal.numbers("strength", strength), optimizers=optimizer or OPTIMIZERS,
        schedule=schedule, points=points, design_seeds=design_seeds, floor=floor, quick=quick,
        tuned=tuned, lr=lr, steps=steps, seeds=seeds, seed=seed, metric_every=metric_every,
        metric=metric,
    )  # fmt: skip
    return Experiment(grid, run, pages)
