"""`lab run`: schedules compared in one scenario."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated, Any

import typer

from reports import places
from reports.commands import streams, terminal
from reports.commands.options import (
    ChannelOption,
    EveryOption,
    JsonOption,
    LandscapeOption,
    MetricOption,
    NoiseOption,
    OpenOption,
    OptimizerOption,
    OutOption,
    PerturbOption,
    PluginOption,
    QuietOption,
    RateOption,
    SchedulesOption,
    SeedOption,
    SeedsOption,
    StepsOption,
    StrengthOption,
    ThreadsOption,
)


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
    out: OutOption = None,
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
        landscape, noise, channel=channel, strength=terminal.numbers("strength", strength),
        schedules=schedule or (), optimizer=optimizer, lr=lr, steps=steps, seeds=seeds, seed=seed,
        metric_every=metric_every, metric=metric, tune=not no_tune, perturbations=perturb or (),
    )  # fmt: skip
    draw = report or open or not json
    target = out or Path("results") / f"{request.name}-{request.hash}"
    _run(request, target, threads, draw, json, terminal.log(quiet))
    terminal.page(target, draw, open, json)


def _run(request: Any, target: Path, threads: int | None, draw: bool, json: bool, log: Any) -> None:
    """Run, print, and leave a whole result directory."""
    from experiments import rows
    from experiments.comparison import compare
    from reports import bands, document, text
    from reports.publish import result_directory

    for line in request.warnings():
        log(f"note: {line}")
    directory = result_directory(target, request.identity(), terminal.command_line())
    with streams.result_first() as show, directory as place:
        comparisons = compare(request, threads, log)
        if not json:
            show("\n\n".join(text.render(request, c) for c in comparisons))
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
        print(places.line("figure", target / path.relative_to(place)))
    print(places.line("rows", target / "runs", "a row a lane"))
    print(places.line("bands", target / "bands", "a row a schedule and step"))
    print(places.line("numbers", target / "result.json"))
    print(places.line("manifest", target / "manifest.json"))
