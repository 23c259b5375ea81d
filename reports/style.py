"""One look for every figure: sizes, type, and one fixed colour a schedule.

The palette is Okabe and Ito's (Color Universal Design, 2008), which readers with any of the common
colour vision deficiencies can tell apart; each colour also has a line style of its own.
"""

from __future__ import annotations

import zlib
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


def colour(schedule: str) -> str:
    """The fixed colour of a schedule; one that has none gets one by its name, always the same."""
    return COLOURS.get(schedule) or SPARE[zlib.crc32(schedule.encode()) % len(SPARE)]
