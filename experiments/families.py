"""Landscapes by what makes them hard for a schedule; the scenarios of `lab ablate`.

Families have the same number of members, so that an average over landscapes weighs them alike. All
have a known minimum: the response of the ablation is a logarithm of f - f*. Members are cheap: a
small network costs twenty times as much a step.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from lab.component import Chosen
from landscapes import LANDSCAPES

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "smooth convex": ("quadratic", "log-cosh", "logistic", "zakharov"),
    "non-convex": ("rosenbrock", "rastrigin", "ackley", "styblinski-tang"),
    "non-smooth": ("absolute", "max-affine", "hinge", "lasso"),
    "stochastic": ("least-squares", "logistic:batch=5", "jittered-quadratic", "sample-bias"),
    "non-stationary": (
        "drifting", "drifting:of=(rosenbrock)", "drifting:of=(ackley)", "drifting:of=(absolute)",
    ),
}  # fmt: skip
#: The family of a landscape that is in none.
OTHER = "other"


def family(landscape: Chosen) -> str:
    """The family of a landscape, whichever way it was written."""
    return _members().get(landscape.text, OTHER)


def every() -> tuple[str, ...]:
    """All members of all families."""
    return tuple(member for members in FAMILIES.values() for member in members)


@cache
def _members() -> dict[str, str]:
    """The family of each member, by the member with all its parameters."""
    return {
        LANDSCAPES.choose(member).text: name
        for name, members in FAMILIES.items()
        for member in members
    }
