"""Any landscape, shifted, rotated, stretched and scaled: composition instead of variants."""

from __future__ import annotations

import math
import types
from dataclasses import replace
from functools import cache

import numpy as np

from lab.component import Composite, Constants, Facts, Landscape, Parameter, Sample, Values
from lab.engine.bits import fma
from lab.spec import Spec
from landscapes._inner import (
    Inner,
    compiled,
    known_minimiser,
    landscape_around,
    merged,
    outer_names,
)
from landscapes._linear import multiply
from landscapes._rotation import normals_of_rotation, rotate, rotate_back, rotation_matrix

PREFIX = "inner_"
#: Largest number of coordinates that every seed may rotate by a rotation of its own.
ROTATED_BY_SEED = 100


def move(x, target, origin):
    """Fill `target` (dim, lanes) with x - origin; x is (dim, lanes), origin (dim,)."""
    dim, n = x.shape
    for i in range(dim):
        for k in range(n):
            target[i, k] = x[i, k] - origin[i]


def move_by_seed(x, target, origin, instance, first, shift):
    """The same with the seed's own shift, in the rows of `instance` from `first` on, besides."""
    dim, n = x.shape
    for i in range(dim):
        for k in range(n):
            target[i, k] = (x[i, k] - shift * instance[first + i, k]) - origin[i]


def stretch(target, axes, centre):
    """Turn `target` in place into centre + axes * target; axes and centre are (dim,)."""
    dim, n = target.shape
    for i in range(dim):
        for k in range(n):
            target[i, k] = fma(axes[i], target[i, k], centre[i])


def shrink(grad, axes, factor):
    """Turn `grad` in place into factor * axes * grad."""
    dim, n = grad.shape
    for i in range(dim):
        slope = factor * axes[i]
        for k in range(n):
            grad[i, k] = slope * grad[i, k]


def scaled(value, factor):
    """Multiply `value` (lanes,) by a factor, in place."""
    for k in range(value.shape[0]):
        value[k] = factor * value[k]


def turn(grad, point, forward, centre):
    """Fill `point` with centre + forward grad; forward is (dim, dim)."""
    multiply(forward, grad, point)
    dim, n = point.shape
    for i in range(dim):
        for k in range(n):
            point[i, k] += centre[i]


def turn_back(grad, point, backward):
    """Turn `grad` into backward grad, `point` being memory; backward is (dim, dim)."""
    multiply(backward, grad, point)
    dim, n = point.shape
    for i in range(dim):
        for k in range(n):
            grad[i, k] = point[i, k]


#: How x becomes the inner point, and the slopes there those along x, by the kind of rotation.
STEPS = {
    "none": (
        "{move}(x, point, {shift})\n    stretch(point, axes, centre)",
        "shrink(grad, axes, scale)",
    ),
    "fixed": (
        "{move}(x, grad, {shift})\n    turn(grad, point, forward, centre)",
        "turn_back(grad, point, backward)",
    ),
    "by seed": (
        "{move}(x, point, {shift})\n    rotate(point, instance, first_rotation, work)\n"
        "    stretch(point, axes, centre)",
        "shrink(grad, axes, scale)\n    rotate_back(grad, instance, first_rotation, work)",
    ),
}
OWN = {
    "none": ["axes", "centre", "scale"],
    "fixed": ["forward", "backward", "centre", "scale"],
    "by seed": ["axes", "centre", "scale", "instance", "first_rotation", "work"],
}


