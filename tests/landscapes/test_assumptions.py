"""Every statement of `experiments.assumptions`, held against the kernels of the whole table.

What is claimed for all points is tried on thousands of them; of what is denied, a counterexample is
found.
"""

import dataclasses

import numpy as np
import pytest

from experiments.assumptions import MEANINGS, THEOREMS, assumptions, theorems
from lab.oracle import fields_at
from landscapes import LANDSCAPES
from tests.kernels import run_compiled
from tests.landscapes.table import TABLE, sampled

MORE = [
    "huber:dim=3,delta=0.3",
    "drifting:of=(himmelblau),amplitude=0",
    "drifting:of=(huber:dim=1),amplitude=2",
    "jittered-quadratic:dim=3,jitter=0",
    "least-squares:problem=P5,batch=2",
    "switching:first=(huber),second=(huber:delta=0.1)",
    "transformed:of=(max-affine:dim=3),scale=2,condition=9,rotate=true,fixed=1",
    "transformed:of=(himmelblau),shift=1",
]
#: Draws for a mean over samples, and standard errors that it may be off.
DRAWS, ERRORS = 10_000, 6.0


@pytest.fixture(params=TABLE + MORE)
def landscape(request):
    return LANDSCAPES.choose(request.param)


@pytest.fixture(params=[text for text in TABLE + MORE if sampled(LANDSCAPES.choose(text))])
def sum_of_terms(request):
    return LANDSCAPES.choose(request.param)


def evaluate(landscape, x, step=0, one=False):
    """All fields at x (dim, lanes); instances and draws are those of the lanes 0, 1, ...

    `one`: one and the same instance in every lane.
    """
    component, values = landscape.component, landscape.values
    fields = fields_at(landscape, x)
    if one and "instance" in fields:
        fields["instance"][:] = normals(len(fields["instance"]), 1, 10)
    numbers = {**component.kernel_values(values), **component.constants(values)}
    with np.errstate(all="ignore"):
        return run_compiled(component.kernel, fields, numbers, step=step)


def facts_of(landscape):
    return landscape.component.facts(landscape.values)


def normals(dim, n, seed):
    return np.random.default_rng(seed).standard_normal((dim, n))


def segments(landscape, n=1000):
    """Ends of segments around 0, the minimiser and all over the domain, of all lengths.

    Another n lie on lines through 0 or the minimiser along an axis, beside it.
    """
    facts = facts_of(landscape)
    generator = np.random.default_rng(7)
    low, high = facts.domain
    middle = np.zeros(facts.dim) if facts.minimiser is None else facts.minimiser
    parts = [
        generator.uniform(low, high, (facts.dim, 3 * n)),
        0.05 * generator.uniform(low, high, (facts.dim, n)),
        middle[:, None] + 0.1 * normals(facts.dim, n, 2),
        np.repeat(middle[:, None], n, axis=1),
    ]
    centre = np.concatenate(parts, axis=1)
    count = centre.shape[1]
    half = normals(facts.dim, count, 8) * 10.0 ** generator.uniform(-3.0, np.log10(high), count)
    away = np.eye(facts.dim)[generator.integers(0, facts.dim, n)].T
    away = away * high * generator.uniform(-0.5, 0.5, n) * 10.0 ** generator.uniform(0.0, 3.0, n)
    ends = np.concatenate([centre - half, middle[:, None] + 0.5 * away], axis=1)
    return ends, np.concatenate([centre + half, middle[:, None] + 1.5 * away], axis=1)


def sag(landscape, field):
    """How far the middle of each segment lies above the mean of its ends; rounding; half lengths.

    0 or less for a convex function.
    """
    a, b = segments(landscape)
    low, high, middle = (evaluate(landscape, x)[field] for x in (a, b, 0.5 * (a + b)))
    rounding = 1e-13 * (1.0 + abs(low) + abs(high) + abs(middle))
    return middle - 0.5 * (low + high), rounding, 0.5 * np.linalg.norm(b - a, axis=0)


def convexity_is(claimed, landscape, field):
    above, rounding, _ = sag(landscape, field)
    if claimed:
        assert (above <= rounding).all()
    else:
        assert (above > 100.0 * rounding).any()


def test_convex(landscape):
    holds = assumptions(landscape)["convex"].holds
    if holds is not None:
        convexity_is(holds, landscape, "value")


