"""Sums over the coordinates, for schedules that look at gradients and iterates."""

from __future__ import annotations

from lab.engine.bits import fma


def inner(product, a, b):
    """Fill `product` (lanes,) with the inner products of `a` and `b`, both (dim, lanes)."""
    for k in range(product.shape[0]):
        product[k] = 0.0
    for i in range(a.shape[0]):
        for k in range(product.shape[0]):
            product[k] = fma(a[i, k], b[i, k], product[k])


def square_distance(square, a, b):
    """Fill `square` (lanes,) with the squared distances of `a` and `b`, both (dim, lanes)."""
    for k in range(square.shape[0]):
        square[k] = 0.0
    for i in range(a.shape[0]):
        for k in range(square.shape[0]):
            gap = a[i, k] - b[i, k]
            square[k] = fma(gap, gap, square[k])
