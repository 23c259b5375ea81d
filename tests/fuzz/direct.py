"""The functions under the commands, without the commands: what they raise is a `LabError`."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from experiments.components import REGISTRIES
from experiments.losslog import read_losses
from experiments.schedules import tried
from experiments.study.declaration import read_study
from lab.errors import LabError
from tests.fuzz.inputs import OPTIONS, Input

#: Seconds that reading a small file or a component may take.
PATIENCE = 5.0


def read_spec(given: Input, place: Path) -> None:
    """Choose the components of a command line as it would; a schedule is tried out too."""
    for option, text in zip(given.arguments, given.arguments[1:], strict=False):
        if option in OPTIONS:
            chosen = REGISTRIES[OPTIONS[option]].choose(text)
            if option == "--schedule":
                tried(chosen, 0.01, 6)
            if option == "--landscape":
                chosen.component.facts(chosen.values)
            assert REGISTRIES[OPTIONS[option]].choose(chosen.text).text == chosen.text


def read_log(given: Input, place: Path) -> None:
    """Read the log, of the column that is named."""
    named = "--column" in given.arguments
    at = given.arguments.index("--column") + 1 if named else 0
    read_losses(str(place / "log"), given.arguments[at] if named else None)


def read_toml(given: Input, place: Path) -> None:
    """Read and check the study."""
    read_study(place / "study.toml").hash  # noqa: B018


READERS: dict[str, Callable[[Input, Path], None]] = {
    "spec": read_spec, "log": read_log, "toml": read_toml,
}  # fmt: skip


def complaint(target: str, given: Input, place: Path) -> str:
    """What is wrong with how an input is read; nothing if it is read or refused in one line."""
    for name, content in given.files.items():
        (place / name).write_bytes(content)
    before, begun = Path.cwd(), time.monotonic()
    os.chdir(place)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            READERS[target](given, place)
    except LabError as error:
        return "" if str(error).strip() else "an error without words"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        os.chdir(before)
    seconds = time.monotonic() - begun
    return f"{seconds:.0f} seconds" if seconds > PATIENCE else ""
