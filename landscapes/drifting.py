"""Any landscape with an optimum that swings to and fro: slowly non-stationary."""

from __future__ import annotations

import math
import types
from dataclasses import replace
from functools import cache

from lab.component import Composite, Constants, Facts, Landscape, Parameter, Values
from lab.spec import Spec
from landscapes._inner import Inner, compiled, landscape_around, merged, outer_names

PREFIX = "inner_"


def swing(x, point, step, amplitude, period):
    """Fill `point` with x (dim, lanes) as the moved landscape sees it at this step."""
    dim, n = x.shape
    turn = (step % period) / period
    offset = amplitude * math.sin(2.0 * math.pi * turn) / math.sqrt(dim)
    for i in range(dim):
        for k in range(n):
            point[i, k] = x[i, k] - offset


@cache
def kernel(inner: types.FunctionType) -> types.FunctionType:
    """The kernel that calls `inner` at the moved point; the gradient is the same there."""
    call = outer_names(inner, PREFIX, {"x": "point"})
    own = ["x", "value", "grad", "point", "step", "amplitude", "period"]
    text = (
        f"def drifting({merged(own, call)}):\n"
        "    swing(x, point, step, amplitude, period)\n"
        f"    inner({', '.join(call)})\n"
    )
    return compiled(text, "drifting", {"swing": swing, "inner": inner})


def constants(values: Values) -> Constants:
    """Numbers of the landscape inside."""
    return Inner(values["of"], PREFIX).constants()


def workspace(values: Values) -> dict[str, int]:
    """The moved point."""
    inner = Inner(values["of"], PREFIX)
    return {**inner.workspace(), "point": inner.facts.dim}


def facts(values: Values) -> Facts:
    """Those of the landscape inside, at every step; the minimiser moves."""
    inner = Inner(values["of"], PREFIX).facts
    if not values["amplitude"]:
        return inner
    unique = False if inner.another is not None else inner.unique
    return replace(inner, minimiser=None, another=None, unique=unique, fixed=False)


def build(values: Values) -> Landscape:
    """The landscape in motion."""
    inner = Inner(values["of"], PREFIX)
    return landscape_around(DRIFTING, inner, kernel(inner.landscape.kernel))


DRIFTING = Composite(
    name="drifting",
    summary="any landscape whose optimum swings slowly to and fro",
    source="Besbes, Gur & Zeevi, Operations Research 63 (2015) 1227-1244 (non-stationary stochastic"
    " optimisation)",
    parameters=(
        Parameter("of", Spec("quadratic"), "the landscape that is moved"),
        Parameter("amplitude", 1.0, "largest distance of the optimum from its place", "[0, inf)"),
        Parameter("period", 200, "steps of one swing", "[1, 1000000000]"),
    ),
    notes=(
        "The whole landscape moves along the diagonal (1, ..., 1), from its place at step 0. Loss"
        " and suboptimality of a step are those of the landscape as it lies at that step: a lane"
        " that stands still sees them rise and fall."
    ),
    formula="f_t(x) = f(x - amplitude sin(2 pi t / period) (1, ..., 1)/sqrt(dim))",
    facts=facts,
    constants=constants,
    instance_normals=lambda values: Inner(values["of"], PREFIX).normals,
    workspace=workspace,
    contents=lambda values: Inner(values["of"], PREFIX).chosen.hidden,
    build=build,
)
