"""What the commands of experiments have in common: the options at their end, and how they run."""

from __future__ import annotations

import functools
import inspect
import json as json_module
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_type_hints

from reports.commands import streams, terminal
from reports.commands.options import (
    JsonOption,
    OpenOption,
    OutOption,
    PluginOption,
    QuietOption,
    ThreadsOption,
)

if TYPE_CHECKING:
    from reports.publish import Pages

#: The options at the end of each of these commands, in the order of `--help`.
LAST: dict[str, tuple[Any, Any]] = {
    "threads": (ThreadsOption, None),
    "out": (OutOption, None),
    "open": (OpenOption, False),
    "json": (JsonOption, False),
    "quiet": (QuietOption, False),
    "plugin": (PluginOption, None),
}


class Experiment(NamedTuple):
    """What a command is to run, and how it is shown.

    Parameters
    ----------
    grid:
        The request: its `requests` are asked for their warnings; `name`, `hash` and `identity()`
        name the result directory.
    work:
        Makes the result of the grid, a number of threads and a function that takes progress.
    pages:
        The module of its reports.
    notes:
        Remarks that stderr shows before the work.
    """

    grid: Any
    work: Callable[[Any, int | None, Callable[[str], None]], Any]
    pages: Pages
    notes: Iterable[str] = ()


def command(plugins: bool = True) -> Callable[[Callable[..., Experiment]], Callable[..., None]]:
    """Make a command of a function that turns its options into an `Experiment`.

    The command has the options of the function and those of `LAST`, `plugin` only with `plugins`:
    components of users are known before the function is called.
    """

    def made(described: Callable[..., Experiment]) -> Callable[..., None]:
        @functools.wraps(described)
        def run(
            *, threads: Any, out: Any, open: bool, json: bool, quiet: bool, plugin: Any = None,
            **options: Any,
        ) -> None:  # fmt: skip
            from experiments.components import add_plugins

            add_plugins(plugin or ())
            _run(described(**options), threads, out, open, json, quiet)

        _sign(run, described, plugins)
        return run

    return made


def _sign(run: Any, described: Callable[..., Experiment], plugins: bool) -> None:
    """Show Typer, which reads signatures and annotations, the options of both."""
    hints = get_type_hints(described, include_extras=True)
    parameters = [
        each.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY)
        for name, each in inspect.signature(described).parameters.items()
    ]
    parameters += [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=option)
        for name, (option, default) in LAST.items()
        if plugins or name != "plugin"
    ]
    run.__signature__ = inspect.Signature(parameters, return_annotation=None)
    run.__annotations__ = {each.name: each.annotation for each in parameters}


def _run(
    experiment: Experiment, threads: int | None, out: Path | None, open: bool, json: bool,
    quiet: bool,
) -> None:  # fmt: skip
    """Run an experiment, print it, and leave a whole result directory with its page."""
    from reports import publish

    grid, work, pages, notes = experiment
    log = terminal.log(quiet)
    warnings = (line for request in grid.requests for line in request.warnings())
    for line in dict.fromkeys((*notes, *warnings)):
        log(f"note: {line}")
    target = out or Path("results") / f"{grid.name}-{grid.hash}"
    directory = publish.result_directory(target, grid.identity(), terminal.command_line())
    with streams.result_first() as show, directory as place:
        result = work(grid, threads, log)
        if not json:
            show(pages.text(result))
            log("drawing")
        lines = publish.fill(place, target, result, pages, draw=open or not json)
    if json:
        print(json_module.dumps(pages.document(result, str(target))))
    else:
        print("\n" + "\n".join(lines))
    terminal.page(target, not json, open, json)
