"""What a declaration must be, looked at once: every way in which it can be none."""

from dataclasses import replace

import pytest

from lab.component import Facts, Landscape, NoiseModel, Parameter
from lab.contract import check_declaration
from lab.errors import RequestError


def bump(size):
    size[0] = 1.0


def bowl(x, value, grad):
    value[0] = x[0, 0]


FACTS = Facts(dim=2, minimum=0.0, minimiser=None, base_lr=0.1)
NOISE = NoiseModel(name="mine", summary="", source="", formula="", kernel=bump)
LANDSCAPE = Landscape(
    name="bowl", summary="", source="", formula="", kernel=bowl, facts=lambda values: FACTS
)
A = Parameter("a", 1.0, "", "[0, 1]")


def failing(values):
    raise ZeroDivisionError("no")


def refusing(values):
    raise RequestError("bowl: said by itself")


def facts(**changes):
    return replace(LANDSCAPE, facts=lambda values: replace(FACTS, **changes))


WRONG = {
    "a blank in its name": (replace(NOISE, name="my own"), "name 'my own' is not allowed"),
    "no name": (replace(NOISE, name=None), "name None is not allowed"),
    "no summary": (replace(NOISE, summary=None), "noise 'mine': summary must be text"),
    "no source": (replace(NOISE, source=3), "noise 'mine': source must be text"),
    "no kernel": (replace(NOISE, kernel=None), "kernel must be a plain Python function, not None"),
    "a built-in": (replace(NOISE, kernel=print), "kernel must be a plain Python function"),
    "no respond": (replace(NOISE, respond=3), "respond must be a plain Python function"),
    "facts": (replace(LANDSCAPE, facts=FACTS), "landscape 'bowl': facts must be a function"),
    "a list": (replace(NOISE, parameters=[A]), "parameters must be a tuple of Parameter"),
    "a name for a parameter": (replace(NOISE, parameters=("a",)), "'a' among its parameters is no"),
    "a parameter called so": (
        replace(NOISE, parameters=(replace(A, name="a b"),)), "cannot be called 'a b'"
    ),
    "twice": (replace(NOISE, parameters=(A, A)), "two parameters are called 'a'"),
    "a default of no type": (
        replace(NOISE, parameters=(replace(A, default=None),)), "a has the default None, whose type"
    ),
    "an interval": (
        replace(NOISE, parameters=(replace(A, interval="0..1"),)), "a has the interval '0..1'"
    ),
    "facts that fail": (replace(LANDSCAPE, facts=failing), "facts fails: ZeroDivisionError: no"),
    "facts that refuse": (replace(LANDSCAPE, facts=refusing), "bowl: said by itself"),
    "no dimension": (facts(dim=0), "facts says dim=0, a whole number from 1 is needed"),
    "half a dimension": (facts(dim=2.0), "facts says dim=2.0"),
    "a truth for a dimension": (facts(dim=True), "facts says dim=True"),
    "a minimum that is none": (facts(minimum=float("nan")), "facts says minimum=nan"),
    "no rate": (facts(base_lr=0.0), "facts says base_lr=0.0, which is not allowed"),
    "an infinite rate": (facts(base_lr=float("inf")), "facts says base_lr=inf"),
    "words for a rate": (facts(base_lr="0.1"), "facts says base_lr='0.1'"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_it_is_refused(what):
    declaration, says = WRONG[what]
    with pytest.raises(RequestError) as caught:
        check_declaration(declaration)
    assert says in str(caught.value)


@pytest.mark.parametrize("declaration", [NOISE, LANDSCAPE, replace(NOISE, parameters=(A,))])
def test_it_passes(declaration):
    check_declaration(declaration)
    check_declaration(facts(minimum=None))
