r"""Any list of rates: how a schedule of another library is brought in.

The file holds one number a line, the rate of step 0 first; empty lines and what follows a # are
passed over. With `relative` the numbers are factors of the initial rate, which is
then worth tuning.

>>> import tempfile
>>> with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
...     _ = file.write("# two steps\n1\n0.5\n")
...     file.flush()
...     rates(0.1, 3, {"file": file.name, "relative": True, "end": "hold"}).tolist()
[0.1, 0.05, 0.05]

Source: the user's own file.
"""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import numpy as np

from lab.component import OpenLoop, Parameter, Values
from lab.errors import RequestError
from lab.files import read_regular


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1.

    Raises
    ------
    RequestError
        The file is missing, holds something that is no rate, or too few of them.
    """
    file = values["file"]
    listed = np.array(numbers(file))
    if len(listed) < steps and values["end"] == "refuse":
        raise RequestError(
            f"schedule 'table': file {file!r} holds {len(listed)} rates, {steps} are needed"
            " (end=hold repeats the last one)"
        )
    held = listed[np.minimum(np.arange(steps), len(listed) - 1)]
    return lr * held if values["relative"] else held


def numbers(file: str) -> list[float]:
    """The file's numbers."""
    try:
        lines = read_regular(Path(file).expanduser()).decode("utf-8-sig").splitlines()
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: a ~name of nobody
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise RequestError(f"schedule 'table': file {file!r} cannot be read: {reason}") from error
    found = [
        rate(text, f"file {file!r}, line {number}")
        for number, line in enumerate(lines, start=1)
        if (text := line.partition("#")[0].strip())
    ]
    if not found:
        raise RequestError(f"schedule 'table': file {file!r} holds no rates")
    return found


def digest(values: Values) -> str:
    """Of the file's numbers: a changed file is another schedule."""
    return hashlib.sha256(np.array(numbers(values["file"])).tobytes()).hexdigest()[:16]


def rate(text: str, where: str) -> float:
    """One rate."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0.0 <= number < math.inf:
        raise RequestError(
            f"schedule 'table': {where}: {text!r} is not a rate (allowed: a number in [0, inf))"
        )
    return number


TABLE = OpenLoop(
    name="table",
    summary="any list of rates from a file",
    source="the user's own",
    parameters=(
        Parameter("file", "rates.txt", "path of a text file, one rate a line", required=True),
        Parameter("relative", False, "the numbers are factors of the initial rate"),
        Parameter(
            "end",
            "refuse",
            "what follows the last number: refuse more steps, or hold it",
            choices=("refuse", "hold"),
        ),
    ),
    rates=rates,
    contents=digest,
    notes="A torch or optax schedule is brought in by writing its rates to a file; from Python it"
    " can be handed to lab.run as it is. Without relative the initial rate of the run has no"
    " effect.",
    not_the_same={
        "LambdaLR": "a schedule from a function of your own: write its rates to a file and give"
        " table:file=..., write a plug-in, or hand it to lab.run",
        "MultiplicativeLR": "a schedule from a function of your own: write its rates to a file and"
        " give table:file=..., write a plug-in, or hand it to lab.run",
    },
)
