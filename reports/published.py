"""The published grid beside the paper's figures, as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from experiments.check.published import (
    GREEDY,
    PAPER_ANALYTIC,
    PAPER_BAND,
    PAPER_CLEAN,
    PAPER_MEDIAN,
    PAPER_SUCCESS,
    RIVALS,
    THRESHOLDS,
    Channel,
    Figures,
)
from reports.numbers import percent, ratio, significant, with_interval
from reports.text import aligned

NOTE = """All lanes of all cells of a schedule pooled: 11 analytic functions, nine noises, three
strengths, both patiences of GreedyLR together. The paper pools four analytic models and eight
networks, and ran one seed; only the analytic ones run here. [95 % interval] over seeds. In the
published channel the noise acts on nothing, so all nine noises have the same lanes there."""


def text(channels: Sequence[Channel]) -> str:
    """All tables."""
    seeds = ", ".join(sorted({f"{channel.seeds:,}" for channel in channels}))
    parts = [f"{NOTE}\n{seeds} seeds a cell"]
    parts += [_medians(channels), _ratios(channels), _bands(channels), _noises(channels)]
    parts += [_clean(channels), _success(channels), _early(channels)]
    return "\n\n".join(parts)


def _by_channel(
    title: str,
    channels: Sequence[Channel],
    paper: Sequence[tuple[str, Callable[[str], str]]],
    value: Callable[[Figures], str],
    names: Sequence[str] | None = None,
) -> str:
    """A row a schedule, the paper's figures first, then a column a channel."""
    rows = [["schedule", *(head for head, _ in paper), *(channel.name for channel in channels)]]
    for name in names or list(channels[0].schedules):
        figures = [channel.schedules[name] for channel in channels]
        rows.append([name, *(of(name) for _, of in paper), *(value(f) for f in figures)])
    return f"{title}\n{aligned(rows)}"


def _medians(channels: Sequence[Channel]) -> str:
    table = _by_channel(
        "C1  median final loss f(x_(T-1))",
        channels,
        [
            ("paper, all", lambda name: significant(PAPER_MEDIAN.get(name))),
            ("paper, analytic", lambda name: significant(PAPER_ANALYTIC.get(name))),
        ],
        lambda f: with_interval(f.band[1]),
    )
    spread = _by_channel(
        "    the same median in studies of one seed a configuration, as the paper's: 5 % to 95 %",
        channels,
        [("paper, analytic", lambda name: significant(PAPER_ANALYTIC.get(name)))],
        lambda f: f"{significant(f.one_seed[0])} to {significant(f.one_seed[1])}",
    )
    return f"{table}\n\n{spread}"


def _ratios(channels: Sequence[Channel]) -> str:
    def paper(name: str) -> str:
        return ratio(PAPER_ANALYTIC[GREEDY] / PAPER_ANALYTIC[name]) if name in RIVALS else "-"

    return _by_channel(
        "C1  GreedyLR's median / that of the schedule; below 1 GreedyLR is lower",
        channels, [("paper, analytic", paper)], lambda f: with_interval(f.ratio),
        [name for name in channels[0].schedules if name != GREEDY],
    )  # fmt: skip


def _bands(channels: Sequence[Channel]) -> str:
    def paper(name: str) -> str:
        return " / ".join(significant(v) for v in PAPER_BAND[name]) if name in PAPER_BAND else "-"

    def width(name: str) -> str:
        return significant(PAPER_BAND[name][2] / PAPER_BAND[name][0]) if name in PAPER_BAND else "-"

    band = _by_channel(
        "C5  p10 / p50 / p90 of the final loss",
        channels, [("paper, all", paper)],
        lambda f: " / ".join(significant(i.estimate) for i in f.band),
    )  # fmt: skip
    widths = _by_channel(
        "C5  width of the band p90 / p10 (and GreedyLR's width / that of the schedule [95 %])",
        channels, [("paper, all", width)],
        lambda f: significant(_over(f.band[2].estimate, f.band[0].estimate))
        + (f" ({with_interval(f.width)})" if f.width else ""),
    )  # fmt: skip
    below = [f"{c.name} {'yes' if _p90_below(c) else 'no'}" for c in channels]
    return (
        f"{band}\n\n{widths}\n"
        f"GreedyLR's p90 below the others' medians (paper: yes): {', '.join(below)}"
    )


def _over(above: float | None, below: float | None) -> float | None:
    return None if above is None or not below else above / below


def _p90_below(channel: Channel) -> bool:
    """Whether GreedyLR's p90 lies below the medians of all that the paper compares with."""
    top = channel.schedules[GREEDY].band[2].estimate
    medians = [channel.schedules[name].band[1].estimate for name in RIVALS]
    return top is not None and all(m is not None and top < m for m in medians)


def _noises(channels: Sequence[Channel]) -> str:
    """C2: for each noise the rival that comes closest."""
    rows = [["noise", *(channel.name for channel in channels)]]
    for noise in channels[0].schedules[GREEDY].noises:
        row = [noise]
        for channel in channels:
            closest = min(
                RIVALS, key=lambda n, c=channel: c.schedules[n].noises[noise].estimate or 0.0
            )
            row.append(f"{with_interval(channel.schedules[closest].noise_ratio[noise])} {closest}")
        rows.append(row)
    return (
        "C2  GreedyLR's median / the lowest of the three others', by noise (paper: below 1 in all"
        f" nine)\n{aligned(rows)}"
    )


def _clean(channels: Sequence[Channel]) -> str:
    return _by_channel(
        "C9a GreedyLR's median / that of the schedule, without noise, the same in every channel"
        f" (its repository: {PAPER_CLEAN})",
        channels[:1],
        [],
        lambda f: with_interval(f.noise_ratio.get("none")),
        [name for name in channels[0].schedules if name != GREEDY],
    )


def _success(channels: Sequence[Channel]) -> str:
    heads = [f"below {threshold:g}" for threshold in THRESHOLDS] + ["below 1 % of f_0"]
    rows = [["channel", "schedule", *heads]]
    for channel in channels:
        for name, figures in channel.schedules.items():
            shares = [percent(share) for share in (*figures.success, figures.converged)]
            rows.append([channel.name, name, *shares])
    return (
        f"C9b share of lanes that end below a threshold (its repository: {PAPER_SUCCESS}, success"
        f" undefined)\n{aligned(rows)}"
    )


def _early(channels: Sequence[Channel]) -> str:
    """C10: the median loss on the way, and GreedyLR's over the others'."""
    steps = list(channels[0].schedules[GREEDY].early)
    rows = [["channel", "schedule"]]
    for step in [*steps, "last"]:
        rows[0] += [step.replace("_", " at step "), "GreedyLR / this"]
    for channel in channels:
        for name, figures in channel.schedules.items():
            row = [channel.name, name]
            for step in steps:
                row += [significant(figures.early[step].estimate)]
                row += [with_interval(figures.early_ratio[step])]
            row += [significant(figures.band[1].estimate), with_interval(figures.ratio)]
            rows.append(row)
    return f"C10 median loss after 10 %, 50 % and 100 % of the steps\n{aligned(rows)}"
