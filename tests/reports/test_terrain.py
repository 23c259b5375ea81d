"""The picture of a landscape, and what `lab show` and `lab list` say of assumptions."""

from dataclasses import replace

import numpy as np
import pytest

from lab.errors import RequestError
from landscapes import LANDSCAPES
from reports import assumptions
from reports.figures import FORMATS, terrain
from reports.listing import description
from tests.kernels import evaluate


def drawn(text, along=None):
    """The panel of the figure, and its caption."""
    figure = terrain.figure(LANDSCAPES.choose(text), along)
    upper, lower = figure.subfigs
    return upper.axes[0], lower.texts[0].get_text()


def test_a_map_has_the_minimisers_and_the_domain():
    axis, caption = drawn("himmelblau")
    assert axis.get_xlim() == (-6.0, 6.0)
    stars = [line.get_xydata()[0].tolist() for line in axis.lines if line.get_marker() == "*"]
    assert stars[0] == [3.0, 2.0]
    assert "two of the minima" in caption
    assert "Slice" not in caption


def test_a_map_of_a_wide_domain_is_cut_to_where_runs_begin():
    axis, _ = drawn("ackley")
    dots = next(line for line in axis.lines if line.get_marker() == ".")
    starts = np.array([dots.get_xdata(), dots.get_ydata()])
    low, high = starts.min(axis=1), starts.max(axis=1)
    half = 1.5 * (high - low).max()
    middle = 0.5 * (low + high)
    assert axis.get_xlim() == pytest.approx((middle[0] - half, middle[0] + half))
    assert axis.get_ylim() == pytest.approx((middle[1] - half, middle[1] + half))


def test_a_map_is_the_value_over_its_grid(monkeypatch):
    drawn_with = []
    kept = terrain.contours

    def contours(axis, x, y, values, minimum):
        drawn_with.append((x, y, values))
        return kept(axis, x, y, values, minimum)

    monkeypatch.setattr(terrain, "contours", contours)
    drawn("rosenbrock:dim=3", (3, 1))
    [(x, y, values)] = drawn_with
    points = np.stack([y.ravel(), np.ones(x.size), x.ravel()])
    expected, _ = evaluate(LANDSCAPES.choose("rosenbrock:dim=3"), points)
    np.testing.assert_array_equal(values.ravel(), expected)


def test_a_slice_says_where_it_is_cut():
    axis, caption = drawn("rosenbrock:dim=5")
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("$x_{1}$", "$x_{5}$")
    assert "Slice through the minimiser along x_1 and x_5; dim = 5" in caption.replace("\n", " ")
    axis, caption = drawn("quadratic-study", (2, 3))
    assert axis.get_xlabel() == "$x_{2}$"
    assert "through the centre of the starts" in caption.replace("\n", " ")
    assert "every seed has its own" in caption.replace("\n", " ")


@pytest.mark.parametrize(("text", "along"), [("huber:dim=1", None), ("rastrigin:dim=4", (3,))])
def test_a_curve_is_the_value_along_one_coordinate(text, along):
    axis, _ = drawn(text, along)
    x, y = axis.lines[0].get_data()
    landscape = LANDSCAPES.choose(text)
    points = np.zeros((landscape.component.facts(landscape.values).dim, len(x)))
    points[along[0] - 1 if along else 0] = x
    np.testing.assert_array_equal(evaluate(landscape, points)[0], y)


def test_an_instance_is_the_same_at_every_point():
    """Else a bowl that every seed has elsewhere would be drawn as noise."""
    axis, _ = drawn("quadratic-study", (15,))
    _, y = axis.lines[0].get_data()
    assert np.diff(y, 2).max() == pytest.approx(np.diff(y, 2).min(), rel=1e-6)


@pytest.mark.parametrize("along", [(0,), (3,), (1, 1), (1, 2, 1)])
def test_coordinates_that_are_none_are_refused(along):
    with pytest.raises(RequestError, match="from 1 to 2"):
        drawn("rosenbrock", along)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_picture_is_saved_in_the_format_of_its_name(tmp_path, suffix):
    path = terrain.save(LANDSCAPES.choose("booth"), tmp_path / f"a/booth.{suffix}")
    assert path.stat().st_size > 1000
    with pytest.raises(RequestError, match="pdf, svg, png"):
        terrain.save(LANDSCAPES.choose("booth"), tmp_path / "booth.gif")


def test_a_description_states_every_assumption():
    text = description(LANDSCAPES.choose("least-squares:problem=P2"))
    assert "of least-squares:problem=P2" in text
    for part in ("L_max = 9.3287", "theorem A.1 repaired: premises hold", "sigma = 0  "):
        assert part in text
    denied = description(LANDSCAPES.choose("nonconvex-sum"))
    assert "theorem A.1 as claimed: premises hold" in denied
    assert "theorem A.1 repaired: premises fail (not terms convex)" in denied


def test_the_overview_has_a_row_for_every_landscape():
    names = [
        line.split()[0] for line in assumptions.overview().splitlines()[-len(LANDSCAPES.all()) :]
    ]
    assert names == list(LANDSCAPES.all())
    page = assumptions.markdown()
    assert page.count("\n| ") == len(LANDSCAPES.all()) + 2
    header, rule = (line for line in page.splitlines() if line.startswith(("| landscape", "| ---")))
    assert header.count("|") == rule.count("|")


def test_a_start_that_asks_for_what_there_is_not_is_refused():
    def start(start, centre):
        start[:] += centre

    chosen = LANDSCAPES.choose("rosenbrock")
    known = chosen.component.facts(chosen.values)
    without = replace(
        chosen.component, start=start, facts=lambda values: replace(known, minimiser=None)
    )
    with pytest.raises(RequestError, match="unknown argument 'centre' in start of landscape"):
        terrain.figure(replace(chosen, component=without))
