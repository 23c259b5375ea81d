"""What the claims are judged on: the published grid, in every channel and at equal tuning.

Each grid is a study of its own (`experiments.study.sweep`): it is stored, verified and resumed like
any other, so a check that was interrupted goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from experiments.study.declaration import Cell, Group, Study, make_study
from experiments.study.sweep import run_study
from experiments.tuning import FIRST_SEED, GRID, SEEDS, best_rate
from lab.engine.workers import cores
from lab.simulation import Arm, Keep, simulate
from lab.statistics.quantiles import quantiles
from lab.store.tables import parquet_file

#: The eleven analytic functions of the study (paper facts: "The robustness study"), each once.
LANDSCAPES = (
    "quadratic-study:condition=1",
    "quadratic-study:condition=100",
    "quadratic-study:condition=1000",
    "rosenbrock:dim=2,scale=0.1",
    "rosenbrock:dim=2,scale=1",
    "rosenbrock:dim=2,scale=10",
    "rosenbrock:dim=5,scale=1",
    "rastrigin:dim=10,amplitude=5",
    "rastrigin:dim=10,amplitude=10",
    "rastrigin:dim=10,amplitude=20",
    "ackley:dim=8",
)
NOISES = (
    "none",
    "gaussian",
    "periodic-spikes",
    "spikes",
    "plateau",
    "oscillation",
    "drift",
    "bursts",
    "adversarial",
)
STRENGTHS = (0.1, 0.5, 1.0)
#: The study's schedules by the names its tables use (GreedyLR ran with two patiences), and a
#: constant rate, which the study leaves out.
SCHEDULES = {
    "GreedyLR": (
        "greedy-research:factor=0.9,min_lr=1e-5,patience=1",
        "greedy-research:factor=0.9,min_lr=1e-5,patience=10",
    ),
    "cosine": ("cosine:T_max=200,eta_min=1e-5",),
    "restarts": ("cosine-restarts:T_0=50,T_mult=1,eta_min=1e-5",),
    "exponential": ("exponential:gamma=0.95",),
    "constant": ("constant",),
}
SUBJECT = "GreedyLR"
RIVALS = ("cosine", "restarts", "exponential")
BASELINE = "constant"
CHANNELS = ("published", "metric", "gradient", "batch", "parameters")


Names = Mapping[str, tuple[str, ...]]


def published_document(channel: str, seeds: int, names: Names = SCHEDULES) -> dict[str, Any]:
    """The published grid in one channel, as the content of a study file."""
    return {
        "title": f"The published grid, channel {channel}",
        "seeds": seeds,
        "constants": {"optimizer": "adam", "lr": 0.01, "steps": 200, "channel": channel},
        "axes": {
            "landscape": list(LANDSCAPES),
            "noise": list(NOISES),
            "strength": list(STRENGTHS),
            "schedule": [text for texts in names.values() for text in texts],
        },
        "exclude": [{"noise": "none", "strength": list(STRENGTHS[1:])}],
        "keep": {"rows": True, "bands": 0},
    }


@dataclass(frozen=True)
class Grid:
    """Lanes of a finished study: `columns` of shape (cells, seeds) by name."""

    names: Names
    cells: tuple[Cell, ...]
    columns: dict[str, np.ndarray]

    def pool(self, column: str, keep: Callable[[Cell], bool]) -> np.ndarray:
        """The lanes of some cells, shape (cells kept, seeds)."""
        chosen = [i for i, cell in enumerate(self.cells) if keep(cell)]
        return self.columns[column][chosen]

    def pools(self, column: str, keep: Callable[[Cell], bool]) -> dict[str, np.ndarray]:
        """The lanes of some cells, by the names of their schedules."""
        return {
            name: self.pool(column, lambda cell, of=texts: cell.schedule in of and keep(cell))
            for name, texts in self.names.items()
        }


class Evidence:
    """Grids on demand, each computed once and kept in `directory`.

    `names` may put another schedule in the place of GreedyLR: a verdict must be able to turn.
    """

    def __init__(
        self,
        directory: Path,
        seeds: int,
        threads: int | None,
        log: Callable[[str], None],
        names: Names = SCHEDULES,
    ) -> None:
        self.directory = directory
        self.seeds = seeds
        self.threads = threads
        self.log = log
        self.names = names
        self._grids: dict[tuple[str, bool], Grid] = {}

    def grid(self, channel: str, tuned: bool = False) -> Grid:
        """The published grid in a channel, at the shared rate or each schedule at its own."""
        key = (channel, tuned)
        if key not in self._grids:
            content = published_document(channel, self.seeds, self.names)
            study = make_study("published", content, "published")
            name = f"published-{channel}"
            if tuned:
                self.log(f"tuning every schedule in every scenario, channel {channel}")
                study = tuned_study(study, self.threads)
                name += "-tuned"
            self.log(f"{study.document.title}{' at tuned rates' if tuned else ''}")
            target = self.directory / f"{name}-{study.hash}"
            run_study(
                study, target, "lab check", True, self.threads, None, (), self.log,
                again="the same command",
            )  # fmt: skip
            self._grids[key] = read_grid(study, target, self.names)
        return self._grids[key]

    @cached_property
    def rates(self) -> dict[tuple[str, str], float]:
        """The rate that is best without noise, by landscape and schedule, found on other seeds."""
        cells = self.grid("published", tuned=True).cells
        return {(cell.landscape, cell.schedule): cell.lr for cell in cells if cell.noise == "none"}


def read_grid(study: Study, directory: Path, names: Names = SCHEDULES) -> Grid:
    """All rows of a finished study."""
    from pyarrow import concat_tables

    wanted = ["cell", "seed", "final", "last", "diverged"]
    files = sorted((directory / "runs").glob("*.parquet"))
    table = concat_tables([parquet_file(file).read(wanted) for file in files])
    seeds = study.document.seeds
    order = np.lexsort((table["seed"].to_numpy(), table["cell"].to_numpy()))
    columns = {name: table[name].to_numpy()[order].reshape(-1, seeds) for name in wanted[2:]}
    return Grid(names, tuple(cell for group in study.groups for cell in group.cells), columns)


def tuned_study(study: Study, threads: int | None) -> Study:
    """The same study with every cell at the rate that is best for it on other seeds.

    Where the noise cannot act on any arm, scenarios differ in name only and are tuned once.
    """
    groups: dict[Any, Group] = {}
    for group in study.groups:
        groups.setdefault(_kind(group), group)
    with ThreadPoolExecutor(threads or cores()) as pool:
        found = pool.map(lambda group: _best_rates(study, group), groups.values())
        best = dict(zip(groups, found, strict=True))
    return replace(study, groups=tuple(_at_rates(g, best[_kind(g)]) for g in study.groups))


def _kind(group: Group) -> Any:
    """What decides a group's lanes."""
    scenario = group.scenario
    same = (scenario.landscape.text, group.steps, group.cadence)
    if all(scenario.inert(arm.schedule, group.cadence.metric) for arm in group.arms):
        return same
    return (*same, scenario.noise.text, scenario.channel.text, scenario.strength)


def _best_rates(study: Study, group: Group) -> list[float]:
    """The rate of each arm with the lowest median on the tuning seeds."""
    rates = [arm.lr * factor for arm in group.arms for factor in GRID]
    arms = [
        Arm(arm.schedule, arm.optimizer, arm.lr * factor) for arm in group.arms for factor in GRID
    ]
    outcome = simulate(
        group.scenario, arms, group.steps, SEEDS, seed=study.document.seed,
        first_lane=FIRST_SEED, keep=Keep(loss=False, lr_mean=False), cadence=group.cadence,
        threads=1,
    )  # fmt: skip
    medians = quantiles(outcome.summary["final"], 0.5).reshape(-1, len(GRID))
    table = np.array(rates).reshape(-1, len(GRID))
    return [best_rate(list(row), found).lr for row, found in zip(table, medians, strict=True)]


def _at_rates(group: Group, rates: Sequence[float]) -> Group:
    return replace(
        group,
        arms=tuple(replace(arm, lr=lr) for arm, lr in zip(group.arms, rates, strict=True)),
        cells=tuple(replace(cell, lr=lr) for cell, lr in zip(group.cells, rates, strict=True)),
    )
