"""Optimizers against torch: one step from the same state, and a stretch from the start."""

from pathlib import Path

import numpy as np
import pytest

from lab.optimizers import OPTIMIZERS
from tests.kernels import run_compiled, run_plain

with np.load(Path(__file__).parents[1] / "golden" / "optimizers.npz") as file:
    GOLDEN = dict(file)
CASES = sorted(name.removesuffix("/spec") for name in GOLDEN if name.endswith("/spec"))
STEPS = GOLDEN["steps"]
STATES = 20 * 50


def field(case, name, row, when):
    """A field of the golden data, shape (1, n); a buffer that the reference has no use for is 0."""
    stored = GOLDEN.get(f"{case}/{name}")
    return np.zeros((1, 50)) if stored is None else stored[row, when][None]


def numbers_of(chosen):
    component, values = chosen.component, chosen.values
    return {
        **component.kernel_values(values),
        **component.constants(values, int(STEPS.max()) + 1),
    }


def close(found, expected, scale):
    """Within 1e-14 of the sizes that entered the operation: a sum may cancel."""
    return np.abs(found - expected) <= 1e-14 * scale


@pytest.mark.parametrize("run", [run_compiled, run_plain])
@pytest.mark.parametrize("case", CASES)
def test_one_step(case, run):
    chosen = OPTIMIZERS.choose(str(GOLDEN[f"{case}/spec"]))
    names = ["x", *chosen.component.state]
    assert GOLDEN[f"{case}/x"].shape == (20, 2, 50)
    for row, step in enumerate(STEPS):
        before = {name: field(case, name, row, 0) for name in names}
        grad = GOLDEN[f"{case}/grad"][row][None]
        rate = np.full(grad.shape[1], GOLDEN[f"{case}/lr"][row])
        found = run(
            chosen.component.kernel, {**before, "grad": grad, "lr": rate}, numbers_of(chosen), step
        )
        for name in (name for name in names if f"{case}/{name}" in GOLDEN):
            after = field(case, name, row, 1)
            scale = np.maximum(np.abs(before[name]), np.abs(after - before[name]))
            assert close(found[name], after, scale).all(), (name, step)


@pytest.mark.parametrize("case", CASES)
def test_first_ten_steps(case):
    """From the initial state on, with torch's gradients: rounding has not grown."""
    chosen = OPTIMIZERS.choose(str(GOLDEN[f"{case}/spec"]))
    fields = {"x": GOLDEN[f"{case}/x"][0, 0][None]}
    for name, state in chosen.component.state.items():
        shape = (1, 50) if state.rows == "vector" else (50,)
        initial = state.initial
        fields[name] = np.full(
            shape, float(chosen.values[initial] if isinstance(initial, str) else initial)
        )
    for step in range(10):
        given = {
            **fields,
            "grad": GOLDEN[f"{case}/grad"][step][None],
            "lr": np.full(50, GOLDEN[f"{case}/lr"][step]),
        }
        found = run_compiled(chosen.component.kernel, given, numbers_of(chosen), step)
        fields = {name: found[name] for name in fields}
    np.testing.assert_allclose(fields["x"][0], GOLDEN[f"{case}/x"][9, 1], rtol=1e-13)


@pytest.mark.parametrize("name", list(OPTIMIZERS.all()))
def test_every_optimizer_has_a_case(name):
    """Here, or among the paths of `test_rivals`, of methods whose coordinates are not apart."""
    with np.load(Path(__file__).parents[1] / "golden" / "rivals.npz") as file:
        rivals = {str(case).partition("/")[0] for case in file["optimizers"]}
    assert name in rivals | {str(GOLDEN[f"{case}/spec"]).split(":")[0] for case in CASES}
