"""A scenario in words: what every schedule of a table had in common."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.request import Request
from reports.labels import short
from reports.text import INERT_MARK


def heading(request: Request) -> str:
    """Landscape, noise, optimizer, rate, steps and seeds in one line."""
    return (
        f"{title(request)}, lr {request.lr:g}, {request.steps} steps,"
        f" n = {request.seeds:,} paired seeds"
    )


def title(request: Request) -> str:
    """Landscape, noise and optimizer."""
    strength = "" if _silent(request) else f" at strength {request.strengths[0]:g}"
    optimizer = request.optimizer.component.name
    return f"{request.landscape.text}, {noise(request)}{strength}, {optimizer}"


def noise(request: Request) -> str:
    """Noise and channel, which all scenarios of an experiment share."""
    channel = "" if _silent(request) else f" in channel {request.channel.component.name}"
    return f"noise {request.noise.text}{channel}"


def short_titles(requests: Sequence[Request]) -> list[str]:
    """What tells scenarios apart, in two short lines each, for panels side by side."""
    names = short(request.landscape.text for request in requests)
    return [
        f"{names[request.landscape.text]}\n{request.optimizer.component.name}"
        + ("" if _silent(request) else f", strength {request.strengths[0]:g}")
        for request in requests
    ]


def _silent(request: Request) -> bool:
    return request.scenario(request.strengths[0]).silent


def identity(request: Request) -> dict[str, object]:
    """The same for JSON."""
    return {
        "landscape": request.landscape.text,
        "noise": request.noise.text,
        "channel": request.channel.component.name,
        "strength": request.strengths[0],
        "optimizer": request.optimizer.text,
        "lr": request.lr,
        "steps": request.steps,
        "seeds": request.seeds,
    }


def names(request: Request) -> list[str]:
    """The schedules as they were written, marked where the noise cannot act on them."""
    return [
        written + (INERT_MARK if request.inert(schedule, request.strengths[0]) else "")
        for schedule, written in zip(request.schedules, request.written, strict=True)
    ]


def inert_note(request: Request) -> str:
    """The line that explains the mark, where there is one."""
    if names(request) == list(request.written):
        return ""
    return f"\n{INERT_MARK} the noise cannot act here: same lanes as without noise, bit for bit"
