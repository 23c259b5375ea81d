"""A landscape alone: its contours, or a slice where it has another dimension than two."""

from __future__ import annotations

import hashlib
import inspect
from pathlib import Path
from typing import Any

import numpy as np

from lab.component import Chosen, Facts
from lab.errors import RequestError, unknown
from lab.oracle import evaluate, fields_at
from reports import style
from reports.figures import common, save_as, suffix_of
from reports.figures.contour import contours

#: Points of the grid along a coordinate, alone and of two; start points that are drawn.
CURVE, POINTS, STARTS = 1201, 240, 150


def default_path(landscape: Chosen, along: tuple[int, ...] | None) -> Path:
    """Where the picture goes when no place is named: beside the compiled kernels."""
    from lab.engine.native import cache_directory

    mark = hashlib.sha256(f"{landscape.identity} {along}".encode()).hexdigest()[:8]
    return cache_directory() / "figures" / f"{landscape.component.name}-{mark}.png"


def save(landscape: Chosen, path: Path, along: tuple[int, ...] | None = None) -> Path:
    """Write the picture; the suffix of `path` is its format. Returns the path.

    Raises
    ------
    RequestError
        Another suffix than pdf, svg and png, or coordinates that the landscape does not have.
    WorkError
        The file cannot be written.
    """
    suffix_of(path)
    return save_as(figure(landscape, along), path)


def coordinates(dim: int, along: tuple[int, ...] | None) -> tuple[int, ...]:
    """One or two coordinates, counted from 0: those given, counted from 1, or first and last."""
    if along is None:
        return (0,) if dim == 1 else (0, dim - 1)
    good = 1 <= len(along) <= 2 and len(set(along)) == len(along)
    if not good or not all(1 <= number <= dim for number in along):
        raise RequestError(
            f"along: {','.join(map(str, along))} is not allowed (allowed: one or two different"
            f" coordinates from 1 to {dim})"
        )
    return tuple(number - 1 for number in along)


def figure(landscape: Chosen, along: tuple[int, ...] | None = None, columns: int = 1) -> Any:
    """Contours along two coordinates, or a curve along one, through the minimiser.

    Where no minimiser is known: through the centre of the start distribution. `along` counts
    coordinates from 1. A landscape that every seed has its own of is drawn for one of them.

    Raises
    ------
    RequestError
        Coordinates that the landscape does not have.
    """
    facts = landscape.component.facts(landscape.values)
    chosen = coordinates(facts.dim, along)
    centre = _centre(landscape, facts)
    height = 2.2 if len(chosen) == 1 else 2.7 if columns == 1 else 4.6
    with common.figure(columns, height, _caption(landscape, facts, chosen)) as fig:
        axis = fig.add_subplot()
        if len(chosen) == 1:
            _curve(axis, landscape, facts, centre, chosen[0])
        else:
            _map(fig, axis, landscape, facts, centre, chosen)
    return fig.figure


def _values(landscape: Chosen, x: np.ndarray) -> np.ndarray:
    """The values at x (dim, n), all of one instance."""
    fields = fields_at(landscape, x)
    if "instance" in fields:
        one = np.random.default_rng(0).standard_normal((len(fields["instance"]), 1))
        fields["instance"][:] = one
    evaluate(landscape, fields)
    return fields["value"]


def _starts(landscape: Chosen, normals: np.ndarray) -> np.ndarray:
    """Start points (dim, n) made of standard normals."""
    component, values = landscape.component, landscape.values
    out = normals.copy()
    if component.start is not None:
        given = {**component.kernel_values(values), **component.constants(values), "start": out}
        asked = inspect.signature(component.start).parameters
        for name in asked:
            if name not in given:
                raise unknown("argument", name, given, f"start of landscape {component.name!r}")
        component.start(**{name: given[name] for name in asked})
    return out


def _centre(landscape: Chosen, facts: Facts) -> np.ndarray:
    if facts.minimiser is not None:
        return facts.minimiser
    return _starts(landscape, np.zeros((facts.dim, 1)))[:, 0]


