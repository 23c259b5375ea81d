"""`lab check`: a verdict on each of the paper's claims."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated, Any

import typer

from lab.errors import RequestError, WorkError
from lab.files import read_json
from reports.commands import streams, terminal
from reports.commands.options import (
    JsonOption,
    OpenOption,
    QuietOption,
    ThreadsOption,
    given_path,
)


def check(
    claim: Annotated[list[str] | None, typer.Argument(help="Claims, e.g. C1 C5; all.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer seeds, under a minute.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Directory of the evidence.", parser=given_path, metavar="<path>"
        ),
    ] = None,
    expect: Annotated[
        Path | None, typer.Option("--expect", help="Recorded --json; exit 1 when one differs.")
    ] = None,
    pages: Annotated[
        Path | None, typer.Option("--pages", help="Write a page and a figure for each claim.")
    ] = None,
    threads: ThreadsOption = None,
    open: OpenOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Judge the paper's claims: a verdict on each, by rules written before the data.

    Example: lab check --quick
    """
    from experiments.check import run as checking
    from reports import publish
    from reports.claims import pages as claim_pages
    from reports.claims import text as claims

    seeds = checking.QUICK_SEEDS if quick else checking.FULL_SEEDS
    target = out or Path("results") / f"check-{seeds}"
    identity = {"experiment": "check", "seeds": seeds}
    command = terminal.command_line()
    publish.check_beside(target, identity)
    recorded = None if expect is None else _recorded(expect)
    log = terminal.log(quiet)
    judged = []
    with streams.result_first() as show:
        for result in checking.check(claim or (), target, seeds, threads, log):
            judged.append(result)
            if not json:
                show(claims.details(result) + "\n")
        found = claims.document(judged)
        publish.beside(target, identity, command, found)
        show(json_module.dumps(found) if json else claims.table(judged))
    terminal.page(target, not json, open, json)
    if pages is not None:
        claim_pages.write(judged, pages, command)
    different = [] if recorded is None else claims.differences(judged, recorded)
    if different:
        raise WorkError(f"verdicts differ from {expect}: {'; '.join(different)}")


def _recorded(path: Path) -> dict[str, Any]:
    """Verdicts recorded by an earlier `lab check --json`."""
    try:
        found = read_json(path)
        [arm["verdict"] for claim in found["claims"] for arm in claim["arms"]]
    except OSError as error:
        raise RequestError(f"expect: {str(path)!r} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise RequestError(
            f"expect: {str(path)!r} is not the output of lab check --json"
        ) from error
    return found
