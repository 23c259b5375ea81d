"""Rules that look at gradients, against optax, their authors' packages, their papers' equations."""

import numpy as np
import pytest

from experiments.request import make_request
from lab.simulation import Keep
from tests.schedules.conftest import GOLDEN
from tests.trajectories import run, trajectories

with np.load(GOLDEN / "rivals.npz") as file:
    GOLDEN_PATHS = dict(file)
PATHS = [str(case) for case in GOLDEN_PATHS["paths"]]
SERIES = Keep(lr=True, x=True, observed=True)


def descent(text, start, steps, landscape="rosenbrock", lr=1.0, noise="none", **rest):
    """x (steps, dim), lr (steps,) and the losses (steps + 1,) of one lane under sgd."""
    request = make_request(
        landscape, noise, schedules=(text,), optimizer="sgd", lr=lr, steps=steps, start=start,
        **rest,
    )  # fmt: skip
    found = trajectories(request, 1, keep=SERIES, start=start)
    return found.x[0, :, :, 0], found.lr[0, :, 0], found.loss[0, :, 0]


@pytest.mark.parametrize("case", PATHS)
def test_the_path_on_rosenbrock_is_the_references(case):
    """20 steps of sgd through the whole engine; rounding grows by the steepness of the valley."""
    text = str(GOLDEN_PATHS[f"{case}/spec"])
    for start, path in zip(GOLDEN_PATHS["starts"], GOLDEN_PATHS[f"{case}/path"], strict=True):
        x, _, _ = descent(text, tuple(start.tolist()), len(path) - 1)
        np.testing.assert_allclose(x, path[:-1], rtol=1e-9, atol=1e-12)
    assert np.abs(path[-1] - path[0]).max() > 1e-3


def test_polyak_on_a_quadratic():
    """On L |x|^2 / 2 the rate is 1 / (2 L) whatever x: every step halves x."""
    x, lr, _ = descent("polyak", (3.0, -4.0), 12, "quadratic:dim=2,condition=1,L=8")
    np.testing.assert_allclose(lr, 1.0 / 16.0, rtol=1e-14)
    np.testing.assert_allclose(x, np.outer(0.5 ** np.arange(12), [3.0, -4.0]), rtol=1e-13)


def test_polyak_comes_nearer_by_the_theorem():
    """|x' - x*|^2 <= |x - x*|^2 - (f - f*)^2 / |g|^2 for convex f: see the module."""
    x, lr, loss = descent("polyak", (1.0, -2.0, 3.0), 60, "quadratic:dim=3,condition=100")
    square = (x**2).sum(axis=1)
    gain = lr * loss[:-1]
    assert (square[1:] <= (square - gain)[:-1] * (1.0 + 1e-12)).all()
    assert square[-1] < 0.2 * square[0]


def test_polyak_takes_no_step_from_a_loss_at_the_minimum():
    """Noise that takes the observed loss to f* or below makes the rate 0, never negative."""
    found = run(
        "quadratic:dim=2", "gaussian", schedules=("polyak", "sps-max"), optimizer="sgd",
        channel="metric", strength=3.0, steps=80,
    )  # fmt: skip
    below = found.observed <= 0.0
    assert 0.2 < below.mean() < 0.8
    assert (found.lr[below] == 0.0).all()
    assert (found.lr[~below] > 0.0).all()


def sps(losses, squares, lr, c=0.5, eta_max=10.0, gamma=2.0, n=1, smooth=False):
    """The authors' rule, in plain Python, step by step."""
    last, rates = lr, []
    for loss, square in zip(losses, squares, strict=True):
        rate = loss / (c * square + 1e-8)
        rate = min(rate, gamma ** (1.0 / n) * last if smooth else eta_max)
        last = rate
        rates.append(rate)
    return np.array(rates)


@pytest.mark.parametrize("smooth", [False, True])
def test_sps_max_is_the_authors_rule(smooth):
    flag = "adapt_flag=smooth_iter,n_batches_per_epoch=3" if smooth else "eta_max=0.01"
    x, lr, loss = descent(f"sps-max:{flag}", (-1.2, 1.0), 50, lr=1e-4)
    slope = -400.0 * x[:, 0] * (x[:, 1] - x[:, 0] ** 2) - 2.0 * (1.0 - x[:, 0])
    squares = slope**2 + (200.0 * (x[:, 1] - x[:, 0] ** 2)) ** 2
    expected = sps(loss[:-1], squares, 1e-4, n=3, eta_max=0.01, smooth=smooth)
    np.testing.assert_allclose(lr, expected, rtol=1e-11)
    free = loss[:-1] / (0.5 * squares + 1e-8)
    assert 0.1 < (lr < 0.999 * free).mean() < 0.95, "the bound acts in some steps"


