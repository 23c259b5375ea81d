"""How often the intervals for ratios of medians cover: the table in `lab.statistics.bootstrap`.

Usage: python benchmarks/interval_coverage.py [SETS]
"""

from __future__ import annotations

import sys

import numpy as np

from lab.statistics.bca import bca_interval
from tests.statistics.simulated import FAMILIES, Family, covers, draw, ratio_intervals

SIZES = (20, 100, 500, 2000)
BCA_SIZE = 100


def main(sets: int) -> None:
    print(f"{'pairs':30s}" + "".join(f"n = {n:<6}" for n in SIZES) + f"BCa, n = {BCA_SIZE}")
    for family in FAMILIES:
        shares = [f"{100 * coverage(family, sets, n):<10.1f}" for n in SIZES]
        shares.append(f"{100 * bca_coverage(family, sets, BCA_SIZE):.1f}")
        print(f"{family.name:30s}" + "".join(shares), flush=True)


def coverage(family: Family, sets: int, n: int) -> float:
    """Share of the data sets with an interval whose interval covers."""
    found = ratio_intervals(draw(family, sets, n))
    return share(family, [interval for interval in found if interval.low is not None])


def bca_coverage(family: Family, sets: int, n: int) -> float:
    samples = draw(family, sets, n)
    found = [bca_interval(ratio_of_medians, samples[:, k]) for k in range(sets)]
    return share(family, [interval for interval in found if interval.low is not None])


def share(family: Family, found) -> float:
    truth = family.median[0] / family.median[1]
    return float(np.mean([covers(interval, truth) for interval in found]))


def ratio_of_medians(samples: np.ndarray) -> np.ndarray:
    # The middle order statistics, so that infinities do no harm.
    n = samples.shape[-1]
    ranked = np.partition(samples, ((n - 1) // 2, n // 2), axis=-1)
    medians = 0.5 * (ranked[..., (n - 1) // 2] + ranked[..., n // 2])
    return medians[0] / medians[1]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
