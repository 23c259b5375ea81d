"""Open-loop schedules that no single reference table covers."""

import tracemalloc
from fractions import Fraction

import numpy as np
import pytest

from lab.errors import RequestError
from lab.replay import replay
from lab.schedules import SCHEDULES


def table(text, lr, steps):
    chosen = SCHEDULES.choose(text).at(lr, steps)
    return chosen.component.rates(lr, steps, chosen.values)


def test_inverse_time_is_its_formula():
    """lr_0 / (1 + r t / n) in exact arithmetic, within two roundings of the result."""
    found = table("inverse-time:decay_steps=7,decay_rate=0.3", 0.1, 400)
    for t, rate in enumerate(found):
        exact = Fraction(0.1) / (1 + Fraction(0.3) * t / 7)
        assert abs(Fraction(rate) - exact) <= exact * Fraction(2, 2**52)


def test_inverse_time_divides_by_a_rate_a_step_where_nothing_is_said():
    """lr_0 / (1 + r t), as it stands in textbooks."""
    found = table("inverse-time:decay_rate=0.5", 3.0, 5)
    assert found.tolist() == [3.0 / (1.0 + 0.5 * t) for t in range(5)]


@pytest.mark.parametrize("end", [3, 2])
def test_a_rise_that_ends_where_the_fall_should_have_falls_to_0_at_once(end):
    """The reference divides by max(1, n - w)."""
    found = table(f"linear:num_warmup_steps=3,num_training_steps={end}", 3.0, 6)
    assert found.tolist() == pytest.approx([0.0, 1.0, 2.0, 0.0, 0.0, 0.0], rel=1e-15)


def test_inverse_time_staircase_waits():
    found = table("inverse-time:decay_steps=5,decay_rate=1,staircase=true", 1.0, 20)
    assert found.tolist() == np.repeat(1.0 / np.arange(1, 5), 5).tolist()


@pytest.mark.filterwarnings("error")
def test_a_decay_beyond_all_numbers_ends_at_0():
    found = table("inverse-time:decay_rate=1.7e308,staircase=true", 1.0, 3)
    assert found.tolist() == [1.0, 1.0 / 1.7e308, 0.0]


@pytest.mark.parametrize("then", ["cosine", "linear", "exponential", "cosine-restarts:T_0=7"])
def test_warmup_then_is_the_schedule_itself(then):
    """After the rise comes the nested table, made for the steps that remain."""
    found = table(f"warmup:steps=20,then=({then})", 0.1, 100)
    np.testing.assert_array_equal(found[20:], table(then, 0.1, 80))
    np.testing.assert_array_equal(found[:20], 0.1 * (np.arange(20) / 20))


def test_a_share_for_no_steps_is_never_left():
    """The reference looks for the end after the first step, and 0 lies before."""
    assert table("constant-lr:factor=0.25,total_iters=0", 0.8, 3).tolist() == [0.2, 0.2, 0.2]
    assert table("constant-lr:factor=0.25,total_iters=1", 0.8, 3).tolist() == [0.2, 0.8, 0.8]


def test_warmup_of_a_constant_is_constant_with_warmup():
    np.testing.assert_array_equal(
        table("warmup:steps=13", 0.3, 50),
        table("constant_with_warmup:num_warmup_steps=13", 0.3, 50),
    )


def test_warmup_may_be_longer_than_the_run():
    np.testing.assert_array_equal(
        table("warmup:steps=50,start_factor=0.1", 0.3, 20),
        table("linear-lr:start_factor=0.1,total_iters=50", 0.3, 20),
    )


@pytest.mark.parametrize("start", [0.0, 0.1])
def test_a_warmup_takes_the_memory_of_the_run_not_its_own(start):
    tracemalloc.start()
    found = table(f"warmup:steps=10000000,start_factor={start}", 0.3, 3)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10**6
    share = start + (1.0 - start) * np.arange(3) / 10**7
    np.testing.assert_allclose(found, 0.3 * share, rtol=1e-14)


def test_warmup_in_a_replay_keeps_its_length():
    """`All steps` are those of the series, though the replay shows the rate after the last."""
    rates = replay(SCHEDULES.choose("warmup:steps=2,then=(linear)"), np.zeros(6), 1.0)
    assert rates.tolist() == [0.5, 1.0, 0.75, 0.5, 0.25, 0.0]


def test_warmups_nest():
    found = table("warmup:steps=2,then=(warmup:steps=2,then=(exponential:gamma=0.5))", 1.0, 6)
    assert found.tolist() == [0.0, 0.5, 0.0, 0.5, 1.0, 0.5]


def test_one_cycle_peaks_at_the_rate_of_the_run():
    found = table("one-cycle", 0.2, 100)
    assert found.max() == 0.2
    assert np.argmax(found) == 29
    assert found[0] == pytest.approx(0.2 / 25)
    assert found[-1] == pytest.approx(0.2 / 25 / 1e4)


def test_one_cycle_ends():
    with pytest.raises(RequestError, match="total_steps=50 is fewer than the 100 steps"):
        table("one-cycle:total_steps=50", 0.2, 100)


def test_cyclic_spans_a_quarter_to_the_whole_rate():
    found = table("cyclic", 0.2, 100)
    assert (found.min(), found.max()) == (0.05, 0.2)
    assert found[[0, 25, 50, 75]].tolist() == [0.05, 0.2, 0.05, 0.2]


def test_table_reads_a_file(tmp_path):
    file = tmp_path / "rates.txt"
    file.write_text("# from elsewhere\n0.1\n\n0.05  # half\n1e-3\n")
    assert table(f"table:file={file}", 9.0, 3).tolist() == [0.1, 0.05, 1e-3]
    assert table(f"table:file={file},relative=true", 2.0, 2).tolist() == [0.2, 0.1]
    assert table(f"table:file={file},end=hold", 9.0, 5).tolist() == [0.1, 0.05, 1e-3, 1e-3, 1e-3]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("0.1\nfast\n", "line 2: 'fast' is not a rate"),
        ("0.1\n-1\n", "line 2: '-1' is not a rate"),
        ("nan\n", "line 1: 'nan' is not a rate"),
        ("# nothing\n", "holds no rates"),
        ("0.1\n0.2\n", "holds 2 rates, 5 are needed"),
    ],
)
def test_table_refuses(tmp_path, content, message):
    file = tmp_path / "rates.txt"
    file.write_text(content)
    with pytest.raises(RequestError) as caught:
        table(f"table:file={file}", 0.1, 5)
    assert message in str(caught.value)


def test_table_needs_its_file(tmp_path):
    with pytest.raises(RequestError, match=r"cannot be read: No such file or directory$"):
        table(f"table:file={tmp_path / 'none.txt'}", 0.1, 5)
    (tmp_path / "noise.bin").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RequestError, match="cannot be read: 'utf-8' codec can't decode"):
        table(f"table:file={tmp_path / 'noise.bin'}", 0.1, 5)
