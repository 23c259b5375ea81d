"""GreedyLR against classic schedules, over the strength of the noise.

    python examples/compare_schedules.py

The cells run in a notebook or an editor that knows `# %%`, and from top to bottom as a script.
"""

# %%
import lab

SEEDS = 400

# %% Every schedule starts from the same points and meets the same noise, seed by seed.
result = lab.run(
    "rosenbrock",
    "gaussian",
    strength=[0.0, 1.0, 10.0],
    schedules=["greedy", "constant", "cosine"],
    seeds=SEEDS,
    tune=False,
)

# %% A row a schedule and strength: the medians, and whether GreedyLR is told apart from them.
columns = ["strength", "schedule", "p50", "noise_effect", "ratio", "ratio_low", "ratio_high"]
print(result.summary[columns].round(3).to_string(index=False))

# %% A row a lane: the seeds on which each schedule ends below 0.1.
lanes = result.frame
lanes["reached"] = lanes["final"] < 0.1
print(lanes.pivot_table("reached", "strength", "schedule", observed=True).to_string())

# %% The medians step by step, as a figure of bands; in a notebook it is shown.
figure = result.plot(strength=10.0)
