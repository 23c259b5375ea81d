"""Counter-based random numbers: Philox4x32-10 and what is made from it.

Every number is a pure function of (study seed, stream, lane, index), so no draw depends on what
was drawn before it, on which thread, or in which order.

Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section
3.3 and table 2. Box & Muller, Annals of Mathematical Statistics 29 (1958).

Layout of the counter: word 0 and the low 24 bits of word 1 hold the index of the group of four
words, the high 8 bits of word 1 the stream, words 2 and 3 the lane. The key is the study's seed.
"""

from __future__ import annotations

import numpy as np

from lab.engine.bits import from_bits, to_bits
from lab.engine.box_muller import direction, radius
from lab.engine.maths import integer_to_float

#: Streams: what a draw is for. A number is never used again for another purpose.
(
    START, INSTANCE, RATE, SHAPE, SHAPE_NORMAL, SCALAR, VECTOR,
    BATCH, BATCH_NORMAL, EVENT, RESAMPLE,
) = range(11)  # fmt: skip

M0, M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
W0, W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
LOW = np.uint64(0xFFFFFFFF)
HALF_WORD = np.uint64(32)
STREAM_SHIFT = np.uint64(24)
GROUP_HIGH = np.uint64(0xFFFFFF)
TO_UNIT_32 = 2.0**-32
TO_UNIT_52 = 2.0**-52
HIGH_52 = np.uint64(12)


def philox4x32(c0, c1, c2, c3, k0, k1):
    """Ten rounds over four 32-bit words, each held in a uint64."""
    # Words are cut to 32 bits where they are multiplied and nowhere else: so each product is one
    # 32-bit multiplication of a vector unit, and the cuts cost nothing.
    for _ in range(10):
        p0 = M0 * (c0 & LOW)
        p1 = M1 * (c2 & LOW)
        c0 = (p1 >> HALF_WORD) ^ c1 ^ k0
        c1 = p1
        c2 = (p0 >> HALF_WORD) ^ c3 ^ k1
        c3 = p0
        k0 = (k0 + W0) & LOW
        k1 = (k1 + W1) & LOW
    return c0 & LOW, c1 & LOW, c2 & LOW, c3 & LOW


def words(seed, stream, lane, group):
    """The four 32-bit words number `group` of a lane's stream."""
    high = (np.uint64(stream) << STREAM_SHIFT) | ((group >> HALF_WORD) & GROUP_HIGH)
    return philox4x32(
        group & LOW, high, lane & LOW, lane >> HALF_WORD, seed & LOW, seed >> HALF_WORD
    )


def unit_uniform(a, b):
    """A uniform on [0, 1) with 52 random bits from two 32-bit words."""
    return integer_to_float(((a << HALF_WORD) | b) >> HIGH_52) * TO_UNIT_52


def fill_normals(out, first, stream, lane, seed):
    """Standard normals number first .. first + rows - 1 of a stream for each lane.

    `out` has shape (rows, lanes); `first` and the number of rows must be multiples of 4.
    """
    base = first // 4
    for g in range(out.shape[0] // 4):
        fill_group(out, 4 * g, np.uint64(base + g), stream, lane, seed)


def fill_group(out, row, group, stream, lane, seed):
    """The four normals number `group` of a stream, in rows row .. row + 3, for each lane."""
    for k in range(out.shape[1]):
        a, b, c, d = words(seed, stream, np.uint64(lane + k), group)
        out[row, k], out[row + 1, k] = from_bits(a), from_bits(b)
        out[row + 2, k], out[row + 3, k] = from_bits(c), from_bits(d)
    words_to_normals(out, row, 0, out.shape[1])


def words_to_normals(out, row, start, lanes):
    """Four rows of words, as the bits of floats, become normals in some lanes from `start` on.

    In three loops, generator, radius, direction, whose constants fit into the registers and whose
    chains of dependent operations are short: 1.0 ns a normal in place of 1.4 in a single one.
    """
    for i in range(row, row + 4, 2):
        for j in range(lanes):
            k = np.uint64(start) + np.uint64(j)
            out[i, k] = radius(to_bits(out[i, k]))
        for j in range(lanes):
            k = np.uint64(start) + np.uint64(j)
            one, other = direction(to_bits(out[i + 1, k]))
            size = out[i, k]
            out[i, k], out[i + 1, k] = size * one, size * other


def fill_uniforms(out, first, stream, lane, seed):
    """Uniforms on [0, 1) number first .. first + rows - 1 of a stream for each lane.

    `out` has shape (rows, lanes); `first` and the number of rows must be multiples of 2.
    """
    rows, lanes = out.shape
    base = first // 2
    for g in range(rows // 2):
        group = np.uint64(base + g)
        row = 2 * g
        for k in range(lanes):
            a, b, c, d = words(seed, stream, np.uint64(lane + k), group)
            out[row, k] = unit_uniform(a, b)
            out[row + 1, k] = unit_uniform(c, d)
