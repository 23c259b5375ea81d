"""The engine's own kernels: divergence, measures, metrics, recording."""

import math

import numpy as np
import pytest

from lab.engine import builtin
from tests.kernels import run_compiled, run_plain

INF, NAN = math.inf, math.nan
RUNS = pytest.mark.parametrize("run", [run_plain, run_compiled])


def guarded(run, value, x=None, grad=None, step=5, diverged=INF) -> dict[str, np.ndarray]:
    n = len(value)
    fields = {
        "value": np.array(value),
        "x": np.ones((2, n)) if x is None else np.array(x),
        "grad": np.ones((2, n)) if grad is None else np.array(grad),
        "lr": np.full(n, 0.1),
        "diverged": np.full(n, diverged),
        "count": np.full(n, float(n) if diverged < INF else 0.0),
        "check": np.full(n, 99.0),
        "held_x": np.zeros((2, n)),
        "held_lr": np.zeros(n),
    }
    with np.errstate(invalid="ignore"):
        return run(builtin.guard, fields, step=step)


@RUNS
def test_a_value_that_is_no_longer_a_number_of_use_diverges(run):
    value = [1.0, -1e150, 1e150, 1.0000001e150, -1.1e150, INF, -INF, NAN]
    out = guarded(run, value)
    assert out["diverged"].tolist() == [INF] * 3 + [5.0] * 5
    assert out["value"].tolist() == value[:3] + [INF] * 5
    assert out["count"][0] >= 5.0  # compiled, the lanes that fill the block up count too


@RUNS
@pytest.mark.parametrize("which", ["x", "grad"])
def test_so_do_parameters_and_gradients(run, which):
    array = np.array([[1.0, NAN, 1.0, 1.0, 1e300], [2.0, 1.0, INF, -INF, -1e300]])
    out = guarded(run, [1.0] * 5, **{which: array})
    assert out["diverged"].tolist() == [INF, 5.0, 5.0, 5.0, INF]
    assert out["value"].tolist() == [1.0, INF, INF, INF, 1.0]


@RUNS
def test_divergence_is_final_and_its_first_step_stays(run):
    out = guarded(run, [1.0, 1.0], step=9, diverged=5.0)
    assert out["diverged"].tolist() == [5.0, 5.0]
    assert out["value"].tolist() == [INF, INF]


@RUNS
def test_nothing_is_held_while_all_lanes_are_sound(run):
    out = guarded(run, [1.0, 2.0])
    assert out["count"][0] == 0.0
    assert not out["held_x"].any()


@RUNS
def test_freeze_puts_diverged_lanes_back(run):
    fields = {
        "x": np.array([[1.0, 2.0, 3.0]]), "lr": np.array([0.1, 0.2, 0.3]),
        "diverged": np.array([INF, 4.0, 5.0]), "count": np.full(3, 2.0),
        "held_x": np.array([[-1.0, -2.0, -3.0]]), "held_lr": np.array([-0.1, -0.2, -0.3]),
    }  # fmt: skip
    out = run(builtin.freeze, fields, step=5)
    assert out["x"].tolist() == [[1.0, -2.0, -3.0]]
    assert out["lr"].tolist() == [0.1, -0.2, -0.3]


@RUNS
def test_measures_of_a_series(run):
    generator = np.random.default_rng(4)
    values = 10.0 ** generator.uniform(-250.0, 100.0, (60, 9))
    values[:, 7] = 10.0 ** generator.uniform(-320.0, -305.0, 60)  # floored and subnormal
    values[:, 8] = np.repeat([3.0, 1.0, 1.0], 20)
    values[30, 0] = 0.0
    minimum = 0.0
    fields = {
        "value": values[0], "best": np.full(9, INF), "best_step": np.zeros(9),
        "mantissa": np.ones(9), "exponent": np.zeros(9),
    }  # fmt: skip
    for step, row in enumerate(values):
        fields = {**fields, "value": row}
        fields = run(builtin.measure, fields, {"minimum": minimum, "floor": 0.0}, step=step)
    np.testing.assert_array_equal(fields["best"], values.min(axis=0))
    np.testing.assert_array_equal(fields["best_step"], values.argmin(axis=0))
    found = fields["exponent"] + np.log2(fields["mantissa"])
    expected = np.log2(np.maximum(values, builtin.AREA_FLOOR)).sum(axis=0)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@RUNS
def test_suboptimality_below_zero_counts_as_zero(run):
    fields = {
        "value": np.array([1.5, 2.0 - 1e-12]), "best": np.full(2, INF), "best_step": np.zeros(2),
        "mantissa": np.ones(2), "exponent": np.zeros(2),
    }  # fmt: skip
    out = run(builtin.measure, fields, {"minimum": 2.0, "floor": 0.0}, step=3)
    assert out["best"].tolist() == [0.0, 0.0]
    assert out["best_step"].tolist() == [3.0, 3.0]
    below = run(builtin.measure, fields, {"minimum": 0.0, "floor": -INF}, step=3)
    assert below["best"].tolist() == fields["value"].tolist()


@RUNS
def test_a_mean_metric_starts_anew(run):
    fields = {"total": np.zeros(2), "metric": np.zeros(2), "observed": np.zeros(2)}
    for observed in ([1.0, 4.0], [2.0, 5.0], [6.0, 0.0]):
        fields["observed"] = np.array(observed)
        total = run(builtin.accumulate, {k: fields[k] for k in ("total", "observed")})["total"]
        fields["total"] = total
    out = run(builtin.average, {k: fields[k] for k in ("total", "metric")}, {"every": 3.0})
    assert out["metric"].tolist() == [3.0, 3.0]
    assert out["total"].tolist() == [0.0, 0.0]


@RUNS
def test_a_table_gives_the_rate_of_the_next_step(run):
    table = np.array([1.0, 0.5, 0.25])
    for step, rate in ((0, 0.5), (1, 0.25), (2, 0.25), (9, 0.25)):
        out = run(builtin.follow_table, {"lr": np.ones(3)}, {"table": table}, step=step)
        assert out["lr"].tolist() == [rate] * 3


@pytest.mark.parametrize("lanes", [1, 7, 8, 127, 128])
def test_a_block_sum_leaves_out_what_lies_beyond_the_last_lane(lanes):
    row, out = np.arange(128.0) + 1.0, np.zeros((3, 2))
    numbers = {"out": out, "first": 10, "lanes": 128 + lanes}
    run_plain(builtin.record_sum, {"row": row}, numbers, step=2, lane=138)
    assert out.tolist() == [[0.0, 0.0], [0.0, 0.0], [0.0, lanes * (lanes + 1) / 2]]
