"""Whether the tests notice small mistakes: mutation testing of what decides results.

Usage: python benchmarks/mutation.py --count 300 --seed 1 [--only noise]
       python benchmarks/mutation.py --module lab/statistics/holm.py        (every mutant of a file)

The tree is copied; every mutant (`benchmarks/mutants.py`) is one change to one file of the copy,
and is killed by the first test that fails. The test files are those of the module's folder, the
ones that name the module first. A process that has all libraries imported forks for each mutant; a
mutated kernel runs as plain Python wherever `tests/kernels.py` is asked to compile it for few
lanes. A mutant that makes the tests take LONG times as long as without it is killed, too.

Prints one line a mutant, the survivors with their change, and the share killed.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import signal
import sys
import tempfile
import time
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from random import Random

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.mutants import Mutant, mutants  # noqa: E402

#: Parts of the code, by name: the patterns of their files, and the folders or files of their tests.
GROUPS = {
    "schedules": (
        ("lab/schedules/*.py",),
        ("tests/schedules", "tests/test_uncompiled.py", "tests/test_doctests.py"),
    ),
    "optimizers": (("lab/optimizers/*.py",), ("tests/optimizers", "tests/test_uncompiled.py")),
    "noise": (
        ("noise/*.py", "noise/perturbations/*.py"),
        ("tests/noise", "tests/test_uncompiled.py"),
    ),
    "channels": (("noise/channels/*.py",), ("tests/noise", "tests/test_uncompiled.py")),
    "statistics": (("lab/statistics/*.py",), ("tests/statistics",)),
    "claims": (
        ("experiments/check/claim.py", "experiments/claims/*.py"),
        ("tests/experiments/test_claims.py", "tests/experiments/test_claim_rules.py",
         "tests/experiments/test_claim_rules_over_time.py",
         "tests/experiments/test_claim_rules_theory.py",
         "tests/experiments/test_claim_evidence.py", "tests/experiments/test_claim_readings.py"),
    ),
}  # fmt: skip
#: Fewest mutants of a group.
FEWEST = 25
#: A mutant may take so many times what its tests take, and no less than so many seconds.
LONG, SECONDS = 5.0, 20.0
#: Kernels of more lanes than this are compiled after all.
FEW_LANES = 1000
#: What the copy is made of.
COPIED = ("cli.py", "pyproject.toml", "README.md", "lab", "noise", "landscapes", "experiments",
          "reports", "tests", "benchmarks", "studies", "docs", "examples")  # fmt: skip
#: What a file of tests says that goes over all components.
OVER_ALL = (".all()", "REGISTRIES", "all_claims()", "iter_modules", "golden_")
#: Left out: simulations of coverage, by the minute.
LEFT_OUT = "not coverage"
#: Exit statuses of a process of tests that passed, and of one that LEFT_OUT leaves none to.
SURVIVED, NOTHING_CHOSEN = 0, 5 << 8


@dataclass(frozen=True)
class Trial:
    """A mutant of a file, with the tests that shall notice."""

    group: str
    path: str
    mutant: Mutant
    tests: tuple[str, ...]


def main() -> None:
    options = parsed()
    os.nice(10)
    work = Path(tempfile.mkdtemp(prefix="mutation-"))
    try:
        tree = copied(work)
        os.chdir(tree)
        sys.path[0] = str(tree)
        imported()
        keep_cache(work / "cache")
        trials = chosen(options)
        print(f"{len(trials)} mutants", flush=True)
        judged(trials, patience(trials))
    finally:
        shutil.rmtree(work)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=list(GROUPS))
    parser.add_argument("--module", help="Every mutant of one file, or with --count a sample.")
    return parser.parse_args()


def copied(work: Path) -> Path:
    """A copy of the tree."""
    tree = work / "tree"
    tree.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=ignored)
        elif source.exists():
            shutil.copy(source, tree / name)
    os.environ["PYTHONPATH"] = str(tree)
    return tree


def imported() -> None:
    """Import what every test needs and no mutant is in."""
    for name in ("numba", "scipy.stats", "pandas", "pyarrow.parquet", "pytest",
                 "pydantic", "typer", "lab.engine.compiler", "lab.component"):  # fmt: skip
        __import__(name)


def keep_cache(place: Path) -> None:
    """Work on a copy of the cache of kernels: mutants shall not fill the user's."""
    # Only now: what of the laboratory is imported must come from the copy of the tree.
    from lab.engine.native import cache_directory

    if cache_directory().is_dir():
        shutil.copytree(cache_directory(), place)
    os.environ["GREEDYLR_LAB_CACHE"] = str(place)


