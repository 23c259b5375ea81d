"""`lab report`: pages, tables and figures of a result directory."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reports import places
from reports.commands import terminal
from reports.commands.options import OpenOption, PluginOption


def report(
    directory: Annotated[Path, typer.Argument(help="Result directory.")],
    format: Annotated[
        str, typer.Option("--format", "--figures", help="Of the figures: pdf, svg or png.")
    ] = "svg",
    columns: Annotated[
        int, typer.Option("--columns", help="Width of the figures in columns of a page: 1 or 2.")
    ] = 2,
    open: OpenOption = False,
    plugin: PluginOption = None,
) -> None:
    """Results to one HTML page, tables (Markdown, LaTeX, CSV) and figures, under DIR/report.

    Example: lab report results/run-rosenbrock-spikes-d9746dc548 --open
    """
    from experiments.components import add_plugins
    from lab.store.directory import added
    from reports import figures, page, tables
    from reports.page.collect import collect

    add_plugins(plugin or ())
    figures.check(format, columns)
    results = collect(directory)
    target = directory / "report"
    with added(target) as place:
        made = {"page": [page.write_results(results, place)]}
        if results.cells:
            made["table"] = tables.write(results, place / "tables")
            made["figure"] = figures.draw(results, place / "figures", format, columns)
    for kind, paths in made.items():
        for path in paths:
            print(places.line(kind, target / path.relative_to(place)))
    if open:
        terminal.open_page(target / page.NAME)
