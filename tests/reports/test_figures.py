"""Figures: every format and width, n and quantiles named, the same colours as anywhere."""

import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from experiments.request import make_request
from experiments.trace import trace
from lab.errors import RequestError, WorkError
from reports import bands, figures, style
from reports.aggregate import facets, heat
from reports.figures import common, contour, overview, scenario, spread
from reports.labels import short
from reports.page.collect import collect
from tests.reports.fabricate import study

NAMES = [
    *("bands", "distribution", "spread", "ratios", "robustness"),
    *("by-noise", "by-landscape", "profiles"),
]
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


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("landscape", "options"),
    [
        ("rosenbrock", {"lr": 1e300}),
        ("rosenbrock", {"start": (1e200, 1e200)}),
        ("rosenbrock", {"start": (1e75, 1e30), "lr": 1e73}),
        ("valley", {"perturbations": ("kick:at=1,size=1e300",)}),
    ],
)
def test_a_map_where_f_overflows(tmp_path, landscape, options):
    request = make_request(landscape, schedules=("greedy", "constant"), steps=5, seeds=1, **options)
    lanes = trace(request, 0)
    assert all(np.isinf(lane.final) for lane in lanes)
    assert contour.save(request, lanes, 0, tmp_path / "map.svg").stat().st_size > 1000
    axis = contour.figure(request, lanes, 0).subfigs[0].axes[0]
    farthest = np.abs(request.start if "start" in options else lanes[0].x[0]).max()
    assert axis.get_xlim()[1] - axis.get_xlim()[0] < 4.0 * max(farthest, 1.0)


def test_landscapes_without_a_map_are_refused(tmp_path):
    request = make_request("rosenbrock:dim=5", schedules=("greedy",), steps=5, seeds=1)
    with pytest.raises(RequestError, match="2 coordinates"):
        contour.save(request, trace(request, 0), 0, tmp_path / "map.png")
    request = make_request("rosenbrock", schedules=("greedy",), steps=5, seeds=1)
    with pytest.raises(RequestError, match="pdf, svg, png"):
        contour.save(request, trace(request, 0), 0, tmp_path / "map.gif")


def written_on(axis):
    return [text.get_text() for text in axis.texts]


def test_a_heat_map_says_in_every_field_what_its_colour_shows(tmp_path):
    level = {"greedy": 3.0, "cosine": 1.0, "exponential": 20.0}
    results = collect(
        study(tmp_path / "study", final=lambda cell: level[cell["schedule"]] * np.ones(20))
    )
    drawn = overview.heat_map("noise")(results, 2)
    axis = drawn.subfigs[0].axes[0]
    name, chosen = next(iter(facets(results)))
    found = heat(results, "noise", chosen)
    order = np.argsort(found.overall, kind="stable")
    assert [text.get_text() for text in axis.get_yticklabels()] == [
        short(results.schedules)[found.schedules[i]] for i in order
    ]
    assert [float(text.split()[0]) for text in written_on(axis)] == pytest.approx(
        found.ratio[order].ravel(), rel=0.01
    )
    for text, ground in zip(axis.texts, axis.collections[0].get_facecolors(), strict=True):
        inks = sorted((style.luminance(to_hex(ground)), style.luminance(text.get_color())))
        assert (inks[1] + 0.05) / (inks[0] + 0.05) >= 4.0
    assert name in axis.get_title(loc="left")


def test_letter_values_have_the_median_and_the_fourths_of_the_seeds(tmp_path):
    results = collect(study(tmp_path / "study"))
    axis = spread.letter_values(results, 1).subfigs[0].axes[0]
    chosen = common.cells_of(results, results.first)
    cells = results.cells
    chosen = chosen[np.argsort(cells["final_p50"][chosen])]
    medians = [line.get_xdata()[0] for line in axis.lines]
    np.testing.assert_allclose(medians, cells["final_p50"][chosen], rtol=0.02)
    box = axis.collections[0].get_paths()
    ends = [(path.vertices[:, 0].min(), path.vertices[:, 0].max()) for path in box]
    fourths = (cells["final_p25"][chosen[0]], cells["final_p75"][chosen[0]])
    assert min(np.abs(np.log(np.divide(end, fourths))).max() for end in ends) < 0.1


def test_diverged_seeds_leave_the_frame_of_the_letter_values(tmp_path):
    def half(cell):
        return [1.0 + i if i % 2 else math.inf for i in range(20)]

    axis = spread.letter_values(collect(study(tmp_path / "half", final=half)), 1).subfigs[0].axes[0]
    high = axis.get_xlim()[1]
    boxes = [path for boxes in axis.collections for path in boxes.get_paths()]
    assert max(path.vertices[:, 0].max() for path in boxes) > high
    none = collect(study(tmp_path / "none", final=lambda cell: [math.inf] * 20))
    assert spread.letter_values(none, 1) is None


def test_the_main_figure_does_without_seaborn():
    """Its import alone would take most of the time that `lab run` has."""
    script = (
        "import sys; import numpy as np; from reports import bands, style\n"
        "one = bands.Panels(['a'], style.lines(['greedy']), [''], np.arange(3), np.ones((1, 3, 5)),"
        " [(np.arange(2), np.ones(2))], 0, 'loss', 'title')\n"
        "bands.drawn(one); print('seaborn' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.stdout == "False\n"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("values", [[1e-300, 1.0, 1e300], [5e-324, 1e-300], [1e290, 1e307]])
def test_a_logarithmic_axis_near_the_ends_of_what_numbers_can_be(values, tmp_path):
    figure = Figure()
    axes = figure.subplots(1, 2)
    for axis, scale in zip(axes, (common.log_scale, common.loss_scale), strict=True):
        axis.plot([1.0] * len(values), values)
        scale(axis, np.array(values))
        assert 0.0 < axis.get_ylim()[0] < axis.get_ylim()[1] < np.inf
    figure.savefig(tmp_path / "axis.svg")


def test_an_ordinary_logarithmic_axis_is_matplotlibs():
    first, second = Figure().subplots(1, 2)
    for axis in (first, second):
        axis.plot([1e-9, 3.0], [0.0, 1.0])
    common.log_scale(first, [1e-9, 3.0], "x")
    second.set_xscale("log")
    assert first.get_xlim() == second.get_xlim()


def test_without_a_positive_finite_value_there_is_no_logarithmic_axis():
    axis = Figure().subplots()
    common.log_scale(axis, [0.0, -1.0, np.inf, np.nan])
    assert axis.get_yscale() == "linear"


@pytest.mark.filterwarnings("error")
def test_bands_of_rates_at_the_end_of_the_numbers(tmp_path):
    """Matplotlib's own margins and ticks of a logarithmic axis overflow there."""
    at = np.arange(3)
    panels = bands.Panels(
        ["a", "b"], style.lines(["greedy", "cosine"]), ["", ""], at, np.ones((2, 3, 5)),
        [(at[:-1], np.array([1.0, 1.7e308])), (at[:-1], np.array([1e-3, 1e-3]))], 0, "loss", "t",
    )  # fmt: skip
    assert bands.save(bands.drawn(panels), tmp_path, "bands", ("png", "svg"))
