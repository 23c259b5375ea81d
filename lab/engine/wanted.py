"""Normals for the steps and lanes in which there is noise, and zeros for the others.

Most of a normal's price is paid for noise that comes seldom: a spike in 2 % of the steps multiplies
the other 98 % of its draws by 0. A number is a function of its own counter, so any of them can be
left out without a change to the rest.
"""

from __future__ import annotations

import numpy as np

from lab.engine.bits import from_bits, to_bits
from lab.engine.philox import fill_group, words, words_to_normals

#: Lanes that are drawn together: two vectors of eight.
TOGETHER = 16


def fill_wanted(out, sizes, width, first, stream, lane, seed, chosen, found):
    """Standard normals where the size of their step is not 0, and 0 elsewhere.

    Row r of `out` (rows, lanes) is number first + r of a stream and belongs to row r // width of
    `sizes` (steps, lanes); `first` and `rows` are multiples of 4. `chosen` (2, lanes) and `found`
    (4, lanes) are overwritten.
    """
    rows, lanes = out.shape
    base = first // 4
    low = high = -1
    cells = lanes_wanted = 0
    for g in range(rows // 4):
        row = 4 * g
        if row // width != low or (row + 3) // width != high:
            low, high = row // width, (row + 3) // width
            cells = mark(sizes, low, high, chosen)
            lanes_wanted = enlist(chosen) if 0 < cells < lanes * (high + 1 - low) else 0
        group = np.uint64(base + g)
        if cells == 0 or 0 < lanes_wanted <= lanes // 2 - TOGETHER:
            for i in range(row, row + 4):
                for k in range(lanes):
                    out[i, k] = 0.0
            if cells > 0:
                draw_listed(found, chosen, lanes_wanted, group, stream, lane, seed)
                for i in range(4):
                    s = (row + i) // width
                    for j in range(lanes_wanted):
                        k = to_bits(chosen[1, j])
                        out[row + i, k] = found[i, j] if sizes[s, k] != 0.0 else 0.0
        else:
            fill_group(out, row, group, stream, lane, seed)
            if lanes_wanted > 0:
                for i in range(row, row + 4):
                    for k in range(lanes):
                        out[i, k] = out[i, k] if sizes[i // width, k] != 0.0 else 0.0


def mark(sizes, low, high, chosen):
    """Number of sizes that are not 0 in rows low .. high; a lane that has one is 1 in chosen[0]."""
    lanes = sizes.shape[1]
    cells = 0
    for k in range(lanes):
        some = sizes[low, k] != 0.0
        chosen[0, k] = 1.0 if some else 0.0
        cells += 1 if some else 0
    for s in range(low + 1, high + 1):
        for k in range(lanes):
            some = sizes[s, k] != 0.0
            chosen[0, k] = 1.0 if some else chosen[0, k]
            cells += 1 if some else 0
    return cells


def enlist(chosen):
    """Number of the lanes that are not 0 in chosen[0]; which they are stands in chosen[1]."""
    count = 0
    for k in range(chosen.shape[1]):
        chosen[1, count] = from_bits(np.uint64(k))
        count += 1 if chosen[0, k] != 0.0 else 0
    return count


def draw_listed(found, chosen, count, group, stream, lane, seed):
    """Normals of one group for the first `count` lanes of a list, and some that nobody reads."""
    for start in range(0, count, TOGETHER):
        for j in range(TOGETHER):
            at = np.uint64(start) + np.uint64(j)
            own = np.uint64(lane) + to_bits(chosen[1, at])
            a, b, c, d = words(seed, stream, own, group)
            found[0, at], found[1, at] = from_bits(a), from_bits(b)
            found[2, at], found[3, at] = from_bits(c), from_bits(d)
        words_to_normals(found, 0, start, TOGETHER)
