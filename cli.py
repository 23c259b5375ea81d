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
from lab.errors import LabError, RequestError, WorkError, unknown

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
PerturbOption = Annotated[
    list[str] | None,
    typer.Option("--perturb", help="Event, e.g. kick:at=100,size=1; repeat for several."),
]
PluginOption = Annotated[
    list[Path] | None, typer.Option("--plugin", help="Python file with components; repeatable.")
]
OpenOption = Annotated[bool, typer.Option("--open", help="Open the page in the browser.")]
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
    perturb: PerturbOption = None,
    no_tune: Annotated[bool, typer.Option("--no-tune", help="Shared rate only.")] = False,
    threads: ThreadsOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="Result directory.")] = None,
    report: Annotated[bool, typer.Option("--report", help="Draw even with --json.")] = False,
    open: OpenOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
    plugin: PluginOption = None,
) -> None:
    """Compare schedules in one scenario: table, bands, figure, page.

    Example: lab run --landscape rosenbrock --noise spikes
    """
    from experiments.components import add_plugins
    from experiments.request import make_request

    add_plugins(plugin or ())
    request = make_request(
        landscape, noise, channel=channel, strength=_numbers("strength", strength),
        schedules=schedule or (), optimizer=optimizer, lr=lr, steps=steps, seeds=seeds, seed=seed,
        metric_every=metric_every, metric=metric, tune=not no_tune, perturbations=perturb or (),
    )  # fmt: skip
    draw = report or open or not json
    target = out or Path("results") / f"{request.name}-{request.hash}"
    _run(request, target, threads, draw, json, _log(quiet))
    _page(target, draw, open, json)


def _run(request: Any, target: Path, threads: int | None, draw: bool, json: bool, log: Any) -> None:
    """Run, print, and leave a whole result directory."""
    from experiments import rows
    from experiments.comparison import compare
    from reports import bands, document, text
    from reports.publish import result_directory

    for line in request.warnings():
        log(f"note: {line}")
    with result_directory(target, request.identity(), _command()) as place:
        comparisons = compare(request, threads, log)
        if not json:
            print("\n\n".join(text.render(request, c) for c in comparisons), flush=True)
        found = document.document(request, comparisons, str(target))
        rows.write(place, request, comparisons)
        (place / "result.json").write_text(json_module.dumps(found), encoding="utf-8")
        figures = []
        if draw:
            log("drawing")
            figures = bands.draw(request, comparisons, place / "report")
    if json:
        print(json_module.dumps(found))
        return
    print()
    for path in figures:
        print(f"figure    {target / path.relative_to(place)}")
    print(f"rows      {target / 'runs'} (a row a lane)")
    print(f"bands     {target / 'bands'} (a row a schedule and step)")
    print(f"numbers   {target / 'result.json'}")
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
    open: OpenOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
    plugin: PluginOption = None,
) -> None:
    """Run a declared study; finished chunks survive whatever happens.

    Example: lab sweep studies/quick.toml
    """
    from experiments import sweep as sweeping
    from experiments.components import add_plugins
    from experiments.estimate import estimate
    from experiments.ranking import rank, read_cells
    from experiments.study import read_study
    from reports import live, studies

    add_plugins(plugin or ())
    declared = read_study(study, plugin or ())
    _notes(declared.remarks)
    if dry_run:
        cost = estimate(declared, threads)
        print(json_module.dumps(studies.size_document(cost)) if json else studies.size(cost))
        return
    target = out or Path("results") / f"{declared.name}-{declared.hash}"
    with live.watched(declared, target, resume, _log(quiet), quiet) as log:
        sweeping.run_study(declared, target, _command(), resume, threads, dask, plugin or (), log)
    ranks = rank(read_cells(target), studies.BY)
    if json:
        print(json_module.dumps(studies.document(declared, ranks, str(target))))
    else:
        print(studies.finished(declared, ranks, target))
    _page(target, not json, open, json)


@app.command()
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


