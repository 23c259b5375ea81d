"""A rate that is wrong at one step."""

from __future__ import annotations

from lab.component import Parameter, Perturbation
from noise.perturbations._parameters import AT_FROM_ONE


def lr_shock(lr, at, factor, step):
    """Multiply `lr` (lanes,) by `factor` at the end of the step before `at`."""
    if step + 1 == at:
        for k in range(lr.shape[0]):
            lr[k] = factor * lr[k]


LR_SHOCK = Perturbation(
    name="lr-shock",
    summary="the rate of one step is multiplied by a factor",
    source="this project",
    parameters=(AT_FROM_ONE, Parameter("factor", 10.0, "of the rate at the step", "(0, inf)")),
    notes=(
        "Step `at` uses factor times the rate that the schedule had set for it; the loss of step at"
        " + 1 is the first that differs. A feedback schedule goes on from the wrong rate and has to"
        " find back by itself; reduce-on-plateau:semantics=optax, which multiplies its initial"
        " rate, is back at its next reduction. An open-loop schedule is back in its table at step"
        " at + 1. greedy-simple, which acts before the step, moves the wrong rate by F and keeps it"
        " within its bounds first."
    ),
    kernel=lr_shock,
    place="end",
)
