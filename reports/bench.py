"""`lab bench` as text and as JSON."""

from __future__ import annotations

from typing import Any

from experiments.bench import Bench
from lab._version import __version__
from reports.text import aligned


def text(bench: Bench) -> str:
    """A table, and what it was measured on."""
    threads = f"{bench.threads} thread{'s' * (bench.threads > 1)}"
    columns = {
        "workload": [found.workload.name for found in bench.workloads],
        "": [found.workload.text for found in bench.workloads],
        "1 thread": [millions(found.one_thread) for found in bench.workloads],
        "ns a lane-step": [f"{1e9 / found.one_thread:.2f}" for found in bench.workloads],
    }
    if bench.threads > 1:
        columns[threads] = [millions(found.all_threads) for found in bench.workloads]
        columns["speed-up"] = [
            f"{found.all_threads / found.one_thread:.2f}" for found in bench.workloads
        ]
    table = [list(columns), *zip(*columns.values(), strict=True)]
    return (
        f"Million lane-steps a second: {bench.instruction_set}, {bench.processor},"
        f" {threads}; {bench.lanes:,} lanes of {bench.steps} steps\n"
        f"{aligned(table, left=2)}\n"
        "A lane-step is one step of one schedule on one seed; nanoseconds are those of one"
        " thread.\nIn `run` the schedules share the draws, as in `lab run`."
    )


def millions(value: float) -> str:
    """Lane-steps a second in millions."""
    return f"{value / 1e6:,.1f}"


def document(bench: Bench) -> dict[str, Any]:
    """The same as a JSON document; numbers are lane-steps a second."""
    return {
        "schema": 1,
        "version": __version__,
        "instruction_set": bench.instruction_set,
        "processor": bench.processor,
        "threads": bench.threads,
        "lanes": bench.lanes,
        "steps": bench.steps,
        "workloads": [
            {
                "workload": found.workload.name,
                "landscape": found.workload.landscape,
                "noise": found.workload.noise,
                "channel": found.workload.channel,
                "optimizer": found.workload.optimizer,
                "schedules": list(found.workload.schedules),
                "one_thread": found.one_thread,
                "all_threads": found.all_threads,
            }
            for found in bench.workloads
        ],
    }
