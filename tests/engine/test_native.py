"""Machine code and its cache: what is reused, what is compiled anew, what is refused."""

import math
import os
import shutil
import subprocess
import sys
import textwrap
import types
from pathlib import Path

import numpy as np
import pytest

from lab.engine import maths
from lab.engine import native as natives
from lab.engine.abi import vector
from lab.engine.bits import fma
from lab.engine.compiler import CompilationError
from lab.engine.native import address_of, cache_directory, digest, native

ROOT = Path(__file__).parents[2]

KERNEL = """
FACTOR = 2.0
TABLE = (1.0, 2.0)
ARRAY = np.arange(2000.0)

def inner(x):
    return x + 1.0

def helper(x, bias=0.5):
    return inner(x) + bias

def kernel(p):
    a = vector(p, 4)
    a[0] = FACTOR * helper(a[1]) + TABLE[1] + ARRAY[1000] + settings.OFFSET
"""


def built(text: str = KERNEL, offset: float = 0.25) -> types.FunctionType:
    """The kernel of a source text, with a module `settings` in reach."""
    settings = types.ModuleType("settings")
    settings.OFFSET = offset  # type: ignore[attr-defined]
    namespace = {"vector": vector, "np": np, "fma": fma, "settings": settings}
    exec(text, namespace)
    kernel = namespace["kernel"]
    assert isinstance(kernel, types.FunctionType)
    return kernel


