"""No noise."""

from __future__ import annotations

from lab.component import NoiseModel


def none(size):
    """Fill `size` (lanes,) with zeros."""
    for k in range(size.shape[0]):
        size[k] = 0.0


NONE = NoiseModel(
    name="none",
    summary="no noise: the reference of every noise effect",
    source="GreedyLR, arXiv 2512.14527, robustness study",
    formula="eta_t = 0",
    kernel=none,
)
