"""`lab sweep` and `lab query`: a declared study, and questions to its rows."""

from __future__ import annotations

import json as json_module
import sys
from pathlib import Path
from typing import Annotated

import typer

from reports.commands import terminal
from reports.commands.options import (
    JsonOption,
    OpenOption,
    OutOption,
    PluginOption,
    QuietOption,
    ThreadsOption,
)


def sweep(
    study: Annotated[Path, typer.Argument(help="Study file, e.g. studies/quick.toml.")],
    out: OutOption = None,
    resume: Annotated[bool, typer.Option("--resume", help="Keep finished chunks.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what it would cost.")
    ] = False,
    dask: Annotated[
        str | None, typer.Option("--dask", help="Scheduler of a Dask cluster, tcp://host:8786.")
    ] = None,
    threads: ThreadsOption = None,
    open: OpenOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
    plugin: PluginOption = None,
) -> None:
    """Run a declared study; finished chunks survive whatever happens.

    Example: lab sweep studies/quick.toml
    """
    from experiments.components import add_plugins
    from experiments.study import sweep as sweeping
    from experiments.study.declaration import read_study
    from experiments.study.estimate import estimate
    from experiments.study.ranking import rank, read_cells
    from reports import live, studies

    add_plugins(plugin or ())
    declared = read_study(study)
    terminal.notes(declared.remarks)
    if dry_run:
        cost = estimate(declared, threads)
        print(json_module.dumps(studies.size_document(cost)) if json else studies.size(cost))
        return
    target = out or Path("results") / f"{declared.name}-{declared.hash}"
    with live.watched(declared, target, resume, terminal.log(quiet), quiet) as log:
        sweeping.run_study(
            declared, target, terminal.command_line(), resume, threads, dask, plugin or (), log
        )
    ranks = rank(read_cells(target), studies.BY)
    if json:
        print(json_module.dumps(studies.document(declared, ranks, str(target))))
    else:
        print(studies.finished(declared, ranks, target))
    terminal.page(target, not json, open, json)


def query(
    directory: Annotated[Path, typer.Argument(help="Result directory.")],
    sql: Annotated[str, typer.Argument(help="One SELECT over runs, bands, cells.")],
    json: JsonOption = False,
) -> None:
    """Ask the rows of a result with SQL, through DuckDB; prints comma-separated values.

    Example: lab query results/DIR "select schedule, median(final) from runs group by 1"
    """
    from lab.store.query import query as ask
    from lab.store.query import unfinished
    from reports import answer

    found = ask(directory, sql)
    if note := unfinished(directory):
        print(f"note: {note}", file=sys.stderr)
    if json:
        print(json_module.dumps(answer.document(found.columns, found.rows())))
    else:
        answer.write_csv(found.columns, found.rows(), sys.stdout)
