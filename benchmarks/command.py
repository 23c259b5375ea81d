"""The whole command against the kernel: `lab run` at 2,000 seeds, and at very many.

Usage: python -m benchmarks.command [SEEDS]

Two measurements. `lab run` as a process: seconds from the start until the table stands on stdout,
until the figure is written, and to the end; and until the table with an empty cache of kernels. The
same comparison in this process at SEEDS
seeds (1,000,000) x 200 steps x 5 schedules, phase by phase, with processor time and the most memory
at any moment, against the time that the engine takes for the same lanes: recording the loss and the
rate of every step, as where it is compared with other implementations, and keeping no series.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SEEDS = 1_000_000
SCHEDULES = ("greedy", "constant", "cosine", "exponential", "reduce-on-plateau")
RUN = ("run", "--landscape", "rosenbrock", "--noise", "spikes")
ROUNDS, FIRST_ROUNDS = 5, 3
#: Lanes that the engine's own time is measured on, few enough to be recorded, and how often.
SAMPLE, REPEATS = 8192, 10
#: Functions of the profile that are shown.
SHOWN = 12
AIM_TABLE, AIM_FIGURE, AIM_FIRST, AIM_SHARE, AIM_MEMORY = 1.0, 2.0, 5.0, 0.5, 1000.0


def process(place: Path, **variables: str) -> tuple[float, float, float]:
    """Seconds until the table, the figure, the end of `lab run`."""
    out = place / "out"
    begun = time.monotonic()
    running = subprocess.Popen(
        [sys.executable, str(ROOT / "cli.py"), *RUN, "--out", str(out)], cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stdout is not None
    table = 0.0
    for line in running.stdout:
        # The last line of the tables; what follows is printed after the figure.
        if line.startswith("Each at its tuned rate"):
            table = time.monotonic() - begun
            break
    # The directory appears with the figure in it, whole.
    while not (out / "report" / "bands.svg").exists() and running.poll() is None:
        time.sleep(0.002)
    figure = time.monotonic() - begun
    running.communicate()
    if running.returncode:
        raise SystemExit("lab run failed")
    return table, figure, time.monotonic() - begun


def small() -> tuple[float, float, float]:
    """The fastest of several warm runs, each time for itself."""
    with tempfile.TemporaryDirectory() as name:
        taken = []
        for number in range(ROUNDS + 1):
            place = Path(name) / str(number)
            place.mkdir()
            taken.append(process(place))
        taken = taken[1:]
    table, figure, end = (min(column) for column in zip(*taken, strict=True))
    return table, figure, end


def first() -> float:
    """Seconds until the table where no kernel is compiled yet; the fastest of a few."""
    taken = []
    for _ in range(FIRST_ROUNDS):
        with tempfile.TemporaryDirectory() as name:
            taken.append(process(Path(name), GREEDYLR_LAB_CACHE=str(Path(name) / "cache"))[0])
    return min(taken)


def large(seeds: int) -> dict[str, Any]:
    """Measure in a process of its own, so that its memory is its own."""
    import json

    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.command", str(seeds), "--inner"],
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def inner(seeds: int) -> dict[str, Any]:
    """The phases of one comparison at many seeds."""
    import resource

    from experiments import comparison, rows
    from experiments.request import make_request
    from lab.simulation import Keep, simulate

    def made(count: int) -> Any:
        return make_request("rosenbrock", "spikes", seeds=count, schedules=SCHEDULES)

    request = made(seeds)
    comparison.compare(made(500))  # imports and loads all code

    def kernel(keep: Keep) -> tuple[float, float]:
        """Seconds and processor seconds for all lanes, from the fastest run of some."""
        taken = []
        for _ in range(REPEATS):
            wall, cpu = time.perf_counter(), time.process_time()
            simulate(request.scenario(0.5), request.arms(), request.steps, SAMPLE, keep=keep)
            taken.append((time.perf_counter() - wall, time.process_time() - cpu))
        return tuple(seeds / SAMPLE * min(column) for column in zip(*taken, strict=True))

    recording = kernel(Keep(lr=True, lr_mean=False))
    nothing = kernel(Keep(loss=False, lr_mean=False))
    phases: list[dict[str, Any]] = []
    last = [0.0, 0.0]

    def phase(name: str) -> None:
        now = [time.perf_counter(), time.process_time()]
        if phases:
            phases[-1] |= {"wall": now[0] - last[0], "cpu": now[1] - last[1]}
        phases.append({"phase": name})
        last[:] = now

    profile = cProfile.Profile()
    profile.enable()
    found = comparison.compare(request, None, phase)
    with tempfile.TemporaryDirectory(dir=".") as place:
        phase("rows and bands to Parquet")
        rows.write(Path(place), request, found)
        phase("end")
    profile.disable()
    stats: Any = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    busiest = sorted(stats.items(), key=lambda entry: -entry[1][2])[:SHOWN]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seeds": seeds,
        "recording": recording,
        "nothing": nothing,
        "phases": phases[:-1],
        "megabytes": peak / (1024.0**2 if sys.platform == "darwin" else 1024.0),
        "profile": [
            [f"{Path(file).name}:{line} {name}" if line else name, calls, own]
            for (file, line, name), (calls, _, own, _, _) in busiest
        ],
    }


def section(times: tuple[float, float, float], cold: float, found: dict[str, Any]) -> list[str]:
    """Lines of Markdown."""
    table, figure, end = times
    wall = sum(phase["wall"] for phase in found["phases"])
    share, least = (found[name][0] / wall for name in ("recording", "nothing"))
    return [
        "## The whole command",
        "",
        f"`lab {' '.join(RUN)}` (2,000 seeds, 7 schedules), warm, as a process: the table",
        f"after {table:.2f} s, the figure after {figure:.2f} s, the page and the end after"
        f" {end:.2f} s; the shortest of {ROUNDS}. With no kernel compiled yet the table comes",
        f"after {cold:.2f} s, the shortest of {FIRST_ROUNDS}.",
        "",
        f"{found['seeds']:,} seeds x 200 steps x {len(SCHEDULES)} schedules, with bands, intervals,"
        " the runs without noise and at tuned rates, and rows on the disk:",
        "",
        "| phase | seconds | of processors |",
        "| --- | --- | --- |",
        *(f"| {p['phase']} | {p['wall']:.2f} | {p['cpu']:.2f} |" for p in found["phases"]),
        f"| all | {wall:.2f} | {sum(p['cpu'] for p in found['phases']):.2f} |",
        "| the engine alone, recording losses and rates | {:.2f} | {:.2f} |".format(
            *found["recording"]
        ),
        "| the engine alone, keeping no series | {:.2f} | {:.2f} |".format(*found["nothing"]),
        "",
        f"Share of the engine's throughput: {100 * share:.0f} % of what it has when it records as",
        f"in the tables above, {100 * least:.0f} % of what it has when it keeps no series. Most",
        f"memory: {found['megabytes']:.0f} MB.",
        "",
        "Where the main thread was (`acquire` is waiting for the engine's threads):",
        "",
        "| function | calls | seconds |",
        "| --- | --- | --- |",
        *(f"| `{name}` | {calls:,} | {own:.2f} |" for name, calls, own in found["profile"]),
        "",
        "| aim | measured | |",
        "| --- | --- | --- |",
        _aim(f"table within {AIM_TABLE:g} s", table, table <= AIM_TABLE),
        _aim(f"kernels compiled within {AIM_FIRST:g} s", cold - table, cold - table <= AIM_FIRST),
        _aim(f"figure within {AIM_FIGURE:g} s", figure, figure <= AIM_FIGURE),
        _aim("half of the engine's throughput, recording", share, share >= AIM_SHARE),
        _aim("the same, keeping no series", least, least >= AIM_SHARE),
        _aim("memory below 1 GB, in MB", found["megabytes"], found["megabytes"] < AIM_MEMORY),
        "",
    ]


def _aim(text: str, value: float, met: bool) -> str:
    return f"| {text} | {value:.3g} | {'met' if met else 'missed'} |"


if __name__ == "__main__":
    import json

    given = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    if "--inner" in sys.argv:
        print(json.dumps(inner(given)))
    else:
        print("\n".join(section(small(), first(), large(given))))
