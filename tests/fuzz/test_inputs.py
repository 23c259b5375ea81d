"""A little of `benchmarks/fuzz.py` in every run of the tests; hypothesis shrinks what fails."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import inputs
from tests.fuzz.commands import command_input
from tests.fuzz.direct import READERS, complaint
from tests.fuzz.judge import command_table, complaints, here

#: Drawn by hypothesis, so that what fails is made smaller.
CHANCE = st.randoms(use_true_random=False, note_method_calls=False)
FEW = settings(
    max_examples=15, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
MANY = settings(FEW, max_examples=200)


@pytest.fixture(scope="module")
def commands():
    return command_table()


def in_a_directory(tmp_path_factory):
    return tmp_path_factory.mktemp("place")


@pytest.mark.parametrize("target", READERS)
def test_what_is_read_is_read_or_refused(target, tmp_path_factory):
    @MANY
    @given(CHANCE)
    def check(chance):
        asked = inputs.MAKERS[target](chance)
        assert complaint(target, asked, in_a_directory(tmp_path_factory)) == ""

    check()


@pytest.mark.parametrize("target", ["spec", "log", "toml", "cli"])
def test_a_command_ends_in_an_answer_or_one_line(target, commands, tmp_path_factory):
    @FEW
    @given(CHANCE)
    def check(chance):
        made = command_input(chance, commands) if target == "cli" else None
        asked = made or inputs.MAKERS[target](chance)
        outcome = here(asked, in_a_directory(tmp_path_factory))
        assert list(complaints(asked, outcome)) == [], asked

    check()


#: Plug-ins of which each is wrong in one way, and what is said of them.
WRONG = {
    "top": ("1 / 0", "line 3 does not import: ZeroDivisionError"),
    "name": ("'<script>'", "name '<script>' is not allowed"),
    "kernel": ("3", "kernel must be a plain Python function, not 3"),
    "facts": ("dim='2', minimum=0.0, minimiser=None, base_lr=0.1", "facts says dim='2'"),
    "parameters": ("Parameter('c', 1.0, 'm', '[0'),", "has the interval '[0'"),
    "signature": ("x, value, grad, strange", "strange"),
}


@pytest.mark.parametrize("piece", WRONG)
def test_a_wrong_plug_in_is_refused_in_one_line(piece, tmp_path):
    from tests.fuzz.plugins import LANDSCAPE, PIECES

    pieces = {name: options[0] for name, options in PIECES.items()}
    pieces[piece], says = WRONG[piece]
    source = LANDSCAPE.format(**pieces).encode()
    arguments = ["trace", "--landscape", "mine", *inputs.SMALL, "--plugin", "mine.py"]
    outcome = here(inputs.Input(arguments, {"mine.py": source}), tmp_path)
    assert outcome.code == 2
    assert says in outcome.err
    assert outcome.err.count("\n") == 1
    assert outcome.made == []


def test_an_error_in_a_plug_in_is_laid_at_its_own_door(tmp_path):
    text = (
        "from lab.component import OpenLoop\n"
        "def rates(lr, steps, values):\n    return values['missing']\n"
        'MINE = OpenLoop(name="mine", summary="s", source="s", rates=rates)\n'
    )
    asked = inputs.Input(
        ["trace", "--landscape", "rosenbrock", *inputs.SMALL, "--plugin", "mine.py",
         "--schedule", "mine"], {"mine.py": text.encode()},
    )  # fmt: skip
    outcome = here(asked, tmp_path)
    assert outcome.code == 2
    assert outcome.err.startswith("lab: plug-in '")
    assert outcome.err.endswith("mine.py', line 3: KeyError: 'missing'\n")


@pytest.mark.parametrize(
    ("rates", "says"),
    [
        ("[1j] * steps", "must be 6 real numbers"),
        ("[[lr] * steps]", "of shape (1, 6)"),
        ("[lr] * (steps - 1)", "of shape (5,)"),
        ("[-lr] * steps", "step 0: -0.01 is not a rate"),
        ("[float('nan')] * steps", "step 0: nan is not a rate"),
    ],
)
def test_a_table_of_a_plug_in_is_looked_at(rates, says, tmp_path):
    text = (
        "from lab.component import OpenLoop\n"
        'MINE = OpenLoop(name="mine", summary="s", source="s",'
        f" rates=lambda lr, steps, values: {rates})\n"
    )
    asked = inputs.Input(
        ["trace", "--landscape", "rosenbrock", *inputs.SMALL, "--plugin", "mine.py",
         "--schedule", "mine"], {"mine.py": text.encode()},
    )  # fmt: skip
    outcome = here(asked, tmp_path)
    assert outcome.code == 2
    assert says in outcome.err
