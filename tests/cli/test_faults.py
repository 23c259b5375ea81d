"""What goes wrong around a command: signals, little memory, a full or read-only disk, no cache."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time

import pytest

from lab import memory
from lab.errors import RequestError
from tests.cli.process import RUN, assert_refused

LONG = (
    "run", "--landscape", "rosenbrock", "--noise", "gaussian", "--seeds", "20000000",
    "--steps", "1000", "--no-tune", "--threads", "1",
)  # fmt: skip


def at_work(lab, line="seeds, strength"):
    """A long run that has got to a line of its progress."""
    process = lab.start(*LONG)
    for said in process.stderr:
        if line in said:
            return process
    raise AssertionError(f"it ended before {line!r}")


def test_an_interrupt_during_the_first_compilation_is_not_lost(lab):
    lab.environment["GREEDYLR_LAB_CACHE"] = str(lab.directory.parent / "empty-cache")
    process = at_work(lab, "compiling kernels")
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "lab: interrupted"
    assert "ignored" not in err
    assert lab.tree() == []


def test_two_interrupts_leave_nothing_either(lab):
    process = at_work(lab)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    # Where the first has already put all away, the second one ends the process as it stands.
    assert process.returncode in (130, -signal.SIGINT)
    assert out == ""
    assert "Traceback" not in err
    assert lab.tree() == []


def test_sigterm_leaves_nothing(lab):
    process = at_work(lab)
    time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (143, "")
    assert err.splitlines()[-1] == "lab: terminated"
    assert lab.tree() == []


#: Queries that DuckDB works at for very long, each in another part of it.
ENDLESS = [
    "select count(*) from range(100000000000) t(a), range(10)",
    "select a from range(100000000000) t(a) order by hash(a)",
    "with recursive r(n) as (select 1 union all select n + 1 from r) select max(n) from r",
    "select a from range(100000000000) t(a)",
]


@pytest.mark.parametrize("sql", ENDLESS)
def test_an_interrupt_ends_a_query(finished, sql):
    pytest.importorskip("duckdb")
    lab, _ = finished
    process = lab.start("query", "out", sql)
    # Before the query it imports for half a second; any moment will do.
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err.splitlines()) == (130, ["lab: interrupted"])


class TestMemory:
    def test_a_library_that_finds_no_room_is_no_defect(self, answer, monkeypatch):
        def listing(registry):
            try:
                raise OSError("libLLVM.so: failed to map segment from shared object")
            except OSError as error:
                raise OSError("it could not be found") from error

        monkeypatch.setattr("reports.listing.listing", listing)
        done = answer("list", "schedules")
        assert done.returncode == 1
        assert done.stderr == "lab: out of memory: a library could not be loaded\n"

    @pytest.mark.parametrize(
        "arguments",
        [
            ("run", "--landscape", "rosenbrock", "--steps", "2000000000", "--seeds", "1"),
            ("run", "--landscape", "rosenbrock", "--seeds", "500000000000", "--steps", "1"),
            ("trace", "--landscape", "rosenbrock:dim=1000", "--steps", "1000000"),
        ],
    )
    def test_what_cannot_fit_is_refused_before_the_work(self, arguments, answer, monkeypatch):
        monkeypatch.setattr(memory, "available", lambda: 2_000_000_000)
        assert_refused(answer(*arguments), "memory: ", " needs about ", "2.0 GB are available; ")

    def test_a_study_too(self, answer, monkeypatch, tmp_path):
        monkeypatch.setattr(memory, "available", lambda: 1_000_000_000)
        (tmp_path / "study.toml").write_text(
            'seeds = 90000\n[constants]\nsteps = 100000\n[keep]\nbands = "all"\n'
            '[axes]\nlandscape = ["rosenbrock"]\nschedule = ["constant"]\n'
        )
        for more in ((), ("--dry-run",)):
            assert_refused(answer("sweep", "study.toml", *more), "memory: ", "threads")
        assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]

    def test_small_needs_are_not_looked_at(self, monkeypatch):
        monkeypatch.setattr(memory, "available", lambda: pytest.fail("asked"))
        memory.require(1e6, "a little", "nothing")

    def test_where_the_system_does_not_say_nothing_is_refused(self, monkeypatch):
        monkeypatch.setattr(memory, "available", lambda: None)
        memory.require(1e15, "much", "nothing")

    @pytest.mark.skipif(sys.platform != "linux", reason="the limit is read from Linux' /proc")
    def test_the_limit_of_the_process_counts(self):
        script = (
            "import resource; resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31));"
            "from lab.memory import available; print(available())"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )
        assert 0 < int(done.stdout) < 2**31

    def test_control_groups_count(self, tmp_path, monkeypatch):
        contents = {
            "memory.max": "1000\n", "memory.current": "700\n",
            "memory.stat": "anon 500\ninactive_file 200\n",
        }  # fmt: skip
        for name, text in contents.items():
            (tmp_path / name).write_text(text)
        monkeypatch.setattr(memory, "_groups", lambda: [tmp_path])
        assert memory.available() == 500
        with pytest.raises(RequestError, match=r"0\.0 GB are available; less"):
            memory.require(1e9, "this", "less")

    def test_what_was_not_foreseen_is_one_line(self, answer, monkeypatch):
        def exhausted(*arguments, **options):
            raise MemoryError

        monkeypatch.setattr("experiments.trace.simulate", exhausted)
        done = answer("trace", "--landscape", "rosenbrock")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == "lab: out of memory: take fewer steps, seeds or threads\n"


def test_a_full_disk_is_one_line_and_leaves_nothing(lab):
    limit = 10_000

    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    process = lab.start(*RUN, "--seeds", "5000", "--json", "--out", "out", preexec_fn=small_files)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (1, "")
    last = err.splitlines()[-1]
    assert last.startswith("lab: out: 'out' cannot be written: ")
    assert last.endswith("nothing half-written is left")
    assert lab.tree() == []


def test_a_directory_that_cannot_be_written_is_refused(lab):
    place = lab.directory / "readonly"
    place.mkdir()
    if os.getuid() == 0:
        mount = shutil.which("mount")
        options = ["-t", "tmpfs", "-o", "ro", "tmpfs", str(place)]
        if mount is None or subprocess.run([mount, *options], check=False).returncode:
            pytest.skip("root may write everywhere, and mounting is not permitted here")
    else:
        place.chmod(0o500)
    try:
        assert_refused(lab(*RUN, "--out", "readonly/out"), "'readonly/out' cannot be written")
        assert_refused(lab(*RUN, "--out", "readonly"), "'readonly' cannot be written")
    finally:
        if os.getuid() == 0:
            subprocess.run(["umount", str(place)], check=True)


def test_a_clock_that_goes_back_is_no_matter(answer, monkeypatch, tmp_path):
    import json

    now = [2e9]

    def back():
        now[0] -= 1000.0
        return now[0]

    monkeypatch.setattr(time, "time", back)
    done = answer(*RUN, "--no-tune", "--json", "--schedule", "constant", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["seconds"] >= 0.0
