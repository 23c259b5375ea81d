"""Whether a declaration from a user's file is one: looked at once, when the file is loaded.

What can be seen only when a kernel is compiled or run is the business of `lab validate`.
"""

from __future__ import annotations

import inspect
import math
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from lab.component import Facts, Values
from lab.contract_fields import number, wrong_answers, wrong_fields
from lab.errors import PASSING, RequestError, said
from lab.parameter import Parameter, Percent, inside
from lab.spec import NAME, Spec

#: Fields that hold functions of a declaration, where it has them; kernels are plain functions.
CALLED = (
    "facts", "rates", "factory", "rule", "contents", "constants", "trials", "instance_normals",
    "step_uniforms", "step_normals", "workspace", "build",
)  # fmt: skip
KERNELS = ("kernel", "start", "respond", "colour", "judge", "evaluated")
DEFAULTS = (bool, int, float, str, tuple, Percent, Spec)


def check_declaration(component: Any) -> None:
    """Refuse a declaration that nothing can be made of.

    Raises
    ------
    RequestError
        With the component and what is wrong with it.
    """
    name = component.name
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise RequestError(
            f"name {name!r} is not allowed: a letter, then letters, digits, '_' and '-'"
        )
    where = f"{component.kind} {name!r}"
    for field in KERNELS:
        kernel = getattr(component, field, None)
        wanted = field == "kernel" and hasattr(component, field)
        if (kernel is not None or wanted) and not isinstance(kernel, types.FunctionType):
            raise RequestError(f"{where}: {field} must be a plain Python function, not {kernel!r}")
    for field in CALLED:
        if not callable(getattr(component, field, len)):
            raise RequestError(f"{where}: {field} must be a function")
    for field in (*KERNELS, *CALLED):
        if inspect.iscoroutinefunction(getattr(component, field, None)):
            raise RequestError(f"{where}: {field} must not be async")
    _check_parameters(component, where)
    for wrong in wrong_fields(component):
        raise RequestError(f"{where}: {wrong}")
    if any(p.required for p in component.parameters):
        return
    values = _defaults(component, where)
    for wrong in wrong_answers(component, values):
        raise RequestError(f"{where}: {wrong}")
    if hasattr(component, "facts"):
        _check_facts(component, values, where)


def _check_parameters(component: Any, where: str) -> None:
    if not isinstance(component.parameters, tuple):
        raise RequestError(f"{where}: parameters must be a tuple of Parameter")
    seen: set[str] = set()
    for parameter in component.parameters:
        if not isinstance(parameter, Parameter):
            raise RequestError(f"{where}: {parameter!r} among its parameters is no Parameter")
        if not isinstance(parameter.name, str) or not parameter.name.isidentifier():
            raise RequestError(f"{where}: a parameter cannot be called {parameter.name!r}")
        if parameter.name in seen:
            raise RequestError(f"{where}: two parameters are called {parameter.name!r}")
        seen.add(parameter.name)
        if not isinstance(parameter.default, DEFAULTS):
            raise RequestError(
                f"{where}: {parameter.name} has the default {parameter.default!r}, whose type is"
                " none that parameters have (bool, int, float, str, tuple of numbers)"
            )
        try:
            inside(0.0, parameter.interval)
        except (ValueError, TypeError, AttributeError) as error:
            raise RequestError(
                f"{where}: {parameter.name} has the interval {parameter.interval!r} (write one as"
                " '[0, 1)')"
            ) from error


def _defaults(component: Any, where: str) -> Values:
    """The default values, which must go together."""
    try:
        return component.read(Spec(component.name))
    except PASSING:
        raise
    except BaseException as error:
        raise RequestError(f"{where}: rule fails: {said(error)}") from error


def _check_facts(component: Any, values: Values, where: str) -> None:
    """What is known of a landscape at its default values makes sense."""
    try:
        facts = component.facts(values)
    except PASSING:
        raise
    except BaseException as error:
        raise RequestError(f"{where}: facts fails: {said(error)}") from error
    if not isinstance(facts, Facts):
        raise RequestError(f"{where}: facts says {facts!r}, Facts(...) is needed")
    dim = facts.dim
    if not isinstance(dim, int) or isinstance(dim, bool) or dim < 1:
        raise RequestError(f"{where}: facts says dim={dim!r}, a whole number from 1 is needed")
    for field, sound in FACTS.items():
        value = getattr(facts, field)
        if not sound(value, dim):
            raise RequestError(f"{where}: facts says {field}={value!r}, which is not allowed")


def _point(value: Any, dim: int) -> bool:
    """Whether a value is none, or a point."""
    if value is None:
        return True
    point = np.asarray(value)
    return point.shape == (dim,) and point.dtype.kind in "fi" and bool(np.isfinite(point).all())


def _constant(value: Any, dim: int) -> bool:
    """Whether a value is none, or a constant of theory."""
    return value is None or number(value, lambda x: 0.0 <= x <= math.inf)


def _domain(value: Any, dim: int) -> bool:
    """Whether a value is a range of numbers."""
    pair = isinstance(value, tuple) and len(value) == 2
    return pair and all(number(end) for end in value) and value[0] < value[1]


#: What facts may say besides the dimension.
FACTS: dict[str, Callable[[Any, int], bool]] = {
    "minimum": lambda value, dim: value is None or number(value),
    "base_lr": lambda value, dim: number(value, lambda lr: 0.0 < lr < math.inf),
    "minimiser": _point,
    "another": _point,
    "L": _constant,
    "mu": _constant,
    "G": _constant,
    "domain": _domain,
    "reason": lambda value, dim: isinstance(value, str),
}
