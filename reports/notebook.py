"""What `lab.run` returns: a comparison as pandas frames and a figure."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from experiments import rows
from experiments.comparison import Comparison
from experiments.request import Request
from lab.store.tables import Optional, Repeated
from reports import bands, document, text

if TYPE_CHECKING:
    import pandas as pd


class Run:
    """Schedules compared on paired seeds.

    Attributes
    ----------
    request:
        What was run, defaults filled in.
    comparisons:
        The results, one a strength, for those who want the arrays.
    """

    def __init__(self, request: Request, comparisons: list[Comparison]) -> None:
        self.request = request
        self.comparisons = comparisons

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A row a lane; columns as in `experiments.rows.lanes`."""
        return _concatenate([rows.lanes(self.request, c) for c in self.comparisons])

    @cached_property
    def bands(self) -> pd.DataFrame:
        """A row a schedule and step: p5 .. p95 over the seeds and the mean rate."""
        return _concatenate([rows.bands(self.request, c) for c in self.comparisons])

    @cached_property
    def summary(self) -> pd.DataFrame:
        """A row a schedule: quantiles of the final value, and how it compares with the reference.

        ratio = median of this / median of the reference (below 1 is better) with its 95 % interval;
        tuned_* the same at each schedule's own tuned rate.
        """
        import pandas as pd

        records: list[dict[str, Any]] = []
        for comparison in self.comparisons:
            for entry in document.document(self.request, [comparison], None)["schedules"]:
                records.append({"strength": comparison.strength, **_flat(entry)})
        return pd.DataFrame.from_records(records)

    def plot(self, strength: float | None = None) -> Any:
        """The band figure at one strength (the first by default), as a matplotlib Figure."""
        chosen = self.comparisons[0]
        for comparison in self.comparisons:
            if comparison.strength == strength:
                chosen = comparison
        return bands.figure(self.request, chosen)

    def __repr__(self) -> str:
        return "\n\n".join(text.render(self.request, c) for c in self.comparisons)


def _flat(entry: dict[str, Any]) -> dict[str, Any]:
    """One schedule of the JSON document as one row."""
    paired, tuned = entry["paired"], entry["tuned"]
    low, high = paired["ci"] or (None, None)
    row = {
        "schedule": entry["schedule"],
        **{name: _number(value) for name, value in entry["final"].items()},
        "diverged": entry["diverged"],
        "inert": entry["inert"],
        "noise_effect": _number(entry["noise_effect"]["ratio"]),
        "ratio": _number(paired["ratio"]),
        "ratio_low": _number(low),
        "ratio_high": _number(high),
        "probability_better": _number(paired["probability_better"]),
    }
    if tuned is not None:
        row |= {"tuned_lr": tuned["lr"], "tuned_p50": _number(tuned["p50"]),
                "tuned_ratio": _number(tuned["paired"]["ratio"])}  # fmt: skip
    return row


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _concatenate(tables: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    frames = []
    for columns in tables:
        plain = {
            name: value.arrow().to_pandas() if isinstance(value, Repeated | Optional) else value
            for name, value in columns.items()
        }
        frames.append(pd.DataFrame(plain))
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
