"""Elementary functions that compile to branch-free vector code with the same bits everywhere.

Errors are stated for the ranges given; each is checked against 50-digit arithmetic in the tests.
Sources of the coefficients: FreeBSD msun (Sun Microsystems, 1993), e_log.c, k_sin.c, k_cos.c;
the reductions are our own.
"""

from __future__ import annotations

import math

import numpy as np

from lab.engine.bits import fma, from_bits, to_bits

LN2_HI = 6.93147180369123816490e-01
LN2_LO = 1.90821492927058770002e-10
SQRT_HALF_BITS = np.uint64(0x3FE6A09E667F3BCD)
MANTISSA = np.uint64(0x000FFFFFFFFFFFFF)
EXPONENT_SHIFT = np.uint64(52)
#: 2^52 as bits: or-ing an integer below 2^52 into it and subtracting 2^52 converts it exactly.
TWO_52_BITS = np.uint64(0x4330000000000000)
TWO_52 = 4503599627370496.0
#: 1.5 * 2^52: adding and subtracting it rounds a float of moderate size to the nearest integer.
ROUNDER = 6755399441055744.0
ONE, ZERO, SIGN_SHIFT = np.uint64(1), np.uint64(0), np.uint64(63)
TWO_PI = 2.0 * math.pi
#: Exponent bits of 1.0: or-ed to 52 mantissa bits they make a float in [1, 2).
ONE_BITS = np.uint64(0x3FF0000000000000)

LOG1, LOG2, LOG3 = 6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01
LOG4, LOG5, LOG6 = 2.222219843214978396e-01, 1.818357216161805012e-01, 1.531383769920937332e-01
LOG7 = 1.479819860511658591e-01

SIN1, SIN2, SIN3 = (
    -1.66666666666666324348e-01,
    8.33333333332248946124e-03,
    -1.98412698298579493134e-04,
)
SIN4, SIN5, SIN6 = (
    2.75573137070700676789e-06,
    -2.50507602534068634195e-08,
    1.58969099521155010221e-10,
)
COS1, COS2, COS3 = (
    4.16666666666666019037e-02,
    -1.38888888888741095749e-03,
    2.48015872894767294178e-05,
)
COS4, COS5, COS6 = (
    -2.75573143513906633035e-07,
    2.08757232129817482790e-09,
    -1.13596475577881948265e-11,
)


def integer_to_float(n):
    """An integer in [0, 2^52) as a float, exactly; unlike a conversion, vectorised everywhere."""
    return from_bits(n | TWO_52_BITS) - TWO_52


def log(x):
    """Natural logarithm of a positive, finite, normal x; error below 1 ulp.

    x = 2^k m with m in [sqrt(1/2), sqrt(2)); log m = 2 artanh(s), s = (m - 1)/(m + 1).
    """
    bits = to_bits(x)
    shifted = bits - SQRT_HALF_BITS
    exponent = shifted >> EXPONENT_SHIFT
    # Negative exponents wrap round; adding 2^11 in 12 bits keeps the conversion unsigned.
    wrapped = (exponent + np.uint64(2048)) & np.uint64(4095)
    k = integer_to_float(wrapped) - 2048.0
    mantissa = from_bits(bits - (exponent << EXPONENT_SHIFT))
    f = mantissa - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * fma(w, fma(w, LOG6, LOG4), LOG2)
    odd = z * fma(w, fma(w, fma(w, LOG7, LOG5), LOG3), LOG1)
    half = 0.5 * f * f
    return fma(k, LN2_HI, f - (half - fma(s, half + (even + odd), k * LN2_LO)))


def _sine_kernel(r):
    z = r * r
    tail = fma(z, fma(z, fma(z, fma(z, SIN6, SIN5), SIN4), SIN3), SIN2)
    return fma(z * r, fma(z, tail, SIN1), r)


def _cosine_kernel(r):
    z = r * r
    tail = z * fma(z, fma(z, fma(z, fma(z, fma(z, COS6, COS5), COS4), COS3), COS2), COS1)
    half = 0.5 * z
    w = 1.0 - half
    return w + (((1.0 - w) - half) + z * tail)


def sine_cosine_of_turn(v):
    """Sine and cosine of 2 pi v for |v| < 2^49; each with a relative error below 3e-16.

    v = q/4 + r with |r| <= 1/8; the quadrant q is taken from the bits of the rounded 4 v.
    """
    rounded = 4.0 * v + ROUNDER
    q = to_bits(rounded)
    r = (v - 0.25 * (rounded - ROUNDER)) * TWO_PI
    s = _sine_kernel(r)
    c = _cosine_kernel(r)
    odd = (q & ONE) << SIGN_SHIFT
    swap = odd != ZERO
    sine = c if swap else s
    cosine = s if swap else c
    # Quadrants 2, 3 negate the sine; 1, 2 the cosine.
    sine_sign = ((q >> ONE) & ONE) << SIGN_SHIFT
    return (
        from_bits(to_bits(sine) ^ sine_sign),
        from_bits(to_bits(cosine) ^ (sine_sign ^ odd)),
    )
