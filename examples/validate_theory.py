"""The paper's factor 1 - 1/L, and the closed form of long runs, against simulation.

    python examples/validate_theory.py

The cells run in a notebook or an editor that knows `# %%`, and from top to bottom as a script.
"""

# %%
from experiments.optimal_f.cells import make_optimal_f
from experiments.optimal_f.run import run_cells
from experiments.optimal_f.theory import phases, scale_invariance

SEEDS, LANES = 200, 4096

# %% How fast ln|x| grows a step on a parabola, by F: closed form, simulation, standard error.
print("F      closed form  simulated  +-")
for F in (0.25, 0.5, 0.75, 0.9):
    found = phases(F, LANES)
    print(f"{F:<5}  {found.expected:11.4f}  {found.simulated:9.4f}  {found.standard_error:.4f}")

# %% The best of 29 factors, where the initial rate is 0.1 / L: the same for every L.
print("\nL      best F [95 %]     1 - 1/L")
for cell in run_cells(make_optimal_f(steps=100, lipschitz=(2.0, 10.0, 100.0), seeds=SEEDS)):
    low, high = cell.best_interval
    print(f"{cell.cell.L:<5g}  {cell.best:<5g} [{low:g}, {high:g}]  {cell.paper:>8.3g}")

# %% Because f -> c f with lr -> lr / c changes no decision; powers of two round to nothing else.
print("\nc           numbers that differ")
for pair in scale_invariance(steps=100, lanes=128):
    print(f"{pair.scale:<10.4g}  {pair.different} of {pair.numbers}")
