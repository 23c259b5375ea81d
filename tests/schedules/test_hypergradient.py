"""Hypergradient descent against finite differences, and against its paper's three algorithms."""

import numpy as np
import pytest

from experiments.request import make_request
from lab.optimizers import OPTIMIZERS
from lab.oracle import look
from lab.simulation import Keep, simulate
from landscapes import LANDSCAPES
from tests.kernels import run_compiled
from tests.trajectories import trajectories

STEPS, BETA = 30, 1e-3
ROSENBROCK = LANDSCAPES.choose("rosenbrock")


def descent(optimizer, lr, beta=BETA, steps=STEPS, **rest):
    """x (steps, dim) and lr (steps,) of one lane from (-1.2, 1)."""
    request = make_request(
        "rosenbrock", schedules=(f"hypergradient:hypergrad_lr={beta!r}",), optimizer=optimizer,
        lr=lr, steps=steps, start=(-1.2, 1.0), **rest,
    )  # fmt: skip
    found = trajectories(request, 1, keep=Keep(lr=True, x=True), start=request.start)
    return found.x[0, :, :, 0], found.lr[0, :, 0]


def gradient(x):
    return look(ROSENBROCK, x[:, None])[1][:, 0]


def loss_after(optimizer, x, grads, lr):
    """f after the optimizer's last step, taken with the rate `lr`; the steps before have theirs."""
    chosen = OPTIMIZERS.choose(optimizer)
    component = chosen.component
    numbers = {
        **component.kernel_values(chosen.values), **component.constants(chosen.values, STEPS)
    }  # fmt: skip
    fields = {name: np.zeros((2, 1)) for name in component.state}
    for t, (point, grad) in enumerate(zip(x, grads, strict=True)):
        given = {**fields, "x": point[:, None], "grad": grad[:, None], "lr": np.array([lr])}
        found = run_compiled(component.kernel, given, numbers, t)
        fields = {name: found[name] for name in fields}
    return look(ROSENBROCK, found["x"])[0][0]


@pytest.mark.parametrize(
    ("optimizer", "lr"),
    [("sgd", 5e-4), ("momentum", 1e-4), ("nesterov", 1e-4), ("adam", 0.02), ("adamw", 0.02),
     ("rmsprop", 0.002)],
)  # fmt: skip
def test_the_rate_moves_by_the_derivative_of_the_loss(optimizer, lr):
    """lr_t - lr_(t-1) = -beta d f(x_t) / d lr_(t-1), the derivative by central differences."""
    beta = 1e-9 if optimizer != "adam" else 1e-7
    x, rates = descent(optimizer, lr, beta)
    grads = [gradient(point) for point in x]
    for t in range(1, 12):
        h = 1e-4 * rates[t - 1]
        up, down = (loss_after(optimizer, x[:t], grads[:t], rates[t - 1] + way) for way in (h, -h))
        expected = -beta * (up - down) / (2.0 * h)
        assert rates[t] - rates[t - 1] == pytest.approx(expected, rel=1e-4, abs=1e-14)
    assert np.abs(np.diff(rates[:12])).max() > 1e-12


def test_sgd_hd_is_algorithm_4():
    """lr_t = lr_(t-1) + beta <g_t, g_(t-1)>, x_(t+1) = x_t - lr_t g_t, in plain NumPy."""
    x, rates = descent("sgd", 5e-4, 1e-8)
    point, lr, before = np.array([-1.2, 1.0]), 5e-4, np.zeros(2)
    for t in range(STEPS):
        grad = gradient(point)
        lr = lr + 1e-8 * grad @ before
        np.testing.assert_allclose(x[t], point, rtol=1e-10)
        assert rates[t] == pytest.approx(lr, rel=1e-10)
        point, before = point - lr * grad, grad
    assert rates.max() > 1.2 * rates[0]


def test_adam_hd_is_algorithm_6():
    """The direction is Adam's quotient, with its corrections of the bias."""
    beta1, beta2, eps, beta = 0.9, 0.999, 1e-8, 1e-4
    x, rates = descent("adam", 0.01, beta)
    point, lr, m, v, before = np.array([-1.2, 1.0]), 0.01, 0.0, 0.0, np.zeros(2)
    for t in range(1, STEPS + 1):
        grad = gradient(point)
        lr = lr + beta * grad @ before
        np.testing.assert_allclose(x[t - 1], point, rtol=1e-9)
        assert rates[t - 1] == pytest.approx(lr, rel=1e-9)
        m = beta1 * m + (1.0 - beta1) * grad
        v = beta2 * v + (1.0 - beta2) * grad**2
        before = m / (1.0 - beta1**t) / (np.sqrt(v / (1.0 - beta2**t)) + eps)
        point = point - lr * before
    assert rates.max() > 1.2 * rates[0]


def test_rates_stay_finite_in_lanes_that_diverge():
    request = make_request(
        "rosenbrock", schedules=("hypergradient:hypergrad_lr=0.01",), optimizer="sgd", steps=40
    )
    found = simulate(request.scenario(0.0), request.arms(), 40, 130, keep=Keep(lr=True))
    gone = found.summary["diverged"][0]
    assert np.isfinite(gone).mean() > 0.5
    assert np.isfinite(found.lr).all()
    assert np.isfinite(found.lr_mean).all()
    for k in np.flatnonzero(np.isfinite(gone))[:20]:
        kept = found.lr[0, int(gone[k]) :, k]
        assert (kept == kept[0]).all()


def test_a_kick_and_moved_parameters_are_no_update():
    """x moves by noise between the steps; the derivative is that of the optimizer's part."""
    request = make_request(
        "quadratic:dim=2,condition=1,L=1", "gaussian", channel="parameters", strength=0.3, lr=0.1,
        schedules=("hypergradient:hypergrad_lr=0.01",), optimizer="sgd", steps=20,
        perturbations=("kick:at=7,size=3",),
    )  # fmt: skip
    keep = Keep(lr=True, x=True)
    found = trajectories(request, 3, keep=keep, perturbations=request.perturbations)
    grads = found.x[0]
    expected = 0.01 * (grads[1:] * grads[:-1]).sum(axis=1)
    np.testing.assert_allclose(np.diff(found.lr[0], axis=0), expected, rtol=1e-9, atol=1e-13)


def test_a_rate_that_an_event_changed_is_not_the_one_that_made_the_step():
    """lr-shock multiplies the rate of step 6 after step 5 was taken with another."""
    request = make_request(
        "quadratic:dim=2,condition=1,L=1", lr=0.01, optimizer="sgd", steps=12,
        schedules=("hypergradient:hypergrad_lr=0.001",), perturbations=("lr-shock:at=6,factor=8",),
    )  # fmt: skip
    keep = Keep(lr=True, x=True)
    found = trajectories(request, 3, keep=keep, perturbations=request.perturbations)
    grads, lr = found.x[0], found.lr[0]
    shocked = lr[:-1] * np.where(np.arange(11) == 5, 8.0, 1.0)[:, None]
    expected = shocked + 0.001 * (grads[1:] * grads[:-1]).sum(axis=1)
    np.testing.assert_allclose(lr[1:], expected, rtol=1e-11)
