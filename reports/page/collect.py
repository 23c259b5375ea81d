"""A result directory, read: what was asked, a row a cell, and where the rest is.

Directories of `lab run` and of `lab sweep` come out alike, so that what is drawn does not care
which it was. A directory that holds something else, or is damaged, is refused in one line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from experiments.components import LANDSCAPES
from experiments.rows import BAND_NAMES
from lab.errors import LabError, RequestError
from lab.files import read_json
from lab.store import manifest as manifests
from lab.store import marks
from lab.store.tables import parquet_file
from reports import style
from reports.labels import short

#: What an experiment leaves besides tables: its `--json` document.
DOCUMENT = "result.json"
#: What cells that are compared with each other have in common, with what stands for it if absent.
SCENARIO: dict[str, Any] = {
    "landscape": "", "noise": "none", "channel": "batch", "strength": 0.5, "perturb": "none",
    "optimizer": "adam", "lr": 0.0, "steps": 200, "metric_every": 1, "metric": "last",
}  # fmt: skip
#: Columns that any cell may lack, with what stands for them.
ABSENT: dict[str, float] = {
    "seeds": 0, "inert": 0, "diverged": 0, "reference": -1,
    **dict.fromkeys((
        "ratio", "ratio_low", "ratio_high", "better", "noise_effect", "noise_effect_low",
        "noise_effect_high", "tuned_lr", "tuned_p50", "tuned_ratio", "tuned_ratio_low",
        "tuned_ratio_high", "tuned_better", "tuned_at_edge", "recovery", "recovery_p50",
    ), np.nan),
}  # fmt: skip
#: Steps of the longest run there can be.
MOST_STEPS = 2**31 - 1
#: Rows read at a time where not all are wanted.
ROWS = 2**20
QUANTILES = tuple(f"final_{name}" for name in BAND_NAMES)

Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class Results:
    """A result directory.

    manifest: as it stands in the file. cells: a row a
    cell, columns as in `experiments.study.sweep`, those of `ABSENT` always there. summaries: the
    documents of `lab run --json`, one a strength; empty for a study.
    """

    directory: Path
    manifest: Mapping[str, Any]
    cells: Columns
    document: Mapping[str, Any]

    @property
    def experiment(self) -> str:
        """Which experiment wrote the directory, such as "run" or "sweep"."""
        request = self.manifest.get("request")
        return str(request.get("experiment", "")) if isinstance(request, dict) else ""

    @property
    def title(self) -> str:
        """The study's title, or what stands for it."""
        given = str(self.manifest.get("title") or "")
        if given or not runs_of(self.document):
            return given or self._experiment_title or self.directory.absolute().name
        landscape, noise = self.cells["landscape"][0], self.cells["noise"][0]
        return f"{short([landscape])[landscape]}, noise {short([noise])[noise]}"

    @property
    def _experiment_title(self) -> str:
        """The experiment and its landscapes, where the document has cells of them."""
        parts = self.document.get("cells")
        cells = parts if isinstance(parts, list) else ()
        found = dict.fromkeys(str(c["landscape"]) for c in cells if "landscape" in c)
        names = ", ".join(short(found).values())
        return f"{self.experiment.capitalize()}: {names}" if names else ""

    @property
    def measure(self) -> str:
        """What the quantiles are of: "suboptimality", "loss", or both where landscapes differ."""
        return " or ".join(sorted(set(self.cells["measure"]), reverse=True))

    @property
    def command(self) -> str:
        """The command that wrote the directory."""
        return str(self.manifest.get("command") or "")

    @cached_property
    def scenario(self) -> np.ndarray:
        """A number for each cell: equal for cells that are compared with each other."""
        return grouped([self.cells[name] for name in SCENARIO])

    @cached_property
    def first(self) -> int:
        """The scenario to show first: noise acts there, in the default channel if it can."""
        cells = self.cells
        acting = ~cells["inert"] & (cells["noise"] != "none")
        points = np.where(cells["channel"] == "batch", 1, 0)
        score = np.full(self.scenario.max() + 1, 3)
        np.minimum.at(score, self.scenario, np.where(acting, 2, 0) + points)
        return int(score.argmax())

    @cached_property
    def schedules(self) -> list[str]:
        """Every schedule as written, in the order of first appearance."""
        if self.cells:
            return list(dict.fromkeys(self.cells["schedule"].tolist()))
        parts = [part.get("schedules", ()) for part in self.document.get("cells", ())]
        return list(dict.fromkeys(arm["schedule"] for part in parts for arm in part))

    def full(self, key: str, text: str) -> str:
        """A component with all its parameters, where the manifest has them; else as written."""
        named = self.manifest.get("components")
        found = named.get(key) if isinstance(named, dict) else None
        return str(found.get(text, text)) if isinstance(found, dict) else text

    def spelled(self, text: str) -> str:
        """A component as any command reads it: what a name means that only the study knows."""
        study = self.manifest.get("study")
        named = study.get("components") if isinstance(study, dict) else None
        return str(named.get(text, text)) if isinstance(named, dict) else text

    def lines(self) -> list[style.Line]:
        """How each of `schedules` is drawn, everywhere."""
        return style.lines([self.full("schedule", name) for name in self.schedules])

    def files(self, folder: str) -> list[Path]:
        """Parquet files of a folder, in order; of a study, those of finished chunks."""
        return finished(self.directory, folder)


