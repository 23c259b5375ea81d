"""What a declaration must be, looked at once: every way in which it can be none."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.components import REGISTRIES
from lab.component import (
    Facts,
    Feedback,
    Landscape,
    NoiseModel,
    Optimizer,
    Parameter,
    Perturbation,
    State,
)
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
KICK = Perturbation(name="kick", summary="", source="", kernel=bump, place="start")
PACE = Feedback(name="pace", summary="", source="", kernel=bump)
MOVE = Optimizer(name="move", summary="", source="", kernel=bump)
A = Parameter("a", 1.0, "", "[0, 1]")


def failing(values):
    raise ZeroDivisionError("no")


def ending(values):
    raise SystemExit(0)


async def later(*given):
    return None


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
    "facts that end it all": (replace(LANDSCAPE, facts=ending), "facts fails: SystemExit: 0"),
    "a rule that ends it all": (replace(NOISE, rule=ending), "rule fails: SystemExit: 0"),
    "contents that end it all": (replace(NOISE, contents=ending), "contents fails: SystemExit: 0"),
    "a kernel to wait for": (replace(NOISE, kernel=later), "kernel must not be async"),
    "facts to wait for": (replace(LANDSCAPE, facts=later), "facts must not be async"),
    "facts that refuse": (replace(LANDSCAPE, facts=refusing), "bowl: said by itself"),
    "no dimension": (facts(dim=0), "facts says dim=0, a whole number from 1 is needed"),
    "half a dimension": (facts(dim=2.0), "facts says dim=2.0"),
    "a truth for a dimension": (facts(dim=True), "facts says dim=True"),
    "a minimum that is none": (facts(minimum=float("nan")), "facts says minimum=nan"),
    "no rate": (facts(base_lr=0.0), "facts says base_lr=0.0, which is not allowed"),
    "an infinite rate": (facts(base_lr=float("inf")), "facts says base_lr=inf"),
    "words for a rate": (facts(base_lr="0.1"), "facts says base_lr='0.1'"),
    "facts that are none": (
        replace(LANDSCAPE, facts=lambda values: 1), "facts says 1, Facts(...) is needed"
    ),
    "a minimiser elsewhere": (facts(minimiser=(0.0,)), "facts says minimiser=(0.0,)"),
    "a minimiser in words": (facts(minimiser=("a", "b")), "facts says minimiser=('a', 'b')"),
    "no constant": (facts(L="2"), "facts says L='2'"),
    "a negative bound": (facts(G=-1.0), "facts says G=-1.0"),
    "no domain": (facts(domain=(1.0, 0.0)), "facts says domain=(1.0, 0.0)"),
    "no words": (facts(reason=None), "facts says reason=None"),
    "notes": (replace(NOISE, notes=None), "notes must be text, not None"),
    "a formula": (replace(NOISE, formula=3), "formula must be text, not 3"),
    "a function for a flag": (
        replace(NOISE, gaussian=failing),
        "gaussian must be True or False, not the function failing",
    ),
    "a flag": (replace(NOISE, gaussian=1), "gaussian must be True or False, not 1"),
    "fewer than no draws": (replace(NOISE, normals=-1), "normals must be a whole number from 0"),
    "half a draw": (replace(NOISE, uniforms=0.5), "uniforms must be a whole number from 0"),
    "a name for names": (replace(NOISE, aliases="other"), "aliases must be a tuple of names"),
    "an alias of words": (replace(NOISE, aliases=("a b",)), "aliases must be a tuple of names"),
    "differences": (replace(NOISE, not_the_same={"a": 3}), "not_the_same must be a mapping of"),
    "presets": (replace(NOISE, presets={"a": 3}), "presets must be a mapping of words to values"),
    "a number for a state": (replace(NOISE, state={"a": 3}), "state must be a mapping of names to"),
    "rows of no kind": (replace(NOISE, state={"a": State("matrix")}), "state must be a mapping"),
    "a start of no kind": (
        replace(NOISE, state={"a": State(initial="b")}),
        "a starts from 'b', which is neither 'lr' nor a parameter",
    ),
    "rows that fail": (
        replace(NOISE, state={"a": State(failing)}), "rows of a fails: ZeroDivisionError: no"
    ),
    "half a row": (
        replace(NOISE, state={"a": State(lambda values: 0.5)}),
        "rows of a says 0.5, a whole number from 0 is needed",
    ),
    "a place": (replace(KICK, place="middle"), "place must be one of start, oracle, end"),
    "what it hears": (replace(PACE, hears=("voices",)), "hears must be a tuple of some of loss"),
    "a word it hears": (replace(PACE, hears="loss"), "hears must be a tuple of some of loss"),
    "trials": (replace(PACE, trials=lambda values: "x"), "trials says 'x', a whole number from 0"),
    "a rate of its own": (replace(MOVE, default_lr=-1.0), "default_lr must be None or a number"),
    "tables": (
        replace(MOVE, constants=lambda values, steps: {"a": np.ones((2, 2, 2))}),
        "a mapping of names to numbers and arrays of them is needed",
    ),
    "tables of one argument": (
        replace(MOVE, constants=lambda values: {}), "constants fails: TypeError"
    ),
    "constants in words": (
        replace(NOISE, constants=lambda values: {"a": "b"}), "constants says {'a': 'b'}"
    ),
    "no workspace": (
        replace(LANDSCAPE, workspace=lambda values: {"a": 0}), "workspace says {'a': 0}"
    ),
    "a rest that is none": (
        replace(LANDSCAPE, workspace=None), "landscape 'bowl': workspace must be a function"
    ),
    "a rule that fails": (replace(NOISE, rule=failing), "rule fails: ZeroDivisionError: no"),
    "contents": (replace(NOISE, contents=lambda values: 3), "contents says 3, text is needed"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_it_is_refused(what):
    declaration, says = WRONG[what]
    with pytest.raises(RequestError) as caught:
        check_declaration(declaration)
    assert says in str(caught.value)


@pytest.mark.parametrize("kind", REGISTRIES)
def test_what_the_laboratory_declares_itself_passes(kind):
    for component in REGISTRIES[kind].all().values():
        check_declaration(component)


@pytest.mark.parametrize(
    "declaration", [NOISE, LANDSCAPE, KICK, PACE, MOVE, replace(NOISE, parameters=(A,))]
)
def test_it_passes(declaration):
    check_declaration(declaration)
    check_declaration(facts(minimum=None))
