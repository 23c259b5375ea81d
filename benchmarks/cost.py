"""Time and memory against the work: seeds, steps and coordinates, over three decades each.

Usage: python -m benchmarks.cost

Each size runs in a process of its own, which reports the shortest of several times on one thread
and the most memory it took; the whole ensemble is run, bands included. A line through the
logarithms of sizes and times tells the exponent: 1 is linear. The sweep over coordinates leaves
fewer lanes to the larger dimensions, and shows the time of a lane-step.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

PICTURE = Path(__file__).with_name("cost.svg")
#: What is swept, and the sizes; everything else stays at BASE.
SIZES = {
    "seeds": (1_000, 3_162, 10_000, 31_623, 100_000, 316_228, 1_000_000),
    "steps": (100, 316, 1_000, 3_162, 10_000, 31_623, 100_000),
    "dim": (2, 6, 20, 63, 200, 632, 2_000),
}
BASE = {"seeds": 2_048, "steps": 100, "dim": 2}
#: Numbers that one run of the sweep over coordinates has in all, so that it lasts about as long.
COORDINATES = 2_000_000
REPEATS = 3
#: Seconds after which a size is not run again.
ENOUGH = 3.0
#: Exponents that count as linear; times below the first sizes are fixed costs.
LINEAR = (0.9, 1.1)


def one(seeds: int, steps: int, dim: int) -> dict[str, float]:
    """Seconds and megabytes of one size."""
    import resource

    from experiments.bench import Workload
    from experiments.comparison import LEVELS
    from lab.ensemble import run_ensemble

    names = ("greedy", "cosine")
    workload = Workload("", f"rosenbrock:dim={dim}", "adam", names, "gaussian", "gradient", 1e-4)
    scenario, arms = workload.scenario, workload.arms

    def run(lanes: int, count: int) -> float:
        begun = time.process_time()
        run_ensemble(scenario, arms, count, lanes, LEVELS, threads=1)
        return time.process_time() - begun

    run(128, 10)
    taken = run(seeds, steps)
    for _ in range(REPEATS - 1):
        if taken < ENOUGH:
            taken = min(taken, run(seeds, steps))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    scale = 1024.0**2 if sys.platform == "darwin" else 1024.0
    return {"seconds": taken, "megabytes": peak / scale}


def measure(progress: Any) -> dict[str, list[dict[str, float]]]:
    """All sizes of all sweeps."""
    found: dict[str, list[dict[str, float]]] = {}
    for name, sizes in SIZES.items():
        for size in sizes:
            given = {**BASE, name: size}
            if name == "dim":
                lanes = max(128, COORDINATES // (size * given["steps"]) // 128 * 128)
                given["seeds"] = lanes
            command = [sys.executable, "-m", "benchmarks.cost", *map(str, given.values())]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            result = json.loads(done.stdout.splitlines()[-1])
            lane_steps = 2 * given["seeds"] * given["steps"]
            found.setdefault(name, []).append(
                {"size": size, "ns": 1e9 * result["seconds"] / lane_steps, **result}
            )
            progress(f"cost, {name} {size:,}")
    return found


def slope(rows: list[dict[str, float]], key: str) -> float:
    """Exponent of the least-squares line through the logarithms."""
    x = [math.log(row["size"]) for row in rows]
    y = [math.log(row[key]) for row in rows]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return above / sum((a - mean_x) ** 2 for a in x)


def section(found: dict[str, list[dict[str, float]]]) -> list[str]:
    """Lines of Markdown; draws the picture beside them."""
    draw(found)
    out = [
        "## Cost against work",
        "",
        "Rosenbrock, Adam, Gaussian noise on the gradient, greedy and cosine side by side, bands",
        "included, one thread, processor time. Exponents are those of a line through the",
        "logarithms of all seven sizes, and of the largest four, where the fixed cost of a run no",
        "longer shows.",
        "",
        "![Time, and memory, against seeds, steps and coordinates](cost.svg)",
        "",
    ]
    for name, rows in found.items():
        key = "ns" if name == "dim" else "seconds"
        unit = "ns a lane-step" if name == "dim" else "seconds"
        out += [
            f"| {name} | " + " | ".join(f"{row['size']:,.0f}" for row in rows) + " |",
            "| --- |" + " --- |" * len(rows),
            f"| {unit} | " + " | ".join(f"{row[key]:.3g}" for row in rows) + " |",
            "| MB | " + " | ".join(f"{row['megabytes']:.0f}" for row in rows) + " |",
            "",
            f"Exponent of {name}: {slope(rows, key):.2f}; of the largest four"
            f" {slope(rows[-4:], key):.2f}.",
            "",
        ]
    return out


def draw(found: dict[str, list[dict[str, float]]]) -> None:
    """Times above, memory below, a column a sweep."""
    from matplotlib.figure import Figure

    from reports import style

    with style.applied():
        fig = Figure(figsize=(style.TWO_COLUMNS, 3.4), layout="constrained")
        axes = fig.subplots(2, len(found), sharex="col")
        for column, (name, rows) in enumerate(found.items()):
            key = "ns" if name == "dim" else "seconds"
            sizes = [row["size"] for row in rows]
            times = [row[key] for row in rows]
            top, bottom = axes[:, column]
            top.loglog(sizes, times, "o-", ms=3, label="measured")
            linear = [times[-1] * size / sizes[-1] for size in sizes]
            top.loglog(sizes, linear, ":", color="0.5", label="linear through the last")
            top.set_ylabel("ns a lane-step" if name == "dim" else "seconds")
            top.set_title(f"{name}: exponent {slope(rows[-4:], key):.2f} (largest four)")
            bottom.semilogx(sizes, [row["megabytes"] for row in rows], "o-", ms=3)
            bottom.set_ylim(bottom=0.0)
            bottom.set_ylabel("MB at most")
            bottom.set_xlabel(name)
        axes[0, 0].legend()
        fig.savefig(PICTURE, metadata={"Date": None})


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(json.dumps(one(*map(int, sys.argv[1:]))))
    else:
        print("\n".join(section(measure(lambda text: print(text, file=sys.stderr)))))
