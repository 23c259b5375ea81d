"""What a figure shows, in words: made of its numbers, kept in its file, said by the page."""

import json

import pytest
from matplotlib.figure import Figure

from experiments.early import make_early, measure_early
from experiments.recovery.run import make_recovery, recover
from experiments.sensitivity import make_sensitivity, measure_sensitivity
from lab.store import manifest
from reports import findings, style
from reports.bands import save
from reports.headline import headline, wrapped
from reports.numbers import significant
from reports.page.collect import collect
from reports.page.sections.images import described, sections
from reports.recovery import figures as recovery_figures
from reports.sensitivity import figures as sensitivity_figures

COMMON = {
    "landscapes": ["rosenbrock"], "schedules": ("cosine", "greedy"), "seeds": 20, "steps": 20,
}  # fmt: skip


def test_the_lowest_medians_over_the_rates_are_told_in_their_order(tmp_path):
    result = measure_sensitivity(make_sensitivity(rates=5, **COMMON))
    [found] = result.scenarios
    lowest = sorted((float(a.bands[:, findings.MEDIAN].min()), a.written) for a in found.arms)
    text = findings.rates(found)
    told = text.partition("lowest medians ")[2].split("; ")
    assert [part.split(" at lr")[0] for part in told] == [
        f"{name} {significant(value)}" for value, name in lowest
    ]
    paths = sensitivity_figures.draw(result, tmp_path)
    assert described(next(p for p in paths if p.suffix == ".svg")) == text


def test_the_first_to_recover_and_the_certain_differences_are_told(tmp_path):
    grid = make_recovery(events=["kick:at=5,size=0.5"], published=False, **COMMON)
    result = recover(grid)
    text = findings.recovered(result.results)
    means = {a.written: a.mean.estimate for a in result.results[0].arms}
    quick = min(means, key=means.__getitem__)
    assert f"after kick:at=5,size=0.5 {quick} first, {significant(means[quick])} steps" in text
    assert "of 1 comparisons" in findings.differences(result)
    figure = recovery_figures.differences(result)
    assert figure.get_suptitle().startswith("Restricted mean")


def test_who_reaches_most_targets_is_told():
    result = measure_early(make_early(**COMMON))
    [found] = result.scenarios
    most = max(found.arms, key=lambda arm: arm.area.estimate)
    assert f"{most.written} reaches most targets" in findings.early(result.scenarios)


def directory(folder, name, finding):
    """A finished experiment with one figure that says what it shows."""
    save(Figure(figsize=(2, 1)), folder / "report", name, ("png", "svg"), finding)
    record = manifest.provenance({"experiment": "optimal-f"}, "lab optimal-f")
    manifest.write(folder, record | {"started": 0.0, "seconds": 1.0, "complete": True})
    (folder / "result.json").write_text(json.dumps({"schema": 1, "cells": []}))
    return folder


@pytest.mark.parametrize("finding", ['F < 1 & "best" > 0', ""])
def test_the_page_says_what_the_file_says(tmp_path, finding):
    [section] = sections(collect(directory(tmp_path / "out", "optimal-f-scores", finding)))
    [figure] = section.figures
    assert figure.finding == (finding or "optimal f scores (optimal-f)")


def test_a_picture_says_the_same_in_every_format(tmp_path):
    paths = save(Figure(figsize=(2, 1)), tmp_path, "a", ("png", "pdf", "svg"), "What it shows.")
    for path in paths:
        assert b"What it shows." in path.read_bytes()


def test_a_long_headline_stays_within_its_figure():
    figure = Figure(figsize=(style.TWO_COLUMNS, 3.0), layout="constrained")
    long = "transformed:of=(transformed:of=(quadratic:dim=6,condition=20),shift=1),rotate=true"
    headline(figure, f"{long},condition=4,fixed=7, noise gaussian in channel batch   n = 60\nshort")
    assert figure.get_suptitle().count("\n") == 2
    assert figure.get_size_inches()[1] == pytest.approx(3.13)
    figure.draw_without_rendering()
    [title] = figure.texts
    box = title.get_window_extent()
    assert box.x1 <= figure.bbox.x1
    assert wrapped("", 5) == [""]
