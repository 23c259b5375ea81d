"""The command in this process, and what may be said of what it did."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cli
from experiments.components import REGISTRIES
from tests.fuzz.inputs import Input

#: Seconds of the processor that one of these small inputs may take; compilers and page builders
#: included.
PATIENCE = 30.0
#: Characters of a message: longer is not clear.
LONGEST = 3000
#: What names a defect of ours in stderr.
DEFECT = re.compile(r"Traceback|unexpected \w+:|Exception ignored|\w+Warning:|Fatal")


#: What Python itself says of the text of a plug-in.
WARNED = re.compile(r"^\S*mine\.py:\d+: SyntaxWarning: .*\n(  .*\n)?", re.MULTILINE)


@dataclass
class Outcome:
    """What a command left: exit code, output, new files, seconds."""

    code: object
    out: str
    err: str
    made: list[str]
    seconds: float


def command_table() -> dict[str, list[tuple[str, bool]]]:
    """Every command with its options, and whether each is a flag."""
    import typer.main

    root = typer.main.get_command(cli.app)
    found: dict[str, list[tuple[str, bool]]] = {}
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        found[name] = [
            (spelled, bool(getattr(p, "is_flag", False)))
            for p in command.params
            for spelled in (*p.opts, *p.secondary_opts)
            if spelled.startswith("--")
        ]
    return found


def here(given: Input, place: Path) -> Outcome:
    """Run a command in this process, in a directory with its files; undo what plug-ins add."""
    for name, content in given.files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    before = _tree(place)
    streams = {
        "stdin": io.TextIOWrapper(io.BytesIO(given.stdin)),
        "stdout": io.TextIOWrapper(io.BytesIO(), "utf-8"),
        "stderr": io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace"),
    }
    begun = time.process_time()
    with _as_a_process(place, given.arguments, streams), warnings.catch_warnings():
        warnings.simplefilter("always")
        try:
            cli.main()
            code: object = "no exit"
        except SystemExit as end:
            code = end.code
        except BaseException as error:  # what a process would show as a traceback
            code = f"Traceback: {error!r}"
            if os.environ.get("GREEDYLR_LAB_DEBUG"):
                raise
    seconds = time.process_time() - begun
    out, err = (_content(streams[name]) for name in ("stdout", "stderr"))
    return Outcome(code, out, err, sorted(_tree(place) - before), seconds)


@contextlib.contextmanager
def _as_a_process(
    place: Path, arguments: list[str], streams: dict[str, io.TextIOWrapper]
) -> Iterator[None]:
    was = {name: getattr(sys, name) for name in (*streams, "argv")}
    added = {registry: dict(registry._added) for registry in REGISTRIES.values()}
    modules, directory = set(sys.modules), Path.cwd()
    os.chdir(place)
    for name, value in {**streams, "argv": ["lab", *arguments]}.items():
        setattr(sys, name, value)
    try:
        yield
    finally:
        for name, value in was.items():
            setattr(sys, name, value)
        os.chdir(directory)
        for registry, components in added.items():
            registry._added = components
        for name in set(sys.modules) - modules:
            if name.startswith("greedylr_lab_plugin_"):
                del sys.modules[name]


def _content(stream: io.TextIOWrapper) -> str:
    with contextlib.suppress(ValueError):
        stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode("utf-8", "replace")


def _tree(place: Path) -> set[str]:
    return {str(p.relative_to(place)) for p in place.rglob("*") if "__pycache__" not in p.parts}


def complaints(given: Input, outcome: Outcome) -> Iterator[str]:
    """Everything that is wrong with what a command did."""
    outcome = replace(outcome, err=WARNED.sub("", outcome.err))
    if outcome.code not in (0, 1, 2):
        yield f"exit code {outcome.code!r}"
    if found := DEFECT.search(outcome.err):
        yield f"stderr shows {found.group()!r}"
    if outcome.seconds > PATIENCE:
        yield f"{outcome.seconds:.0f} seconds"
    lines = [
        line for line in outcome.err.splitlines() if not line.startswith(("[", "note: ", "page  "))
    ]
    if outcome.code == 0 and lines:
        yield "stderr of a success holds more than progress"
    if outcome.code != 0:
        if len(lines) != 1 or not lines[0].startswith("lab: "):
            yield f"{len(lines)} lines of complaint"
        if outcome.made:
            yield f"left behind: {outcome.made}"
        # These two say what they can before they meet what they cannot.
        if outcome.code == 2 and outcome.out and given.arguments[0] not in ("query", "show"):
            yield "stdout of a refusal holds something"
    if len(outcome.err) > LONGEST * (1 + outcome.err.count("\n")):
        yield f"a message of {len(outcome.err)} characters"
    if not outcome.err.replace("\n", "").isprintable():
        yield "a message with control characters"
    if any(name.endswith((".part", ".old")) for name in outcome.made):
        yield f"half-written: {outcome.made}"
    if outcome.code == 0 and "--json" in given.arguments and "--help" not in given.arguments:
        yield from _json_complaints(outcome.out)


def _json_complaints(out: str) -> Iterator[str]:
    def refuse(word: str) -> None:
        raise ValueError(word)

    try:
        json.loads(out, parse_constant=refuse)
    except ValueError as error:
        yield f"stdout is not JSON: {error}"
