"""Tables for papers and spreadsheets: Markdown, LaTeX with booktabs, CSV in full precision."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.comparison import SECONDARY_SEEDS
from experiments.study.ranking import rank
from lab.component import written
from lab.errors import WorkError
from lab.statistics.interval import Interval
from lab.store.tables import write_whole
from reports import numbers
from reports.labels import short
from reports.page.collect import ABSENT, QUANTILES, SCENARIO, Results, runs_of

INERT_MARK = "*"
LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """Rows of text under a header, with a caption that says n and what the numbers are.

    name: the stem of its files. records: the same rows in full precision, header first; the text
    itself where there are none. words: all columns hold prose, not numbers.
    """

    name: str
    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    records: Sequence[Sequence[Any]] = ()
    words: bool = False

    def markdown(self) -> str:
        """A pipe table; numbers to the right."""
        lines = [self.header, ["---", *["---:"] * (len(self.header) - 1)], *self.rows]
        body = "\n".join(f"| {' | '.join(_markdown(cell) for cell in row)} |" for row in lines)
        return f"{body}\n\n{self.caption}\n"

    def latex(self) -> str:
        """A table environment; it needs the package booktabs."""
        header, *rows = (" & ".join(map(_latex, row)) + r" \\" for row in [self.header, *self.rows])
        return "\n".join(
            [
                r"\begin{table}", r"  \centering", rf"  \caption{{{_latex(self.caption)}}}",
                rf"  \begin{{tabular}}{{l{'r' * (len(self.header) - 1)}}}", r"    \toprule",
                f"    {header}", r"    \midrule", *(f"    {row}" for row in rows),
                r"    \bottomrule", r"  \end{tabular}", r"\end{table}", "",
            ]
        )  # fmt: skip

    def csv(self) -> str:
        """Comma-separated values; infinite ones are `inf`, undefined ones empty."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerows([_plain(value) for value in row] for row in self._records)
        return out.getvalue()

    @property
    def _records(self) -> Sequence[Sequence[Any]]:
        return self.records or [self.header, *self.rows]


def write(results: Results, directory: Path) -> list[Path]:
    """All tables of a result directory in every format, and its cells as CSV; returns the paths.

    Raises
    ------
    WorkError
        A file cannot be written.
    """
    tables = shared(results) + tuned(results) if runs_of(results.document) else rankings(results)
    contents = {}
    for table in tables:
        contents[f"{table.name}.md"] = table.markdown()
        contents[f"{table.name}.tex"] = table.latex()
        contents[f"{table.name}.csv"] = table.csv()
    contents["cells.csv"] = cells(results).csv()
    try:
        for name, content in contents.items():
            write_whole(directory / name, content.encode())
    except OSError as error:
        raise WorkError(f"{str(directory)!r} cannot be written: {error.strerror}") from error
    return [directory / name for name in contents]


def rankings(results: Results) -> list[Table]:
    """Who has the lowest medians, a table a channel."""
    labels = short(results.schedules)
    header = ("schedule", "scenarios", "lowest median in", "median / lowest", "below ref",
              "above ref", "diverged in")  # fmt: skip
    keys = ("schedule", "scenarios", "lowest", "to_best", "below", "above", "lost")
    found = []
    for (channel,), ranks in rank(results.cells, ("channel",)).items():
        rows = [
            (labels[r.schedule], f"{r.scenarios:,}", numbers.percent(r.lowest),
             numbers.ratio(r.to_best), _count(r.below), _count(r.above), f"{r.lost:,}")
            for r in ranks
        ]  # fmt: skip
        records = [keys, *([getattr(r, key) for key in keys] for r in ranks)]
        caption = (
            f"Channel {channel}: n = {seeds_of(results)} paired seeds a cell. Below and above ref:"
            " scenarios where the 95 % interval of the ratio to the reference lies wholly on that"
            " side of 1."
        )
        found.append(Table(f"ranking-{_stem(str(channel))}", caption, header, rows, records))
    return found


def shared(results: Results) -> list[Table]:
    """A comparison at the shared rate, a table a strength."""
    names = (
        "schedule", "final_p10", "final_p50", "final_p90", "noise_effect", "noise_effect_low",
        "noise_effect_high", "diverged", "ratio", "ratio_low", "ratio_high", "better",
    )  # fmt: skip
    found = []
    for stem, where, chosen, against in _strengths(results):
        header = ("schedule", "p10", "p50", "p90", "noise effect [95 %]", "diverged",
                  f"p50 / {against} [95 %]", f"better than {against}")  # fmt: skip
        rows = [_shared_row(results, i) for i in chosen]
        n = seeds_of(results)
        caption = f"Final {results.measure}{where}: quantiles over n = {n} paired seeds."
        if results.cells["inert"][chosen].any():
            caption += (
                f" {INERT_MARK} the noise cannot act here: same lanes as without it, bit for bit."
            )
        records = _records(results, names, chosen)
        found.append(Table(f"shared{stem}", caption, header, rows, records))
    return found


