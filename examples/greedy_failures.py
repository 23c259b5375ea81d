"""Where a falling loss misleads GreedyLR: five small failures, without noise, by plain sgd.

    python examples/greedy_failures.py

Each is the smallest of its kind that `benchmarks/greedy_failures.py` found. A row shows the loss
after some steps, under GreedyLR and under a reference from the same start and rate; the lines below
it show the loss and the rate that led there.
"""

from dataclasses import dataclass

import numpy as np

from experiments.request import make_request
from lab.simulation import Keep, simulate


@dataclass(frozen=True)
class Failure:
    """A run that goes wrong: `schedule` against `reference` from one start at one rate."""

    name: str
    landscape: str
    start: tuple[float, ...]
    lr: float
    steps: int
    schedule: str
    reference: str
    why: str


FAILURES = (
    Failure(
        "thrown off a cliff", "cliff:dim=1", (-1.27,), 0.5, 25, "greedy", "constant",
        "Eleven losses fall a little on the plateau, and the rate rises once, by 5 %. At the cliff"
        " that is enough to land on the plateau beyond. No loss up there beats the best, so the"
        " rate falls, where the old one would have come back.",
    ),
    Failure(
        "too fast along a curved valley", "rosenbrock", (0.65, -0.85), 0.005, 50,
        "greedy:patience=1,factor=0.9,min_lr=1e-5", "constant",
        "Along the valley the loss falls at nearly every step. That says nothing about the walls,"
        " whose curvature bounds the rate. Nine rises later the steps across the valley grow where"
        " they should shrink, and reductions come too late.",
    ),
    Failure(
        "asleep at a saddle", "saddle", (0.0, 1e-5), 1.0, 25, "greedy:patience=0,factor=0.5",
        "constant",
        "Beside a saddle the loss hardly falls, though at the first rate the distance from it would"
        " double at every step. Falls below the threshold count as failures, and the rate is cut to"
        " min_lr just where only a large one leaves.",
    ),
    Failure(
        "out of the best basin", "rastrigin:dim=1", (0.325,), 0.001, 25,
        "greedy:patience=0,factor=0.5", "constant",
        "The loss falls on the way into the basin of the lowest minimum, the rate rises to 16 times"
        " its start, and a step leads over the ridge. In the next basin the loss falls again.",
    ),
    Failure(
        "late at a kink", "sharp-ridge:dim=2", (0.3, -0.7), 0.002, 50, "greedy", "linear",
        "The steps across the ridge do not shrink with the distance from it: only a falling rate"
        " makes them. The loss jumps up and down, a record by chance counts as progress, and"
        " patience passes before the rate falls at all.",
    ),
)  # fmt: skip


def losses_and_rates(case, schedules):
    """f - f* at steps 0 .. T and rates, of each schedule: shapes (schedules, T + 1) and (.., T)."""
    request = make_request(
        case.landscape, schedules=schedules, optimizer="sgd", lr=case.lr, steps=case.steps,
        seeds=1, start=case.start,
    )  # fmt: skip
    keep = Keep(lr=True, lr_mean=False)
    found = simulate(
        request.scenario(0.0), request.arms(), case.steps, 1, start=case.start, keep=keep
    )
    assert found.loss is not None
    assert found.lr is not None
    minimum = request.facts.minimum or 0.0
    return np.maximum(found.loss[:, :, 0] - minimum, 0.0), found.lr[:, :, 0]


def command(case):
    """What shows every step of the failure."""
    start = ",".join(f"{value:g}" for value in case.start)
    return (
        f"lab trace --landscape {case.landscape} --start={start} --lr {case.lr:g} --optimizer sgd"
        f" --steps {case.steps} --schedule {case.schedule}"
    )


def main():
    for case in FAILURES:
        loss, rate = losses_and_rates(case, (case.schedule, case.reference))
        print(f"{case.name}: {case.landscape} from {case.start}, lr {case.lr:g}")
        print(f"  after {case.steps} steps: {case.schedule} {loss[0, -1]:.3g},"
              f" {case.reference} {loss[1, -1]:.3g}")  # fmt: skip
        shown = np.linspace(0, case.steps, 6).astype(int)
        print("  step", *(f"{step:9d}" for step in shown))
        print("  loss", *(f"{loss[0, step]:9.3g}" for step in shown))
        print("  rate", *(f"{rate[0, min(step, case.steps - 1)]:9.3g}" for step in shown))
        print(f"  {case.why}")
        print(f"  {command(case)}\n")


if __name__ == "__main__":
    main()
