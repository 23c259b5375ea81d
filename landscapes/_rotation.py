"""Random rotations as products of reflections, made of standard normals.

With z_k a standard normal vector in R^k and H_k the reflection that takes the first unit vector of
R^k to z_k / |z_k|, the product H_d ... H_2, each acting on the last k coordinates, is distributed
by Haar's measure on the orthogonal matrices of its determinant. It takes d (d + 1) / 2 - 1 numbers
and no matrix.

Source: Diaconis & Shahshahani, Probability in the Engineering and Informational Sciences 1 (1987)
15-32 (the subgroup algorithm); Stewart, SIAM Journal on Numerical Analysis 17 (1980) 403-409.
"""

from __future__ import annotations

import math

import numpy as np

from lab.engine.bits import fma


def normals_of_rotation(dim: int) -> int:
    """How many standard normals a rotation of so many coordinates is made of."""
    return dim * (dim + 1) // 2 - 1


def reflect(y, z, row, first, work):
    """Apply one H_k in place to the coordinates `first`, first + 1, ... of `y` (dim, lanes).

    z_k lies in the rows of `z` from `row` on; `work` (2, lanes) is overwritten. H = I - b v v^T
    with v = z - |z| e_1 and b = 2 / v.v, which is an orthogonal matrix whatever the rounding of v.
    """
    dim, n = y.shape
    for k in range(n):
        work[0, k] = 0.0
        work[1, k] = 0.0
    for i in range(first + 1, dim):
        for k in range(n):
            a = z[row + i - first, k]
            work[0, k] = fma(a, a, work[0, k])
            work[1, k] = fma(a, y[i, k], work[1, k])
    for k in range(n):
        a = z[row, k]
        v = a - math.sqrt(fma(a, a, work[0, k]))
        square = fma(v, v, work[0, k])
        factor = 2.0 / square if square > 0.0 else 0.0
        pull = factor * fma(v, y[first, k], work[1, k])
        y[first, k] = fma(-pull, v, y[first, k])
        work[1, k] = pull
    for i in range(first + 1, dim):
        for k in range(n):
            y[i, k] = fma(-work[1, k], z[row + i - first, k], y[i, k])


def rotate(y, z, row, work):
    """Turn `y` (dim, lanes) in place by the rotation in the rows of `z` from `row` on."""
    dim = y.shape[0]
    for first in range(dim - 1):
        # From the inside: z_d comes first in z and acts last.
        k = 2 + first
        reflect(y, z, row + (dim * (dim + 1) - k * (k + 1)) // 2, dim - k, work)


def rotate_back(y, z, row, work):
    """The inverse of `rotate`: the same reflections in the opposite order."""
    dim = y.shape[0]
    for first in range(dim - 1):
        k = dim - first
        reflect(y, z, row + (dim * (dim + 1) - k * (k + 1)) // 2, first, work)


def rotation_matrix(normals: np.ndarray, dim: int) -> np.ndarray:
    """The rotation of these normals, shape (dim (dim + 1) / 2 - 1,), as a matrix (dim, dim)."""
    matrix = np.eye(dim)
    for k in range(2, dim + 1):
        row = (dim * (dim + 1) - k * (k + 1)) // 2
        v = normals[row : row + k].copy()
        v[0] -= np.sqrt(np.sum(v * v))
        below = matrix[dim - k :]
        below -= np.outer(2.0 / np.sum(v * v) * v, v @ below)
    return matrix
