"""Figures: every format and width, n and quantiles named, the same colours as anywhere."""

import re

import numpy as np
import pytest

from experiments.request import make_request
from experiments.trace import trace
from lab.errors import RequestError, WorkError
from reports import figures, style
from reports.figures import common, contour, scenario
from reports.page.collect import collect
from tests.reports.fabricate import study

NAMES = ["bands", "distribution", "ratios", "robustness", "by-noise", "by-landscape", "profiles"]
MAGIC = {"pdf": b"%PDF", "svg": b"<?xml", "png": b"\x89PNG"}


def texts(svg):
    return re.sub(r"<[^>]+>", " ", svg.read_text(encoding="utf-8"))


@pytest.mark.parametrize("suffix", figures.FORMATS)
def test_every_figure_is_drawn_in_every_format(tmp_path, suffix):
    results = collect(study(tmp_path / "in"))
    paths = figures.draw(results, tmp_path / "out", suffix, 2)
    assert [path.stem for path in paths] == NAMES
    for path in paths:
        assert path.read_bytes().startswith(MAGIC[suffix]), path


@pytest.mark.parametrize("columns", [1, 2])
def test_widths_are_those_of_a_journal_page(tmp_path, columns):
    results = collect(study(tmp_path / "in"))
    width = {1: style.ONE_COLUMN, 2: style.TWO_COLUMNS}[columns]
    for path in figures.draw(results, tmp_path / "out", "svg", columns):
        found = re.search(r'<svg[^>]* width="([\d.]+)pt"', path.read_text(encoding="utf-8"))
        assert found is not None
        assert float(found.group(1)) == pytest.approx(72 * width), path


def test_figures_name_their_quantiles_and_n(tmp_path):
    results = collect(study(tmp_path / "in"))
    for path in figures.draw(results, tmp_path / "out", "svg", 2):
        text = " ".join(texts(path).split())
        assert "n = 20 paired seeds" in text, path
        assert "p50" in text or "Median" in text or "median" in text, path


def test_lines_have_the_colours_of_their_schedules(tmp_path):
    results = collect(study(tmp_path / "in"))
    for path in figures.draw(results, tmp_path / "out", "svg", 2):
        if path.stem in ("bands", "distribution", "robustness", "profiles"):
            text = path.read_text(encoding="utf-8").upper()
            for name in ("greedy", "cosine", "exponential"):
                assert style.colour(name) in text, (path, name)


@pytest.mark.parametrize(
    "options",
    [
        {"seeds": 1},
        {"rows": False},
        {"bands": 0},
        {"final": lambda cell: np.full(20, np.inf)},
        {"final": lambda cell: np.zeros(20)},
        {"schedules": ("greedy",)},
    ],
    ids=["one seed", "no rows", "no bands", "all diverged", "all zero", "one schedule"],
)
def test_poor_data_make_no_traceback(tmp_path, options):
    results = collect(study(tmp_path / "in", **options))
    assert figures.draw(results, tmp_path / "out", "svg", 1)


def test_wrong_formats_and_widths_are_refused(tmp_path):
    results = collect(study(tmp_path / "in"))
    with pytest.raises(RequestError, match="pdf, svg, png"):
        figures.draw(results, tmp_path / "out", "gif", 1)
    with pytest.raises(RequestError, match="allowed: 1, 2"):
        figures.draw(results, tmp_path / "out", "svg", 3)


def test_a_place_that_cannot_be_written_is_one_line(tmp_path):
    results = collect(study(tmp_path / "in"))
    (tmp_path / "out").write_text("a file")
    with pytest.raises(WorkError, match="cannot be written"):
        figures.draw(results, tmp_path / "out", "svg", 1)


def test_labels_are_pushed_apart_as_little_as_needed():
    assert common.pushed_apart([0.1, 0.5], 0.2) == [0.1, 0.5]
    np.testing.assert_allclose(common.pushed_apart([0.1, 0.15, 0.2], 0.1), [0.1, 0.2, 0.3])
    np.testing.assert_allclose(common.pushed_apart([0.95, 0.98], 0.1), [0.9, 1.0])


def test_an_empirical_distribution_reaches_one_half_at_the_median(tmp_path):
    results = collect(study(tmp_path / "in"))
    drawn = scenario.distribution(results, 2)
    axis = drawn.subfigs[0].axes[0]
    for line in axis.lines[:3]:
        at_half = np.interp(0.5, line.get_ydata(), line.get_xdata())
        assert f"p50 {at_half:.3g}"[:7] in line.get_label()


REQUEST = {"schedules": ("greedy", "cosine"), "steps": 30, "seeds": 4, "start": (-1.2, 1.0)}


def test_a_map_shows_the_trajectories_as_they_are(tmp_path):
    request = make_request("rosenbrock", lr=0.05, **REQUEST)
    lanes = trace(request, 1)
    drawn = contour.figure(request, lanes, 1)
    axis = drawn.subfigs[0].axes[0]
    paths = [line for line in axis.lines if len(line.get_xdata()) == 30]
    assert [line.get_label().split(",")[0] for line in paths] == ["greedy", "cosine"]
    for line, lane in zip(paths, lanes, strict=True):
        np.testing.assert_array_equal(np.transpose(line.get_data()), lane.x)
        assert line.get_color() == style.colour(lane.schedule)
    (left, right), (low, high) = axis.get_xlim(), axis.get_ylim()
    points = np.concatenate([lane.x for lane in lanes] + [[[1.0, 1.0]]])
    assert (points >= [left, low]).all()
    assert (points <= [right, high]).all()
    assert right - left == pytest.approx(high - low)


@pytest.mark.parametrize("suffix", figures.FORMATS)
def test_a_map_is_saved_in_the_format_of_its_name(tmp_path, suffix):
    request = make_request("rosenbrock", **REQUEST)
    path = contour.save(request, trace(request, 0), 0, tmp_path / f"map.{suffix}")
    assert path.read_bytes().startswith(MAGIC[suffix])


def test_a_lane_that_runs_off_leaves_the_others_visible(tmp_path):
    request = make_request("rosenbrock", optimizer="sgd", lr=0.004, **REQUEST)
    lanes = trace(request, 0)
    lanes[1].x[10:] *= 10.0 ** np.arange(20)[:, None]
    axis = contour.figure(request, lanes, 0).subfigs[0].axes[0]
    assert axis.get_xlim()[1] - axis.get_xlim()[0] < 100.0


def test_landscapes_without_a_map_are_refused(tmp_path):
    request = make_request("rosenbrock:dim=5", schedules=("greedy",), steps=5, seeds=1)
    with pytest.raises(RequestError, match="2 coordinates"):
        contour.save(request, trace(request, 0), 0, tmp_path / "map.png")
    request = make_request("rosenbrock", schedules=("greedy",), steps=5, seeds=1)
    with pytest.raises(RequestError, match="pdf, svg, png"):
        contour.save(request, trace(request, 0), 0, tmp_path / "map.gif")