@cache
def kernel(inner: types.FunctionType, rotation: str, shifted_by_seed: bool) -> types.FunctionType:
    """The kernel that calls `inner` at the transformed point."""
    shift = ["origin", *(["instance", "first_shift", "shift"] if shifted_by_seed else [])]
    call = outer_names(inner, PREFIX, {"x": "point"})
    before, after = (
        text.format(move="move_by_seed" if shifted_by_seed else "move", shift=", ".join(shift))
        for text in STEPS[rotation]
    )
    seen = "    scaled(seen, scale)\n" if "seen" in call else ""
    text = (
        f"def transformed({merged(['x', 'value', 'grad', 'point'], shift, OWN[rotation], call)}):\n"
        f"    {before}\n"
        f"    inner({', '.join(call)})\n"
        f"    {after}\n"
        f"    scaled(value, scale)\n{seen}"
    )
    functions = (
        move, move_by_seed, stretch, shrink, scaled, turn, turn_back, rotate, rotate_back,
    )  # fmt: skip
    known = {function.__name__: function for function in functions}
    return compiled(text, "transformed", {**known, "inner": inner})


def rotation_of(values: Values, dim: int) -> str:
    """Which kind of rotation the values ask for."""
    if not values["rotate"] or dim == 1:
        return "none"
    return "fixed" if values["fixed"] else "by seed"


def shifted_by_seed(values: Values) -> bool:
    """Whether every seed has a shift of its own."""
    return values["shift"] != 0.0 and not values["fixed"]


def draws(values: Values, dim: int) -> tuple[np.ndarray, np.ndarray]:
    """Shift (dim,) and normals of the rotation that all seeds share: 0 and none without one."""
    if not values["fixed"]:
        return np.zeros(dim), np.empty(0)
    generator = np.random.default_rng(values["fixed"])
    shift = values["shift"] * generator.standard_normal(dim)
    return shift, generator.standard_normal(normals_of_rotation(dim) if values["rotate"] else 0)


def stretches(values: Values, dim: int) -> np.ndarray:
    """Factors of the axes (dim,), from 1 to the root of the condition number."""
    return values["condition"] ** (0.5 * np.arange(dim) / max(dim - 1, 1))


def own_constants(values: Values, facts: Facts, normals: int) -> Constants:
    """Arrays and row numbers for the outer kernel."""
    dim = facts.dim
    shift, numbers = draws(values, dim)
    kept = values["condition"] == 1.0 and not values["rotate"]
    centre = np.zeros(dim) if kept else known_minimiser(facts)
    axes = stretches(values, dim)
    out: dict[str, float | int | np.ndarray] = {
        "origin": shift + centre,
        "centre": centre,
        "axes": axes,
        "shift": values["shift"],
        "scale": values["scale"],
        "first_shift": normals,
        "first_rotation": normals + dim * shifted_by_seed(values),
    }
    if rotation_of(values, dim) == "fixed":
        matrix = axes[:, None] * rotation_matrix(numbers, dim)
        out.update(forward=matrix, backward=np.ascontiguousarray(values["scale"] * matrix.T))
    return out


def constants(values: Values) -> Constants:
    """Numbers of both landscapes."""
    inner = Inner(values["of"], PREFIX)
    return {**inner.constants(), **own_constants(values, inner.facts, inner.normals)}


def instance_normals(values: Values) -> int:
    """Normals of the inner landscape, then of the shift, then of the rotation."""
    inner = Inner(values["of"], PREFIX)
    dim = inner.facts.dim
    rotation = normals_of_rotation(dim) if rotation_of(values, dim) == "by seed" else 0
    return inner.normals + dim * shifted_by_seed(values) + rotation


def workspace(values: Values) -> dict[str, int]:
    """The inner point; two rows for the reflections."""
    inner = Inner(values["of"], PREFIX)
    return {**inner.workspace(), "point": inner.facts.dim, "work": 2}