def test_adagrad_norm_is_its_formula():
    x, lr, _ = descent("adagrad-norm:b0=2", (1.0, -2.0), 40, "quadratic:dim=2,condition=1,L=3", 0.7)
    squares = 9.0 * (x**2).sum(axis=1)
    np.testing.assert_allclose(lr, 0.7 / np.sqrt(4.0 + np.cumsum(squares)), rtol=1e-13)


@pytest.mark.parametrize("eta", [0.01, 0.5, 2.0])
def test_adagrad_norms_bound(eta):
    """Sum of |g|^2 <= 4 D^2 / eta^2 + 2 b0 D / eta for b0 >= eta L: see the module."""
    L, condition = 4.0, 50.0
    scales = L * condition ** -(np.arange(4)[::-1] / 3.0)
    b0 = eta * L
    text = f"adagrad-norm:b0={b0!r}"
    x, _, loss = descent(
        text, (2.0, -1.0, 3.0, -5.0), 400, f"quadratic:dim=4,condition={condition},L={L}", eta
    )
    total = ((scales * x) ** 2).sum()
    np.testing.assert_allclose((scales * x[0] ** 2).sum() / 2, loss[0], rtol=1e-12)
    bound = 4.0 * loss[0] ** 2 / eta**2 + 2.0 * b0 * loss[0] / eta
    assert 0.0 < total <= bound


SCALE_FREE = ("dog:eps=0", "dowg:eps=0", "polyak", "sps-max:eps=0,eta_max=inf")


@pytest.mark.parametrize("text", SCALE_FREE)
def test_the_scale_of_f_has_no_effect(text):
    """4 f has the same path at a quarter of the rates, to the last bit."""
    one = descent(text, (0.7, -0.2), 60, "rosenbrock")
    other = descent(text, (0.7, -0.2), 60, "rosenbrock:scale=4")
    np.testing.assert_array_equal(one[0], other[0])
    np.testing.assert_array_equal(one[1], 4.0 * other[1])
    assert (one[0][-1] != one[0][0]).all()


@pytest.mark.parametrize("name", ["dog:eps=0,reps_rel={}", "dowg:eps=0,init_estim_sq_dist={}"])
def test_the_unit_of_length_has_no_effect(name):
    """Coordinates in another unit: x and its distances times 8, rates times 64 / scale.

    f(8 x) has gradients 8 times as large at x; with f = |x|^2 / 2 and a start 8 times as far the
    gradients are 8 times as large and the rates the same. DoG's first distance is given in full:
    reps_rel (1 + |x_0|) with the 1 is no length.
    """
    near, far = np.array([3.0, -4.0]), np.array([24.0, -32.0])
    least = (0.06 / 6.0, 8.0 * 0.06 / 41.0) if name.startswith("dog") else (0.0036, 64 * 0.0036)
    landscape = "quadratic:dim=2,condition=5"
    x, lr, _ = descent(name.format(repr(least[0])), tuple(near), 50, landscape)
    other, same, _ = descent(name.format(repr(least[1])), tuple(far), 50, landscape)
    np.testing.assert_allclose(other, 8.0 * x, rtol=1e-12)
    np.testing.assert_allclose(same, lr, rtol=1e-12)


@pytest.mark.parametrize("text", ["dog", "dowg", "polyak", "sps-max"])
def test_the_initial_rate_has_no_effect(text):
    one, other = (descent(text, (0.7, -0.2), 30, lr=lr)[1] for lr in (0.5, 0.125))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("text", ["adagrad-norm:b0=3", "sps-max:adapt_flag=smooth_iter"])
def test_the_initial_rate_is_where_it_starts(text):
    one, other = (descent(text, (0.7, -0.2), 30, lr=lr)[1] for lr in (5e-4, 1.25e-4))
    assert one[0] == 4.0 * other[0]
