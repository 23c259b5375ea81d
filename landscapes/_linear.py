"""Products of a constant matrix with a vector in every lane."""

from __future__ import annotations

from lab.engine.bits import fma


def multiply(matrix, source, target):
    """Fill `target` (rows, lanes) with `matrix` (rows, columns) times `source` (columns, lanes).

    Four columns at a time: a row of `target` is then loaded and stored a quarter as often.
    """
    rows, columns = matrix.shape
    n = source.shape[1]
    whole = columns // 4 * 4
    for i in range(rows):
        for k in range(n):
            target[i, k] = 0.0
        for j in range(0, whole, 4):
            a, b, c, d = matrix[i, j], matrix[i, j + 1], matrix[i, j + 2], matrix[i, j + 3]
            for k in range(n):
                left = fma(b, source[j + 1, k], a * source[j, k])
                right = fma(d, source[j + 3, k], c * source[j + 2, k])
                target[i, k] += left + right
        for j in range(whole, columns):
            a = matrix[i, j]
            for k in range(n):
                target[i, k] = fma(a, source[j, k], target[i, k])