def tuned(results: Results) -> list[Table]:
    """A comparison of each schedule at its own rate, a table a strength; none if not tuned."""
    names = ("schedule", "tuned_lr", "tuned_at_edge", "tuned_p50", "tuned_ratio",
             "tuned_ratio_low", "tuned_ratio_high", "tuned_better")  # fmt: skip
    found = []
    for stem, where, chosen, against in _strengths(results):
        if np.isnan(results.cells["tuned_p50"][chosen]).any():
            continue
        header = ("schedule", "tuned lr", "p50", f"p50 / {against} [95 %]",
                  f"better than {against}")  # fmt: skip
        rows = [_tuned_row(results, i) for i in chosen]
        n = min(int(results.cells["seeds"][chosen[0]]), SECONDARY_SEEDS)
        caption = f"Final {results.measure} at each schedule's tuned rate{where}: n = {n:,} seeds."
        records = _records(results, names, chosen)
        found.append(Table(f"tuned{stem}", caption, header, rows, records))
    return found


def parameters(results: Results) -> Table:
    """The parameters that each schedule of a comparison ran with."""
    rows = []
    for entry in runs_of(results.document)[0]["schedules"]:
        values = (entry.get("parameters") or {}).items()
        shown = ", ".join(f"{key} {written(value)}" for key, value in values)
        rows.append((entry["schedule"], shown or "no parameters"))
    return Table("parameters", "Parameters that ran.", ("schedule", "parameters"), rows)


def cells(results: Results) -> Table:
    """Every cell with all that is known of it."""
    known = [n for n in ABSENT if n != "reference" and not np.isnan(results.cells[n]).all()]
    names = ("schedule", *SCENARIO, *QUANTILES, *known)
    rows = _records(results, names, np.arange(len(results.cells["cell"])))
    return Table("cells", "", names, (), rows)


def _strengths(results: Results) -> list[tuple[str, str, np.ndarray, str]]:
    """For each strength: what files and captions say of it, its cells, and the reference's name."""
    strength = results.cells["strength"]
    values = list(dict.fromkeys(strength.tolist()))
    found = []
    for value in values:
        chosen = np.flatnonzero(strength == value)
        against = str(results.cells["schedule"][results.cells["reference"][chosen[0]]])
        many = len(values) > 1
        stem, where = (f"-strength-{value:g}", f" at strength {value:g}") if many else ("", "")
        found.append((stem, where, chosen, against))
    return found


def _shared_row(results: Results, i: int) -> tuple[str, ...]:
    cells = results.cells
    mark = INERT_MARK if cells["inert"][i] else ""
    return (
        cells["schedule"][i] + mark,
        *(numbers.significant(float(cells[f"final_{name}"][i])) for name in ("p10", "p50", "p90")),
        _interval(results, "noise_effect", i),
        numbers.percent(float(cells["diverged"][i])),
        "1 (reference)" if cells["reference"][i] == i else _interval(results, "ratio", i),
        _share(cells["better"][i]),
    )


def _tuned_row(results: Results, i: int) -> tuple[str, ...]:
    cells = results.cells
    edge = "!" if cells["tuned_at_edge"][i] else ""
    return (
        cells["schedule"][i],
        f"{cells['tuned_lr'][i]:.3g}{edge}",
        numbers.significant(float(cells["tuned_p50"][i])),
        "1 (reference)" if cells["reference"][i] == i else _interval(results, "tuned_ratio", i),
        _share(cells["tuned_better"][i]),
    )


def _interval(results: Results, name: str, i: int) -> str:
    parts = (results.cells[key][i] for key in (name, f"{name}_low", f"{name}_high"))
    estimate, low, high = (None if np.isnan(part) else float(part) for part in parts)
    return numbers.with_interval(Interval(estimate, low, high, 0))


def _share(value: float) -> str:
    return "-" if np.isnan(value) else numbers.percent(float(value))


def _records(results: Results, names: Sequence[str], chosen: np.ndarray) -> list[Sequence[Any]]:
    columns = [results.cells[name][chosen].tolist() for name in names]
    return [names, *zip(*columns, strict=True)]


def seeds_of(results: Results) -> str:
    """How many seeds a cell has."""
    found = np.unique(results.cells["seeds"]).astype(int)
    return f"{found[0]:,}" if len(found) == 1 else f"{found[0]:,} to {found[-1]:,}"


def _count(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _stem(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", name).strip("-") or "unnamed"


def _markdown(text: str) -> str:
    return re.sub(r"([\\|`*_<>])", r"\\\1", str(text))


def _latex(text: str) -> str:
    return "".join(LATEX.get(character, character) for character in str(text))


def _plain(value: Any) -> Any:
    """A value for CSV: undefined is empty."""
    undefined = value is None or (isinstance(value, float) and np.isnan(value))
    return "" if undefined else value