def chosen(options: argparse.Namespace) -> list[Trial]:
    """A sample of each group in proportion to its mutants; in the order of the files."""
    pools = {name: of_group(name) for name in GROUPS}
    if options.module:
        return [t for pool in pools.values() for t in pool if t.path == options.module]
    total = sum(map(len, pools.values()))
    taken = []
    for name, pool in pools.items():
        if options.only in (None, name):
            share = max(FEWEST, round(options.count * len(pool) / total))
            at = Random(f"{options.seed} {name}").sample(range(len(pool)), min(share, len(pool)))
            taken += [pool[i] for i in sorted(at)]
    return taken


def of_group(group: str) -> list[Trial]:
    patterns, places = GROUPS[group]
    files = [file for place in places for file in test_files(Path(place))]
    trials = []
    for path in sorted(p for pattern in patterns for p in Path().glob(pattern)):
        source = path.read_text(encoding="utf-8")
        tests = ordered(files, path)
        trials += [Trial(group, str(path), mutant, tests) for mutant in mutants(source)]
    return trials


def test_files(place: Path) -> list[Path]:
    return sorted(place.glob("test_*.py")) if place.is_dir() else [place] * place.exists()


def ordered(files: list[Path], path: Path) -> tuple[str, ...]:
    """The files of tests that name a module, or go over all; those that do most often first."""
    names = {path.stem, path.stem.replace("_", "-")}
    texts = {file: file.read_text(encoding="utf-8") for file in files}
    count = {file: sum(map(text.count, names)) for file, text in texts.items()}
    meant = [f for f, text in texts.items() if count[f] or any(word in text for word in OVER_ALL)]
    return tuple(str(f) for f in sorted(meant, key=lambda f: (-count[f], str(f))))


def patience(trials: list[Trial]) -> dict[str, float]:
    """Seconds of each file of tests; without a mutant they pass."""
    seconds = {}
    for file in dict.fromkeys(file for trial in trials for file in trial.tests):
        begun = time.monotonic()
        if run((file,), "", 600.0) not in (SURVIVED, NOTHING_CHOSEN):
            raise SystemExit(f"without a mutant {file} fails")
        seconds[file] = time.monotonic() - begun
    return seconds


def judged(trials: list[Trial], seconds: dict[str, float]) -> None:
    """Try every mutant, and say what came of it."""
    killed: dict[str, list[bool]] = {}
    for number, trial in enumerate(trials, 1):
        dead = is_killed(trial, max(SECONDS, LONG * sum(seconds[file] for file in trial.tests)))
        killed.setdefault(trial.group, []).append(dead)
        where = f"{trial.path}:{trial.mutant.line} {trial.mutant.kind}"
        print(f"{number} {'killed' if dead else 'SURVIVED'} {where}", flush=True)
        if not dead:
            print(trial.mutant.difference(Path(trial.path).read_text(encoding="utf-8")), flush=True)
    for group, outcomes in killed.items():
        print(f"{group}: {sum(outcomes)} of {len(outcomes)} killed")
    every = [dead for outcomes in killed.values() for dead in outcomes]
    print(f"all: {sum(every)} of {len(every)} killed, {100 * sum(every) / len(every):.1f} %")


def is_killed(trial: Trial, seconds: float) -> bool:
    path = Path(trial.path)
    source = path.read_text(encoding="utf-8")
    # Byte code is told from its source by seconds and length, which a mutant may share.
    shutil.rmtree(path.parent / "__pycache__", ignore_errors=True)
    try:
        path.write_text(trial.mutant.of(source), encoding="utf-8")
        return run(trial.tests, str(path), seconds) != SURVIVED
    finally:
        path.write_text(source, encoding="utf-8")


def run(tests: tuple[str, ...], mutated: str, seconds: float) -> int:
    """Exit code of the tests in a process of their own; that of a kill where they do not end."""
    child = os.fork()
    if child == 0:
        os.setpgrp()
        os._exit(tested(tests, mutated))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def tested(tests: tuple[str, ...], mutated: str) -> int:
    import pytest

    sys.dont_write_bytecode = bool(mutated)
    options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", LEFT_OUT]
    told = io.StringIO()
    with redirect_stdout(told), redirect_stderr(told):
        try:
            interpreted(mutated.removesuffix(".py").replace("/", "."))
            code = int(pytest.main([*options, *tests]))
        except BaseException as error:
            print(repr(error))
            code = 1
    if code not in (0, 5) and not mutated:
        print(told.getvalue(), flush=True)
    return code


def interpreted(module: str) -> None:
    """Have the kernels of a module run as plain Python where tests would compile them."""
    from tests import kernels

    compiled = kernels.run_compiled

    def either(kernel, fields, *arguments, **options):
        lanes = next(iter(fields.values())).shape[-1]
        plain = kernel.__module__ == module and lanes <= FEW_LANES
        return (kernels.run_plain if plain else compiled)(kernel, fields, *arguments, **options)

    kernels.run_compiled = either


if __name__ == "__main__":
    main()
