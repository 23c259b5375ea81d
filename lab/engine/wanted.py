"""Normals for the steps and lanes in which there is noise, and zeros for the others.

Most of a normal's price is paid for noise that comes seldom: a spike in 2 % of the steps multiplies
the other 98 % of its draws by 0. A number is a function of its own counter, so any of them can be
left out without a change to the rest.
"""

from __future__ import annotations

import numpy as np

from lab.engine.bits import from_bits, to_bits
from lab.engine.philox import fill_group, words, words_to_normals

#: Groups of four that are drawn together, of one lane or of several: two vectors of eight.
TOGETHER = 16


def draw_wanted(tile, sizes, drawn, chosen, found, step, lane, seed, width, stream):
    """Standard normals for a tile of steps where the size of the step is not 0, and 0 elsewhere.

    Row r of `tile` (rows, lanes) is number step * width + r of a stream and belongs to row
    r // width of `sizes` (steps, lanes); `step` and `rows` are multiples of 4. `drawn` (steps,
    lanes) is not 0 where `tile` may differ from 0, before the call as after it. `chosen` (2, lanes)
    and `found` (4, lanes), of at least `TOGETHER` lanes, are overwritten.
    """
    rows, lanes = tile.shape
    first = step * width
    row = 0
    while row < rows:
        # Groups of four that belong to the same steps are taken together.
        low, high = row // width, (row + 3) // width
        end = row + 4
        while end < rows and end // width == low and (end + 3) // width == high:
            end += 4
        groups = (end - row) // 4
        before = mark(drawn, low, high, chosen)
        stale = enlist(chosen) if before > 0 else 0
        cells = mark(sizes, low, high, chosen)
        if stale > 0 and cells < lanes * (high + 1 - low):
            clear(tile, row, end, chosen, stale)
        listed = enlist(chosen) if 0 < cells < lanes * (high + 1 - low) else 0
        if 0 < listed * groups <= lanes // 2 * groups - TOGETHER:
            draw_listed(tile, row, groups, first, chosen, listed, found, stream, lane, seed)
        elif cells > 0:
            for i in range(row, end, 4):
                fill_group(tile, i, np.uint64((first + i) // 4), stream, lane, seed)
            listed = lanes
        if 0 < cells < listed * (high + 1 - low):
            blank(tile, sizes, width, row, end)
        row = end
    for s in range(sizes.shape[0]):
        for k in range(lanes):
            drawn[s, k] = 1.0 if sizes[s, k] != 0.0 else 0.0


def clear(out, row, end, chosen, listed):
    """Zeros in rows row .. end - 1, in the `listed` lanes of a list or in all."""
    lanes = out.shape[1]
    if listed > lanes // 8:
        for i in range(row, end):
            for k in range(lanes):
                out[i, k] = 0.0
    else:
        for j in range(listed):
            k = to_bits(chosen[1, j])
            for i in range(row, end):
                out[i, k] = 0.0


def blank(out, sizes, width, row, end):
    """Zeros in rows row .. end - 1 where the size of the step is 0."""
    for i in range(row, end):
        for k in range(out.shape[1]):
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


def draw_listed(out, row, groups, first, chosen, listed, found, stream, lane, seed):
    """Normals of `groups` groups, from `row` of `out` on, for the `listed` lanes of a list.

    All pairs of a lane and a group, lane by lane, `TOGETHER` at a time: few lanes of many groups
    fill a vector as well as many lanes of one.
    """
    base = (first + row) // 4
    lane_from = group_from = 0
    left = listed * groups
    while left > 0:
        at, group = lane_from, group_from
        for j in range(TOGETHER):
            found[0, j] = chosen[1, min(at, listed - 1)]
            found[1, j] = from_bits(np.uint64(base + group))
            group += 1
            if group == groups:
                at, group = at + 1, 0
        for j in range(TOGETHER):
            own = np.uint64(lane) + to_bits(found[0, j])
            a, b, c, d = words(seed, stream, own, to_bits(found[1, j]))
            found[0, j], found[1, j] = from_bits(a), from_bits(b)
            found[2, j], found[3, j] = from_bits(c), from_bits(d)
        words_to_normals(found, 0, 0, TOGETHER)
        for j in range(min(TOGETHER, left)):
            k = to_bits(chosen[1, lane_from])
            i = row + 4 * group_from
            for r in range(4):
                out[i + r, k] = found[r, j]
            group_from += 1
            if group_from == groups:
                lane_from, group_from = lane_from + 1, 0
        left -= TOGETHER
