"""`lab rank`: who wins where, schedules and rivals over families of landscapes."""

from __future__ import annotations

from typing import Annotated

import typer

from reports.commands.experiment import Experiment, command
from reports.commands.options import LandscapesOption, OneStrengthOption, SeedOption, StepsOption


@command()
def rank(
    contender: Annotated[
        list[str] | None,
        typer.Option(
            "--contender", help='"SCHEDULE with OPTIMIZER", or all; repeat. Default: 24 of them.'
        ),
    ] = None,
    family: Annotated[
        list[str] | None, typer.Option("--family", help="Family of landscapes; repeat. All.")
    ] = None,
    landscape: LandscapesOption = None,
    noise: Annotated[
        list[str] | None,
        typer.Option("--noise", help="Noise model, none or all; repeat. gaussian and spikes."),
    ] = None,
    channel: Annotated[
        list[str] | None, typer.Option("--channel", help="Channel, or all; repeat. batch.")
    ] = None,
    perturb: Annotated[
        list[str] | None,
        typer.Option("--perturb", help="Event, none or all; repeat. A kick in mid-run."),
    ] = None,
    strength: OneStrengthOption = 0.5,
    against: Annotated[
        str | None,
        typer.Option("--against", help="Contender that others are held against: the first."),
    ] = None,
    budget: Annotated[
        str, typer.Option("--budget", help="What all have alike: steps, or evaluations of f.")
    ] = "steps",
    tuning_seeds: Annotated[
        int, typer.Option("--tuning-seeds", help="Seeds of the search for rates; 0: no search.")
    ] = 128,
    steps: StepsOption = 200,
    seeds: Annotated[int, typer.Option("--seeds", help="Paired seeds of each scenario.")] = 128,
    seed: SeedOption = 0,
) -> Experiment:
    """Who wins where: contenders over families of landscapes, at default and at tuned rates.

    A scenario is a landscape alone, with each noise in each channel, or with each event; those
    with an event are a family of their own. --landscape makes a family of yours. The whole contest
    is --contender all --noise all --channel all --perturb all.

    \b
    --json: {"schema", "steps", "seeds", "tuning_seeds", "budget", "against", "floor", "limit",
      "contenders": [{"contender", "schedule", "optimizer", "knows_minimum", "rate_free"}],
      "tables": [{"rates": "default"|"tuned", "families": [{"family", "scenarios",
        "landscapes", "leaders", "standings": [{"contender", "rank", "rank_ci", "factor",
        "factor_ci", "factor_landscapes", "better", "better_ci", "better_landscapes",
        "lowest_in", "diverged", "at_edge", "evaluations"}]}]}], "out"}

    Example: lab rank --family non-convex --contender greedy --contender dog
    """
    from experiments.contest import run as contest
    from reports.contest import pages

    grid = contest.make_contest(
        contender or (), family or (), landscape or (), noise or (), channel or (), perturb or (),
        strength=strength, against=against, budget=budget, steps=steps, seeds=seeds,
        tuning_seeds=tuning_seeds, seed=seed,
    )  # fmt: skip
    return Experiment(grid, contest.contest, pages, grid.remarks())
