"""`lab recovery`, `sensitivity` and `early`: experiments over several scenarios."""

from __future__ import annotations

from typing import Annotated

import typer

from reports.commands import terminal
from reports.commands.experiment import Experiment, command
from reports.commands.options import (
    ChannelOption,
    LandscapesOption,
    NoiseOption,
    OptimizersOption,
    RateOption,
    SchedulesOption,
    SeedOption,
    SeedsOption,
    StepsOption,
    StrengthOption,
    TunedOption,
)


@command()
def recovery(
    landscape: LandscapesOption = None,
    noise: NoiseOption = "none",
    channel: ChannelOption = "batch",
    strength: StrengthOption = "0.5",
    perturb: Annotated[
        list[str] | None,
        typer.Option("--perturb", help="Event, e.g. kick:at=100,size=1; each is its own run."),
    ] = None,
    factor: Annotated[
        float, typer.Option("--factor", help="Recovered within this factor of the twin's loss.")
    ] = 1.1,
    hold: Annotated[
        int, typer.Option("--hold", help="Losses in a row that must be within it.")
    ] = 5,
    tuned: TunedOption = False,
    no_published: Annotated[
        bool, typer.Option("--no-published", help="Without the paper's own two measures.")
    ] = False,
    schedule: SchedulesOption = None,
    optimizer: OptimizersOption = None,
    lr: RateOption = None,
    steps: StepsOption = 200,
    seeds: SeedsOption = 2000,
    seed: SeedOption = 0,
) -> Experiment:
    """Perturb at a step; how long until each lane is back at its unperturbed twin's loss.

    Without --landscape and --perturb: three landscapes, seven events in the middle of the run.

    \b
    --json: {"schema", "factor", "hold", "tuned", "cells": [{"landscape", "noise", "channel",
      "strength", "optimizer", "lr", "steps", "seeds", "event", "kind", "at", "horizon",
      "schedules": [{"schedule", "lr", "n", "excluded", "diverged", "twin", "recovered",
        "unaffected", "median": {"steps", "ci"}, "mean": {"steps", "ci"}, "curve": {"step",
        "waiting", "low", "high"}, "against": {"reference", "difference", "ci", "n", "p",
        "log_rank_z", "log_rank_p"}}]}], "published": {"landscapes", "strength", "seeds",
      "clean": [...], "channels": [...]}, "out"}

    Example: lab recovery --landscape rosenbrock --perturb kick:at=100,size=1
    """
    from experiments.recovery import run as recovering
    from reports.recovery import pages

    grid = recovering.make_recovery(
        landscape or (), optimizer or (), perturb or (), terminal.numbers("strength", strength),
        factor=factor, hold=hold, tuned=tuned, published=not no_published, noise=noise,
        channel=channel, schedules=schedule or (), lr=lr, steps=steps, seeds=seeds, seed=seed,
    )  # fmt: skip
    return Experiment(grid, recovering.recover, pages)


@command()
def sensitivity(
    landscape: LandscapesOption = None,
    noise: NoiseOption = "none",
    channel: ChannelOption = "batch",
    strength: StrengthOption = "0.5",
    rates: Annotated[int, typer.Option("--rates", help="How many rates; odd.")] = 17,
    decades: Annotated[
        float, typer.Option("--decades", help="Decades of rates, --lr in their middle.")
    ] = 4.0,
    schedule: SchedulesOption = None,
    optimizer: OptimizersOption = None,
    lr: RateOption = None,
    steps: StepsOption = 200,
    seeds: SeedsOption = 2000,
    seed: SeedOption = 0,
) -> Experiment:
    """Final loss over the initial rate: who is ahead at which, and what that is worth.

    Without --landscape: three landscapes.

    \b
    --json: {"schema", "cells": [{"landscape", "noise", "channel", "strength", "optimizer", "lr",
      "steps", "seeds", "measure", "rates", "schedules": [{"schedule", "inert", "p10", "p50",
        "p90", "diverged", "over_rates", "width_own": {"decades", "ci", "at_edge"},
        "width_best", "lowest_at", "badly_chosen", "only_badly", "shared": {"lr", "p50",
        "paired"}, "tuned": {"lr", "at_edge", "p50", "paired"}}]}], "out"}

    Example: lab sensitivity --landscape rosenbrock --optimizer adam --optimizer sgd
    """
    from experiments import sensitivity as measuring
    from reports.sensitivity import pages

    grid = measuring.make_sensitivity(
        landscape or (), optimizer or (), terminal.numbers("strength", strength), rates=rates,
        decades=decades, noise=noise, channel=channel, schedules=schedule or (), lr=lr,
        steps=steps, seeds=seeds, seed=seed,
    )  # fmt: skip
    return Experiment(grid, measuring.measure_sensitivity, pages)


@command()
def early(
    landscape: LandscapesOption = None,
    noise: NoiseOption = "none",
    channel: ChannelOption = "batch",
    strength: StrengthOption = "0.5",
    at: Annotated[
        str, typer.Option("--at", help="Parts of the steps, in per cent.")
    ] = "5,10,25,50,100",
    hardest: Annotated[
        float, typer.Option("--hardest", help="Lowest target, of a lane's start.")
    ] = 1e-8,
    targets: Annotated[int, typer.Option("--targets", help="Number of targets.")] = 51,
    tuned: TunedOption = False,
    schedule: SchedulesOption = None,
    optimizer: OptimizersOption = None,
    lr: RateOption = None,
    steps: StepsOption = 200,
    seeds: SeedsOption = 2000,
    seed: SeedOption = 0,
) -> Experiment:
    """Who is ahead early: decrease after parts of the steps, and the time to many targets.

    Without --landscape: three landscapes.

    \b
    --json: {"schema", "fractions", "targets", "tuned", "cells": [{"landscape", "noise",
      "channel", "strength", "optimizer", "lr", "steps", "seeds", "measure", "at", "n",
      "schedules": [{"schedule", "lr", "inert", "against", "checkpoints": [{"step",
        "decrease", "ci", "ratio", "ratio_ci", "probability_better",
        "probability_better_ci"}], "area", "area_ci", "difference", "difference_ci",
        "ecdf"}]}], "out"}

    Example: lab early --landscape rosenbrock --noise gaussian
    """
    from experiments import early as measuring
    from reports.early import pages

    grid = measuring.make_early(
        landscape or (), optimizer or (), terminal.numbers("strength", strength),
        fractions=[part / 100.0 for part in terminal.numbers("at", at)], hardest=hardest,
        targets=targets, tuned=tuned, noise=noise, channel=channel, schedules=schedule or (),
        lr=lr, steps=steps, seeds=seeds, seed=seed,
    )  # fmt: skip
    return Experiment(grid, measuring.measure_early, pages)
