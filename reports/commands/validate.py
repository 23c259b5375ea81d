"""`lab validate`: whether a user's file keeps the contract and its gradient is right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab.errors import WorkError


def validate(
    file: Annotated[Path, typer.Argument(help="Python file that declares components.")],
) -> None:
    """Check a plug-in: it compiles, it runs, its gradient is that of its value.

    Exit code 1 when a check fails; a wrong gradient is shown at its worst point.

    Example: lab validate bowl.py
    """
    from experiments.components import add_plugins
    from experiments.validation import validate as check

    failed = 0
    for component in add_plugins([file]):
        for finding in check(component):
            failed += not finding.passed
            word = "ok    " if finding.passed else "FAILED"
            print(f"{word}  {finding.component}: {finding.check}; {finding.detail}", flush=True)
    if failed:
        raise WorkError(f"{str(file)!r}: {failed} checks failed")