def facts(values: Values) -> Facts:
    """Those of the inner landscape, moved: with z = c + A (x - s - c), A'A has eigenvalues >= 1."""
    inner = Inner(values["of"], PREFIX).facts
    factor = values["scale"] * values["condition"]
    # Without an L the curvature grows with the distance, as a rule with its square; so does the
    # distance with the shift, the stretch, and the way round the minimiser that a rotation adds.
    around = np.mean(known_minimiser(inner) ** 2) if values["rotate"] else 0.0
    further = values["condition"] * (1.0 + values["shift"] ** 2 + float(around))
    further = 1.0 if inner.L is not None else further
    minimiser = inner.minimiser
    if minimiser is not None:
        shift, _ = draws(values, inner.dim)
        minimiser = None if shifted_by_seed(values) else minimiser + shift
    reason = inner.reason
    if values["condition"] > 1.0 and inner.L is not None:
        reason += (
            "; " if reason else ""
        ) + "L and mu: bounds, the stretch may not meet the curvature"
    return replace(
        inner,
        minimum=None if inner.minimum is None else values["scale"] * inner.minimum,
        minimiser=minimiser,
        base_lr=inner.base_lr / (factor * further),
        L=multiplied(inner.L, factor),
        mu=multiplied(inner.mu, values["scale"]),
        reason=reason,
        G=multiplied(inner.G, values["scale"] * math.sqrt(values["condition"])),
        unique=False if inner.another is not None else inner.unique,
        another=None,
        sample=None if inner.sample is None else sample(inner.sample, values),
    )


def sample(inner: Sample, values: Values) -> Sample:
    """Terms are transformed as the whole; squares of slopes by at most scale^2 condition."""
    squares = values["scale"] ** 2 * values["condition"]
    return replace(
        inner,
        L=multiplied(inner.L, values["scale"] * values["condition"]),
        sigma=multiplied(inner.sigma, squares),
        variance=multiplied(inner.variance, squares),
    )


def multiplied(number: float | None, factor: float) -> float | None:
    """A number that may be unknown, times a factor."""
    return None if number is None else number * factor


def contents(values: Values) -> str:
    """What the text does not show of the landscape inside."""
    return Inner(values["of"], PREFIX).chosen.hidden


def build(values: Values) -> Landscape:
    """The transformed landscape."""
    inner = Inner(values["of"], PREFIX)
    rotation = rotation_of(values, inner.facts.dim)
    return landscape_around(
        TRANSFORMED, inner, kernel(inner.landscape.kernel, rotation, shifted_by_seed(values))
    )


def rotatable(values: Values) -> str:
    """What is wrong with a rotation of so many coordinates, or nothing."""
    dim = Inner(values["of"], PREFIX).facts.dim
    if rotation_of(values, dim) != "by seed" or dim <= ROTATED_BY_SEED:
        return ""
    return (
        f"rotate=true with a rotation of every seed's own needs dim of at most {ROTATED_BY_SEED}"
        f" (dim={dim}: give the number of a fixed one)"
    )


TRANSFORMED = Composite(
    name="transformed",
    summary="any landscape, shifted, rotated, stretched and scaled, in random instances",
    source=(
        "the transformations of Hansen, Finck, Ros & Auger, Real-parameter black-box optimization"
        " benchmarking 2009: noiseless functions definitions, INRIA RR-6829"
    ),
    parameters=(
        Parameter("of", Spec("rosenbrock"), "the landscape that is transformed"),
        Parameter(
            "shift",
            0.0,
            "standard deviation of the minimiser's random shift, per coordinate",
            "[0, inf)",
        ),
        Parameter("rotate", False, "turn the coordinates by a random rotation"),
        Parameter(
            "condition", 1.0, "ratio of the largest to the smallest curvature factor", "[1, inf)"
        ),
        Parameter("scale", 1.0, "factor of the whole function", "(0, inf)"),
        Parameter(
            "fixed",
            0,
            "number of the shift and rotation that all seeds share; 0 = every seed has its own",
            "[0, 1000000000]",
        ),
    ),
    notes=(
        "Start points are those of the landscape inside: a shift moves the minimiser away from"
        " them. Rotation and stretch leave its minimiser c in place (0 where none is known)."
        " Rotations are distributed uniformly (Haar)."
    ),
    formula=(
        "scale * f(c + D R (x - s - c)), D_ii = condition^((i-1)/(2 dim-2)), R'R = I,"
        " s ~ shift * N(0, I)"
    ),
    facts=facts,
    constants=constants,
    instance_normals=instance_normals,
    workspace=workspace,
    rule=rotatable,
    contents=contents,
    build=build,
)
