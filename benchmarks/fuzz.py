"""The command line under bad input, by the thousand.

Usage: python benchmarks/fuzz.py --count N --seed S [--only cli|toml|spec|log|plugin|results]
       python benchmarks/fuzz.py --only log --seed 1 --at 17     (that one input, with its outcome)

Every input runs in this process through `cli.main` with its output captured; every PROCESS_EVERY-th
once more as a process of its own, whose exit code and output must be the same. Components, logs and
study files are read without a command as well, DIRECT inputs for each of those. What counts as a
defect stands in tests/fuzz/judge.py. Ends with exit code 1 when there were any.
"""

from __future__ import annotations

import argparse
import collections
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import FrameType

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.fuzz.commands import command_input  # noqa: E402
from tests.fuzz.direct import READERS, complaint  # noqa: E402
from tests.fuzz.inputs import MAKERS, Input  # noqa: E402
from tests.fuzz.judge import Outcome, command_table, complaints, here  # noqa: E402
from tests.fuzz.results import Damage  # noqa: E402

TARGETS = ("spec", "toml", "log", "cli", "results", "plugin")
PROCESS_EVERY = 100
DIRECT = 20
#: Seconds after which an input counts as one that never ends.
ENDLESS = 120


class Endless(BaseException):
    """An input that does not end."""


def main() -> None:
    options = parsed()
    work = Path(tempfile.mkdtemp(prefix="fuzz-"))
    os.environ.setdefault("GREEDYLR_LAB_CACHE", str(work / "cache"))
    signal.signal(signal.SIGALRM, stop)
    commands = command_table()
    # Whole directories take some seconds to make: only where they are needed.
    damage = Damage(work / "results") if options.only in (None, "results") else None

    def made(target: str, number: int) -> Input:
        rng = Random(f"{options.seed} {target} {number}")
        if target == "cli":
            return command_input(rng, commands)
        return damage.input(rng) if target == "results" and damage else MAKERS[target](rng)

    def read_directly(target: str, number: int) -> str:
        given = made(target, number)
        return complaint(target, given, fresh(work))

    if options.at is not None:
        show(made(options.only, options.at), work)
        return
    targets = [options.only] if options.only else TARGETS
    tried: collections.Counter[str] = collections.Counter()
    codes: collections.Counter[str] = collections.Counter()
    wrong, begun = 0, time.monotonic()
    for target in targets:
        for number in range(options.count):
            given = made(target, number)
            found = list(judged(given, work, number % PROCESS_EVERY == 0, codes))
            tried[target] += 1
            for what in found:
                wrong += 1
                print(f"{target} --at {number}: {what}: {given.arguments}"[:600], flush=True)
        for number in range(DIRECT * options.count if target in READERS else 0):
            what = read_directly(target, number)
            tried[f"{target} without a command"] += 1
            if what:
                wrong += 1
                print(f"{target} --at {number}, read alone: {what}"[:600], flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"inputs     {', '.join(f'{name} {count:,}' for name, count in tried.items())}")
    print(f"outcomes   {', '.join(f'{name} {count:,}' for name, count in sorted(codes.items()))}")
    print(f"defects    {wrong}")
    print(f"time       {time.monotonic() - begun:.0f} s, peak memory {peak:.0f} MB")
    shutil.rmtree(work)
    sys.exit(1 if wrong else 0)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1000, help="inputs a target")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=TARGETS)
    parser.add_argument("--at", type=int)
    return parser.parse_args()


def stop(number: int, frame: FrameType | None) -> None:
    raise Endless


def judged(
    given: Input, work: Path, as_process: bool, codes: collections.Counter[str]
) -> Iterator[str]:
    """What is wrong with an input's outcome, here and as a process."""
    outcome = alone(given, work)
    codes[f"exit {outcome.code}"] += 1
    yield from complaints(given, outcome)
    if as_process:
        codes["as a process too"] += 1
        other = process(given, work)
        for name in ("code", "out"):
            if getattr(outcome, name) != getattr(other, name):
                yield f"{name} differs in a process: {getattr(other, name)!r}"
        if said(outcome.err) != said(other.err):
            yield f"stderr differs in a process: {other.err!r}"


def alone(given: Input, work: Path) -> Outcome:
    place = fresh(work)
    signal.alarm(ENDLESS)
    try:
        return here(given, place)
    except Endless:
        return Outcome("endless", "", "", [], ENDLESS)
    finally:
        signal.alarm(0)


def process(given: Input, work: Path) -> Outcome:
    place = fresh(work)
    for name, content in given.files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    command = [sys.executable, str(ROOT / "cli.py"), *given.arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(
            [os.fsencode(a) for a in command], cwd=place, env=environment, input=given.stdin,
            capture_output=True, timeout=ENDLESS, check=False,
        )  # fmt: skip
    except ValueError:  # an argument with a NUL cannot be given
        return alone(given, work)
    out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    return Outcome(done.returncode, out, err, [], 0.0)


def said(err: str) -> list[str]:
    """The lines of stderr without progress, which holds times."""
    return [line for line in err.splitlines() if not line.startswith("[")]


def fresh(work: Path) -> Path:
    place = work / "place"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    return place


def show(given: Input, work: Path) -> None:
    print(given.arguments, given.files, given.stdin[:300], sep="\n")
    outcome = alone(given, work)
    print(outcome, *complaints(given, outcome), sep="\n")


if __name__ == "__main__":
    main()
