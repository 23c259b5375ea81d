"""The `lab` command: parses, calls, prints. Numba, pandas and matplotlib load only when needed."""

from __future__ import annotations

import json as json_module
import os
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from lab._version import __version__
from lab.errors import LabError, RequestError, unknown

app = typer.Typer(
    name="lab",
    help="Compare learning-rate schedules on noisy landscapes, on paired seeds, by the thousand.",
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

LandscapeOption = Annotated[
    str, typer.Option("--landscape", help="Objective, e.g. rosenbrock or rastrigin:dim=10.")
]
NoiseOption = Annotated[str, typer.Option("--noise", help="Noise model, e.g. spikes.")]
ChannelOption = Annotated[
    str, typer.Option("--channel", help="Where the noise enters: see `lab list channels`.")
]
StrengthOption = Annotated[
    str, typer.Option("--strength", help="Strength of the noise; a list a,b,c runs each.")
]
SchedulesOption = Annotated[
    list[str] | None, typer.Option("--schedule", help="Schedule; repeat for several.")
]
OptimizerOption = Annotated[str, typer.Option("--optimizer", help="Optimizer, e.g. adam or sgd.")]
RateOption = Annotated[float | None, typer.Option("--lr", help="Initial rate of all schedules.")]
StepsOption = Annotated[int, typer.Option("--steps", help="Steps of a run.")]
SeedsOption = Annotated[int, typer.Option("--seeds", help="Paired seeds.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Seed of the whole comparison.")]
EveryOption = Annotated[
    int, typer.Option("--metric-every", help="Steps between two looks of a feedback schedule.")
]
MetricOption = Annotated[
    str, typer.Option("--metric", help="What it looks at: last, mean or clean loss.")
]
ThreadsOption = Annotated[
    int | None, typer.Option("--threads", min=1, help="Threads; all cores by default.")
]
PluginOption = Annotated[
    list[Path] | None, typer.Option("--plugin", help="Python file with components; repeatable.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document, draw nothing.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="No progress on stderr.")]


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


@app.command()
def run(
    landscape: LandscapeOption,
    noise: NoiseOption = "none",
    channel: ChannelOption = "batch",
    strength: StrengthOption = "0.5",
    schedule: SchedulesOption = None,
    optimizer: OptimizerOption = "adam",
    lr: RateOption = None,
    steps: StepsOption = 200,
    seeds: SeedsOption = 2000,
    seed: SeedOption = 0,
    metric_every: EveryOption = 1,
    metric: MetricOption = "last",
    no_tune: Annotated[bool, typer.Option("--no-tune", help="Shared rate only.")] = False,
    threads: ThreadsOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="Result directory.")] = None,
    report: Annotated[bool, typer.Option("--report", help="Draw even with --json.")] = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
    plugin: PluginOption = None,
) -> None:
    """Compare schedules in one scenario: table, bands, figure.

    Example: lab run --landscape rosenbrock --noise spikes
    """
    from experiments.components import add_plugins
    from experiments.request import make_request

    add_plugins(plugin or ())
    request = make_request(
        landscape, noise, channel=channel, strength=_numbers("strength", strength),
        schedules=schedule or (), optimizer=optimizer, lr=lr, steps=steps, seeds=seeds, seed=seed,
        metric_every=metric_every, metric=metric, tune=not no_tune,
    )  # fmt: skip
    draw = report or not json
    target = out or Path("results") / f"{request.name}-{request.hash}"
    _run(request, target, threads, draw, json, _log(quiet))


def _run(request: Any, target: Path, threads: int | None, draw: bool, json: bool, log: Any) -> None:
    """Run, print, and leave a whole result directory."""
    import time

    from experiments import rows
    from experiments.comparison import compare
    from lab.store import manifest
    from lab.store.directory import staged
    from reports import bands, document, text

    for line in request.warnings():
        log(f"note: {line}")
    begun = time.time()
    with staged(target, request.identity()) as place:
        comparisons = compare(request, threads, log)
        if not json:
            print("\n\n".join(text.render(request, c) for c in comparisons), flush=True)
        rows.write(place, request, comparisons)
        figures = []
        if draw:
            log("drawing")
            figures = bands.draw(request, comparisons, place / "report")
        record = manifest.provenance(request.identity(), _command())
        record |= {"started": begun, "seconds": time.time() - begun, "complete": True}
        manifest.write(place, record)
    if json:
        print(json_module.dumps(document.document(request, comparisons, str(target))))
        return
    print()
    for path in figures:
        print(f"figure    {target / path.relative_to(place)}")
    print(f"rows      {target / 'runs'} (a row a lane)")
    print(f"bands     {target / 'bands'} (a row a schedule and step)")
    print(f"manifest  {target / 'manifest.json'}")


@app.command()
def sweep(
    study: Annotated[Path, typer.Argument(help="Study file, e.g. studies/quick.toml.")],
    out: Annotated[Path | None, typer.Option("--out", help="Result directory.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Keep finished chunks.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what it would cost.")
    ] = False,
    dask: Annotated[
        str | None, typer.Option("--dask", help="Scheduler of a Dask cluster, tcp://host:8786.")
    ] = None,
    threads: ThreadsOption = None,
    quiet: QuietOption = False,
    plugin: PluginOption = None,
) -> None:
    """Run a declared study; finished chunks survive whatever happens.

    Example: lab sweep studies/quick.toml
    """
    from experiments import sweep as sweeping
    from experiments.components import add_plugins
    from experiments.estimate import estimate
    from experiments.study import read_study
    from reports import studies

    add_plugins(plugin or ())
    declared = read_study(study)
    if dry_run:
        print(studies.size(estimate(declared, threads)))
        return
    target = out or Path("results") / f"{declared.name}-{declared.hash}"
    log = _log(quiet)
    sweeping.run_study(declared, target, _command(), resume, threads, dask, plugin or (), log)
    print(studies.finished(declared, target))


@app.command()
def trace(
    landscape: LandscapeOption,
    noise: NoiseOption = "none",
    channel: ChannelOption = "batch",
    strength: Annotated[float, typer.Option("--strength", help="Strength of the noise.")] = 0.5,
    schedule: Annotated[str, typer.Option("--schedule", help="Schedule.")] = "greedy",
    optimizer: OptimizerOption = "adam",
    lr: RateOption = None,
    steps: StepsOption = 200,
    seeds: SeedsOption = 2000,
    seed: SeedOption = 0,
    metric_every: EveryOption = 1,
    metric: MetricOption = "last",
    index: Annotated[int, typer.Option("--index", help="Which seed of the run.")] = 0,
    start: Annotated[
        str | None, typer.Option("--start", help="Start point, e.g. 1.2,-0.5.")
    ] = None,
    json: JsonOption = False,
    plugin: PluginOption = None,
) -> None:
    """One lane, every step: exactly lane K of the same run."""
    from experiments import trace as tracing
    from experiments.components import add_plugins
    from experiments.request import make_request
    from reports import series

    add_plugins(plugin or ())
    request = make_request(
        landscape, noise, channel=channel, strength=strength, schedules=(schedule,),
        optimizer=optimizer, lr=lr, steps=steps, seeds=seeds, seed=seed,
        metric_every=metric_every, metric=metric,
        start=None if start is None else _numbers("start", start),
    )  # fmt: skip
    lane = tracing.trace(request, index)[0]
    print(json_module.dumps(series.trace_document(lane)) if json else series.trace_table(lane))


@app.command()
def replay(
    schedule: Annotated[str, typer.Argument(help="Schedule, e.g. greedy:patience=5.")],
    losses: Annotated[
        str, typer.Option("--losses", help="CSV, JSON lines or numbers; - is stdin.")
    ],
    lr: Annotated[float, typer.Option("--lr", help="Initial rate.")] = 0.01,
    column: Annotated[
        str | None, typer.Option("--column", help="Column that holds the loss.")
    ] = None,
    json: JsonOption = False,
    plugin: PluginOption = None,
) -> None:
    """Feed a recorded loss series to a schedule: step, loss, lr."""
    from experiments.components import SCHEDULES, add_plugins
    from experiments.losslog import read_losses
    from lab.replay import replay as replay_losses
    from reports import series

    add_plugins(plugin or ())
    if not 0.0 < lr < float("inf"):
        raise RequestError(f"lr: {lr} is not allowed (allowed: (0, inf))")
    chosen = SCHEDULES.choose(schedule)
    seen = read_losses(losses, column)
    rates = replay_losses(chosen, seen, lr)
    if json:
        print(json_module.dumps(series.replay_document(schedule, rates)))
    else:
        print(series.replay_table(seen, rates))


@app.command("list")
def list_components(
    kind: Annotated[
        str, typer.Argument(help="landscapes, noises, channels, schedules, optimizers")
    ],
    plugin: PluginOption = None,
) -> None:
    """Components of a kind, a line each."""
    from experiments.components import REGISTRIES, add_plugins
    from reports.listing import listing

    add_plugins(plugin or ())
    if kind not in REGISTRIES:
        raise unknown("kind", kind, REGISTRIES)
    print(listing(REGISTRIES[kind]))


@app.command()
def show(
    kind: Annotated[str, typer.Argument(help="landscape, noise, channel, schedule, optimizer")],
    name: Annotated[str, typer.Argument(help="The component's name.")],
    plugin: PluginOption = None,
) -> None:
    """All there is to know of one component."""
    from experiments.components import REGISTRIES, add_plugins
    from reports.listing import description

    add_plugins(plugin or ())
    by_kind = {registry.kind: registry for registry in REGISTRIES.values()}
    if kind not in by_kind:
        raise unknown("kind", kind, by_kind)
    print(description(by_kind[kind].find(name)))


def _numbers(name: str, text: str) -> tuple[float, ...]:
    """Numbers separated by commas."""
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise RequestError(
            f"{name}: {text!r} is not allowed (allowed: numbers separated by commas)"
        ) from None


def _log(quiet: bool) -> Any:
    """Progress on stderr, and word that kernels compile while they do."""
    import time

    from lab.engine.native import on_compile

    begun = time.monotonic()
    compiled = 0
    last = 0.0

    def log(text: str) -> None:
        if not quiet:
            print(f"[{time.monotonic() - begun:5.1f} s] {text}", file=sys.stderr, flush=True)

    def compiling(name: str) -> None:
        nonlocal compiled, last
        if compiled == 0:
            log("first use on this machine: compiling kernels, some seconds once")
        elif time.monotonic() - last > 1.0:
            log(f"{compiled} kernels compiled, now {name}")
        if compiled == 0 or time.monotonic() - last > 1.0:
            last = time.monotonic()
        compiled += 1

    on_compile(compiling)
    return log


def _command() -> str:
    return shlex.join(["lab", *sys.argv[1:]])


def main() -> None:
    """Run the command line; every failure is one line and an exit code."""
    try:
        code = app(prog_name="lab", standalone_mode=False)
        sys.stdout.flush()
    except LabError as error:
        code = _fail(str(error), error.exit_code)
    except typer.TyperException as error:
        described = error.format_message() if hasattr(error, "format_message") else str(error)
        code = _fail(described, 2)
    except (typer.Abort, KeyboardInterrupt):
        code = _fail("interrupted", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        if os.environ.get("GREEDYLR_LAB_DEBUG"):
            raise
        code = _fail(
            f"unexpected {type(error).__name__}: {error} (a defect: please report it;"
            " GREEDYLR_LAB_DEBUG=1 shows where)",
            1,
        )
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, code: int) -> int:
    print(f"lab: {' '.join(message.split())}", file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
