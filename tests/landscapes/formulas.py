"""Every landscape's formula once more, in plain mathematics.

A formula takes the coordinates x, the instance normals z (both lists of mpmath numbers) and the
parameter values by name; of a landscape that a step sees a sample of, it is the full value.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import mpmath as mp
import numpy as np

from landscapes import LANDSCAPES
from landscapes import hinge as hinges
from landscapes import least_squares as sums
from landscapes import logistic as classifiers
from landscapes import network as networks

FORMULAS: dict[str, Callable[..., Any]] = {}


def formula(function: Callable[..., Any]) -> Callable[..., Any]:
    """Enter a function under the name of its landscape."""
    FORMULAS[function.__name__.replace("_", "-")] = function
    return function


@formula
def ackley(x, z, dim):
    radius = mp.sqrt(sum(c**2 for c in x) / dim)
    ripple = sum(mp.cospi(2 * c) for c in x) / dim
    return 20 + mp.e - 20 * mp.exp(-radius / 5) - mp.exp(ripple)


@formula
def huber(x, z, dim, delta):
    delta = mp.mpf(delta)
    return sum(c**2 / 2 if abs(c) <= delta else delta * (abs(c) - delta / 2) for c in x)


@formula
def quadratic(x, z, dim, L, condition, spectrum="log-spaced"):
    backwards = [mp.mpf(dim - j) / max(dim - 1, 1) for j in range(1, dim + 1)]
    if spectrum == "clustered":
        backwards = [mp.mpf(0 if 2 * b <= 1 else 1) for b in backwards]
    if spectrum == "random":
        draws = np.sort(np.random.default_rng(dim).random(dim - 2))[::-1]
        backwards = [mp.mpf(1), *(mp.mpf(b) for b in draws), mp.mpf(0)]
    eigenvalues = [mp.mpf(condition) ** -b for b in backwards]
    if spectrum == "sparse":
        few = max(dim // 10, 1)
        some = [mp.mpf(condition) ** (mp.mpf(-j) / max(few - 1, 1)) for j in reversed(range(few))]
        eigenvalues = [mp.mpf(0)] * (dim - few) + some
    if spectrum == "adversarial":
        waves = [mp.sinpi(mp.mpf(j) / (2 * dim + 2)) ** 2 for j in range(1, dim + 1)]
        shares = [(w - waves[0]) / (waves[-1] - waves[0]) for w in waves]
        eigenvalues = [s + (1 - s) / condition for s in shares]
    return L * sum(a * c**2 for a, c in zip(eigenvalues, x, strict=True)) / 2


@formula
def quadratic_study(x, z, dim, condition):
    weights = [mp.mpf(condition) ** (mp.mpf(i) / max(dim - 1, 1)) for i in range(dim)]
    return sum(a * (c - t) ** 2 for a, c, t in zip(weights, x, z, strict=True))


@formula
def rastrigin(x, z, dim, amplitude):
    return amplitude * dim + sum(c**2 - amplitude * mp.cospi(2 * c) for c in x)


@formula
def rosenbrock(x, z, dim, scale):
    return scale * sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(dim - 1))


@formula
def absolute(x, z, dim):
    return sum(abs(c) for c in x)


@formula
def beale(x, z):
    a, y = x
    numbers = (mp.mpf("1.5"), mp.mpf("2.25"), mp.mpf("2.625"))
    return sum((c - a + a * y**p) ** 2 for p, c in enumerate(numbers, start=1))


@formula
def bent_cigar(x, z, dim, condition):
    return x[0] ** 2 + condition * sum(c**2 for c in x[1:])


@formula
def booth(x, z):
    return (x[0] + 2 * x[1] - 7) ** 2 + (2 * x[0] + x[1] - 5) ** 2


@formula
def cliff(x, z, dim, width):
    q = sum(c**2 for c in x)
    width = mp.mpf(width)
    height = 1 / (1 + mp.exp((1 - q) / width)) - 1 / (1 + mp.exp(1 / width))
    return height + q / 2 * mp.mpf(0.01)


@formula
def different_powers(x, z, dim):
    exponents = [2 + 4 * mp.mpf(i) / max(dim - 1, 1) for i in range(dim)]
    return mp.sqrt(sum(abs(c) ** p for c, p in zip(x, exponents, strict=True)))


@formula
def discus(x, z, dim, condition):
    return condition * x[0] ** 2 + sum(c**2 for c in x[1:])


@formula
def dixon_price(x, z, dim):
    return (x[0] - 1) ** 2 + sum((i + 1) * (2 * x[i] ** 2 - x[i - 1]) ** 2 for i in range(1, dim))


@formula
def ellipsoid(x, z, dim, condition):
    weights = [mp.mpf(condition) ** (mp.mpf(i) / max(dim - 1, 1)) for i in range(dim)]
    return sum(a * c**2 for a, c in zip(weights, x, strict=True))


@formula
def griewank(x, z, dim):
    product = mp.fprod(mp.cos(c / mp.sqrt(i)) for i, c in enumerate(x, start=1))
    return 1 + sum(c**2 for c in x) / 4000 - product


@formula
def himmelblau(x, z):
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


@formula
def hinge(x, z, ridge):
    examples = hinges.problem(ridge).examples
    losses = [max(1 - dot(row, x), 0) for row in examples]
    return sum(losses) / len(losses) + ridge * sum(c**2 for c in x) / 2


def dot(row, x):
    return sum(mp.mpf(a) * c for a, c in zip(row.tolist(), x, strict=True))


@formula
def lasso(x, z, dim, penalty):
    generator = np.random.default_rng(33)
    features = generator.standard_normal((5 * dim, dim))
    truth = generator.standard_normal(dim) * (np.arange(dim) < max(0.3 * dim, 1.0))
    targets = features @ truth + 0.1 * generator.standard_normal(5 * dim)
    squares = [
        (dot(row, x) - mp.mpf(b)) ** 2 for row, b in zip(features, targets.tolist(), strict=True)
    ]
    return sum(squares) / (10 * dim) + penalty * sum(abs(c) for c in x)


@formula
def levy(x, z, dim):
    w = [1 + (c - 1) / 4 for c in x]
    inner = sum((c - 1) ** 2 * (1 + 10 * mp.sin(mp.pi * c + 1) ** 2) for c in w[:-1])
    last = (w[-1] - 1) ** 2 * (1 + mp.sinpi(2 * w[-1]) ** 2)
    return mp.sinpi(w[0]) ** 2 + inner + last


@formula
def log_cosh(x, z, dim):
    return sum(mp.log(mp.cosh(c)) for c in x)


@formula
def logistic(x, z, ridge, batch):
    examples = classifiers.problem(ridge).examples
    losses = [mp.log1p(mp.exp(-dot(row, x))) for row in examples]
    return sum(losses) / len(losses) + ridge * sum(c**2 for c in x) / 2


@formula
def matrix_factorisation(x, z, rows, columns, rank):
    truth = np.random.default_rng(11).standard_normal((rows + columns) * rank)
    matrix = truth[: rows * rank].reshape(rows, rank) @ truth[rows * rank :].reshape(-1, rank).T
    left, right = mp.matrix(rows, rank), mp.matrix(columns, rank)
    for r in range(rank):
        for i in range(rows):
            left[i, r] = x[i * rank + r]
        for j in range(columns):
            right[j, r] = x[(rows + j) * rank + r]
    return mp.norm(left * right.T - mp.matrix(matrix.tolist())) ** 2 / 2


@formula
def max_affine(x, z, dim, pieces):
    normals = np.random.default_rng(404).standard_normal((pieces, dim))
    normals[-1] = -normals[:-1].sum(axis=0)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return max(dot(row, x) for row in normals)


@formula
def michalewicz(x, z, dim):
    ripples = [mp.sin(c) * mp.sin(i * c**2 / mp.pi) ** 20 for i, c in enumerate(x, start=1)]
    return -sum(ripples) + sum(max(-c, c - mp.pi, 0) ** 2 for c in x)


@formula
def network(x, z, hidden):
    inputs, targets, _ = networks.data(hidden)
    total = 0
    for row, target in zip(inputs.tolist(), targets.tolist(), strict=True):
        units = [
            mp.tanh(row[0] * x[2 * h] + row[1] * x[2 * h + 1] + x[2 * hidden + h])
            for h in range(hidden)
        ]
        answer = sum(v * u for v, u in zip(x[3 * hidden : -1], units, strict=True)) + x[-1]
        total += (answer - mp.mpf(target)) ** 2
    return total / 64


@formula
def power(x, z, dim, exponent):
    return sum(abs(c) ** mp.mpf(exponent) for c in x)


@formula
def saddle(x, z, kind, spread):
    a, y = x
    if kind == "strict":
        return a**2 / 2 + (y**2 - 1) ** 2 / 4
    if kind == "degenerate":
        return a**2 / 2 + y**6 / 6 - y**4 / 4 + mp.mpf(1) / 12
    return (a**3 - 3 * a * y**2) / 3 + (a**2 + y**2) ** 2 / 4 + mp.mpf(1) / 12


@formula
def schaffers_f7(x, z, dim):
    lengths = [mp.sqrt(x[i] ** 2 + x[i + 1] ** 2) for i in range(dim - 1)]
    rings = [mp.sqrt(s) * (1 + mp.sin(50 * s ** (mp.mpf(1) / 5)) ** 2) for s in lengths]
    return (sum(rings) / (dim - 1)) ** 2


@formula
def schwefel(x, z, dim):
    waves = sum(c * mp.sin(mp.sqrt(abs(c))) for c in x)
    return mp.mpf(418.9828872724338) * dim - waves + sum(max(abs(c) - 500, 0) ** 2 for c in x)


@formula
def sharp_ridge(x, z, dim, slope):
    return x[0] ** 2 + slope * mp.sqrt(sum(c**2 for c in x[1:]))


@formula
def six_hump_camel(x, z):
    a, y = x
    slow = (4 - mp.mpf("2.1") * a**2 + a**4 / 3) * a**2
    return slow + a * y + (4 * y**2 - 4) * y**2


@formula
def styblinski_tang(x, z, dim):
    return sum(c**4 - 16 * c**2 + 5 * c for c in x) / 2


@formula
def valley(x, z, width):
    return (x[1] - mp.sin(x[0])) ** 2 / (2 * mp.mpf(width) ** 2) + x[0] ** 2 / 20


@formula
def zakharov(x, z, dim):
    s = sum(i * c for i, c in enumerate(x, start=1)) / 2
    return sum(c**2 for c in x) + s**2 + s**4


@formula
def jittered_quadratic(x, z, dim, L, condition, jitter):
    return quadratic(x, z, dim, L, condition)


@formula
def least_squares(x, z, problem, batch):
    data = sums.problem(problem)
    residuals = [
        sum(mp.mpf(a) * c for a, c in zip(row, x, strict=True)) - mp.mpf(b)
        for row, b in zip(data.features, data.targets, strict=True)
    ]
    return sum(r**2 for r in residuals) / len(residuals) / 2


@formula
def nonconvex_sum(x, z):
    return (x[0] ** 2 / 2 - mp.mpf("0.45") * x[0] ** 2) / 2


@formula
def sample_bias(x, z):
    return (9 * x[0] ** 2 + (x[0] - 10) ** 2) / 20


@formula
def transformed(x, z, of, shift, rotate, condition, scale, fixed):
    inner = LANDSCAPES.choose(of)
    facts = inner.component.facts(inner.values)
    dim, used = facts.dim, inner.component.instance_normals(inner.values)
    own = z[used:]
    if fixed:
        generator = np.random.default_rng(fixed)
        own = [mp.mpf(n) for n in generator.standard_normal(dim)]
        own += [mp.mpf(n) for n in generator.standard_normal(dim * (dim + 1) // 2 - 1)]
    shifts = [shift * n for n in own[:dim]] if shift else [0] * dim
    centre = [0] * dim if facts.minimiser is None else [mp.mpf(c) for c in facts.minimiser]
    y = [c - s - m for c, s, m in zip(x, shifts, centre, strict=True)]
    if rotate:
        y = list(rotation(tuple(own[dim if shift or fixed else 0 :]), dim) * mp.matrix(y))
    axes = [mp.mpf(condition) ** (mp.mpf(i) / max(dim - 1, 1) / 2) for i in range(dim)]
    point = [m + a * c for m, a, c in zip(centre, axes, y, strict=True)]
    return scale * FORMULAS[inner.component.name](point, z[:used], **inner.values)


@formula
def drifting(x, z, of, amplitude, period):
    """At step 0, where it lies in its place."""
    inner = LANDSCAPES.choose(of)
    return FORMULAS[inner.component.name](x, z, **inner.values)


@formula
def rotated_rastrigin(x, z, dim, shift, fixed):
    of = f"rastrigin:dim={dim}"
    return transformed(x, z, of, shift, True, 1.0, 1.0, fixed)


@formula
def rotated_rosenbrock(x, z, dim, shift, fixed):
    of = f"rosenbrock:dim={dim}"
    return transformed(x, z, of, shift, True, 1.0, 1.0, fixed)


@formula
def switching(x, z, first, second, order, share, period):
    one, two = LANDSCAPES.choose(first), LANDSCAPES.choose(second)
    used = one.component.instance_normals(one.values)
    low = FORMULAS[one.component.name](x, z[:used], **one.values)
    high = FORMULAS[two.component.name](x, z[used:], **two.values)
    return (1 - mp.mpf(share)) * low + mp.mpf(share) * high


@cache
def rotation(normals, dim):
    """H_d ... H_2: the reflections that take the first of the last k axes to z_k / |z_k|."""
    matrix = mp.eye(dim)
    for k in range(2, dim + 1):
        row = dim * (dim + 1) // 2 - k * (k + 1) // 2
        z = mp.matrix(normals[row : row + k])
        v = z / mp.norm(z) - mp.eye(k)[:, 0]
        block = mp.eye(k) - 2 * v * v.T / (v.T * v)[0]
        reflection = mp.eye(dim)
        reflection[dim - k :, dim - k :] = block
        matrix = reflection * matrix
    return matrix
