"""What a kernel is compiled anew for: everything that its machine code was made from."""

import shutil
import types
from pathlib import Path

import pytest

from lab.engine import native as natives
from lab.engine.abi import vector
from lab.engine.native import digest
from tests.engine.compiling import KERNEL, PROGRAM, built, program, replaced, value_of


def test_same_source_has_the_same_digest():
    assert digest(built(), "p") == digest(built("\n# a comment\n" + KERNEL), "p")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("FACTOR = 2.0", "FACTOR = 2.5"),
        ("(1.0, 2.0)", "(1.0, 3.0)"),
        ("np.arange(2000.0)", "np.arange(2000.0) * np.where(np.arange(2000) == 1000, 2.0, 1.0)"),
        ("return x + 1.0", "return x + 2.0"),
        ("return x + 1.0", "return x - 1.0"),
        ("bias=0.5", "bias=0.75"),
        ("helper(a[1])", "inner(a[1])"),
        ("a[1]", "a[2]"),
    ],
)
def test_a_change_within_reach_changes_the_digest(old, new):
    assert digest(replaced(old, new), "p") != digest(built(), "p")


def test_a_constant_of_a_module_is_within_reach():
    assert digest(built(offset=0.5), "p") != digest(built(), "p")


def test_a_constant_of_an_inner_function_is_within_reach():
    text = "Q = {}\ndef kernel(p):\n    f = lambda x: x * Q\n    vector(p, 4)[0] = f(2.0)\n"
    assert digest(built(text.format(1.0)), "p") != digest(built(text.format(2.0)), "p")


def test_a_closed_over_value_is_within_reach():
    def made(factor):
        def kernel(p):
            vector(p, 4)[0] = factor

        return kernel

    assert digest(made(1.0), "p") != digest(made(2.0), "p")


def test_a_function_of_a_module_is_within_reach(cache):
    helpers = types.ModuleType("helpers")
    text = "def kernel(p):\n    a = vector(p, 4)\n    a[0] = helpers.shift(a[1])\n"
    digests = set()
    for amount in (1.0, 2.0):
        exec(f"def shift(x):\n    return x + {amount}\n", vars(helpers))
        namespace = {"vector": vector, "helpers": helpers}
        exec(text, namespace)
        assert value_of(namespace["kernel"], 5.0) == 5.0 + amount
        digests.add(digest(namespace["kernel"], "p"))
    assert len(digests) == 2


def test_the_signature_is_part_of_the_digest():
    assert digest(built(), "p") != digest(built(), "q")


def test_the_processor_is_part_of_the_digest(monkeypatch):
    before = digest(built(), "p")
    natives._toolchain.cache_clear()
    monkeypatch.setattr(natives, "processor", lambda: ("another", ""))
    try:
        assert digest(built(), "p") != before
    finally:
        natives._toolchain.cache_clear()


def test_a_constant_changed_in_the_source_changes_the_result(cache, compiled):
    expected = 2.0 * 4.5 + 2.0 + 1000.0 + 0.25
    assert value_of(built()) == expected
    assert value_of(replaced("FACTOR = 2.0", "FACTOR = 4.0")) == expected + 9.0
    assert value_of(replaced("bias=0.5", "bias=1.0")) == expected + 1.0
    assert value_of(built(offset=1.25)) == expected + 1.0
    assert len(compiled) == 4


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def test_a_changed_source_and_a_changed_flag_are_compiled_anew(tmp_path):
    """In a copy of the package, wherever it is installed, with one cache all along."""
    package = Path(natives.__file__).parents[1]
    shutil.copytree(package, tmp_path / "lab", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "program.py").write_text(PROGRAM)
    where = {"PYTHONPATH": str(tmp_path), "GREEDYLR_LAB_CACHE": str(tmp_path / "cache")}
    assert program(tmp_path, **where) == ["compiled kernel", "42.0"]
    assert program(tmp_path, **where) == ["42.0"]
    edited(tmp_path / "program.py", "2.0 * a[1]", "3.0 * a[1]")
    assert program(tmp_path, **where) == ["compiled kernel", "63.0"]
    edited(tmp_path / "lab/engine/compiler.py", '"fastmath": False', '"fastmath": True')
    assert program(tmp_path, **where) == ["compiled kernel", "63.0"]
    assert program(tmp_path, **where) == ["63.0"]
    assert len(list((tmp_path / "cache").iterdir())) == 3