def test_strongly_convex(landscape):
    found, facts = assumptions(landscape)["strongly convex"], facts_of(landscape)
    if found.holds is True:
        above, rounding, half = sag(landscape, "value")
        assert (above <= -0.5 * facts.mu * (1 - 1e-9) * half**2 + rounding).all()
    elif found.holds is False and assumptions(landscape)["convex"].holds:
        above, rounding, half = sag(landscape, "value")
        bent = (rounding - above) / half**2
        assert bent.min() <= 1e-3 * bent.max()


def bend(landscape, centre, width):
    """The largest change of a gradient over its distance, between points of a small ball."""
    ends = [centre[:, None] + width * normals(len(centre), 400, seed) for seed in (1, 2)]
    one, two = (evaluate(landscape, x)["grad"] for x in ends)
    distance = np.linalg.norm(ends[0] - ends[1], axis=0)
    return (np.linalg.norm(one - two, axis=0) / distance).max()


def test_smooth(landscape):
    """Where there is no constant, the bend outgrows any: at a kink or far out along an axis."""
    found, facts = assumptions(landscape)["L-smooth"], facts_of(landscape)
    if found.holds is True:
        above, rounding, half = sag(landscape, "value")
        assert (np.abs(above) <= 0.5 * facts.L * (1 + 1e-9) * half**2 + rounding).all()
    elif found.holds is False and facts.minimiser is not None and not sampled(landscape):
        places = [np.zeros(facts.dim), facts.minimiser]
        usual = max(bend(landscape, place, 1.0) for place in places)
        far = [0.7 + side * 1e4 * row for row in np.eye(facts.dim) for side in (1.0, -1.0)]
        sharp = max(bend(landscape, place, width) for place in places for width in (1e-6, 1e-10))
        assert max(sharp, *(bend(landscape, place, 1e-4) for place in far)) > 30.0 * usual


def slopes(landscape, radius, n=2000):
    """Norms of gradients at points of a distance from 0: random ones and the diagonal."""
    dim = facts_of(landscape).dim
    x = normals(dim, n, 5)
    x[:, ::2] = np.where(np.arange(n)[::2] % 4, 1.0, -1.0)
    distance = radius * np.linspace(0.0, 1.0, n) * np.sqrt(dim)
    x *= distance / np.linalg.norm(x, axis=0)
    return np.linalg.norm(evaluate(landscape, x)["grad"], axis=0)


def test_bounded_gradient(landscape):
    found, facts = assumptions(landscape)["gradient bounded"], facts_of(landscape)
    if found.holds is True and not sampled(landscape):
        largest = max(slopes(landscape, radius).max() for radius in (1e-2, 1.0, 30.0, 1e6))
        assert 0.9 * facts.G <= largest <= facts.G * (1 + 1e-12) or (
            largest <= facts.G and (landscape.values.get("condition", 1.0) > 1.0)
        )
    elif found.holds is False:
        assert slopes(landscape, 1e9).max() > 20.0 * slopes(landscape, 10.0).max()


def test_the_other_minimiser_and_the_only_one(landscape):
    facts, found = facts_of(landscape), assumptions(landscape)["minimiser unique"]
    if facts.another is not None:
        assert found.holds is False
        assert np.linalg.norm(facts.another - facts.minimiser) > 0.1
        value = evaluate(landscape, facts.another[:, None])["value"][0]
        assert abs(value - facts.minimum) <= 1e-15 * (1.0 + abs(facts.minimum))
    elif found.holds and facts.minimiser is not None:
        away = normals(facts.dim, 5000, 6)
        away *= 10.0 ** np.random.default_rng(1).uniform(-1, 2, 5000) / np.linalg.norm(away, axis=0)
        assert (evaluate(landscape, facts.minimiser[:, None] + away)["value"] > facts.minimum).all()


def test_the_same_f_in_every_step(landscape):
    x = normals(facts_of(landscape).dim, 5, 9)
    seen = [evaluate(landscape, x, step)["value"] for step in (0, 1, 20, 50)]
    same = all((value == seen[0]).all() for value in seen)
    assert same is assumptions(landscape)["f fixed"].holds


def test_convex_terms(sum_of_terms):
    holds = assumptions(sum_of_terms)["terms convex"].holds
    if holds is not None:
        convexity_is(holds, sum_of_terms, "seen")


def test_smooth_terms(sum_of_terms):
    found, facts = assumptions(sum_of_terms)["terms L-smooth"], facts_of(sum_of_terms)
    if found.holds:
        L = facts.sample.L if facts.sample else facts.L
        above, rounding, half = sag(sum_of_terms, "seen")
        assert (np.abs(above) <= 0.5 * L * (1 + 1e-9) * half**2 + rounding).all()


