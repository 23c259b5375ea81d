"""`lab validate`: a right plug-in passes, a wrong gradient is caught with its worst point."""

import pytest

from tests.cli.process import assert_refused

BOWL = """
from lab.component import Facts, Landscape


def oracle(x, value, grad):
    dim, lanes = x.shape
    for k in range(lanes):
        value[k] = 0.0
    for i in range(dim):
        for k in range(lanes):
            value[k] += x[i, k] * x[i, k]
            grad[i, k] = FACTOR * x[i, k]


def facts(values):
    return Facts(dim=2, minimum=0.0, minimiser=None, base_lr=0.1)


BOWL = Landscape(
    name="bowl", summary="a bowl", source="the test", formula="sum x^2", kernel=oracle, facts=facts
)
"""


@pytest.fixture
def plugin(tmp_path):
    def write(text):
        path = tmp_path / "bowl.py"
        path.write_text(text)
        return str(path)

    return write


def test_a_right_landscape_passes(lab, plugin):
    done = lab("validate", plugin(BOWL.replace("FACTOR", "2.0")))
    assert done.returncode == 0
    assert done.stdout.count("ok    ") == 2


def test_a_wrong_gradient_is_caught_at_its_worst_point(lab, plugin):
    done = lab("validate", plugin(BOWL.replace("FACTOR", "2.1")))
    assert done.returncode == 1
    assert "FAILED  landscape bowl: gradient; largest relative error 0.05" in done.stdout
    assert "1 checks failed" in done.stderr


def test_a_kernel_that_does_not_compile_is_said_in_one_line(lab, plugin):
    done = lab("validate", plugin(BOWL.replace("FACTOR * x[i, k]", "missing(x)")))
    assert done.returncode == 1
    assert "FAILED" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_indices_outside_the_arrays_are_seen_before_anything_is_compiled(lab, plugin):
    done = lab("validate", plugin(BOWL.replace("grad[i, k] = FACTOR", "grad[k, i] = 2.0")))
    assert done.returncode == 1
    assert "FAILED  landscape bowl: indices; the kernel reaches outside its arrays" in done.stdout


def test_a_loop_without_end_is_ended(lab, plugin):
    endless = BOWL.replace("FACTOR * x[i, k]", "0.0").replace(
        "    for i in", "    while value[0] == 0.0:\n        grad[0, 0] += 1.0\n    for i in"
    )
    lab.environment["GREEDYLR_LAB_VALIDATE_SECONDS"] = "3"
    done = lab("validate", plugin(endless))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("bowl.py': no end after 3 s")


@pytest.mark.parametrize("seconds", ["abc", "", "inf", "nan", "-1", "0", "1e300"])
def test_a_patience_that_is_none_is_refused(seconds, answer, plugin, monkeypatch):
    monkeypatch.setenv("GREEDYLR_LAB_VALIDATE_SECONDS", seconds)
    done = answer("validate", plugin(BOWL.replace("FACTOR", "2.0")))
    assert_refused(done, f"GREEDYLR_LAB_VALIDATE_SECONDS: {seconds!r} is not allowed (allowed: (0,")


def test_other_commands_do_not_look_at_it(lab):
    lab.environment["GREEDYLR_LAB_VALIDATE_SECONDS"] = "abc"
    assert lab.output("--version").startswith("lab ")
