"""The training log of the examples: made by the committed script, replayed through everything."""

import csv
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from lab.replay import replay
from lab.schedules import SCHEDULES
from reports.replay import figure

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def committed():
    with (EXAMPLES / "training-log.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_script_writes_the_committed_log(committed, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["train", str(tmp_path / "log.csv")])
    runpy.run_path(str(EXAMPLES / "train_small_network.py"), run_name="__main__")
    with (tmp_path / "log.csv").open(encoding="utf-8") as file:
        fresh = list(csv.DictReader(file))
    for column in ("step", "loss", "full_loss"):
        one, other = ([float(row[column]) for row in rows] for rows in (fresh, committed))
        # Other machines sum in another order; the six digits written hide nearly all of it.
        np.testing.assert_allclose(one, other, rtol=2e-5)


def test_its_gradients_are_those_of_its_loss():
    script = runpy.run_path(str(EXAMPLES / "train_small_network.py"))
    loss, rng = script["loss_and_gradients"], np.random.default_rng(1)
    points, arms = script["spirals"](rng)
    assert points.shape == (600, 2)
    weights = [rng.normal(0.0, 0.5, shape) for shape in ((2, 4), (4,), (4, 3), (3,))]
    _, gradients = loss(weights, points, arms)
    for array, gradient in zip(weights, gradients, strict=True):
        for at in np.ndindex(array.shape):
            moved = []
            for change in (1e-6, -1e-6):
                array[at] += change
                moved.append(loss(weights, points, arms)[0])
                array[at] -= change
            assert gradient[at] == pytest.approx((moved[0] - moved[1]) / 2e-6, rel=1e-6, abs=1e-9)


def test_it_learns(committed):
    losses = [float(row["full_loss"]) for row in committed]
    assert len(losses) == 400
    assert losses[0] == pytest.approx(np.log(3.0), rel=0.05)
    assert losses[-1] < 0.15


def test_the_figure_shows_every_schedule(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["replay", str(tmp_path)])
    script = runpy.run_path(str(EXAMPLES / "replay_training_log.py"), run_name="__main__")
    shown = {SCHEDULES.choose(text).component.name for text in script["SHOWN"]}
    # A schedule that is added needs no line here: some cannot be replayed.
    assert shown <= set(SCHEDULES.all())
    assert len(shown) > 20
    paths = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert [path.name for path in paths] == ["training-log.png", "training-log.svg"]
    assert all(path.stat().st_size > 10_000 for path in paths)
    svg = paths[1].read_text()
    assert all(f">{text.partition(':')[0]}<" in svg for text in script["SHOWN"])


def test_the_figure_draws_what_a_replay_returns():
    losses = np.linspace(1.0, 0.1, 30)
    texts = ("greedy:patience=1", "linear", "greedy:patience=2")
    rates = {text: replay(SCHEDULES.choose(text), losses, 0.1) for text in texts}
    axes = figure(losses, rates, 0.1).axes
    np.testing.assert_array_equal(axes[0].lines[0].get_ydata(), losses)
    for axis, text in zip(axes[1:], texts, strict=True):
        drawn = axis.lines[1].get_ydata()
        np.testing.assert_array_equal(drawn, np.where(rates[text] > 0.0, rates[text], np.nan))
        assert axis.get_title() == text.partition(":")[0]
        assert axis.texts[0].get_text() == text.partition(":")[2]
