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
    from reports import figures, page, tables
    from reports.page.collect import collect

    add_plugins(plugin or ())
    figures.check(format, columns)
    results = collect(directory)
    path = page.write_results(results)
    print(places.line("page", path))
    if results.cells:
        for written in tables.write(results, directory / "report" / "tables"):
            print(places.line("table", written))
        for written in figures.draw(results, directory / "report" / "figures", format, columns):
            print(places.line("figure", written))
    if open:
        terminal.open_page(path)
