"""The failures kept in examples/greedy_failures.py fail as they are told."""

import importlib.util
import shlex
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


def script(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    __import__("sys").modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


EXAMPLE = script(ROOT / "examples" / "greedy_failures.py")
CASES = {case.name: case for case in EXAMPLE.FAILURES}


def run(name):
    case = CASES[name]
    return EXAMPLE.losses_and_rates(case, (case.schedule, case.reference))


@pytest.mark.parametrize("name", CASES)
def test_it_is_ten_times_worse_than_its_reference(name):
    loss, _ = run(name)
    assert loss[0, -1] >= 10.0 * loss[1, -1]
    assert loss[1, -1] <= 0.01 * loss[1, 0]


def test_one_rise_throws_it_off_the_cliff():
    """Up to the rise both are the same; then the loss leaps to the plateau, height 1."""
    loss, rate = run("thrown off a cliff")
    (rise,) = np.flatnonzero(np.diff(rate[0]) > 0)
    np.testing.assert_array_equal(loss[0, : rise + 2], loss[1, : rise + 2])
    assert rate[0, rise + 1] == 0.5 / 0.95
    assert loss[0, -1] > 1.0


def test_the_loss_falls_on_while_the_rate_passes_what_the_valley_bears():
    loss, rate = run("too fast along a curved valley")
    assert np.sum(np.diff(rate[0, :25]) > 0) == 9
    assert loss[0, 12] < loss[0, 6] < loss[0, 2]
    assert np.isinf(loss[0, -1]) or loss[0, -1] > 1e6 * loss[1, -1]


def test_the_rate_is_cut_while_the_saddle_is_being_left():
    """Every step moves away from the saddle, and not one raises the rate."""
    loss, rate = run("asleep at a saddle")
    assert (np.diff(rate[0]) <= 0.0).all()
    assert rate[0, -1] == 1e-3
    assert loss[0, -1] == pytest.approx(0.25, abs=1e-6)


def test_it_ends_in_another_basin():
    loss, rate = run("out of the best basin")
    assert loss[0, -1] == pytest.approx(0.995, abs=0.01)
    assert rate[0].max() == pytest.approx(0.016)


def test_the_rate_has_hardly_fallen_at_the_kink():
    loss, rate = run("late at a kink")
    assert rate[0, -1] >= 0.95 * 0.002
    assert loss[0, -1] > 10.0


def test_the_commands_are_those_of_the_lab(monkeypatch, tmp_path, capsys):
    import cli

    monkeypatch.chdir(tmp_path)
    case = CASES["thrown off a cliff"]
    monkeypatch.setattr("sys.argv", [*shlex.split(EXAMPLE.command(case)), "--json"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    final = __import__("json").loads(capsys.readouterr().out)["final"]
    loss, _ = run(case.name)
    assert final == pytest.approx(loss[0, -1], rel=1e-12)


def test_the_search_finds_the_cliff():
    search = script(ROOT / "benchmarks" / "greedy_failures.py")
    found = search.smallest("cliff:dim=1", [(-1.27,), (0.33,)], "greedy", "constant")
    assert found[:3] == (25, (-1.27,), 0.5)
    assert search.smallest("absolute:dim=1", [(0.33,)], "constant", "constant") is None
