"""Several scenarios in one experiment: every landscape with every optimizer at every strength."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.request import Request, make_request
from lab.engine.abi import BLOCK
from lab.errors import RequestError
from lab.memory import require
from lab.store.manifest import identity_hash

#: Losses held at a time, in bytes.
SERIES_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Grid:
    """The scenarios of an experiment, alike in all but landscape, optimizer, strength and rate."""

    experiment: str
    requests: tuple[Request, ...]

    @property
    def first(self) -> Request:
        """The first scenario: it speaks for all where they are alike."""
        return self.requests[0]

    @property
    def name(self) -> str:
        """Short name for a result directory."""
        landscapes = dict.fromkeys(r.landscape.component.name for r in self.requests)
        return "-".join([self.experiment, *landscapes])

    def identity(self) -> dict[str, Any]:
        """All that determines the numbers, as plain JSON values."""
        return {
            "experiment": self.experiment,
            "scenarios": [request.identity() for request in self.requests],
        }

    @property
    def hash(self) -> str:
        """Ten hexadecimal digits of the identity."""
        return identity_hash(self.identity())


def make_scenarios(
    landscapes: Sequence[str],
    optimizers: Sequence[str],
    strengths: Sequence[float],
    **options: Any,
) -> tuple[Request, ...]:
    """A checked request for each combination; the other options are those of `make_request`.

    Raises
    ------
    RequestError
        As `make_request`; or a combination is asked for twice.
    """
    requests = tuple(
        make_request(landscape, optimizer=optimizer, strength=strength, **options)
        for landscape in landscapes
        for optimizer in optimizers
        for strength in strengths
    )
    seen: list[str] = []
    for request in requests:
        seen.append(request.hash)
        if request.hash in seen[:-1]:
            raise RequestError(
                f"{request.landscape.text} with {request.optimizer.text} at strength"
                f" {request.strengths[0]:g} is asked for twice"
            )
    return requests


def require_seeds(
    numbers: float, seeds: int, what: str, option: str = "seeds", also: float = 0.0
) -> None:
    """Refuse seeds of which there is no room for so many numbers each.

    what: what runs on the seeds, in words. option: what to ask less of. also: further bytes.

    Raises
    ------
    RequestError
        With what is needed and what there is.
    """
    require(8.0 * numbers * seeds + also, f"{seeds:,} seeds of {what}", f"take fewer {option}")


def lane_chunks(lanes: int, arms: int, rows: int, kept: float = 2.0) -> Iterator[tuple[int, int]]:
    """First lane and number of lanes of parts whose series of so many rows fit in memory.

    kept: numbers that there are of every lane of every arm in the end, copies among them.

    Raises
    ------
    RequestError
        There is no room for those.
    """
    # Of a part there are the losses, a copy of them and what is made of that.
    require_seeds(kept * arms, lanes, f"{arms} schedules", also=3.0 * SERIES_BYTES)
    width = max(1, SERIES_BYTES // (8 * arms * rows) // BLOCK) * BLOCK
    for first in range(0, lanes, width):
        yield first, min(width, lanes - first)
