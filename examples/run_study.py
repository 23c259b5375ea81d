"""A study declared in Python: run, then its rows with pandas.

    python examples/run_study.py

The cells run in a notebook or an editor that knows `# %%`, and from top to bottom as a script.
"""

# %%
import tempfile
from pathlib import Path

import pandas as pd

from experiments.study.declaration import make_study
from experiments.study.sweep import run_study

SEEDS = 200

# %% The same keys as in a study file; a mistake is refused before anything runs.
content = {
    "title": "Two schedules, three strengths",
    "seeds": SEEDS,
    "constants": {"landscape": "rosenbrock", "noise": "gaussian", "optimizer": "adam"},
    "axes": {"strength": [0, 1, 10], "schedule": ["greedy", "constant"]},
}
study = make_study("strengths", content, "this script")
print(f"{study.cells} cells, {study.lane_steps:,} lane-steps")

# %% A result directory can be resumed; here it is read at once.
with tempfile.TemporaryDirectory() as folder:
    run_study(
        study, Path(folder) / "out", command="examples/run_study.py", resume=False, threads=None,
        dask=None, plugins=(), log=lambda text: None,
    )  # fmt: skip
    rows = pd.read_parquet(Path(folder) / "out" / "runs")

# %% A row a lane: the medians, and on which share of the same seeds the constant rate ends lower.
final = rows.pivot_table("final", index=["strength", "seed"], columns="schedule", observed=True)
final["constant lower"] = final["constant"] < final["greedy"]
answers = {"greedy": "median", "constant": "median", "constant lower": "mean"}
print(final.groupby("strength").agg(answers).round(3).to_string())