def _range(facts: Facts, at: float) -> tuple[float, float]:
    """The domain, widened where the point is not well inside."""
    low, high = facts.domain
    room = 0.1 * (high - low)
    return min(low, at - room), max(high, at + room)


def _windows(facts: Facts, at: np.ndarray, starts: np.ndarray) -> list[tuple[float, float]]:
    """For each coordinate the range, or what of it lies around the starts: three times their width.

    Ackley's domain has 65 ripples a side, of which a run meets the inner few. The width is that of
    the widest coordinate, so that a map is as wide as it is high.
    """
    nearest, farthest = np.minimum(at, starts.min(axis=1)), np.maximum(at, starts.max(axis=1))
    middle, half = 0.5 * (nearest + farthest), 1.5 * (farthest - nearest).max()
    ranges = [_range(facts, float(place)) for place in at]
    return [
        (max(low, m - half), min(high, m + half))
        for (low, high), m in zip(ranges, middle, strict=True)
    ]


def _curve(axis: Any, landscape: Chosen, facts: Facts, centre: np.ndarray, i: int) -> None:
    x = np.repeat(centre[:, None], CURVE, axis=1)
    x[i] = np.linspace(*_range(facts, float(centre[i])), CURVE)
    values = _values(landscape, x)
    axis.plot(x[i], values, color=style.COLOURS["cosine"])
    if facts.minimiser is not None:
        axis.plot(facts.minimiser[i], facts.minimum, "*", ms=7, color="#15181D", mec="white",
                  mew=0.5)  # fmt: skip
    axis.set(xlabel=f"$x_{{{i + 1}}}$", ylabel="f", xlim=(x[i, 0], x[i, -1]))


def _map(
    fig: Any, axis: Any, landscape: Chosen, facts: Facts, centre: np.ndarray, chosen: Any
) -> None:
    from matplotlib.ticker import MaxNLocator

    i, j = chosen
    normals = np.random.default_rng(0).standard_normal((facts.dim, STARTS))
    starts = _starts(landscape, normals)
    both = [i, j]
    windows = _windows(facts, centre[both], starts[both])
    first, second = (np.linspace(*window, POINTS) for window in windows)
    x, y = np.meshgrid(first, second)
    points = np.repeat(centre[:, None], x.size, axis=1)
    points[i], points[j] = x.ravel(), y.ravel()
    fill = contours(axis, x, y, _values(landscape, points).reshape(x.shape), facts.minimum)
    bar = fig.colorbar(fill, ax=axis, pad=0.02, ticks=MaxNLocator(6))
    bar.set_label("log$_{10}$(f - f*)" if facts.minimum is not None else "log$_{10}$(f - lowest)")
    if facts.dim == 2:
        axis.plot(starts[i], starts[j], ".", ms=1.6, color=style.COLOURS["cosine"], mew=0)
    for point, face in ((facts.minimiser, "#15181D"), (facts.another, "white")):
        if point is not None:
            axis.plot(point[i], point[j], "*", ms=7, color=face, mec="#15181D", mew=0.6)
    axis.set(xlabel=f"$x_{{{i + 1}}}$", ylabel=f"$x_{{{j + 1}}}$", xlim=(first[0], first[-1]),
             ylim=(second[0], second[-1]), aspect="equal")  # fmt: skip


def _caption(landscape: Chosen, facts: Facts, chosen: tuple[int, ...]) -> str:
    parts = [f"{landscape.text}."]
    if len(chosen) < facts.dim:
        names = " and ".join(f"x_{i + 1}" for i in chosen)
        where = "the minimiser" if facts.minimiser is not None else "the centre of the starts"
        parts.append(f"Slice through {where} along {names}; dim = {facts.dim}.")
    if landscape.component.instance_normals(landscape.values):
        parts.append("One random instance: every seed has its own.")
    if facts.minimiser is not None:
        parts.append("Star: minimum." if facts.another is None else "Stars: two of the minima.")
    if facts.dim == 2 and len(chosen) == 2:
        parts.append(f"Dots: {STARTS} start points.")
    return " ".join(parts)
