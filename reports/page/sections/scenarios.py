"""One scenario at a time: its bands, rates, distributions, ratios, and how strength changes it."""

from __future__ import annotations

from collections.abc import Iterator

from reports.page.collect import Results
from reports.page.panel import panel
from reports.page.section import Section

PLACE = 60


def sections(results: Results) -> Iterator[Section]:
    """The panel to choose a scenario with; its data serve the table of all cells too."""
    if results.cells:
        many = results.scenario.max() > 0
        yield Section(
            "scenarios", "Look into one scenario" if many else "Step by step, and in the end",
            widget="scenarios", data=panel(results),
        )  # fmt: skip
