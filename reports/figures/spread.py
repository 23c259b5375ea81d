"""The final values of one scenario as letter values: how far each schedule's seeds lie apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from reports.figures import common
from reports.page.collect import Results
from reports.page.streams import quantiles_of

#: Quantiles that stand for all seeds, at the middles of as many equal parts.
PARTS = 1024
#: Depth of the boxes: the outermost ends at p1.6 and p98.4, 1/64 on either side.
DEPTH = 5


def letter_values(results: Results, columns: int) -> Any:
    """A row a schedule, lowest median first: boxes of one half, three quarters, ... of the seeds.

    Letter values: Hofmann, Wickham & Kafadar, Journal of Computational and Graphical Statistics 26
    (2017) 469-477. None where nothing is finite.
    """
    cells = results.cells
    chosen = common.cells_of(results, results.first)
    chosen = chosen[np.argsort(cells["final_p50"][chosen], kind="stable")]
    _, values = quantiles_of(results, chosen, (np.arange(PARTS) + 0.5) / PARTS)
    if not np.isfinite(values).any():
        return None
    names, lines = common.names_of(results), results.lines()
    own = common.numbers_of(results, chosen)
    measure = cells["measure"][chosen[0]]
    caption = (
        f"Final {measure}: line, median; boxes, outwards, the middle 50, 75, 87.5, 93.75 and 96.9 %"
        " of the seeds (letter values), lowest median first; a box that leaves the frame on the"
        f" right has diverged lanes. {common.described(results, chosen[0])}."
    )
    with common.figure(columns, 0.5 + 0.2 * len(chosen), caption) as fig:
        axis = fig.add_subplot()
        common.loss_scale(axis, values[:, PARTS // 80 : -(PARTS // 80)], "x")
        _boxes(axis, values, [lines[i].colour for i in own])
        axis.set_yticks(range(len(chosen)), [names[i] for i in own])
        for label, i in zip(axis.get_yticklabels(), own, strict=True):
            label.set_color(lines[i].text)
        axis.set(ylim=(len(chosen) - 0.5, -0.5), xlabel=f"final {measure}", ylabel="")
        axis.tick_params(axis="y", length=0)
        axis.spines["left"].set_visible(False)
    return fig.figure


def _boxes(axis: Any, values: np.ndarray, colours: list[str]) -> None:
    """Draw them on an axis whose limits are set; what lies beyond leaves it."""
    import seaborn as sns

    low, high = axis.get_xlim()
    logarithmic = axis.get_xscale() == "log"
    beyond = high * 10.0 if logarithmic else high + (high - low)
    floor = low if logarithmic else -np.inf
    shown = np.clip(np.where(np.isnan(values), np.inf, values), floor, beyond)
    rows = np.repeat(np.arange(len(values)), values.shape[1])
    sns.boxenplot(
        x=shown.ravel(), y=rows, hue=rows, palette=colours, orient="h", k_depth=DEPTH, ax=axis,
        legend=False, showfliers=False, width=0.72, linewidth=0.4, width_method="exponential",
        line_kws={"linewidth": 1.1, "color": "white"},
    )  # fmt: skip
    axis.set_xlim(low, high)
