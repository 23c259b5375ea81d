"""All implementations of the workloads against each other: the first table of RESULTS.md."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from experiments.bench import LANES, STEPS, WORKLOADS, instruction_set
from lab.engine.workers import cores

OURS = "laboratory"
NAMES = {
    OURS: "laboratory",
    "hand_c": "C, by hand, same draws",
    "hand_c_xoshiro": "C, by hand, xoshiro256+",
    "jax_best": "JAX, the fastest we could write",
    "jax_usual": "JAX, jit(vmap(scan))",
    "numpy_lanes": "NumPy over lanes",
    "torch_loop": "torch, a run at a time",
}
#: The largest ratio of our time to C's, with the same draws, that was aimed at; 1 where not said.
AIM_C = {"W2": 1.25}
#: How many times our time the others should take at least, on W1.
AIM_W1 = {"jax_best": 6.0, "numpy_lanes": 15.0, "torch_loop": 20_000.0}
AIM_THREADS = 1.9

#: By threads, workload and implementation: what `benchmarks.measure` prints.
Found = dict[int, dict[str, dict[str, dict[str, Any]]]]


def measure(rounds: int, seconds: float, progress: Callable[[str], None]) -> Found:
    """Run `benchmarks.measure` with one thread and with all."""
    found: Found = {}
    flags = os.environ.get("XLA_FLAGS", "")
    if "AVX-512" in instruction_set():
        flags += " --xla_cpu_prefer_vector_width=512"
    for threads in sorted({1, cores()}):
        command = [sys.executable, "-m", "benchmarks.measure", str(threads), str(rounds)]
        process = subprocess.Popen(
            [*command, str(seconds)], stdout=subprocess.PIPE, text=True,
            env={**os.environ, "XLA_FLAGS": flags},
        )  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            part = json.loads(line)
            found.setdefault(threads, {})[part["workload"]] = part["found"]
            progress(f"{part['workload']}, {threads} threads")
        if process.wait():
            raise SystemExit(f"{' '.join(command)} failed")
    return found


def section(found: Found) -> list[str]:
    """Lines of Markdown."""
    out = [
        "## Nanoseconds a lane-step",
        "",
        f"{LANES:,} lanes of {STEPS} steps; loss of every step 0 .. T and rate of every step are",
        "recorded. The arrays of all but torch and the usual JAX, which bring their own, come from",
        "`lab.engine.result_memory`, which hands on the memory of former results. The laboratory",
        "runs through `lab.simulation.simulate`, which also",
        "guards against divergence and keeps final and best loss, its step and the area under the",
        "log loss; the others record what is compared and nothing else. Minimum over interleaved",
        "rounds; in brackets how far the median lies above it.",
        "",
    ]
    out += [f"- {w.name}: {w.text}" for w in WORKLOADS]
    for threads, by_workload in found.items():
        out += ["", f"### {threads} thread{'s' * (threads > 1)}", ""]
        out += table(by_workload, cell)
        out += ["", f"Times the laboratory's, {threads} thread{'s' * (threads > 1)}:", ""]
        out += table(by_workload, times_ours)
    out += ["", *speed_up(found), *agreement(found), *aims(found)]
    return out


def table(by_workload: dict[str, Any], show: Callable[[dict[str, Any], str], str]) -> list[str]:
    """A row an implementation, a column a workload."""
    header = "| | " + " | ".join(by_workload) + " |"
    rows = [header, "| --- |" + " --- |" * len(by_workload)]
    for key, name in NAMES.items():
        cells = " | ".join(show(part, key) for part in by_workload.values())
        rows.append(f"| {name} | {cells} |")
    return rows


def number(value: float) -> str:
    """Three digits, thousands separated."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def best(part: dict[str, Any], key: str) -> float | None:
    """The shortest time of an implementation, or none where it is absent."""
    return min(part[key]["ns"]) if "ns" in part[key] else None


def cell(part: dict[str, Any], key: str) -> str:
    """Minimum and spread."""
    low = best(part, key)
    if low is None:
        return part[key]["absent"]
    above = statistics.median(part[key]["ns"]) / low - 1.0
    return f"{number(low)} (+{100 * above:.0f} %)"


def times_ours(part: dict[str, Any], key: str) -> str:
    """The ratio to the laboratory's time."""
    low, ours = best(part, key), best(part, OURS)
    assert ours is not None
    return "-" if low is None else number(low / ours)


def speed_up(found: Found) -> list[str]:
    """One thread's time over that of all."""
    if len(found) < 2:
        return []
    (_, one), (threads, many) = found.items()
    out = [f"Speed-up of {threads} threads over one:", ""]

    def show(part: dict[str, Any], key: str) -> str:
        name = next(n for n, p in many.items() if p is part)
        before, after = best(one[name], key), best(part, key)
        return "-" if before is None or after is None else f"{before / after:.2f}"

    return [*out, *table(many, show), ""]


def agreement(found: Found) -> list[str]:
    """What was checked, and whether it holds."""
    one = next(iter(found.values()))
    out = [
        "### The same computation",
        "",
        "Without noise, and with the same draws where an implementation has them: the largest",
        "relative difference of a loss or rate in the first 50 steps (lanes that part by more than",
        "1e-5 later: rounding grows along a path, and a comparison of two nearly equal losses may",
        "fall the other way). With draws of its own: the largest difference of a share of lanes",
        "below the laboratory's quantiles at five steps, or of the mean rate, in standard errors.",
        "",
    ]
    rows = table(one, agreed)
    bad = [
        f"{name} {key} ({kind})"
        for name, part in one.items()
        for key, entry in part.items()
        for kind in ("quiet", "noisy", "bands")
        if kind in entry and not entry[kind]["same"]
    ]
    return [*out, *rows, "", f"Not the same: {', '.join(bad) or 'none'}.", ""]


def agreed(part: dict[str, Any], key: str) -> str:
    """One implementation's differences in one workload."""
    entry, words = part[key], []
    for kind in ("quiet", "noisy"):
        if kind in entry:
            parted = entry[kind]["parted"]
            more = f" ({100 * parted:.2g} % part)" if parted else ""
            words.append(f"{entry[kind]['early']:.0e}{more}")
    if "bands" in entry:
        words.append(f"{entry['bands']['worst']:.1f} s.e.")
    return "; ".join(words) or "-"


def aims(found: Found) -> list[str]:
    """Each aim with what was measured."""
    one = next(iter(found.values()))
    rows = ["### Aims", "", "| aim | measured | |", "| --- | --- | --- |"]

    def judge(text: str, value: float | None, met: bool) -> None:
        if value is not None:
            rows.append(f"| {text} | {number(value)} | {'met' if met else 'missed'} |")

    for name, part in one.items():
        ours, c = best(part, OURS), best(part, "hand_c")
        if ours is not None and c is not None:
            bound = AIM_C.get(name, 1.0)
            text = f"{name}: at most {bound:g} times C with the same draws"
            judge(text, ours / c, ours / c <= bound)
    for key, bound in AIM_W1.items():
        ours, other = best(one["W1"], OURS), best(one["W1"], key)
        if ours is not None and other is not None:
            text = f"W1: at least {bound:,g} times faster than {NAMES[key]}"
            judge(text, other / ours, other / ours >= bound)
    if len(found) > 1:
        (_, one), (threads, many) = found.items()
        for name, part in many.items():
            before, after = best(one[name], OURS), best(part, OURS)
            assert before is not None
            assert after is not None
            text = f"{name}: {threads} threads at least {AIM_THREADS} times one"
            judge(text, before / after, before / after >= AIM_THREADS)
    return rows
