"""All claims, found in their folder, judged on one body of evidence."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments import claims as folder
from experiments.check.claim import Arm, Claim
from experiments.check.evidence import SCHEDULES, Evidence, Names, published_document
from experiments.study.declaration import make_study
from experiments.study.estimate import estimate
from lab.errors import unknown
from lab.statistics.verdict import Verdict

#: Seeds a cell of the full check, and of `--quick`.
FULL_SEEDS, QUICK_SEEDS = 1000, 64


@dataclass(frozen=True)
class Judged:
    """A claim with its arms; the verdict is that of the first, the paper's own setting."""

    claim: Claim
    arms: tuple[Arm, ...]

    @property
    def verdict(self) -> Verdict:
        """The claim's verdict."""
        return self.arms[0].verdict


def all_claims() -> dict[str, Claim]:
    """Every claim by its id, in the order of their numbers."""
    found: dict[str, Claim] = {}
    for info in pkgutil.iter_modules(folder.__path__):
        claim = importlib.import_module(f"experiments.claims.{info.name}").CLAIM
        found[claim.id] = claim
    return dict(sorted(found.items(), key=lambda item: _order(item[0])))


def _order(identifier: str) -> tuple[int, str]:
    digits = re.sub(r"\D", "", identifier)
    return int(digits or 0), identifier


def choose(wanted: Sequence[str]) -> list[Claim]:
    """The claims of these ids; `C9` means both of its parts; none named means all.

    Raises
    ------
    RequestError
        No such claim.
    """
    known = all_claims()
    if not wanted:
        return list(known.values())
    chosen: list[Claim] = []
    for name in wanted:
        matching = [c for key, c in known.items() if re.fullmatch(f"{re.escape(name)}[a-z]?", key)]
        if not matching:
            raise unknown("claim", name, known)
        chosen += matching
    return chosen


def expected_seconds(
    claims: Sequence[Claim], seeds: int, threads: int | None, names: Names = SCHEDULES
) -> float:
    """Wall time of judging these claims, from a part of one grid run a moment before."""
    grid = make_study("published", published_document("published", seeds, names), "published")
    return estimate(grid, threads).seconds * grids(claims)


def grids(claims: Sequence[Claim]) -> float:
    """What these claims cost together, in grids; what several of them need counts once."""
    work: dict[str, float] = {}
    for claim in claims:
        work |= claim.work
    return sum(work.values())


def check(
    wanted: Sequence[str],
    directory: Path,
    seeds: int,
    threads: int | None,
    log: Callable[[str], None],
    names: Names = SCHEDULES,
) -> Iterator[Judged]:
    """Judge the claims one after the other; evidence that several need is made once.

    A check of more than the quick one's seeds first says how long it will take.
    """
    evidence = Evidence(directory, seeds, threads, log, names)
    claims = choose(wanted)
    if seeds > QUICK_SEEDS:
        seconds = expected_seconds(claims, seeds, threads, names)
        log(f"about {seconds:.0f} s, less what is already there")
    for claim in claims:
        log(f"{claim.id}: {claim.title}")
        yield Judged(claim, tuple(claim.evaluate(evidence)))
