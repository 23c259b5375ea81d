"""One look for every figure: sizes, type, and one fixed colour a schedule.

The palette is Okabe and Ito's (Color Universal Design, 2008), which readers with any of the common
colour vision deficiencies can tell apart; each colour also has a line style of its own.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

#: Widths of one and two columns of a journal page, in inches.
ONE_COLUMN, TWO_COLUMNS = 3.4, 7.1

COLOURS = {
    "greedy": "#D55E00",
    "greedy-paper": "#E69F00",
    "greedy-research": "#A6761D",
    "greedy-simple": "#B15928",
    "constant": "#000000",
    "linear": "#56B4E9",
    "cosine": "#0072B2",
    "cosine-restarts": "#009E73",
    "exponential": "#CC79A7",
    "reduce-on-plateau": "#7F7F7F",
}
#: Lengths of dashes and gaps, in points; what is not here is solid.
DASHES = {
    "constant": (1.0, 1.6),
    "linear": (6.0, 1.8),
    "cosine": (3.5, 1.5),
    "cosine-restarts": (4.0, 1.5, 1.0, 1.5),
    "exponential": (2.0, 1.2),
    "reduce-on-plateau": (5.0, 1.4, 1.0, 1.4, 1.0, 1.4),
}
#: Dashes of further variants of one schedule, whose shades of its colour are lighter.
VARIANTS = ((5.0, 1.5), (2.0, 1.5), (7.0, 1.5, 2.0, 1.5), (1.0, 1.0))
PAPER, NIGHT = "#FFFFFF", "#15181D"
#: Worst to best in heat maps, on paper and at night: how far from the best.
HEAT = ("#FFFFFF", "#FDE3C1", "#F7B572", "#DD7A3B", "#A8431F", "#5F1D10")
HEAT_NIGHT = ("#1B2027", "#3B2A22", "#6E3A22", "#A8552A", "#DE8A4E", "#FFD9B0")
#: Hues and dashes for schedules without a colour above.
SPARE_DASHES = ((), (5.0, 1.0), (2.5, 1.0, 1.0, 1.0), (1.5, 1.0))
SPARE = ("#117733", "#882255", "#44AA99", "#999933", "#AA4499", "#332288", "#661100", "#6699CC")

SETTINGS: Any = {
    "font.size": 7.0,
    "axes.titlesize": 7.5,
    "axes.labelsize": 7.0,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "lines.linewidth": 1.2,
    "legend.frameon": False,
    "legend.fontsize": 6.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "greedylr-lab",
    "pdf.fonttype": 42,
    "savefig.dpi": 200,
}


@contextmanager
def applied(more: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Have Matplotlib draw with SETTINGS, and `more`, whatever the user's own settings are."""
    import matplotlib as mpl

    settings: Any = {**SETTINGS, **(more or {})}
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(settings)
        yield


@dataclass(frozen=True)
class Line:
    """How one schedule is drawn: its colour on paper and at night, of its name, and its dashes."""

    colour: str
    night: str
    text: str
    dashes: tuple[float, ...]

    @property
    def style(self) -> Any:
        """The dashes as matplotlib wants them."""
        return (0, self.dashes) if self.dashes else "-"


def lines(schedules: Sequence[str]) -> list[Line]:
    """A line for each schedule, given as it is written; variants of one share its hue."""
    seen: dict[str, int] = {}
    found = []
    for schedule in schedules:
        name = schedule.split(":", 1)[0]
        number = seen.get(name, 0)
        seen[name] = number + 1
        found.append(_line(name, number))
    return found


def _line(name: str, variant: int) -> Line:
    base = colour(name)
    shade = mixed(base, PAPER, min(0.22 * variant, 0.66))
    dashes = VARIANTS[(variant - 1) % len(VARIANTS)] if variant else _dashes(name)
    return Line(legible(shade, PAPER, 1.9), _at_night(shade), legible(shade, PAPER, 4.5), dashes)


def _dashes(schedule: str) -> tuple[float, ...]:
    """The fixed dashes of a schedule: solid, or by its name where its colour is a spare one."""
    if schedule in COLOURS:
        return DASHES.get(schedule, ())
    # Bits of the digest that the hue does not use: two that share it seldom share both.
    return SPARE_DASHES[(zlib.crc32(schedule.encode()) >> 23) % len(SPARE_DASHES)]


def _at_night(shade: str) -> str:
    """The colour on a dark ground; black turns to white, as ink does."""
    black = luminance(shade) < 0.02
    return "#F2F2F2" if black else legible(shade, NIGHT, 3.6)


def colour(schedule: str) -> str:
    """The fixed colour of a schedule; one that has none gets one by its name, always the same."""
    return COLOURS.get(schedule) or SPARE[zlib.crc32(schedule.encode()) % len(SPARE)]


def legible(colour: str, ground: str, contrast: float) -> str:
    """The colour, moved away from the ground's lightness until it stands out; the hue stays.

    `contrast` is the ratio of the Web Content Accessibility Guidelines 2.1: 4.5 for text, 3 for
    lines.
    """
    towards = PAPER if luminance(ground) < 0.2 else "#000000"
    for percent in range(0, 101, 2):
        moved = mixed(colour, towards, percent / 100)
        light, dark = sorted((luminance(moved), luminance(ground)), reverse=True)
        if (light + 0.05) / (dark + 0.05) >= contrast:
            return moved
    return towards


def mixed(colour: str, other: str, share: float) -> str:
    """`share` of the other colour in this one."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round((1 - share) * a + share * b):02X}" for a, b in pairs)


def luminance(colour: str) -> float:
    """Relative luminance, 0 for black and 1 for white."""
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def ramp(colours: Sequence[str], place: float) -> str:
    """The colour at a place from 0 (the first) to 1 (the last), linear between neighbours."""
    position = place * (len(colours) - 1)
    first = min(int(position), len(colours) - 2)
    return mixed(colours[first], colours[first + 1], position - first)
