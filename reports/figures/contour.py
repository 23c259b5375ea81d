"""Trajectories of several schedules from one start, on the contours of a landscape."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.request import Request
from experiments.trace import Trace
from lab.errors import RequestError
from lab.oracle import look
from reports import style
from reports.figures import common, save_as, suffix_of
from reports.labels import short
from reports.numbers import significant

#: Points of the grid along each coordinate, and contour lines.
POINTS, LINES = 240, 14
#: Points farther from the start than so many times the shortest trajectory's reach, or that of the
#: minimum, are left outside.
FAR = 4.0


def save(request: Request, lanes: Sequence[Trace], index: int, path: Path) -> Path:
    """Write the map; the suffix of `path` is its format. Returns the path.

    Raises
    ------
    RequestError
        Another suffix than pdf, svg and png, or a landscape that has no map.
    WorkError
        The file cannot be written.
    """
    suffix_of(path)
    return save_as(figure(request, lanes, index), path)


def figure(request: Request, lanes: Sequence[Trace], index: int, columns: int = 1) -> Any:
    """Contours of f - f* (of f above its lowest value where f* is unknown), logarithmic.

    Raises
    ------
    RequestError
        The landscape has another dimension than 2, or is another one for every seed.
    """
    landscape = request.landscape
    if request.facts.dim != 2 or landscape.component.instance_normals(landscape.values):
        raise RequestError(
            f"figure: {landscape.text} has no map; one needs 2 coordinates and the same landscape"
            " for every seed (e.g. rosenbrock, rastrigin:dim=2, ackley:dim=2)"
        )
    names, lines = short([lane.schedule for lane in lanes]), style.lines(request.written)
    labels = [f"{names[lane.schedule]}, {_final(request, lane)}" for lane in lanes]
    with common.figure(
        columns, _height(columns) + common.legend_height(columns, labels), _caption(request, index)
    ) as fig:
        axis = fig.add_subplot()
        _contours(request, axis, _box(request, lanes))
        for i, line in enumerate(lines):
            # Solid ones are broad and below: where paths coincide both are seen through the gaps.
            points, width, order = lanes[i].x, *((0.9, 3.5) if line.dashes else (1.9, 3))
            axis.plot(*points.T, color=line.colour, ls=line.style, lw=width, label=labels[i],
                      zorder=order)  # fmt: skip
            inside = np.isfinite(points).all(axis=1)
            axis.plot(*points[inside][-1], "o", ms=3.6, color=line.colour, mec="white", mew=0.6,
                      zorder=4)  # fmt: skip
        axis.plot(*lanes[0].x[0], "s", ms=4, color="white", mec="#15181D", mew=0.9, zorder=5)
        axis.annotate("start", lanes[0].x[0], (5, 4), textcoords="offset points", fontsize=6.5,
                      zorder=5)  # fmt: skip
        if request.facts.minimiser is not None:
            axis.plot(*request.facts.minimiser[:2], "*", ms=7, color="#15181D", mec="white",
                      mew=0.5, zorder=5)  # fmt: skip
        axis.set(xlabel="$x_1$", ylabel="$x_2$")
        common.legend(fig, columns, axis.get_legend_handles_labels()[0])
    return fig.figure


def _height(columns: int) -> float:
    return 3.0 if columns == 1 else 4.6


def _final(request: Request, lane: Trace) -> str:
    minimum = request.facts.minimum
    return significant(lane.final if minimum is None else max(lane.final - minimum, 0.0))


def _caption(request: Request, index: int) -> str:
    noise = request.noise.component.name
    if not request.scenario(request.strengths[0]).silent:
        noise += f" {request.strengths[0]:g} in channel {request.channel.component.name}"
    perturbed = f", perturbed by {request.events}" if request.perturbations else ""
    return (
        f"{request.landscape.text}: {request.steps} steps from one start,"
        f" {request.optimizer.component.name}, lr {request.lr:g}, noise {noise}{perturbed}; n = 1"
        f" (seed {index}). Contours of {request.measure}, logarithmic; behind each name the final"
        f" {request.measure}. Square: start; dot: end; star: minimum."
    )


def _box(request: Request, lanes: Sequence[Trace]) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper corner of a square with room around the trajectories and the minimum.

    Points of a lane that has diverged do not count.
    """
    start = lanes[0].x[0]
    minimiser = request.facts.minimiser
    fixed = np.array([start] if minimiser is None else [start, minimiser])
    paths = [lane.x[np.isfinite(lane.loss)] for lane in lanes]
    reaches = [np.abs(points - start).max(axis=1) for points in paths]
    usual = max(np.abs(fixed - start).max(), min(reach.max(initial=0.0) for reach in reaches), 1e-9)
    near = [points[reach <= FAR * usual] for points, reach in zip(paths, reaches, strict=True)]
    shown = np.concatenate([fixed, *near])
    low, high = shown.min(axis=0), shown.max(axis=0)
    half = 0.58 * float((high - low).max()) + 1e-6
    return 0.5 * (low + high) - half, 0.5 * (low + high) + half


def _contours(request: Request, axis: Any, box: tuple[np.ndarray, np.ndarray]) -> None:
    (left, low), (right, high) = box
    first, second = np.linspace(left, right, POINTS), np.linspace(low, high, POINTS)
    x, y = np.meshgrid(first, second)
    values, _ = look(request.landscape, np.stack([x.ravel(), y.ravel()]))
    finite = values[np.isfinite(values)]
    if finite.size and finite.min() < finite.max():
        contours(axis, x, y, values.reshape(x.shape), request.facts.minimum)
    axis.set(xlim=(left, right), ylim=(low, high), aspect="equal")


def contours(axis: Any, x: Any, y: Any, values: np.ndarray, minimum: float | None) -> Any:
    """Draw log10 of f - f* over a grid, or of f above its lowest value there; returns the fill.

    What overflows is left blank.
    """
    values = np.where(np.isfinite(values), values, np.nan)
    heights = values - (np.nanmin(values) if minimum is None else minimum)
    shown = np.log10(np.maximum(heights, max(np.nanmax(heights) * 1e-8, 1e-300)))
    levels = np.linspace(np.nanmin(shown), np.nanmax(shown), LINES + 1)
    fill = axis.contourf(x, y, shown, levels, cmap="Greys", alpha=0.45,
                         vmax=2 * levels[-1] - levels[0])  # fmt: skip
    axis.contour(x, y, shown, levels, colors="#666666", linewidths=0.3, alpha=0.7,
                 linestyles="solid")  # fmt: skip
    return fill
