"""Elementary functions that compile to branch-free vector code with the same bits everywhere.

Errors are stated for the ranges given; each is checked against 50-digit arithmetic in the tests.
Sources of the coefficients: FreeBSD msun (Sun Microsystems, 1993), e_log.c, k_sin.c, k_cos.c; of
the exponentials, Taylor's series; the reductions are our own.
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

#: sin(pi r) = r S(r^2) and cos(pi r) = (1 - 4 r^2) C(r^2) for |r| <= 1/2: minimax fits (Remez
#: exchange in 60 digits) with relative errors of 2.6e-19 and 1.8e-17; S begins with pi, C with 1.
FOLDED_S1, FOLDED_S2, FOLDED_S3 = -5.167712780049969, 2.550164039877294, -0.5992645293187382
FOLDED_S4, FOLDED_S5 = 0.0821458865698926, -0.007370430478760867
FOLDED_S6, FOLDED_S7 = 0.0004662996887609966, -2.190318538412171e-05
FOLDED_S8 = 7.694726924408649e-07
FOLDED_C1, FOLDED_C2, FOLDED_C3 = -0.9348022005446706, 0.31950332423733085, -0.05724947187971778
FOLDED_C4, FOLDED_C5 = 0.006332742397757218, -0.00047591742274120637
FOLDED_C6, FOLDED_C7 = 2.5878801272082228e-05, -1.032956977670489e-06

#: pi/2 as a float and what the float leaves out.
HALF_PI = 0.5 * math.pi
HALF_PI_LO = 6.123233995736766036e-17
TWO_OVER_PI = 2.0 / math.pi

LOG2_E = 1.0 / math.log(2.0)
#: ln 2 in two parts without the trailing zeros that `LN2_HI` has: for multiples made by fma.
LN2 = math.log(2.0)
LN2_REST = 2.3190468138462996e-17
BIAS = np.uint64(1023)
#: Beyond these e^x is infinite, and 0; below the third, e^x - 1 is -1 to the last bit.
EXP_HIGH, EXP_LOW, EXPM1_LOW = 709.782712893384, -745.2, -40.0
#: 1/n!: what e^r - 1 - r consists of. The rest of the series is below 5e-18 for |r| <= ln(2)/2.
E2, E3, E4, E5, E6, E7 = (1.0 / math.factorial(n) for n in range(2, 8))
E8, E9, E10, E11, E12, E13 = (1.0 / math.factorial(n) for n in range(8, 14))


#: 1/sqrt(x) is roughly the float whose bits are these less half the bits of x, within 3.5 %
#: (Lomont, "Fast inverse square root", 2003).
ROOT_BITS = np.uint64(0x5FE6EB50C7B537A9)
ROOT1, ROOT2, ROOT3 = 0.49999939647003144, 0.3759624263535837, 0.3133039005340775


def integer_to_float(n):
    """An integer in [0, 2^52) as a float, exactly; unlike a conversion, vectorised everywhere."""
    return from_bits(n | TWO_52_BITS) - TWO_52


def square_root(x):
    """Square root of a positive, finite, normal x, and of 0; error below 1 ulp.

    Below 2.3e-308 it is some number below 1.6e-154; of infinity it is NaN.

    In multiply-adds, of which a core does 16 a cycle; its divider needs 24 cycles for 8 square
    roots. The estimate y of 1/sqrt(x) is refined by (1 - e)^(-1/2), e = 1 - x y^2: first by a
    minimax cubic for |e| < 0.0692, which leaves 3.2e-6, then x y by the series to second order.
    """
    y = from_bits(ROOT_BITS - (to_bits(x) >> ONE))
    e = fma(-x * y, y, 1.0)
    y = fma(y * e, fma(e, fma(e, ROOT3, ROOT2), ROOT1), y)
    s = x * y
    e = fma(-s, y, 1.0)
    return fma(s * e, fma(e, 0.375, 0.5), s)


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


def _turned(q, s, c):
    """Sine and cosine after q quarters of a turn from those of the rest of the angle."""
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


def sine_cosine_of_turn(v):
    """Sine and cosine of 2 pi v for |v| < 2^49; each with a relative error below 3e-16.

    v = q/4 + r with |r| <= 1/8; the quadrant q is taken from the bits of the rounded 4 v.
    """
    rounded = 4.0 * v + ROUNDER
    q = to_bits(rounded)
    r = (v - 0.25 * (rounded - ROUNDER)) * TWO_PI
    return _turned(q, _sine_kernel(r), _cosine_kernel(r))


def sine_cosine(a):
    """Sine and cosine of an angle in radians, |a| < 2^30; absolute error below 1.3e-16.

    a = q pi/2 + r with |r| <= pi/4, pi/2 taken to 107 bits: away from 0 and the multiples of pi/2
    by more than 1e-10, each has a relative error below 3e-16.
    """
    rounded = a * TWO_OVER_PI + ROUNDER
    q = to_bits(rounded)
    whole = rounded - ROUNDER
    r = fma(-whole, HALF_PI_LO, fma(-whole, HALF_PI, a))
    return _turned(q, _sine_kernel(r), _cosine_kernel(r))


def folded_sine_cosine(x):
    """Sine and cosine of pi x, |x| < 2^51, both times one and the same sign; errors below 4e-16.

    For what is even in that sign: their squares, their product. Such things have the period 1, so
    that the nearest integer is all that a reduction must take away. Errors are relative.
    """
    r = x - ((x + ROUNDER) - ROUNDER)
    z = r * r
    s = fma(z, fma(z, fma(z, fma(z, FOLDED_S8, FOLDED_S7), FOLDED_S6), FOLDED_S5), FOLDED_S4)
    s = fma(z, fma(z, fma(z, fma(z, s, FOLDED_S3), FOLDED_S2), FOLDED_S1), math.pi)
    c = fma(z, fma(z, fma(z, fma(z, FOLDED_C7, FOLDED_C6), FOLDED_C5), FOLDED_C4), FOLDED_C3)
    c = fma(z, fma(z, fma(z, c, FOLDED_C2), FOLDED_C1), 1.0)
    return r * s, fma(-4.0 * r, r, 1.0) * c


def power_of_two(k):
    """2^k for a whole k in [-1022, 1023], from the bits of the exponent."""
    return from_bits((to_bits(k + ROUNDER) + BIAS) << EXPONENT_SHIFT)


def _reduced_exponential(x):
    """Whole k and e^r - 1 for x = k ln 2 + r, |r| <= ln(2)/2."""
    k = (x * LOG2_E + ROUNDER) - ROUNDER
    r = fma(-k, LN2_REST, fma(-k, LN2, x))
    low = fma(r, fma(r, fma(r, fma(r, fma(r, E7, E6), E5), E4), E3), E2)
    high = fma(r, fma(r, fma(r, fma(r, fma(r, E13, E12), E11), E10), E9), E8)
    z = r * r
    return k, fma(z, fma(z * z * z, high, low), r)


def exp(x):
    """e^x; error below 1 ulp where the result is a normal number, inf and 0 beyond the range."""
    above = EXP_HIGH + 1.0 if x > EXP_HIGH else x
    inside = EXP_LOW if above < EXP_LOW else above
    k, p = _reduced_exponential(inside)
    # In two halves: 2^k itself need not be a float.
    half = (0.5 * k + ROUNDER) - ROUNDER
    return ((1.0 + p) * power_of_two(half)) * power_of_two(k - half)


def expm1(x):
    """e^x - 1 for x <= 709; error below 2 ulp."""
    inside = EXPM1_LOW if x < EXPM1_LOW else x
    k, p = _reduced_exponential(inside)
    scale = power_of_two(k)
    return fma(scale, p, scale - 1.0)


def log1p(x):
    """ln(1 + x) for finite x > -1; error below 2 ulp."""
    w = 1.0 + x
    lost = 1.0 - (w - x) if x > 1.0 else x - (w - 1.0)
    return log(w) + lost / w


def tanh(x):
    """Hyperbolic tangent; error below 4 ulp."""
    m = expm1(-2.0 * abs(x))
    size = -m / (2.0 + m)
    return -size if x < 0.0 else size


def power(x, p):
    """x^p for x > 0; relative error below (1 + |p ln x|) 3e-16."""
    return exp(p * log(x))
