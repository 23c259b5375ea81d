"""What methods that estimate a distance share."""

from __future__ import annotations


def remember_origin(origin, x, taken):
    """Fill `origin` (dim, lanes) with x in the lanes that have `taken` no step yet."""
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            here, kept = x[i, k], origin[i, k]
            origin[i, k] = here if taken[k] == 0.0 else kept
