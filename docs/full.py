"""Run the full designs of the pages, and keep what they print and draw in docs/full/.

    python docs/full.py [NAME...]      (default: all of them, which takes an hour or two)

Each entry of `RUNS` leaves `docs/full/NAME.txt`: its commands, when and where they ran and for how
long, what they printed; and its figures beside it. Pages show parts of these files
(`tests/docs/pages.py` says how), and tests hold them to the files and the files to the code: a run
whose request would have another hash today is stale. `make studies-full` runs this; the result
directories stay in `results/full/`.
"""

import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "docs" / "full"
PLACE = ROOT / "results" / "full"


@dataclass(frozen=True)
class Run:
    """Commands that run one after the other in `results/full/`.

    The first leaves the result directory NAME, with its manifest. figures: in that directory, by
    the name that they get in `docs/full/`.
    """

    commands: tuple[str, ...]
    figures: tuple[tuple[str, str], ...] = ()


#: Of the scenarios of a study in each group: how often the interval of the ratio of medians to the
#: reference lies below and above 1, and the middle one of the ratios.
COUNTED = (
    "count(*) as scenarios, sum((ratio_high < 1)::int) as below,"
    " sum((ratio_low > 1)::int) as above,"
    " round(median(ratio), 3) as middle from cells where schedule"
)
RUNS = {
    "ablation": Run(
        ("lab ablate --threads 1 --out ablation",),
        (
            ("report/ablation-indices.svg", "ablation-indices.svg"),
            ("report/ablation-effects.svg", "ablation-effects.svg"),
        ),
    ),
    "ablation-tuned": Run(
        ("lab ablate --tuned --threads 1 --out ablation-tuned",),
        (("report/ablation-indices.svg", "ablation-tuned-indices.svg"),),
    ),
    "tune": Run(
        (
            "lab tune --landscape rosenbrock --landscape quadratic --landscape ackley --noise none"
            " --noise gaussian --noise spikes --channel batch --channel metric"
            " --against greedy-kesten --against greedy-robust --against constant --threads 1"
            " --out tune",
        ),
    ),
    "tune-each": Run(
        (
            "lab tune --each --noise gaussian --against cosine --against one-cycle"
            " --against constant --threads 1 --out tune-each",
        ),
        (("report/tune-each.svg", "tune-each.svg"),),
    ),
    "robust": Run(
        (
            "lab sweep studies/greedy-robust.toml --threads 1 --out robust",
            f"lab query robust \"select noise, channel, {COUNTED} = 'greedy-robust' group by all"
            ' order by all"',
            f"lab query robust \"select schedule, optimizer, steps, perturb, {COUNTED} <> 'greedy'"
            ' group by all order by all"',
            f"lab query robust \"select landscape, optimizer, {COUNTED} = 'greedy-robust'"
            ' group by all order by all"',
            "python examples/greedy_robust_gain.py",
        ),
    ),
    "rank-tuned": Run(
        ("lab rank --noise all --perturb all --threads 1 --out rank-tuned",),
        (
            ("report/rank-forest-tuned.svg", "rank-forest-tuned.svg"),
            ("report/rank-forest-default.svg", "rank-forest-default.svg"),
        ),
    ),
    "rank-evaluations": Run(
        (
            "lab rank --noise all --perturb none --budget evaluations --tuning-seeds 0 --threads 1"
            " --out rank-evaluations",
        ),
    ),
    "rank-channels": Run(
        (
            "lab rank --noise all --channel all --perturb none --tuning-seeds 0 --threads 1"
            " --out rank-channels",
        ),
    ),
    "rank-parameters": Run(
        (
            "lab rank --noise all --channel parameters --perturb none --tuning-seeds 0 --threads 1"
            " --out rank-parameters",
        ),
    ),
    "rank-whole": Run(
        (
            "lab rank --contender all --noise all --channel all --perturb all --threads 1"
            " --out rank-whole",
        ),
    ),
}


def record(name: str) -> None:
    """Run one entry and write its files."""
    run = RUNS[name]
    parts = [record_of(command, name if i == 0 else "") for i, command in enumerate(run.commands)]
    KEPT.mkdir(exist_ok=True)
    (KEPT / f"{name}.txt").write_text("\n".join(parts), encoding="utf-8")
    for source, target in run.figures:
        shutil.copyfile(PLACE / name / source, KEPT / target)


def record_of(command: str, result: str) -> str:
    """A command, a remark on its run, and its output; `result` is the directory that it leaves."""
    program, *arguments = shlex.split(command)
    started, before = time.time(), cpu()
    shown = subprocess.run(
        [sys.executable, *(["-m", "cli"] if program == "lab" else []), *arguments],
        cwd=PLACE, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True,
        check=True,
    ).stdout  # fmt: skip
    spent = remark(started, time.time() - started, cpu() - before, result)
    lines = "".join(f"{line.rstrip()}\n" for line in shown.strip("\n").splitlines())
    return f"$ {command}\n# {spent}\n\n{lines}"


def remark(started: float, seconds: float, busy: float, result: str) -> str:
    """When it ran, for how long, and, from the manifest, with what and where."""
    day = time.strftime("%Y-%m-%d", time.gmtime(started))
    text = f"{day}: {seconds:,.0f} s, of which {busy:,.0f} s of processor time"
    if result:
        manifest = json.loads((PLACE / result / "manifest.json").read_text(encoding="utf-8"))
        machine, versions = manifest["machine"], manifest["versions"]
        text += (
            f"; {machine['cores']} cores {machine['processor']}; greedylr-lab"
            f" {versions['greedylr-lab']}, python {versions['python']}, numpy {versions['numpy']};"
            f" hash {manifest['hash']}"
        )
    return text


def cpu() -> float:
    """Processor time of all finished child processes, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    PLACE.mkdir(parents=True, exist_ok=True)
    for folder in ("examples", "studies"):
        shutil.copytree(ROOT / folder, PLACE / folder, dirs_exist_ok=True)
    for name in sys.argv[1:] or RUNS:
        print(name, flush=True)
        record(name)
