"""The optimizer's memory is lost."""

from __future__ import annotations

from lab.component import Perturbation
from noise.perturbations._parameters import AT_FROM_ONE


def reset(optimizer_state, at, step):
    """Set `optimizer_state` (rows, lanes) to 0 at the end of the step before `at`."""
    if step + 1 == at:
        rows, n = optimizer_state.shape
        for i in range(rows):
            for k in range(n):
                optimizer_state[i, k] = 0.0


RESET = Perturbation(
    name="reset",
    summary="the optimizer's moments are set to 0 once",
    source="this project",
    parameters=(AT_FROM_ONE,),
    notes=(
        "Step `at` begins with every moment and accumulator at 0 (adagrad's too, whatever its"
        " initial value); the loss of step at + 1 is the first that differs. The step count is not"
        " part of it: the bias corrections of adam, adamw and nadam go on, as after a resume that"
        " restored the count alone, so that adam's first step is not the rate per coordinate but up"
        " to 3.2 times that late in a run, with its default betas. sgd has no memory to lose."
        " Schedules keep theirs."
    ),
    kernel=reset,
    place="end",
)
