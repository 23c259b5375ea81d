"""Numbers that carry their derivatives: a plain kernel run on them differentiates itself.

Forward-mode differentiation: every operation applies the chain rule, so slopes are exact up to
rounding and no step size is chosen. `differentiated` gives a kernel, and every function it calls,
the meaning of the elementary functions on such numbers.

Source: Griewank & Walther, Evaluating Derivatives, 2nd ed., SIAM 2008, section 3.1.
"""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from lab.engine import bits, maths


class Dual:
    """A value and its slopes along some directions, shape (directions,)."""

    __slots__ = ("slopes", "value")

    def __init__(self, value: float, slopes: np.ndarray) -> None:
        self.value = float(value)
        self.slopes = slopes

    def __add__(self, other):
        return Dual(self.value + value_of(other), self.slopes + slopes_of(other))

    def __sub__(self, other):
        return Dual(self.value - value_of(other), self.slopes - slopes_of(other))

    def __rsub__(self, other):
        return Dual(other - self.value, -self.slopes)

    def __mul__(self, other):
        v = value_of(other)
        return Dual(self.value * v, self.slopes * v + self.value * slopes_of(other))

    def __truediv__(self, other):
        v = value_of(other)
        ratio = self.value / v
        return Dual(ratio, (self.slopes - ratio * slopes_of(other)) / v)

    def __rtruediv__(self, other):
        ratio = other / self.value
        return Dual(ratio, -ratio / self.value * self.slopes)

    def __pow__(self, exponent):
        """Only constant exponents: kernels have no others."""
        slope = exponent * self.value ** (exponent - 1) if exponent else 0.0
        return Dual(self.value**exponent, slope * self.slopes)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self):
        return Dual(-self.value, -self.slopes)

    def __abs__(self):
        return -self if self.value < 0.0 else self

    def __lt__(self, other):
        return self.value < value_of(other)

    def __le__(self, other):
        return self.value <= value_of(other)

    def __gt__(self, other):
        return self.value > value_of(other)

    def __ge__(self, other):
        return self.value >= value_of(other)

    def __eq__(self, other):
        return self.value == value_of(other)


def value_of(number: Any) -> float:
    """The number itself, without slopes."""
    return number.value if isinstance(number, Dual) else number


def slopes_of(number: Any) -> Any:
    """Its slopes, or 0 of a constant."""
    return number.slopes if isinstance(number, Dual) else 0.0


def chain(function: Callable, derivative: Callable) -> Callable:
    """An elementary function on duals from its value and its derivative."""

    def applied(number):
        if not isinstance(number, Dual):
            return function(number)
        return Dual(function(number.value), derivative(number.value) * number.slopes)

    return applied


def _waves(function: Callable, unit: float) -> Callable:
    """A function that returns sine and cosine of an angle, given in `unit` radians."""

    def applied(number):
        s, c = function(value_of(number))
        if not isinstance(number, Dual):
            return s, c
        return Dual(s, unit * c * number.slopes), Dual(c, -unit * s * number.slopes)

    return applied


#: What the functions mean that a kernel may call and that are no sums and products themselves.
RULES: dict[Any, Callable] = {
    bits.fma: lambda a, b, c: a * b + c,
    maths.log: chain(math.log, lambda v: 1.0 / v),
    maths.exp: chain(maths.exp, maths.exp),
    maths.expm1: chain(maths.expm1, maths.exp),
    maths.log1p: chain(math.log1p, lambda v: 1.0 / (1.0 + v)),
    maths.sine_cosine_of_turn: _waves(maths.sine_cosine_of_turn, maths.TWO_PI),
    maths.square_root: chain(maths.square_root, lambda v: 0.5 / maths.square_root(v)),
    maths.folded_sine_cosine: _waves(maths.folded_sine_cosine, math.pi),
    maths.sine_cosine: _waves(maths.sine_cosine, 1.0),
    math.sqrt: chain(math.sqrt, lambda v: 0.5 / math.sqrt(v) if v > 0.0 else math.inf),
    math.exp: chain(math.exp, math.exp),
    math.log: chain(math.log, lambda v: 1.0 / v),
    math.sin: chain(math.sin, math.cos),
    math.cos: chain(math.cos, lambda v: -math.sin(v)),
    math.tanh: chain(math.tanh, lambda v: 1.0 - math.tanh(v) ** 2),
    math.atan: chain(math.atan, lambda v: 1.0 / (1.0 + v * v)),
    math.fabs: abs,
}

_MATH = types.SimpleNamespace(**vars(math))
for _function, _rule in RULES.items():
    if getattr(math, _function.__name__, None) is _function:
        setattr(_MATH, _function.__name__, _rule)


@cache
def differentiated(kernel: types.FunctionType) -> types.FunctionType:
    """The same kernel over arrays of `Dual` (dtype object).

    Called, it raises TypeError where it looks at the bits of a number or uses a function of which
    no rule is known.
    """
    code, outside = kernel.__code__, kernel.__globals__
    seen = {name: _meaning(outside[name]) for name in code.co_names if name in outside}
    cells = tuple(types.CellType(_meaning(cell.cell_contents)) for cell in kernel.__closure__ or ())
    return types.FunctionType(code, seen, kernel.__name__, kernel.__defaults__, cells)


def _meaning(value: Any) -> Any:
    if value is math:
        return _MATH
    if isinstance(value, types.FunctionType | types.BuiltinFunctionType):
        if value in RULES:
            return RULES[value]
        if isinstance(value, types.FunctionType):
            return differentiated(value)
    return value
