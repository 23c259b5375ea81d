"""Where a falling loss misleads GreedyLR: the smallest failures without noise, by search.

A run is a landscape, a start from a grid, an initial rate, plain sgd. GreedyLR fails in T steps if

- the reference schedule, from the same start and rate, has brought the loss below 1 % of the first,
- GreedyLR's loss is at least ten times the reference's, and more than 1e-6 of the first,
- and after 2 T steps of both that is still so.

The smallest failure is the one with the fewest steps, then the start nearest to 0.

    python benchmarks/greedy_failures.py [LANDSCAPE ...]
"""

import itertools
import sys

import numpy as np

from experiments.request import make_request
from lab.simulation import Arm, Keep, simulate

SCHEDULES = ("greedy", "greedy:patience=1,factor=0.9,min_lr=1e-5", "greedy:patience=0,factor=0.5")
STEPS = (25, 50, 100, 200, 400)
RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
WORSE, LOW, NOTHING = 10.0, 0.01, 1e-6


def around(step, count, dim=1):
    """Starts on a grid around 0, off the lattices that minima and kinks lie on."""
    axis = [round((i + 0.3) * step, 4) for i in range(-count, count + 1)]
    return [*itertools.product(axis, repeat=dim)]


#: Landscape, starts, and the reference.
CASES = {
    "absolute:dim=1": (around(0.5, 8), "linear"),
    "sharp-ridge:dim=2": (around(1.0, 3, 2), "linear"),
    "max-affine:dim=2": (around(1.0, 2, 2), "linear"),
    "huber:dim=2,delta=0.01": (around(1.0, 3, 2), "linear"),
    "quadratic:dim=2,condition=100": (around(1.0, 3, 2), "constant"),
    "cliff:dim=1": (around(0.1, 18), "constant"),
    "saddle": ([(0.0, 10.0**-k) for k in range(1, 9)], "constant"),
    "rosenbrock": (around(0.5, 3, 2), "constant"),
    "himmelblau": (around(1.0, 5, 2), "constant"),
    "six-hump-camel": (around(0.5, 3, 2), "constant"),
    "styblinski-tang:dim=1": (around(0.5, 9), "constant"),
    "rastrigin:dim=1": (around(0.25, 12), "constant"),
    "valley": (around(1.0, 3, 2), "constant"),
}


def losses(landscape, start, schedule, steps):
    """f - f* after so many steps at each rate, and at the start; shapes (rates,) and a number."""
    request = make_request(
        landscape, schedules=(schedule,), optimizer="sgd", steps=steps, seeds=1, start=start
    )
    arms = [Arm(request.schedules[0], request.optimizer, lr) for lr in RATES]
    keep = Keep(loss_at=(0, steps), lr_mean=False)
    found = simulate(request.scenario(0.0), arms, steps, 1, start=start, keep=keep).loss
    assert found is not None
    gap = np.maximum(found[:, :, 0] - (request.facts.minimum or 0.0), 0.0)
    return gap[:, 1], gap[0, 0]


def failing(landscape, start, schedule, reference, steps):
    """At which rates the schedule fails, shape (rates,); its losses and the reference's."""
    mine, first = losses(landscape, start, schedule, steps)
    other, _ = losses(landscape, start, reference, steps)
    bad = (other <= LOW * first) & (mine >= WORSE * other) & (mine > NOTHING * first)
    return bad, mine, other


def smallest(landscape, starts, schedule, reference):
    """The smallest failure: steps, start, rate, both losses; None where the grid has none."""
    for steps in STEPS:
        for start in sorted(starts, key=lambda s: sum(abs(v) for v in s)):
            bad, mine, other = failing(landscape, start, schedule, reference, steps)
            if bad.any():
                bad &= failing(landscape, start, schedule, reference, 2 * steps)[0]
            for i in np.flatnonzero(bad):
                return steps, start, RATES[i], float(mine[i]), float(other[i])
    return None


def main(names):
    print("| landscape | schedule | steps | start | lr | its loss | reference |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for landscape in names or CASES:
        starts, reference = CASES[landscape]
        for schedule in SCHEDULES:
            found = smallest(landscape, starts, schedule, reference)
            if found is None:
                row = "none found | | | | |"
            else:
                steps, start, lr, mine, other = found
                row = f"{steps} | {start} | {lr:g} | {mine:.3g} | {reference}: {other:.2g} |"
            print(f"| `{landscape}` | `{schedule}` | {row}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
