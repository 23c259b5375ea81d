"""The table beside the paper's figures, from the rows of a small published grid."""

import tomllib

import numpy as np
import pandas as pd
import pytest

from experiments.check.published import (
    GREEDY,
    PAPER_ANALYTIC,
    RIVALS,
    SCHEDULES,
    THRESHOLDS,
    read_published,
)
from experiments.study.declaration import make_study
from experiments.study.ranking import read_table
from experiments.study.sweep import run_study
from lab.errors import RequestError
from reports.published import text

SEEDS = 12


def run(directory, name, **axes):
    with open("studies/published.toml", "rb") as file:
        content = tomllib.load(file)
    content["seeds"] = SEEDS
    content["axes"] |= axes
    if "channel" in axes:
        del content["constants"]["channel"]
    study = make_study(name, content, name)
    run_study(study, directory / name, "lab sweep", False, 2, None, (), lambda line: None)
    return directory / name


FUNCTIONS = ["rosenbrock:dim=2,scale=1", "quadratic-study:dim=15,condition=100"]
NOISES = ["none", "gaussian", "spikes"]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    directory = tmp_path_factory.mktemp("published")
    parts = [
        run(directory, "acting", landscape=FUNCTIONS, noise=NOISES, channel=["batch", "metric"]),
        run(directory, "published", landscape=FUNCTIONS, noise=NOISES),
    ]
    rows = pd.concat([pd.DataFrame(read_table(part, "runs")) for part in parts])
    return read_published(parts, threads=2), rows


def pool(rows, channel, name, noise=None) -> pd.DataFrame:
    """The lanes of a schedule, those without noise three times."""
    component = rows["schedule"].str.split(":").str[0].str.replace("greedy-patience-1", GREEDY)
    component = component.str.replace(f"{GREEDY}0", GREEDY)
    of = GREEDY if name == GREEDY else SCHEDULES[name]
    mine = rows[(rows["channel"] == channel) & (component == of)]
    mine = mine if noise is None else mine[mine["noise"] == noise]
    return pd.concat([mine, *[mine[mine["noise"] == "none"]] * 2])


def test_channels_come_in_the_order_of_the_paper(found):
    channels, _ = found
    assert [channel.name for channel in channels] == ["published", "metric", "batch"]
    assert all(list(channel.schedules) == list(SCHEDULES) for channel in channels)


@pytest.mark.parametrize("name", SCHEDULES)
def test_figures_are_those_of_the_pooled_rows(name, found):
    channels, rows = found
    for channel in channels:
        figures, mine = channel.schedules[name], pool(rows, channel.name, name)
        last = mine["last"]
        # 2 functions x (1 clean x 3 + 2 noises x 3 strengths), and two patiences of GreedyLR
        assert figures.lanes == len(mine) == 2 * 9 * SEEDS * (1 + (name == GREEDY))
        estimates = [interval.estimate for interval in figures.band]
        np.testing.assert_allclose(estimates, np.quantile(last, (0.1, 0.5, 0.9)), rtol=1e-14)
        for column in ("loss_20", "loss_100"):
            assert figures.early[column].estimate == pytest.approx(np.median(mine[column]))
        for noise in NOISES:
            expected = np.median(pool(rows, channel.name, name, noise)["last"])
            assert figures.noises[noise].estimate == pytest.approx(expected)
        assert figures.success == tuple((last < threshold).mean() for threshold in THRESHOLDS)
        assert figures.converged == (mine["converged"] >= 0).mean()
        for interval in figures.band:
            assert interval.low <= interval.estimate <= interval.high
            assert interval.n == SEEDS


def test_ratios_are_greedy_over_the_other(found):
    channels, _ = found
    for channel in channels:
        greedy = channel.schedules[GREEDY]
        assert greedy.ratio is None
        for name in (*RIVALS, "constant"):
            figures = channel.schedules[name]
            assert figures.ratio is not None
            assert figures.ratio.estimate == pytest.approx(
                greedy.band[1].estimate / figures.band[1].estimate
            )
            widths = [f.band[2].estimate / f.band[0].estimate for f in (greedy, figures)]
            assert figures.width is not None
            assert figures.width.estimate == pytest.approx(widths[0] / widths[1])


def test_in_the_published_channel_all_noises_are_the_same(found):
    channels, _ = found
    for figures in channels[0].schedules.values():
        assert len({interval.estimate for interval in figures.noises.values()}) == 1
    assert len({i.estimate for i in channels[2].schedules[GREEDY].noises.values()}) == len(NOISES)


def test_studies_of_one_seed_scatter_around_the_pooled_median(found):
    channels, _ = found
    for figures in channels[0].schedules.values():
        low, high = figures.one_seed
        assert low < figures.band[1].estimate < high


def test_the_text_has_the_papers_figures_beside_ours(found):
    channels, _ = found
    shown = text(channels)
    for claim in ("C1 ", "C2 ", "C5 ", "C9a", "C9b", "C10"):
        assert f"\n{claim}" in shown
    for value in PAPER_ANALYTIC.values():
        assert f"{value:.3g}" in shown
    assert f"{SEEDS} seeds a cell" in shown
    assert "nan" not in shown.lower()
    assert max(map(len, shown.splitlines())) < 240


def test_another_study_is_refused(tmp_path):
    content = {"seeds": 5, "axes": {"landscape": ["ackley"], "schedule": ["greedy", "cosine"]}}
    study = make_study("other", content, "other")
    run_study(study, tmp_path, "lab sweep", False, 1, None, (), lambda line: None)
    with pytest.raises(RequestError, match="is not the published grid: no GreedyLR, restarts, exp"):
        read_published([tmp_path])
    with pytest.raises(RequestError, match="holds no finished cells"):
        read_published([tmp_path / "missing"])
