"""Which assumptions of convergence theory a landscape meets, and so which theorems speak of it.

All are statements over the whole space, of the landscape and its own samples; noise models, if any,
come on top. They follow from `lab.facts`. Sources: GreedyLR, arXiv 2512.14527, appendix A; Garrigos
& Gower, Handbook of convergence theorems for (stochastic) gradient methods, arXiv 2301.11235.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from lab.component import Chosen, Facts
from lab.facts import Sample


class Statement(NamedTuple):
    """An assumption: whether it holds (None: not stated), and the number or the reason."""

    holds: bool | None
    detail: str = ""


#: The assumptions, by the names of the columns and lines that show them, and what they say.
MEANINGS: Mapping[str, str] = {
    "L-smooth": "|grad f(x) - grad f(y)| <= L |x - y|",
    "convex": "f lies above its tangents",
    "strongly convex": "f - mu |x|^2 / 2 is convex for a mu > 0",
    "minimiser exists": "f* is attained",
    "minimiser unique": "at one point only",
    "gradient bounded": "|grad f| <= G",
    "f fixed": "the same f in every step",
    "unbiased": "the mean of a step's gradient is grad f",
    "terms convex": "every f_i is convex",
    "terms L-smooth": "every f_i is L_max-smooth",
    "variance bounded": "E |grad f_i - grad f|^2 <= V everywhere",
    "sigma = 0": "E |grad f_i(x*)|^2 = 0: interpolation",
}
#: What each theorem asks of the landscape.
THEOREMS: Mapping[str, tuple[str, ...]] = {
    "A.1 as claimed": ("convex", "terms L-smooth", "minimiser exists"),
    "A.1 repaired": (
        "convex",
        "terms convex",
        "terms L-smooth",
        "minimiser exists",
        "unbiased",
        "f fixed",
    ),
    "A.2": ("L-smooth",),
}


def assumptions(landscape: Chosen) -> dict[str, Statement]:
    """A statement for each name of MEANINGS."""
    facts = landscape.component.facts(landscape.values)
    terms = facts.sample or Sample(convex(facts), facts.L, sigma=0.0, variance=0.0, unbiased=True)
    return {**_of_objective(facts), **_of_terms(facts, terms)}


def theorems(found: Mapping[str, Statement]) -> dict[str, Statement]:
    """Whether the premises of each of THEOREMS hold; the detail names what fails or is unknown."""
    out = {}
    for theorem, premises in THEOREMS.items():
        failing = [name for name in premises if found[name].holds is False]
        unknown = [name for name in premises if found[name].holds is None]
        if failing:
            out[theorem] = Statement(False, f"not {', not '.join(failing)}")
        elif unknown:
            out[theorem] = Statement(None, f"not stated: {', '.join(unknown)}")
        else:
            out[theorem] = Statement(True)
    return out


def convex(facts: Facts) -> bool | None:
    """Whether f is convex; a mu, if only 0, says so."""
    return True if facts.mu is not None else facts.convex


def why(facts: Facts, which: str) -> str:
    """What `reason` says of "L" or of "mu"."""
    _, _, rest = facts.reason.partition(f"{which}: ")
    return rest.split("; mu: ")[0].split("; L: ")[0].split("; L and mu: ")[0]


def _of_objective(facts: Facts) -> dict[str, Statement]:
    is_convex, strongly = convex(facts), bool(facts.mu)
    exists = facts.minimum is not None or strongly
    unique = True if strongly else False if facts.another is not None else facts.unique
    G = math.inf if strongly and facts.G is None else facts.G
    return {
        "L-smooth": _smooth(facts.L, "L", why(facts, "L")),
        "convex": Statement(is_convex, why(facts, "mu") if is_convex is False else ""),
        "strongly convex": _strongly(facts.mu, is_convex),
        "minimiser exists": Statement(exists or None, "" if exists else "f* is unknown"),
        "minimiser unique": Statement(unique, "there are several" if unique is False else ""),
        "gradient bounded": _bounded(G, "G"),
        "f fixed": Statement(facts.fixed, "" if facts.fixed else "it moves from step to step"),
    }


def _of_terms(facts: Facts, terms: Sample) -> dict[str, Statement]:
    exact = "a step sees f itself" if facts.sample is None else ""
    return {
        "unbiased": Statement(
            terms.unbiased, "the step says which term is seen" if terms.unbiased is False else exact
        ),
        "terms convex": Statement(
            terms.convex,
            why(facts, "mu") if terms.convex is False and facts.sample is None else exact,
        ),
        "terms L-smooth": _smooth(terms.L, "L_max", why(facts, "L")),
        "variance bounded": _bounded(terms.variance, "V"),
        "sigma = 0": _vanishing(terms.sigma, exact),
    }


def _vanishing(sigma: float | None, exact: str) -> Statement:
    if sigma is None:
        return Statement(None)
    return Statement(sigma == 0.0, exact or f"sigma = {sigma:.6g}")


def _strongly(mu: float | None, is_convex: bool | None) -> Statement:
    if mu is not None:
        return Statement(mu > 0.0, f"mu = {mu:.6g}")
    return Statement(is_convex, "not convex" if is_convex is False else "")


def _smooth(constant: float | None, name: str, reason: str) -> Statement:
    if constant is not None:
        return Statement(True, f"{name} = {constant:.6g}")
    return Statement(False if reason else None, reason)


def _bounded(bound: float | None, name: str) -> Statement:
    if bound is None:
        return Statement(None)
    return Statement(math.isfinite(bound), f"{name} = {bound:.6g}" if math.isfinite(bound) else "")
