"""`lab bench`: what it measures, and how it says so."""

import json

import pytest

from experiments import bench


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """One run of few lanes for each workload."""
    monkeypatch.setattr(bench, "SECONDS", 0.0)
    monkeypatch.setattr(bench.run_bench, "__defaults__", (None, lambda text: None, 128))


def test_json_has_the_documented_shape(answer):
    done = answer("bench", "--json", "--threads", "1", "--quiet")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert list(found) == [
        "schema", "version", "instruction_set", "processor", "threads", "lanes", "steps",
        "workloads",
    ]  # fmt: skip
    assert (found["schema"], found["threads"], found["lanes"]) == (1, 1, 128)
    names = [entry["workload"] for entry in found["workloads"]]
    assert names == ["W1", "W2", "W3", "W4", "W5", "W6", "run"]
    for entry in found["workloads"]:
        assert list(entry) == [
            "workload", "landscape", "noise", "channel", "optimizer", "schedules", "one_thread",
            "all_threads",
        ]  # fmt: skip
        # With one thread there is nothing more to measure.
        assert entry["one_thread"] == entry["all_threads"] > 0.0


def test_the_table_has_a_row_a_workload_and_says_on_what(answer):
    done = answer("bench", "--threads", "2")
    lines = done.stdout.splitlines()
    assert bench.instruction_set() in lines[0]
    assert "2 threads" in lines[0]
    assert [line.split()[0] for line in lines[3:10]] == [
        "W1", "W2", "W3", "W4", "W5", "W6", "run",
    ]  # fmt: skip
    assert "rosenbrock, adam, 7 schedules, spikes noise, channel batch" in lines[9]
    assert "W3: rastrigin:dim=10" in done.stderr


def test_one_thread_is_one_column(answer):
    header = answer("bench", "--threads", "1", "--quiet").stdout.splitlines()[1]
    assert header.count("thread") == 1
    assert "speed-up" not in header


def test_throughput_counts_every_schedules_lanes(monkeypatch):
    """A lane-step is a step of one schedule on one seed."""
    clock = iter(range(1000))
    monkeypatch.setattr(bench.time, "perf_counter", lambda: float(next(clock)))
    # Every reading of the clock is a second later than the last: a run takes one.
    rate = bench.throughput(bench.PAIRED, 128, 1)
    assert rate == 7 * 128 * bench.STEPS


@pytest.mark.parametrize(
    ("name", "features", "words"),
    [
        ("skylake-avx512", "+avx2,+avx,+avx512f,-prefer-256-bit", "AVX-512"),
        ("rocketlake", "+avx2,-avx512f", "AVX2"),
        ("sandybridge", "+avx,-avx2", "AVX"),
        ("apple-m1", "+neon", "NEON"),
        ("haswell", "", "the default of haswell"),
    ],
)
def test_instruction_sets(name, features, words, monkeypatch):
    monkeypatch.setattr(bench, "processor", lambda: (name, features))
    assert bench.instruction_set() == words
