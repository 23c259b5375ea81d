"""The lines above a figure: as many as its text needs at the figure's width."""

from __future__ import annotations

import textwrap
from typing import Any

#: Characters that have room in an inch at size 7.5, wide ones reckoned with.
AN_INCH = 17.5
#: Height of a line, in inches.
LINE = 0.13


def headline(fig: Any, text: str) -> None:
    """Put `text` above the panels, to the left; the figure grows by the lines that are wrapped.

    Its own line breaks stay. Call it once the figure has its width.
    """
    width, height = fig.get_size_inches()
    given = text.split("\n")
    lines = [part for line in given for part in wrapped(line, int(AN_INCH * width))]
    fig.set_size_inches(width, height + LINE * (len(lines) - len(given)))
    fig.suptitle("\n".join(lines), fontsize=7.5, x=0.01, ha="left")


def wrapped(line: str, characters: int) -> list[str]:
    """A line in pieces, broken at spaces, or within what has none and is too long."""
    return textwrap.wrap(line, characters, break_on_hyphens=False) or [""]
