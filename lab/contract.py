"""Whether a declaration from a user's file is one: looked at once, when the file is loaded.

What can be seen only when a kernel is compiled or run is the business of `lab validate`.
"""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from typing import Any

from lab.errors import LabError, RequestError
from lab.parameter import Parameter, Percent, inside
from lab.spec import NAME, Spec

#: Fields that hold functions of a declaration, where it has them; kernels are plain functions.
CALLED = ("facts", "rates", "factory", "rule", "contents", "constants", "trials")
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
    for field in ("summary", "source"):
        if not isinstance(getattr(component, field), str):
            raise RequestError(f"{where}: {field} must be text")
    for field in KERNELS:
        kernel = getattr(component, field, None)
        wanted = field == "kernel" and hasattr(component, field)
        if (kernel is not None or wanted) and not isinstance(kernel, types.FunctionType):
            raise RequestError(f"{where}: {field} must be a plain Python function, not {kernel!r}")
    for field in CALLED:
        if not callable(getattr(component, field, len)):
            raise RequestError(f"{where}: {field} must be a function")
    _check_parameters(component, where)
    if hasattr(component, "facts") and not any(p.required for p in component.parameters):
        _check_facts(component, where)


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


def _check_facts(component: Any, where: str) -> None:
    """What is known of a landscape at its default values makes sense."""
    try:
        facts = component.facts(component.read(Spec(component.name)))
        dim, minimum, base_lr = facts.dim, facts.minimum, facts.base_lr
    except LabError:
        raise
    except Exception as error:
        raise RequestError(f"{where}: facts fails: {type(error).__name__}: {error}") from error
    if not isinstance(dim, int) or isinstance(dim, bool) or dim < 1:
        raise RequestError(f"{where}: facts says dim={dim!r}, a whole number from 1 is needed")
    known = minimum is not None
    wrong = {
        "minimum": (minimum, known and not _number(minimum, math.isfinite)),
        "base_lr": (base_lr, not _number(base_lr, lambda lr: 0.0 < lr < math.inf)),
    }
    for field, (value, is_wrong) in wrong.items():
        if is_wrong:
            raise RequestError(f"{where}: facts says {field}={value!r}, which is not allowed")


def _number(value: Any, sound: Callable[[float], bool]) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and sound(value)