def finished(directory: Path, folder: str) -> list[Path]:
    """Parquet files of a folder that count: all, or in a study those of chunks with a mark."""
    files = sorted((directory / folder).glob("*.parquet"))
    if not (directory / marks.FOLDER).is_dir():
        return files
    done = marks.numbers(directory)
    return [file for file in files if file.stem.isdecimal() and int(file.stem) in done]


def grouped(columns: Sequence[np.ndarray]) -> np.ndarray:
    """A number for each row, by first appearance: equal where all columns are equal."""
    numbers: dict[tuple[Any, ...], int] = {}
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return np.array([numbers.setdefault(row, len(numbers)) for row in rows], dtype=np.int64)


def collect(directory: Path) -> Results:
    """Read a result directory.

    Raises
    ------
    RequestError
        There is no such directory, it is not a result of this laboratory or of a later version,
        nothing in it is finished, or a file is damaged.
    """
    if not directory.is_dir():
        raise RequestError(f"{str(directory)!r} is not a directory")
    record = manifests.read(directory)
    if record is None:
        raise RequestError(
            f"{str(directory)!r} is not a result of this laboratory: no readable manifest.json"
        )
    manifests.check_schema(record, directory)
    document = _document(directory)
    cells: Columns = {}
    of_study = bool(finished(directory, "cells"))
    path = directory / ("cells" if of_study else DOCUMENT)
    try:
        if of_study:
            cells = _complete(_cell_files(directory), path)
        elif runs_of(document):
            cells = _complete(_run_cells(document, path), path)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise _damaged(path, error) from error
    return Results(directory, record, cells, document)


