"""A study of twelve cells, its result and what its cells give one by one."""

import copy

import pandas as pd

from experiments.study import sweep
from experiments.study.declaration import make_study
from experiments.study.ranking import read_table
from lab.simulation import simulate

CONTENT = {
    "seeds": 300,
    "seed": 5,
    "constants": {"steps": 60, "lr": 0.05},
    "axes": {
        "landscape": ["rosenbrock", "quadratic:dim=3"],
        "noise": ["none", "gaussian"],
        "schedule": ["cosine", "greedy:patience=2", "constant"],
    },
    "keep": {"bands": 7, "losses": [0, 30]},
}
LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
NAMES = ("p5", "p10", "p25", "p50", "p75", "p90", "p95")


def study_of(**parts):
    content = copy.deepcopy(CONTENT)
    for name, value in parts.items():
        content[name] = content[name] | value if isinstance(value, dict) else value
    return make_study("small", content, "small")


def run(study, directory, resume=False, threads=1):
    sweep.run_study(study, directory, "lab sweep", resume, threads, None, (), lambda text: None)
    return directory


def frame(directory, folder) -> pd.DataFrame:
    return pd.DataFrame(read_table(directory, folder))


def data(directory) -> dict[str, bytes]:
    """Every file of a result but the manifest, which has times."""
    paths = [p for p in directory.rglob("*") if p.is_file()]
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in paths
        if path.name not in ("manifest.json", ".lock") and path.parent.name != "report"
    }


def each_cell(study):
    """Every cell with a simulation of its own."""
    for group in study.groups:
        for i, (arm, cell) in enumerate(zip(group.arms, group.cells, strict=True)):
            outcome = simulate(
                group.scenario, [arm], group.steps, study.document.seeds,
                seed=study.document.seed, perturbations=group.perturbations,
            )  # fmt: skip
            yield group, group.first + i, cell, outcome


def assert_same_rows(directory, other):
    order = ["cell", "seed"]
    found, expected = (
        frame(d, "runs").sort_values(order, ignore_index=True) for d in (directory, other)
    )
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
