"""Laws that every optimizer keeps; a new file in the folder is covered without a line here."""

import numpy as np
import pytest

from lab.optimizers import OPTIMIZERS
from tests.kernels import run_compiled, run_plain

NAMES = list(OPTIMIZERS.all())
LANES = 130


def prepared(name, dim=3):
    """Kernel, fields at the initial state, numbers for 20 steps."""
    chosen = OPTIMIZERS.choose(name)
    component = chosen.component
    rng = np.random.default_rng(4)
    fields = {"x": rng.normal(size=(dim, LANES)), "lr": np.full(LANES, 0.01)}
    for field, state in component.state.items():
        shape = (dim, LANES) if state.rows == "vector" else (LANES,)
        initial = state.initial
        fields[field] = np.full(
            shape, float(chosen.values[initial] if isinstance(initial, str) else initial)
        )
    numbers = {
        **component.kernel_values(chosen.values),
        **component.constants(chosen.values, 20),
    }
    return component.kernel, fields, numbers


@pytest.mark.parametrize("name", NAMES)
def test_compiled_and_plain_agree(name):
    kernel, fields, numbers = prepared(name)
    fields = {key: value[..., :20] for key, value in fields.items()}
    plain = fields
    for step in range(4):
        grad = np.random.default_rng(step).normal(size=fields["x"].shape)
        fields = run_compiled(kernel, {**fields, "grad": grad}, numbers, step)
        plain = run_plain(kernel, {**plain, "grad": grad}, numbers, step)
        for key in fields:
            np.testing.assert_array_equal(fields[key], plain[key], err_msg=key)


@pytest.mark.parametrize("name", NAMES)
def test_lanes_do_not_see_each_other(name):
    kernel, fields, numbers = prepared(name)
    grad = np.random.default_rng(9).normal(size=fields["x"].shape)
    together = run_compiled(kernel, {**fields, "grad": grad}, numbers)
    alone = {key: value[..., 77:78] for key, value in {**fields, "grad": grad}.items()}
    np.testing.assert_array_equal(
        run_compiled(kernel, alone, numbers)["x"], together["x"][:, 77:78]
    )


@pytest.mark.parametrize("name", NAMES)
def test_descends_a_bowl(name):
    """On |x|^2 / 2, whose gradient is x, every coordinate comes nearer to 0."""
    kernel, fields, numbers = prepared(name)
    before = np.abs(fields["x"]).sum()
    for step in range(20):
        fields = run_compiled(kernel, {**fields, "grad": fields["x"].copy()}, numbers, step)
        del fields["grad"]
    assert np.abs(fields["x"]).sum() < before


@pytest.mark.parametrize("name", NAMES)
def test_a_zero_gradient_at_the_start_moves_nothing(name):
    kernel, fields, numbers = prepared(name)
    found = run_compiled(kernel, {**fields, "grad": np.zeros_like(fields["x"])}, numbers)
    decay = numbers.get("weight_decay", 0.0)
    np.testing.assert_allclose(found["x"], fields["x"] * (1.0 - 0.01 * decay), rtol=1e-15)
