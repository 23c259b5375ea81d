"""Statistics of paired runs: what a table, a figure or a verdict is made of.

Every function takes samples in which +inf stands for a lane that diverged, returns no NaN, and
gives an `Interval` where it estimates: with its n and a note on what is unusual about the data.
Comparisons are paired by seed: element i of two samples belongs to the same seed.

One idea a module. Nothing is imported here, and scipy only inside the functions that need it,
because `scipy.stats` alone takes longer to import than a small study takes to run.
"""