def draws(landscape, point, step=0):
    """Gradients (dim, DRAWS) of as many samples at one point."""
    x = np.repeat(np.asarray(point, dtype=float)[:, None], DRAWS, axis=1)
    return evaluate(landscape, x, step, one=True)["grad"]


def slope(landscape, point, h=1e-5):
    """The gradient of the value, by central differences."""
    ends = [point[:, None] + side * h * np.eye(len(point)) for side in (1.0, -1.0)]
    high, low = (evaluate(landscape, end, one=True)["value"] for end in ends)
    return (high - low) / (2.0 * h)


def test_unbiased(sum_of_terms):
    holds = assumptions(sum_of_terms)["unbiased"].holds
    point = normals(facts_of(sum_of_terms).dim, 1, 3)[:, 0]
    off = []
    for step in (0, 25):
        grad = draws(sum_of_terms, point, step)
        error = grad.std(axis=1) / np.sqrt(DRAWS)
        true = slope(sum_of_terms, point)
        off.append(np.abs(grad.mean(axis=1) - true) / (ERRORS * error + 1e-6 + 1e-6 * abs(true)))
    assert holds is not None
    assert bool(np.max(off) <= 1.0) is holds


def spread(landscape, point, centre=None):
    """Mean and standard error of the square distance of gradients from their mean, or `centre`."""
    grad = draws(landscape, point)
    middle = grad.mean(axis=1, keepdims=True) if centre is None else centre
    squares = np.sum((grad - middle) ** 2, axis=0)
    return squares.mean(), squares.std() / np.sqrt(DRAWS)


def test_sigma(sum_of_terms):
    facts = facts_of(sum_of_terms)
    if facts.minimiser is None or facts.sample is None or facts.sample.sigma is None:
        return
    mean, error = spread(sum_of_terms, facts.minimiser, 0.0)
    assert mean <= facts.sample.sigma + ERRORS * error + 1e-12
    if sum_of_terms.values.get("condition", 1.0) == 1.0 or "jittered" in sum_of_terms.text:
        assert mean >= facts.sample.sigma - ERRORS * error


def test_bounded_variance(sum_of_terms):
    facts = facts_of(sum_of_terms)
    found = assumptions(sum_of_terms)["variance bounded"].holds
    near, far = (radius * normals(facts.dim, 1, 4)[:, 0] for radius in (1.0, 1000.0))
    if found and facts.sample:
        for point in (near, far):
            mean, error = spread(sum_of_terms, point)
            assert mean <= facts.sample.variance + ERRORS * error + 1e-20
    elif found is False:
        assert spread(sum_of_terms, far)[0] > 1000.0 * spread(sum_of_terms, near)[0]


def test_a_built_in_landscape_states_everything_that_has_an_answer(landscape):
    composite = landscape.component.name in {"switching", "transformed", "drifting"}
    found = assumptions(landscape)
    assert list(found) == list(MEANINGS)
    if not composite:
        assert not [name for name, statement in found.items() if statement.holds is None]
    for name, statement in found.items():
        if name in ("L-smooth", "convex") and statement.holds is False:
            assert statement.detail


def holding(text):
    return {name: s.holds for name, s in theorems(assumptions(LANDSCAPES.choose(text))).items()}


def test_which_theorems_speak_of_a_landscape():
    assert holding("least-squares") == dict.fromkeys(THEOREMS, True)
    assert holding("rosenbrock") == dict.fromkeys(THEOREMS, False)
    # The counterexample to the theorem as claimed: convex and smooth, with a concave term.
    assert holding("nonconvex-sum") == {
        "A.1 as claimed": True, "A.1 repaired": False, "A.2": True
    }  # fmt: skip
    assert holding("drifting")["A.1 repaired"] is False
    assert holding("switching:order=blocks")["A.1 repaired"] is False


def test_what_is_not_stated_is_not_denied():
    """As of a plug-in that gives its dimension and no more."""
    plain = LANDSCAPES.choose("rosenbrock")
    silent = dataclasses.replace(
        plain,
        component=dataclasses.replace(
            plain.component,
            facts=lambda values: dataclasses.replace(
                facts_of(plain), reason="", convex=None, G=None, unique=None, minimum=None
            ),
        ),
    )
    found = assumptions(silent)
    for name in ("L-smooth", "convex", "strongly convex", "minimiser exists", "gradient bounded"):
        assert found[name].holds is None
    assert {s.holds for s in theorems(found).values()} == {None}
