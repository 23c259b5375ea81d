"""The table of all cells, to sort, filter and take along."""

from __future__ import annotations

from collections.abc import Iterator

from reports.page.collect import Results
from reports.page.section import Section

PLACE = 70


def sections(results: Results) -> Iterator[Section]:
    """The table; its data are those of the panel."""
    if results.cells:
        count = len(results.cells["cell"])
        yield Section(
            "cells", f"All {count:,} cells" if count > 1 else "The one cell", widget="cells",
            note="Quantiles of the final value over the seeds, linear between order statistics;"
            " ratio: median / median of the reference schedule on the same seeds, with its 95 %"
            " interval, below 1 is better; better: probability of ending lower than the reference"
            " on the same seed, ties count one half.",
        )  # fmt: skip
