"""Two domains: every step sees one objective or the other, the task is their mixture."""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np

from lab.component import Composite, Constants, Facts, Landscape, Parameter, Sample, Values
from lab.engine.bits import fma
from lab.spec import Spec
from landscapes._inner import Inner, compiled, landscape_around, merged, outer_names

FIRST, SECOND = "first_", "second_"
ORDERS = ("random", "blocks")
RANDOM = 0


def show(seen, value):
    """Copy `value` (lanes,) to `seen` (lanes,)."""
    for k in range(seen.shape[0]):
        seen[k] = value[k]


def mix(value, seen, grad, other, other_grad, step_uniform, step, order, share, period):
    """Keep what the step's domain says; `value` becomes that of the mixture.

    `other` (3, lanes) holds the second domain's value and seen loss, and takes the choice. Both
    sides of a choice are read first, whichever it is: only so does it become vector code.
    """
    dim, n = grad.shape
    block = 1.0 if (step // period) % 2 == 1 else 0.0
    for k in range(n):
        drawn = 1.0 if step_uniform[0, k] < share else 0.0
        second = drawn if order == RANDOM else block
        other[2, k] = second
        one, two = seen[k], other[1, k]
        seen[k] = two if second > 0.0 else one
        value[k] = fma(share, other[0, k], (1.0 - share) * value[k])
    for i in range(dim):
        for k in range(n):
            here, there = grad[i, k], other_grad[i, k]
            grad[i, k] = there if other[2, k] > 0.0 else here


@cache
def kernel(
    first: types.FunctionType,
    second: types.FunctionType,
    uniforms: int,
    normals: int,
    instance: int,
) -> types.FunctionType:
    """The kernel that calls both; the second's draws lie behind the first's in the same arrays."""
    rest = {"step_uniform": "step_uniform[1:]"}
    one = outer_names(first, FIRST, rest)
    two = outer_names(
        second,
        SECOND,
        {
            "value": "other[0]",
            "seen": "other[1]",
            "grad": "other_grad",
            "step_uniform": f"step_uniform[{1 + uniforms}:]",
            "step_normal": f"step_normal[{normals}:]",
            "instance": f"instance[{instance}:]",
        },
    )
    own = ["x", "value", "seen", "grad", "other", "other_grad", "step_uniform", "step"]
    names = [name.partition("[")[0] for name in (*one, *two)]
    copies = "    show(seen, value)\n" if "seen" not in one else ""
    copies += "    show(other[1], other[0])\n" if "other[1]" not in two else ""
    text = (
        f"def switching({merged(own, ['order', 'share', 'period'], names)}):\n"
        f"    first({', '.join(one)})\n"
        f"    second({', '.join(two)})\n"
        f"{copies}"
        "    mix(value, seen, grad, other, other_grad, step_uniform, step, order, share, period)\n"
    )
    return compiled(text, "switching", {"first": first, "second": second, "show": show, "mix": mix})


def domains(values: Values) -> tuple[Inner, Inner]:
    """Both landscapes."""
    return Inner(values["first"], FIRST), Inner(values["second"], SECOND)


def constants(values: Values) -> Constants:
    """Numbers of both."""
    first, second = domains(values)
    return {**first.constants(), **second.constants()}


def workspace(values: Values) -> dict[str, int]:
    """The second domain's results, and the choice."""
    first, second = domains(values)
    return {**first.workspace(), **second.workspace(), "other": 3, "other_grad": first.facts.dim}


def facts(values: Values) -> Facts:
    """L and mu are bounds, the mixture of both; f* is known where both have the same minimiser."""
    first, second = (domain.facts for domain in domains(values))
    mixed = mixture(values["share"])
    agree = (
        first.minimiser is not None
        and second.minimiser is not None
        and np.array_equal(first.minimiser, second.minimiser)
    )
    reasons = [facts.reason for facts in (first, second) if facts.reason]
    return replace(
        first,
        minimum=mixed(first.minimum, second.minimum) if agree else None,
        minimiser=first.minimiser if agree else None,
        base_lr=min(first.base_lr, second.base_lr),
        L=mixed(first.L, second.L),
        mu=mixed(first.mu, second.mu),
        reason="; ".join([*dict.fromkeys(reasons), "L and mu: bounds, the mixture of both"]),
        convex=None,
        G=bounded(mixed(first.G, second.G)),
        unique=None,
        another=None,
        fixed=first.fixed and second.fixed,
        sample=sample(values, agree),
    )


def mixture(share: float) -> Callable[[float | None, float | None], float | None]:
    """The mean of two numbers with the domains' weights; None where one is unknown."""
    return lambda one, two: None if one is None or two is None else (1 - share) * one + share * two


def bounded(bound: float | None) -> float | None:
    """The bound; None where it is infinite, for two unbounded slopes may cancel."""
    return bound if bound is not None and math.isfinite(bound) else None


def sample(values: Values, agree: bool) -> Sample:
    """Terms are the domains, or theirs; `agree` says that both have the same minimiser."""
    first, second = (terms_of(domain.facts) for domain in domains(values))
    steepest = None if first.L is None or second.L is None else max(first.L, second.L)
    unknown = first.convex is None or second.convex is None
    refuted = first.convex is False or second.convex is False
    at_random = values["order"] == "random"
    return Sample(
        convex=False if refuted else None if unknown else True,
        L=steepest,
        # Where both are smooth their own slopes are 0 at a minimiser that they share.
        sigma=mixture(values["share"])(first.sigma, second.sigma)
        if agree and steepest is not None
        else None,
        unbiased=first.unbiased and second.unbiased if at_random else False,
    )


def terms_of(facts: Facts) -> Sample:
    """The terms of a domain: those of its sample, or itself."""
    convex = True if facts.mu is not None else facts.convex
    return facts.sample or Sample(convex, facts.L, sigma=0.0, variance=0.0, unbiased=True)


def build(values: Values) -> Landscape:
    """The landscape of both domains."""
    first, second = domains(values)
    one, two = first.landscape, second.landscape
    made = kernel(one.kernel, two.kernel, first.uniforms, first.step_normals, first.normals)
    return replace(
        landscape_around(SWITCHING, first, made),
        source=f"{SWITCHING.source}; {one.source}; {two.source}",
        formula=f"{SWITCHING.formula}: f_1 = {one.formula}; f_2 = {two.formula}",
        step_uniforms=lambda _: 1 + first.uniforms + second.uniforms,
        step_normals=lambda _: first.step_normals + second.step_normals,
    )


def matching(values: Values) -> str:
    """What is wrong with these two domains, or nothing."""
    first, second = (domain.facts.dim for domain in domains(values))
    if first != second:
        return f"both domains need the same dim (first: {first}, second: {second})"
    if values["order"] == "blocks" and values["share"] != 0.5:
        return f"share={values['share']:g} is for order=random; blocks have equal shares"
    return ""


SWITCHING = Composite(
    name="switching",
    summary="every step sees one of two objectives; the task is their mixture",
    source="GreedyLR, arXiv 2512.14527, an open question of the paper: data of switching domains",
    parameters=(
        Parameter("first", Spec("quadratic-study"), "the first domain"),
        Parameter("second", Spec("quadratic-study", {"condition": "1"}), "the second domain"),
        Parameter("order", ORDERS[0], "of the domains", choices=ORDERS),
        Parameter("share", 0.5, "chance of the second domain in a step", "[0, 1]"),
        Parameter("period", 20, "steps of a block, with order=blocks", "[1, 1000000000]"),
    ),
    notes=(
        "The schedule sees the loss of the step's domain, the step follows its gradient; tables"
        " show the mixture. Domains may be finite sums, and switch in turn, for more than two of"
        " them. Start points are the first domain's."
    ),
    formula="(1 - share) f_1(x) + share f_2(x)",
    facts=facts,
    constants=constants,
    instance_normals=lambda values: sum(domain.normals for domain in domains(values)),
    workspace=workspace,
    rule=matching,
    contents=lambda values: " ".join(domain.chosen.hidden for domain in domains(values)).strip(),
    build=build,
)
