"""Counter-based random numbers: Philox4x32-10 and what is made from it.

Every number is a pure function of (study seed, stream, lane, index), so no draw depends on what
was drawn before it, on which thread, or in which order.

Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section
3.3 and table 2. Box & Muller, Annals of Mathematical Statistics 29 (1958).

Layout of the counter: word 0 and the low 24 bits of word 1 hold the index of the group of four
words, the high 8 bits of word 1 the stream, words 2 and 3 the lane. The key is the study's seed.
"""

from __future__ import annotations

import math

import numpy as np

from lab.engine.maths import integer_to_float, log, sine_cosine_of_turn

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
    for _ in range(10):
        p0 = M0 * c0
        p1 = M1 * c2
        c0 = (p1 >> HALF_WORD) ^ c1 ^ k0
        c1 = p1 & LOW
        c2 = (p0 >> HALF_WORD) ^ c3 ^ k1
        c3 = p0 & LOW
        k0 = (k0 + W0) & LOW
        k1 = (k1 + W1) & LOW
    return c0, c1, c2, c3


def words(seed, stream, lane, group):
    """The four 32-bit words number `group` of a lane's stream."""
    high = (np.uint64(stream) << STREAM_SHIFT) | ((group >> HALF_WORD) & GROUP_HIGH)
    return philox4x32(
        group & LOW, high, lane & LOW, lane >> HALF_WORD, seed & LOW, seed >> HALF_WORD
    )


def normal_pair(a, b):
    """Two independent standard normals from two 32-bit words (Box-Muller).

    r = sqrt(-2 ln u), u = (a + 1/2) / 2^32; the angle is b / 2^32 of a turn. |z| < 6.77.
    """
    u = (integer_to_float(a) + 0.5) * TO_UNIT_32
    radius = math.sqrt(-2.0 * log(u))
    sine, cosine = sine_cosine_of_turn(integer_to_float(b) * TO_UNIT_32)
    return radius * cosine, radius * sine


def unit_uniform(a, b):
    """A uniform on [0, 1) with 52 random bits from two 32-bit words."""
    return integer_to_float(((a << HALF_WORD) | b) >> HIGH_52) * TO_UNIT_52


def fill_normals(out, first, stream, lane, seed):
    """Standard normals number first .. first + rows - 1 of a stream for each lane.

    `out` has shape (rows, lanes); `first` and the number of rows must be multiples of 4.
    """
    rows, lanes = out.shape
    base = first // 4
    for g in range(rows // 4):
        group = np.uint64(base + g)
        row = 4 * g
        for k in range(lanes):
            a, b, c, d = words(seed, stream, np.uint64(lane + k), group)
            out[row, k], out[row + 1, k] = normal_pair(a, b)
            out[row + 2, k], out[row + 3, k] = normal_pair(c, d)


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
