"""The cache of machine code: where it lies, and what happens where it is damaged or closed."""

import os
import sys
from contextlib import nullcontext

import pytest

from lab.engine import native as natives
from lab.engine.native import cache_directory, digest
from tests.engine.compiling import PROGRAM, ROOT, built, forget, program, value_of


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


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_an_entry_that_cannot_be_put_in_its_place_leaves_nothing(error, cache, monkeypatch):
    """Neither where the disk says no, nor where somebody interrupts."""

    def refuse(*arguments):
        raise error

    monkeypatch.setattr("os.replace", refuse)
    with nullcontext() if error is OSError else pytest.raises(error):
        natives._save("key", "symbol", b"code")
    assert list(cache.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="limits of files are signalled otherwise")
def test_an_entry_that_finds_the_disk_full_leaves_nothing(tmp_path):
    (tmp_path / "program.py").write_text(
        "import resource, signal\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n" + PROGRAM
    )
    where = {"PYTHONPATH": str(ROOT), "GREEDYLR_LAB_CACHE": str(tmp_path / "cache")}
    assert program(tmp_path, **where) == ["compiled kernel", "42.0"]
    assert list((tmp_path / "cache").iterdir()) == []


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