def runs_of(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The documents of `lab run`, one a strength; none where this is not one of its."""
    parts = document.get("runs", [document])
    return [part for part in parts if isinstance(part, dict) and "schedules" in part]


def read_columns(
    path: Path, wanted: Sequence[str], optional: Sequence[str] = (), first_seeds: int = 0
) -> Columns:
    """Columns of a Parquet file; those of `optional` that are not there are left out.

    With `first_seeds`, of the column `seed` only the rows below it, read a part at a time.

    Raises
    ------
    RequestError
        The file cannot be read or lacks a column.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        with parquet_file(path) as file:
            there = set(file.schema_arrow.names)
            missing = [name for name in wanted if name not in there]
            if missing:
                raise RequestError(f"{str(path)!r} has no column {missing[0]!r}")
            names = [*wanted, *(name for name in optional if name in there)]
            if first_seeds and "seed" in there and file.metadata.num_rows > first_seeds:
                batches = file.iter_batches(ROWS, columns=[*names, "seed"], use_threads=False)
                parts = [b.filter(pc.field("seed") < first_seeds) for b in batches]
                table = pa.Table.from_batches(parts)
            else:
                table = file.read(columns=names, use_threads=False)
        return {name: _array(table[name]) for name in names}
    except (OSError, pa.ArrowException) as error:
        raise _damaged(path, error) from error


def _array(column: Any) -> np.ndarray:
    """An Arrow column as numpy: words as objects, null as NaN.

    Not by `to_numpy`, which imports pandas: `lab run` has no time for that.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        whole: Any = column.unify_dictionaries().combine_chunks()
        if not isinstance(whole, pa.ChunkedArray) and not whole.null_count:
            words = np.array(whole.dictionary.to_pylist(), dtype=object)
            return words[np.asarray(np.from_dlpack(whole.indices), dtype=np.int64)]
    if not pa.types.is_floating(column.type) and not pa.types.is_integer(column.type):
        return np.array(column.to_pylist())
    if column.null_count:
        column = pc.fill_null(pc.cast(column, pa.float64()), float("nan"))
    return np.from_dlpack(pa.concat_arrays(column.chunks)) if column.num_chunks else np.zeros(0)


def _damaged(path: Path, error: Exception) -> RequestError:
    reason = " ".join(str(getattr(error, "strerror", None) or error).split())[:120]
    if isinstance(error, KeyError):
        reason = f"no field {reason}"
    return RequestError(f"{str(path)!r} cannot be read, it may be damaged: {reason}")


def _document(directory: Path) -> Mapping[str, Any]:
    path = directory / DOCUMENT
    if not path.exists():
        return {}
    try:
        content = read_json(path)
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error
    return content if isinstance(content, dict) else {}


def _run_cells(document: Mapping[str, Any], path: Path) -> Columns:
    """The cells of a `lab run`: every schedule at every strength."""
    rows: list[dict[str, Any]] = []
    for part in runs_of(document):
        entries = part["schedules"]
        written = [entry["schedule"] for entry in entries]
        for number, entry in enumerate(entries):
            against = (entry["paired"] or {}).get("against")
            if against not in (None, *written):
                raise RequestError(
                    f"{str(path)!r}: schedules[{number}].paired.against = {against!r} is none of"
                    " its schedules"
                )
            place = number if against is None else written.index(against)
            rows.append(_run_cell(part, entry) | {"reference": len(rows) - number + place})
    return {key: np.array([row[key] for row in rows]) for key in rows[0]}


def _run_cell(part: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    tuned = entry["tuned"] or {}
    return {
        **{key: part.get(key, default) for key, default in SCENARIO.items()},
        "perturb": " and ".join(part.get("perturbations", ())) or "none",
        **{key: entry[key] for key in ("schedule", "inert", "diverged")},
        "seeds": part["seeds"],
        "measure": part["measure"],
        **{f"final_{name}": _number(value) for name, value in entry["final"].items()},
        **_ratio_columns("", entry["paired"]),
        **_interval_columns("noise_effect", entry["noise_effect"]),
        **_ratio_columns("tuned_", tuned.get("paired")),
        **{f"tuned_{name}": _number(tuned.get(name)) for name in ("lr", "p50", "at_edge")},
    }


def _ratio_columns(prefix: str, paired: Mapping[str, Any] | None) -> dict[str, float]:
    better = (paired or {}).get("probability_better")
    return {
        **_interval_columns(f"{prefix}ratio", paired or {}),
        f"{prefix}better": _number(better),
    }


def _interval_columns(name: str, found: Mapping[str, Any]) -> dict[str, float]:
    low, high = found.get("ci") or (None, None)
    estimate = _number(found.get("ratio"))
    return {name: estimate, f"{name}_low": _number(low), f"{name}_high": _number(high)}


def _number(value: Any) -> float:
    """A number of JSON: null is undefined, "inf" infinite."""
    return float("nan") if value is None else float(value)


@lru_cache(maxsize=4096)
def _measure(landscape: str) -> str:
    """The word for what tables show of a landscape; a plug-in's, not loaded, counts as known."""
    try:
        chosen = LANDSCAPES.choose(landscape)
        minimum = chosen.component.facts(chosen.values).minimum
    except LabError:
        return "suboptimality"
    return "loss" if minimum is None else "suboptimality"


def _cell_files(directory: Path) -> Columns:
    wanted = ("landscape", "noise", "channel", "schedule", "final_p50")
    more = ("cell", "measure", *SCENARIO, *ABSENT, *QUANTILES)
    optional = [name for name in more if name not in wanted]
    files = finished(directory, "cells")
    parts = [read_columns(file, wanted, optional) for file in files]
    names = [name for name in parts[0] if all(name in part for part in parts)]
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def _complete(columns: Columns, path: Path) -> Columns:
    """Every column there, of its type; cells numbered; the reference as a position.

    Raises
    ------
    RequestError
        A column holds what it cannot hold.
    """
    count = len(columns["schedule"])
    if not count:
        raise RequestError(f"{str(path)!r} holds no cells")
    out: Columns = {"id": columns.get("cell", np.arange(count)), "cell": np.arange(count)}
    for key, default in {**SCENARIO, "schedule": ""}.items():
        values = columns.get(key, np.full(count, default))
        word = isinstance(default, str)
        out[key] = values.astype(str).astype(object) if word else _numbers(path, key, values)
        if not word and not np.isfinite(out[key]).all():
            raise RequestError(f"{str(path)!r}: {key} holds values that are not finite numbers")
    if out["steps"].min() < 1 or out["steps"].max() > MOST_STEPS:
        raise RequestError(f"{str(path)!r}: steps holds values outside [1, {MOST_STEPS:,}]")
    measure = columns.get("measure", np.array([_measure(name) for name in out["landscape"]]))
    out["measure"] = measure.astype(str).astype(object)
    for key, absent in ABSENT.items():
        out[key] = _numbers(path, key, columns.get(key, np.full(count, absent)))
    for key in QUANTILES:
        out[key] = _numbers(path, key, columns.get(key, np.full(count, np.nan)))
    if np.isnan(out["final_p50"]).any():
        raise RequestError(f"{str(path)!r}: final_p50 holds values that are not numbers")
    position = {number: i for i, number in enumerate(out["id"].tolist())}
    out["reference"] = np.array([position.get(int(r), -1) for r in out["reference"]])
    out["inert"] = out["inert"] != 0
    return out


def _numbers(path: Path, key: str, values: np.ndarray) -> np.ndarray:
    try:
        if values.ndim == 1:
            return values.astype(np.float64)
    except (TypeError, ValueError):
        pass
    raise RequestError(f"{str(path)!r}: {key} holds values that are not numbers")
