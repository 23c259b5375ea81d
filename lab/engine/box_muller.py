"""Two standard normals from two 32-bit words, in operations that vectorise.

    z = r (cos t, sin t),   r = sqrt(-2 ln u),   u = (a + 1/2) / 2^32

Of the second word, bit 31 is the sign of the cosine, bit 30 exchanges cosine and sine, and the
other thirty, as centred fractions of a quarter of a turn, are the angle t in (-pi/4, pi/4): all
four quarters are met alike, and no reduction of the angle is needed. |z| < 6.77.

Source: Box & Muller, Annals of Mathematical Statistics 29 (1958). The polynomials are minimax fits
(Remez exchange in 60 digits); the largest relative errors of the fits are 1.8e-16 (logarithm),
3.4e-18 (sine) and 5.6e-17 (cosine).
"""

from __future__ import annotations

import math

import numpy as np

from lab.engine.bits import fma, from_bits, to_bits
from lab.engine.maths import (
    EXPONENT_SHIFT,
    MANTISSA,
    SQRT_HALF_BITS,
    TWO_52,
    TWO_52_BITS,
    square_root,
)

#: Bits of sqrt(1/8): a float of exponent k + 1 and mantissa in [sqrt(1/2), sqrt(2)) less these
#: has k + 1 in the bits of its exponent, which is never negative here.
SQRT_EIGHTH_BITS = SQRT_HALF_BITS - np.uint64(1 << 52)
MINUS_2_LN2 = -2.0 * math.log(2.0)
#: -2 ln m = s P(s^2), s = (m - 1)/(m + 1).
P0, P1, P2, P3 = -4.000000000000001, -1.3333333333310447, -0.8000000012403184, -0.571428319625514
P4, P5, P6 = -0.44446874320422053, -0.3624371094622672, -0.336771091975773

RADIANS = 2.0 * math.pi * 2.0**-32
S1, S2, S3 = -0.16666666666666616, 0.008333333333320002, -0.00019841269828402042
S4, S5, S6 = 2.7557313298974257e-06, -2.5050705839230248e-08, 1.5894135936915728e-10
C1, C2, C3 = -0.4999999999999915, 0.04166666666645397, -0.0013888888868722074
C4, C5, C6 = 2.4801578148472898e-05, -2.75551779909423e-07, 2.062744801112106e-09

FRACTION, SWAP = np.uint64(2**30 - 1), np.uint64(2**30)
HALF_WORD, SIGN, ZERO = np.uint64(32), np.uint64(2**63), np.uint64(0)


def squared_radius(a):
    """-2 ln((a + 1/2) / 2^32) for a word a; relative error below 1e-15."""
    y = from_bits(a | TWO_52_BITS) - (TWO_52 - 0.5)
    shifted = to_bits(y) - SQRT_EIGHTH_BITS
    k = from_bits((shifted >> EXPONENT_SHIFT) | TWO_52_BITS) - (TWO_52 + 33.0)
    m = from_bits((shifted & MANTISSA) + SQRT_HALF_BITS)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    p = fma(z, fma(z, fma(z, fma(z, fma(z, fma(z, P6, P5), P4), P3), P2), P1), P0)
    return fma(s, p, MINUS_2_LN2 * k)


def radius(a):
    """sqrt(-2 ln u) for a word a."""
    return square_root(squared_radius(a))


def direction(b):
    """Cosine and sine of the angle that a word b stands for; relative errors below 4e-16."""
    whole = from_bits((b & FRACTION) | TWO_52_BITS) - (TWO_52 + 2.0**29)
    t = fma(whole, RADIANS, 0.5 * RADIANS)
    z = t * t
    sine = t * fma(z, fma(z, fma(z, fma(z, fma(z, fma(z, S6, S5), S4), S3), S2), S1), 1.0)
    size = fma(z, fma(z, fma(z, fma(z, fma(z, fma(z, C6, C5), C4), C3), C2), C1), 1.0)
    cosine = from_bits(to_bits(size) ^ ((b << HALF_WORD) & SIGN))
    swap = (b & SWAP) != ZERO
    return (sine if swap else cosine), (cosine if swap else sine)


def normal_pair(a, b):
    """Two independent standard normals from two words."""
    size = radius(a)
    first, second = direction(b)
    return size * first, size * second
