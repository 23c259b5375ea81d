"""Verdicts on claims of the paper, from Python.

    python examples/check_claims.py

The cells run in a notebook or an editor that knows `# %%`, and from top to bottom as a script.
"""

# %%
import tempfile
from pathlib import Path

from experiments.check.run import check

CLAIMS, SEEDS = ("C7",), 64

# %% Each claim in its readings, the paper's own first; the evidence stays in the directory.
with tempfile.TemporaryDirectory() as folder:
    judged = list(check(CLAIMS, Path(folder), SEEDS, threads=None, log=lambda text: None))

for result in judged:
    print(f"{result.claim.id} {result.claim.title}: {result.verdict}")
    for arm in result.arms:
        print(f"  {arm.reading}, {arm.name}: {arm.verdict}")

# %% The rule was written before the data; the effects are what it was applied to.
claim = judged[0]
print(f"\nRule: {claim.claim.rule}")
for effect in claim.arms[0].effects:
    low, high = effect.interval.low, effect.interval.high
    print(f"  {effect.label}: {low:.3g} to {high:.3g}, {effect.verdict}")
