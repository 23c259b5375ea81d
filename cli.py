"""The `lab` command: its sub-commands, and how every failure becomes one line and an exit code.

Numba, pandas and matplotlib load only when a command needs them.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import Annotated

try:
    import typer

    from lab._version import __version__
    from lab.errors import LabError, one_line, said
    from lab.interrupts import Terminated, terminable
    from reports.commands import (
        ablation,
        bench,
        check,
        components,
        lanes,
        rank,
        results,
        run,
        scenarios,
        streams,
        sweep,
        theory,
        tune,
        validate,
    )
except KeyboardInterrupt:  # `main`, which says so, is not there yet
    print("lab: interrupted", file=sys.stderr)
    sys.exit(130)

app = typer.Typer(
    name="lab",
    help="Compare learning-rate schedules on noisy landscapes, on paired seeds, by the thousand.",
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Compare learning-rate schedules on noisy landscapes, on paired seeds, by the thousand."""
    if version:
        print(f"lab {__version__}")
    elif context.invoked_subcommand is None:
        print(context.get_help())


for command in (
    run.run,
    sweep.sweep,
    sweep.query,
    lanes.trace,
    lanes.replay,
    check.check,
    scenarios.recovery,
    scenarios.sensitivity,
    scenarios.early,
    theory.optimal_f,
    theory.convergence,
    tune.tune,
    rank.rank,
    ablation.ablate,
    results.report,
    validate.validate,
    bench.bench,
    components.show,
):
    app.command()(command)
app.command("list")(components.list_components)


def main() -> None:
    """Run the command line; every failure is one line and an exit code."""
    try:
        streams.prepare()
        # Pictures are files, and look alike: no backend of a notebook, no word on other settings.
        os.environ["MPLBACKEND"] = "agg"
        logging.getLogger("matplotlib").setLevel(logging.ERROR)
        with terminable():
            code = app(prog_name="lab", standalone_mode=False)
        if code == 130:  # what Typer makes of an interrupt
            raise KeyboardInterrupt
        sys.stdout.flush()
    except LabError as error:
        code = _fail(str(error), error.exit_code)
    except typer.TyperException as error:
        code = _fail(_described(error), 2)
    except (typer.Abort, KeyboardInterrupt):
        # All is put away: who cannot wait for the threads may end the process as it stands.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        code = _fail("interrupted", 130)
    except Terminated:
        code = _fail("terminated", 143)
    except MemoryError:
        code = _fail("out of memory: take fewer steps, seeds or threads", 1)
    except (BrokenPipeError, SystemExit) as error:
        # Typer turns a reader that went away into an exit of its own.
        if isinstance(error, SystemExit) and not isinstance(error.__context__, BrokenPipeError):
            raise
        streams.close()
        code = 0
    except Exception as error:
        if os.environ.get("GREEDYLR_LAB_DEBUG"):
            raise
        code = _unwritten() or _unexpected(error)
    sys.exit(code if isinstance(code, int) else 0)


def _described(error: typer.TyperException) -> str:
    """What Typer says was wrong, with the value, which it leaves out where a type is wrong."""
    text = error.format_message()
    errors = getattr(error.__cause__, "errors", None)
    return f"{text} (got {errors()[0]['input']!r})" if errors else text


def _unwritten() -> int:
    """Say that stdout takes nothing; 0 where that is not what is wrong."""
    why = streams.why_closed()
    if not why:
        return 0
    streams.close()
    return _fail(f"stdout cannot be written: {why}", 1)


def _unexpected(error: Exception) -> int:
    """Say of an error that nothing foresaw whose it is: a plug-in's or ours."""
    from lab.plugin import blame

    if _no_room(error):
        return _fail("out of memory: a library could not be loaded", 1)
    what = said(error)
    if place := blame(error):
        return _fail(f"{place}: {what}", 2)
    return _fail(
        f"unexpected {what} (a defect: please report it; GREEDYLR_LAB_DEBUG=1 shows where)", 1
    )


def _no_room(error: BaseException | None) -> bool:
    """Whether a library found no memory to be loaded into, which to Python is a failed import."""
    while error is not None:
        if "failed to map segment" in str(error) or "Cannot allocate memory" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _fail(message: str, code: int) -> int:
    print(f"lab: {one_line(message)}", file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
