"""A change of the landscape's scale."""

from __future__ import annotations

from lab.component import Parameter, Perturbation
from lab.engine.bits import fma
from noise.perturbations._parameters import AT


def rescale(value, seen, grad, minimum, at, factor, step):
    """Stretch `value`, `seen` (lanes,) and `grad` (dim, lanes) by `factor` from step `at` on.

    `seen` may be the memory of `value` itself, so both are read before either is written.
    """
    if step >= at:
        dim, n = grad.shape
        for k in range(n):
            clean, shown = value[k] - minimum, seen[k] - minimum
            value[k] = fma(factor, clean, minimum)
            seen[k] = fma(factor, shown, minimum)
        for i in range(dim):
            for k in range(n):
                grad[i, k] = factor * grad[i, k]


RESCALE = Perturbation(
    name="rescale",
    summary="the landscape is stretched about its minimum from a step on",
    source="this project",
    parameters=(
        AT,
        Parameter("factor", 10.0, "what f - f* and the gradient are multiplied by", "(0, inf)"),
    ),
    notes=(
        "From step `at` to the end the objective is f* + factor (f - f*), where f* is unknown"
        " factor f; the minimiser stays. Every loss that is recorded or shown is the new one, so a"
        " lane has recovered only when the stretched loss is back at what its twin has: with"
        " factor 10, at a tenth of the twin's suboptimality in the units of before. A factor below"
        " 1 leaves nothing to recover from. Adam hardly notices the gradient's new size, sgd's"
        " steps grow with it."
    ),
    kernel=rescale,
    place="oracle",
)