@app.command()
def trace(
    landscape: LandscapeOption,
    noise: NoiseOption = "none",
    channel: ChannelOption = "batch",
    strength: Annotated[float, typer.Option("--strength", help="Strength of the noise.")] = 0.5,
    schedule: SchedulesOption = None,
    optimizer: OptimizerOption = "adam",
    lr: RateOption = None,
    steps: StepsOption = 200,
    seeds: SeedsOption = 2000,
    seed: SeedOption = 0,
    metric_every: EveryOption = 1,
    metric: MetricOption = "last",
    perturb: PerturbOption = None,
    index: Annotated[int, typer.Option("--index", help="Which seed of the run.")] = 0,
    start: Annotated[
        str | None, typer.Option("--start", help="Start point, e.g. 1.2,-0.5.")
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option("--figure", help="Map of the paths of all schedules, PDF, SVG or PNG."),
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
    default = () if figure else ("greedy",)
    request = make_request(
        landscape, noise, channel=channel, strength=strength, schedules=schedule or default,
        optimizer=optimizer, lr=lr, steps=steps, seeds=seeds, seed=seed,
        metric_every=metric_every, metric=metric, perturbations=perturb or (),
        start=None if start is None else _numbers("start", start),
    )  # fmt: skip
    _notes(request.warnings())
    if figure is None and len(request.schedules) > 1:
        raise RequestError("schedule: a trace shows one; --figure FILE draws the paths of several")
    lanes = tracing.trace(request, index)
    if figure is not None:
        from reports.figures import contour

        contour.save(request, lanes, index, figure)
    if json:
        print(json_module.dumps(series.trace_document(lanes[0])))
    else:
        print(series.trace_table(lanes[0]) if figure is None else f"figure    {figure}")


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
    metric_every: EveryOption = 1,
    metric: Annotated[
        str, typer.Option("--metric", help="What it looks at: last or mean loss.")
    ] = "last",
    json: JsonOption = False,
    plugin: PluginOption = None,
) -> None:
    """Feed a recorded loss series to a schedule: step, loss, lr."""
    from experiments.components import SCHEDULES, add_plugins
    from experiments.losslog import read_losses
    from experiments.request import make_cadence
    from experiments.schedules import remarks
    from lab.replay import replay as replay_losses
    from reports import series

    add_plugins(plugin or ())
    if not 0.0 < lr < float("inf"):
        raise RequestError(f"lr: {lr} is not allowed (allowed: (0, inf))")
    chosen = SCHEDULES.choose(schedule)
    cadence = make_cadence(metric_every, metric)
    seen = read_losses(losses, column)
    _notes(remarks(chosen, schedule, lr, len(seen)))
    rates = replay_losses(chosen, seen, lr, cadence)
    if json:
        print(json_module.dumps(series.replay_document(schedule, rates)))
    else:
        print(series.replay_table(seen, rates))


@app.command()
def check(
    claim: Annotated[list[str] | None, typer.Argument(help="Claims, e.g. C1 C5; all.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer seeds, under a minute.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Directory of the evidence.")] = None,
    expect: Annotated[
        Path | None, typer.Option("--expect", help="Recorded --json; exit 1 when one differs.")
    ] = None,
    pages: Annotated[
        Path | None, typer.Option("--pages", help="Write a page and a figure for each claim.")
    ] = None,
    threads: ThreadsOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Judge the paper's claims: a verdict on each, by rules written before the data.

    Example: lab check --quick
    """
    from experiments import check as checking
    from reports import claim_pages, claims

    seeds = checking.QUICK_SEEDS if quick else checking.FULL_SEEDS
    target = out or Path("results") / f"check-{seeds}"
    recorded = None if expect is None else _recorded(expect)
    log = _log(quiet)
    judged = []
    for result in checking.check(claim or (), target, seeds, threads, log):
        judged.append(result)
        if not json:
            print(claims.details(result) + "\n", flush=True)
    if json:
        print(json_module.dumps(claims.document(judged)))
    else:
        print(claims.table(judged))
    if pages is not None:
        claim_pages.write(judged, pages, _command())
    different = [] if recorded is None else claims.differences(judged, recorded)
    if different:
        raise WorkError(f"verdicts differ from {expect}: {'; '.join(different)}")


def _recorded(path: Path) -> dict[str, Any]:
    """Verdicts recorded by an earlier `lab check --json`."""
    try:
        found = json_module.loads(path.read_text(encoding="utf-8"))
        [arm["verdict"] for claim in found["claims"] for arm in claim["arms"]]
    except OSError as error:
        raise RequestError(f"expect: {str(path)!r} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise RequestError(
            f"expect: {str(path)!r} is not the output of lab check --json"
        ) from error
    return found


LandscapesOption = Annotated[
    list[str] | None, typer.Option("--landscape", help="Objective; repeat for several.")
]
OptimizersOption = Annotated[
    list[str] | None, typer.Option("--optimizer", help="Optimizer, adam; repeat for several.")
]
OutOption = Annotated[Path | None, typer.Option("--out", help="Result directory.")]


@app.command()
def recovery(
    landscape: LandscapesOption = None,
    noise: NoiseOption = "none",
    channel: ChannelOption = "batch",
    strength: StrengthOption = "0.5",
    perturb: Annotated[
        list[str] | None,
        typer.Option("--perturb", help="Event, e.g. kick:at=100,size=1; each is its own run."),
    ] = None,
    factor: Annotated[
        float, typer.Option("--factor", help="Recovered within this factor of the twin's loss.")
    ] = 1.1,
    hold: Annotated[
        int, typer.Option("--hold", help="Losses in a row that must be within it.")
    ] = 5,
    tuned: Annotated[
        bool, typer.Option("--tuned", help="Each schedule at its own tuned rate.")
    ] = False,
    no_published: Annotated[
        bool, typer.Option("--no-published", help="Without the paper's own two measures.")
    ] = False,
    schedule: SchedulesOption = None,
    optimizer: OptimizersOption = None,
    lr: RateOption = None,
    steps: StepsOption = 200,
    seeds: SeedsOption = 2000,
    seed: SeedOption = 0,
    threads: ThreadsOption = None,
    out: OutOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    plugin: PluginOption = None,
) -> None:
    """Perturb at a step; how long until each lane is back at its unperturbed twin's loss.

    Without --landscape and --perturb: three landscapes, seven events in the middle of the run.

    \b
    --json: {"schema", "factor", "hold", "tuned", "cells": [{"landscape", "noise", "channel",
      "strength", "optimizer", "lr", "steps", "seeds", "event", "kind", "at", "horizon",
      "schedules": [{"schedule", "lr", "n", "excluded", "diverged", "twin", "recovered",
        "unaffected", "median": {"steps", "ci"}, "mean": {"steps", "ci"}, "curve": {"step",
        "waiting", "low", "high"}, "against": {"reference", "difference", "ci", "n", "p",
        "log_rank_z", "log_rank_p"}}]}], "published": {"landscapes", "strength", "seeds",
      "clean": [...], "channels": [...]}, "out"}

    Example: lab recovery --landscape rosenbrock --perturb kick:at=100,size=1
    """
    from experiments import recovery as recovering
    from experiments.components import add_plugins
    from reports import recovery as pages

    add_plugins(plugin or ())
    grid = recovering.make_recovery(
        landscape or (), optimizer or (), perturb or (), _numbers("strength", strength),
        factor=factor, hold=hold, tuned=tuned, published=not no_published, noise=noise,
        channel=channel, schedules=schedule or (), lr=lr, steps=steps, seeds=seeds, seed=seed,
    )  # fmt: skip
    log = _log(quiet)
    _experiment(grid, lambda: recovering.recover(grid, threads, log), pages, out, json, log)


@app.command()
def sensitivity(
    landscape: LandscapesOption = None,
    noise: NoiseOption = "none",
    channel: ChannelOption = "batch",
    strength: StrengthOption = "0.5",
    rates: Annotated[int, typer.Option("--rates", help="How many rates; odd.")] = 17,
    decades: Annotated[
        float, typer.Option("--decades", help="Decades of rates, --lr in their middle.")
    ] = 4.0,
    schedule: SchedulesOption = None,
    optimizer: OptimizersOption = None,
    lr: RateOption = None,
    steps: StepsOption = 200,
    seeds: SeedsOption = 2000,
    seed: SeedOption = 0,
    threads: ThreadsOption = None,
    out: OutOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    plugin: PluginOption = None,
) -> None:
    """Final loss over the initial rate: who is ahead at which, and what that is worth.

    Without --landscape: three landscapes.

    \b
    --json: {"schema", "cells": [{"landscape", "noise", "channel", "strength", "optimizer", "lr",
      "steps", "seeds", "measure", "rates", "schedules": [{"schedule", "inert", "p10", "p50",
        "p90", "diverged", "over_rates", "width_own": {"decades", "ci", "at_edge"},
        "width_best", "lowest_at", "badly_chosen", "only_badly", "shared": {"lr", "p50",
        "paired"}, "tuned": {"lr", "at_edge", "p50", "paired"}}]}], "out"}

    Example: lab sensitivity --landscape rosenbrock --optimizer adam --optimizer sgd
    """
    from experiments import sensitivity as measuring
    from experiments.components import add_plugins
    from reports import sensitivity as pages

    add_plugins(plugin or ())
    grid = measuring.make_sensitivity(
        landscape or (), optimizer or (), _numbers("strength", strength), rates=rates,
        decades=decades, noise=noise, channel=channel, schedules=schedule or (), lr=lr,
        steps=steps, seeds=seeds, seed=seed,
    )  # fmt: skip
    log = _log(quiet)
    work = lambda: measuring.measure_sensitivity(grid, threads, log)  # noqa: E731
    _experiment(grid, work, pages, out, json, log)


@app.command()
def early(
    landscape: LandscapesOption = None,
    noise: NoiseOption = "none",
    channel: ChannelOption = "batch",
    strength: StrengthOption = "0.5",
    at: Annotated[
        str, typer.Option("--at", help="Parts of the steps, in per cent.")
    ] = "5,10,25,50,100",
    hardest: Annotated[
        float, typer.Option("--hardest", help="Lowest target, of a lane's start.")
    ] = 1e-8,
    targets: Annotated[int, typer.Option("--targets", help="Number of targets.")] = 51,
    tuned: Annotated[
        bool, typer.Option("--tuned", help="Each schedule at its own tuned rate.")
    ] = False,
    schedule: SchedulesOption = None,
    optimizer: OptimizersOption = None,
    lr: RateOption = None,
    steps: StepsOption = 200,
    seeds: SeedsOption = 2000,
    seed: SeedOption = 0,
    threads: ThreadsOption = None,
    out: OutOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    plugin: PluginOption = None,
) -> None:
    """Who is ahead early: decrease after parts of the steps, and the time to many targets.

    Without --landscape: three landscapes.

    \b
    --json: {"schema", "fractions", "targets", "tuned", "cells": [{"landscape", "noise",
      "channel", "strength", "optimizer", "lr", "steps", "seeds", "measure", "at", "n",
      "schedules": [{"schedule", "lr", "inert", "against", "checkpoints": [{"step",
        "decrease", "ci", "ratio", "ratio_ci", "probability_better",
        "probability_better_ci"}], "area", "area_ci", "difference", "difference_ci",
        "ecdf"}]}], "out"}

    Example: lab early --landscape rosenbrock --noise gaussian
    """
    from experiments import early as measuring
    from experiments.components import add_plugins
    from reports import early as pages

    add_plugins(plugin or ())
    grid = measuring.make_early(
        landscape or (), optimizer or (), _numbers("strength", strength),
        fractions=[part / 100.0 for part in _numbers("at", at)], hardest=hardest, targets=targets,
        tuned=tuned, noise=noise, channel=channel, schedules=schedule or (), lr=lr, steps=steps,
        seeds=seeds, seed=seed,
    )  # fmt: skip
    log = _log(quiet)
    work = lambda: measuring.measure_early(grid, threads, log)  # noqa: E731
    _experiment(grid, work, pages, out, json, log)


def _experiment(grid: Any, work: Any, pages: Any, out: Path | None, json: bool, log: Any) -> None:
    """Run an experiment over a grid, print it, and leave a whole result directory."""
    from reports import publish

    for line in dict.fromkeys(line for request in grid.requests for line in request.warnings()):
        log(f"note: {line}")
    target = out or Path("results") / f"{grid.name}-{grid.hash}"
    with publish.result_directory(target, grid.identity(), _command()) as place:
        result = work()
        if not json:
            print(pages.text(result), flush=True)
            log("drawing")
        lines = publish.fill(place, target, result, pages, draw=not json)
    if json:
        print(json_module.dumps(pages.document(result, str(target))))
        return
    print("\n" + "\n".join(lines))
    _page(target, not json, False, json)


@app.command("optimal-f")
def optimal_f(
    dim: Annotated[int | None, typer.Option("--dim", help="Coordinates.")] = None,
    condition: Annotated[
        float | None, typer.Option("--condition", help="Largest over smallest eigenvalue.")
    ] = None,
    strength: Annotated[
        float | None, typer.Option("--strength", help="Jitter s of the minimiser.")
    ] = None,
    steps: Annotated[int | None, typer.Option("--steps", help="Steps T of a run.")] = None,
    base_lr: Annotated[
        str | None,
        typer.Option("--base-lr", help="Initial rate: fixed:0.01, or scaled:0.1 for 0.1/L."),
    ] = None,
    clamp: Annotated[
        str | None,
        typer.Option("--clamp", help="none, 0.01,1 in units of 1/L, or fixed:1e-4,0.1."),
    ] = None,
    lipschitz: Annotated[
        str | None, typer.Option("--lipschitz", help="Values of L, e.g. 1,10,100.")
    ] = None,
    seeds: Annotated[int, typer.Option("--seeds", help="Paired seeds.")] = 1000,
    seed: SeedOption = 0,
    threads: ThreadsOption = None,
    out: OutOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Best F of Algorithm 1 across scales and clamps, against 1 - 1/L (theorem A.2).

    Without any of the first seven flags: the whole grid (both initial rates, all L, clamps,
    jitters, lengths and dimensions), the closed forms and the stability of F. With one: a single
    cell for each L; what is not given is d = 1, condition 100 (1 for d = 1), s = 0, T = 1000,
    scaled:0.1, no clamp, eight L from 0.5 to 1000.

    \b
    --json: {"schema", "seeds", "seed", "cells": [{"d", "condition", "strength", "steps",
      "base_lr", "clamp", "L", "F": [...], "score": [...], "ci": [[lo, hi], ...],
      "diverged": [...], "f_emp", "f_emp_ci", "tied", "plateau", "f_paper", "regret",
      "regret_ci"}], "theory", "stability", "out"}

    Example: lab optimal-f --base-lr fixed:0.01 --steps 100 --lipschitz 1,10,100
    """
    from experiments.f_cells import make_optimal_f
    from experiments.f_outcome import run_optimal_f
    from reports import optimal_f as pages

    request = make_optimal_f(
        dim=dim, condition=condition, strength=strength, steps=steps, base_lr=base_lr, clamp=clamp,
        lipschitz=None if lipschitz is None else _numbers("lipschitz", lipschitz),
        seeds=seeds, seed=seed,
    )  # fmt: skip
    log = _log(quiet)
    _experiment(request, lambda: run_optimal_f(request, threads, log), pages, out, json, log)


@app.command()
def convergence(
    seeds: Annotated[int, typer.Option("--seeds", help="Paired seeds.")] = 1000,
    steps: Annotated[
        int, typer.Option("--steps", help="Largest T; results at 10, 30, 100, ... up to it.")
    ] = 100_000,
    seed: SeedOption = 0,
    threads: ThreadsOption = None,
    out: OutOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Convergence of the average iterate: theorem A.1, its repairs and its counterexamples.

    \b
    --json: {"schema", "seeds", "steps", "seed", "rows": [{"problem", "variant", "F", "T",
      "average_iterate", "average_iterate_half_width", "averaged_loss",
      "averaged_loss_half_width", "last_iterate", "last_iterate_half_width", "bound_a",
      "bound_b", "bound_reconstructed"}], "slopes", "sample_bias", "explosion", "out"}

    Example: lab convergence --seeds 200 --steps 10000
    """
    from experiments.convergence import make_convergence
    from experiments.convergence_theory import run_study
    from reports import convergence as pages

    request = make_convergence(seeds, steps, seed)
    log = _log(quiet)
    _experiment(request, lambda: run_study(request, threads, log), pages, out, json, log)


@app.command()
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
    print(f"page      {path}")
    if results.cells:
        for written in tables.write(results, directory / "report" / "tables"):
            print(f"table     {written}")
        for written in figures.draw(results, directory / "report" / "figures", format, columns):
            print(f"figure    {written}")
    if open:
        _open(path)


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


def _page(target: Path, wanted: bool, open: bool, json: bool) -> None:
    """The page of a finished directory; its path goes where it disturbs no JSON."""
    if wanted or open:
        from reports import page

        path = page.write(target)
        print(f"page      {path}", file=sys.stderr if json else sys.stdout)
        if open:
            _open(path)


def _open(path: Path) -> None:
    import webbrowser

    webbrowser.open(path.absolute().as_uri())


def _notes(lines: list[str]) -> None:
    """Remarks on stderr: stdout carries the result alone."""
    for line in lines:
        print(f"note: {line}", file=sys.stderr)


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
        if code == 130:  # what Typer makes of an interrupt
            raise KeyboardInterrupt
        sys.stdout.flush()
    except LabError as error:
        code = _fail(str(error), error.exit_code)
    except typer.TyperException as error:
        code = _fail(_described(error), 2)
    except (typer.Abort, KeyboardInterrupt):
        code = _fail("interrupted", 130)
    except (BrokenPipeError, SystemExit) as error:
        # Typer turns a reader that went away into an exit of its own.
        if isinstance(error, SystemExit) and not isinstance(error.__context__, BrokenPipeError):
            raise
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


def _described(error: typer.TyperException) -> str:
    """What Typer says was wrong, with the value, which it leaves out where a type is wrong."""
    text = error.format_message()
    errors = getattr(error.__cause__, "errors", None)
    return f"{text} (got {errors()[0]['input']!r})" if errors else text


def _fail(message: str, code: int) -> int:
    print(f"lab: {' '.join(message.split())}", file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