def replaced(old: str, new: str) -> types.FunctionType:
    assert KERNEL.count(old) == 1
    return built(KERNEL.replace(old, new))


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """An empty cache, and no memory of what this process has loaded."""
    monkeypatch.setenv("GREEDYLR_LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(natives, "_loaded", {})
    return tmp_path / "cache"


@pytest.fixture
def compiled(monkeypatch) -> list[str]:
    """Names of the functions compiled since."""
    names: list[str] = []
    monkeypatch.setattr(natives, "_listeners", [names.append])
    return names


def forget(monkeypatch) -> None:
    monkeypatch.setattr(natives, "_loaded", {})


def value_of(kernel: types.FunctionType, start: float = 3.0) -> float:
    a = np.full(4, start)
    native(kernel, "p").call(address_of(a))
    return float(a[0])


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


def test_a_kernel_is_compiled_once(cache, compiled, monkeypatch):
    kernel = built()
    first = native(kernel, "p")
    assert native(kernel, "p") is first
    forget(monkeypatch)
    assert value_of(built()) == value_of(kernel)
    assert compiled == ["kernel"]
    assert [path.name for path in cache.iterdir()] == [digest(kernel, "p")]


def test_the_next_process_imports_no_compiler(tmp_path):
    script = tmp_path / "program.py"
    script.write_text(
        textwrap.dedent(
            """
            import sys
            import numpy as np
            from lab.engine.abi import vector
            from lab.engine.native import address_of, native, on_compile

            def kernel(p):
                a = vector(p, 2)
                a[0] = 2.0 * a[1]

            on_compile(lambda name: print("compiled", name))
            a = np.full(2, 21.0)
            native(kernel, "p").call(address_of(a))
            print(a[0], "numba" in sys.modules)
            """
        )
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GREEDYLR_LAB_CACHE": str(tmp_path / "c")}
    runs = [
        subprocess.run(
            [sys.executable, str(script)],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split("\n")
        for _ in range(2)
    ]
    assert runs[0][:2] == ["compiled kernel", "42.0 True"]
    assert runs[1][0] == "42.0 False"


def flipped(content: bytes, position: int) -> bytes:
    changed = bytearray(content)
    changed[position] ^= 1
    return bytes(changed)


DAMAGE = {
    "truncated": lambda content: content[:-100],
    "short": lambda content: content[:40],
    "empty": lambda content: b"",
    "no entry": lambda content: natives.MAGIC + b"[]\n",
    "no magic": lambda content: b"{}",
    "noise": lambda content: b"\x00\xff" * 500,
    "first bit": lambda content: flipped(content, 0),
    "last bit": lambda content: flipped(content, -1),
    "header": lambda content: flipped(content, 25),
    # A function of another name would be found at address 0.
    "symbol": lambda content: flipped(content, content.index(b'"symbol": "') + 15),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_entry_is_compiled_anew(damage, cache, compiled, monkeypatch):
    expected = value_of(built())
    entry = cache / digest(built(), "p")
    whole = entry.read_bytes()
    entry.write_bytes(damage(whole))
    forget(monkeypatch)
    assert value_of(built()) == expected
    assert len(compiled) == 2
    forget(monkeypatch)
    assert value_of(built()) == expected
    assert len(compiled) == 2, "the damaged entry was not replaced"


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path, cache, compiled, monkeypatch):
    obstacle = tmp_path / "file"
    obstacle.write_text("")
    for place in (obstacle, obstacle / "below"):
        monkeypatch.setenv("GREEDYLR_LAB_CACHE", str(place))
        forget(monkeypatch)
        assert value_of(built()) == value_of(built())
    assert obstacle.read_text() == ""


def test_the_cache_is_where_the_environment_says(cache):
    assert cache_directory() == cache
    value_of(built())
    assert list(cache.iterdir())


def test_without_the_variable_the_cache_is_the_users(monkeypatch, tmp_path):
    monkeypatch.delenv("GREEDYLR_LAB_CACHE", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name, **_: str(tmp_path / name))
    natives._default_cache.cache_clear()
    try:
        assert cache_directory() == tmp_path / "greedylr-lab"
    finally:
        natives._default_cache.cache_clear()


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="ownership is a POSIX notion")
@pytest.mark.parametrize("private", [True, False])
def test_code_that_others_could_have_placed_is_not_used(private, monkeypatch, tmp_path):
    obstacle = tmp_path / "file"
    obstacle.write_text("")
    shared = tmp_path / f"greedylr-lab-{os.getuid()}"
    shared.mkdir(mode=0o700)
    shared.chmod(0o700 if private else 0o777)
    monkeypatch.delenv("GREEDYLR_LAB_CACHE", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name, **_: str(obstacle / name))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    natives._default_cache.cache_clear()
    try:
        chosen = cache_directory()
        assert (chosen == shared) is private
        assert chosen.stat().st_mode & 0o022 == 0
    finally:
        natives._default_cache.cache_clear()


def raising(p):
    a = vector(p, 4)
    if a[0] > 0.0:
        raise ValueError("no")


def allocating(p):
    a = vector(p, 4)
    b = np.zeros(3)
    a[0] = b[1]


def printing(p):
    print(1.0)  # noqa: T201


def misspelt(p):
    a = vector(p, 4)
    a[0] = squrt(a[1])  # noqa: F821


def lacking(p):
    a = vector(p, 4)
    a[0] = maths.LN3_HI


def nested(p):
    misspelt(p)


@pytest.mark.parametrize(
    ("kernel", "cause"),
    [
        (raising, "must not raise"),
        (allocating, "function zeros"),
        (printing, "must not raise, allocate"),
        (misspelt, "'squrt' is not defined"),
        (lacking, "no attribute 'LN3_HI'"),
        (nested, "'squrt' is not defined"),
    ],
)
def test_what_cannot_stand_alone_is_refused_in_one_line(kernel, cause, cache):
    with pytest.raises(CompilationError) as caught:
        native(kernel, "p")
    message = str(caught.value)
    assert message.startswith(f"kernel {kernel.__name__!r} cannot be compiled: ")
    assert cause in message
    assert "\n" not in message
    assert len(message) < 300
    assert not cache.exists()


def test_the_line_at_fault_is_named(cache):
    with pytest.raises(CompilationError, match=rf"test_native.py line {line_of(allocating) + 2}\b"):
        native(allocating, "p")


def line_of(function: types.FunctionType) -> int:
    return function.__code__.co_firstlineno


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


def test_mathematics_of_the_c_library_is_allowed(cache):
    def kernel(p):
        a = vector(p, 4)
        a[0] = math.exp(a[1]) + math.sin(a[2])

    assert value_of(kernel, 0.5) == math.exp(0.5) + math.sin(0.5)


def test_every_kind_of_argument_arrives(cache):
    def kernel(floats, integers, number, whole, unsigned):
        a, b = vector(floats, 2), vector(integers, 2)
        a[0] = number
        a[1] = fma(1.0, whole, 0.5)
        b[0] = b[1] + 1
        b[1] = 1 if unsigned == np.uint64(2**64 - 1) else 0

    floats, integers = np.zeros(2), np.array([0, 2**53])
    native(kernel, "pqdlu").call(address_of(floats), address_of(integers), 0.1, -(2**40), 2**64 - 1)
    assert floats.tolist() == [0.1, 0.5 - 2**40]
    assert integers.tolist() == [2**53 + 1, 1]


PROGRAM = """
import numpy as np
from lab.engine.native import address_of, native, on_compile
from lab.engine.abi import vector

def kernel(p):
    a = vector(p, 2)
    a[0] = 2.0 * a[1]

on_compile(lambda name: print("compiled", name))
a = np.full(2, 21.0)
native(kernel, "p").call(address_of(a))
print(a[0])
"""


def program(directory: Path, **environment: str) -> list[str]:
    """Lines of `program.py` of a directory, run in a process of its own."""
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=directory, env={**os.environ, **environment},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.split("\n")[:-1]


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def test_a_changed_source_and_a_changed_flag_are_compiled_anew(tmp_path):
    """In a copy of the package, with one cache all along."""
    shutil.copytree(ROOT / "lab", tmp_path / "lab", ignore=shutil.ignore_patterns("__pycache__"))
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


def test_a_home_that_cannot_be_written_is_done_without(tmp_path):
    """The cache lies in the system's temporary directory then, and is found there again."""
    (tmp_path / "home").write_text("a file: nothing can be made below it, not even by root")
    (tmp_path / "temporary").mkdir()
    (tmp_path / "program.py").write_text(PROGRAM)
    home = str(tmp_path / "home" / "below")
    where = {
        "PYTHONPATH": str(ROOT), "HOME": home, "XDG_CACHE_HOME": home, "LOCALAPPDATA": home,
        "GREEDYLR_LAB_CACHE": "", "TMPDIR": str(tmp_path / "temporary"),
    }  # fmt: skip
    assert program(tmp_path, **where) == ["compiled kernel", "42.0"]
    assert program(tmp_path, **where) == ["42.0"]
    (cache,) = (tmp_path / "temporary").iterdir()
    assert cache.name.startswith("greedylr-lab-")
