"""`lab optimal-f` and `lab convergence`: the two theorems."""

from __future__ import annotations

from typing import Annotated

import typer

from reports.commands import terminal
from reports.commands.experiment import Experiment, command
from reports.commands.options import SeedOption, SeedsOption


@command(plugins=False)
def optimal_f(
    dim: Annotated[int | None, typer.Option("--dim", help="Coordinates.")] = None,
    condition: Annotated[
        float | None, typer.Option("--condition", help="Largest over smallest eigenvalue.")
    ] = None,
    strength: Annotated[
        float | None, typer.Option("--strength", help="Jitter s of the minimiser.")
    ] = None,
    steps: Annotated[int | None, typer.Option("--steps", help="Steps T of a run.")] = None,
    base_lr: Annotated[
        str | None,
        typer.Option("--base-lr", help="Initial rate: fixed:0.01, or scaled:0.1 for 0.1/L."),
    ] = None,
    clamp: Annotated[
        str | None,
        typer.Option("--clamp", help="none, 0.01,1 in units of 1/L, or fixed:1e-4,0.1."),
    ] = None,
    lipschitz: Annotated[
        str | None, typer.Option("--lipschitz", help="Values of L, e.g. 1,10,100.")
    ] = None,
    seeds: SeedsOption = 1000,
    seed: SeedOption = 0,
) -> Experiment:
    """Best F of Algorithm 1 across scales and clamps, against 1 - 1/L (theorem A.2).

    Without any of the first seven flags: the whole grid (both initial rates, all L, clamps,
    jitters, lengths and dimensions), the closed forms and the stability of F. With one: a single
    cell for each L; what is not given is d = 1, condition 100 (1 for d = 1), s = 0, T = 1000,
    scaled:0.1, no clamp, eight L from 0.5 to 1000.

    \b
    --json: {"schema", "seeds", "seed", "cells": [{"d", "condition", "strength", "steps",
      "base_lr", "clamp", "L", "F": [...], "score": [...], "ci": [[lo, hi], ...],
      "diverged": [...], "f_emp", "f_emp_ci", "tied", "plateau", "f_paper", "regret",
      "regret_ci"}], "theory", "stability", "out"}

    Example: lab optimal-f --base-lr fixed:0.01 --steps 100 --lipschitz 1,10,100
    """
    from experiments.optimal_f.cells import make_optimal_f
    from experiments.optimal_f.outcome import run_optimal_f
    from reports.optimal_f import pages

    request = make_optimal_f(
        dim=dim, condition=condition, strength=strength, steps=steps, base_lr=base_lr, clamp=clamp,
        lipschitz=None if lipschitz is None else terminal.numbers("lipschitz", lipschitz),
        seeds=seeds, seed=seed,
    )  # fmt: skip
    return Experiment(request, run_optimal_f, pages)


@command(plugins=False)
def convergence(
    seeds: SeedsOption = 1000,
    steps: Annotated[
        int, typer.Option("--steps", help="Largest T; results at 10, 30, 100, ... up to it.")
    ] = 100_000,
    seed: SeedOption = 0,
) -> Experiment:
    """Convergence of the average iterate: theorem A.1, its repairs and its counterexamples.

    \b
    --json: {"schema", "seeds", "steps", "seed", "rows": [{"problem", "variant", "F", "T",
      "average_iterate", "average_iterate_half_width", "averaged_loss",
      "averaged_loss_half_width", "last_iterate", "last_iterate_half_width", "bound_a",
      "bound_b", "bound_reconstructed"}], "slopes", "sample_bias", "explosion", "out"}

    Example: lab convergence --seeds 200 --steps 10000
    """
    from experiments.convergence.run import make_convergence
    from experiments.convergence.theory import run_study
    from reports.convergence import pages

    return Experiment(make_convergence(seeds, steps, seed), run_study, pages)
