"""All measurements of `make bench`, written to RESULTS.md.

Usage: python -m benchmarks.run [ROUNDS [SECONDS]]

ROUNDS (15) interleaved rounds of every implementation, each with at most SECONDS (1) a workload;
then the whole command, and cost against work. A few minutes in all.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from benchmarks import command, compare, cost, machine

RESULTS = Path(__file__).with_name("RESULTS.md")


def main(rounds: int, seconds: float) -> None:
    begun = time.monotonic()

    def say(text: str) -> None:
        print(f"[{time.monotonic() - begun:5.0f} s] {text}", file=sys.stderr, flush=True)

    lines = ["# Speed and memory", "", "Written by `make bench`; not edited by hand.", ""]
    lines += machine.lines()
    lines += ["", *compare.section(compare.measure(rounds, seconds, say)), ""]
    say("lab run")
    lines += command.section(command.small(), command.first(), command.large(command.SEEDS))
    lines += cost.section(cost.measure(say))
    RESULTS.write_text("\n".join(lines).rstrip("\n") + "\n", encoding="utf-8")
    say(f"written: {RESULTS.name}, {cost.PICTURE.name}")


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 15,
        float(sys.argv[2]) if len(sys.argv) > 2 else 1.0,
    )
