"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab.errors import RequestError
from reports.commands.completion import of

LandscapeOption = Annotated[
    str,
    typer.Option(
        "--landscape",
        help="Objective, e.g. rosenbrock or rastrigin:dim=10.",
        autocompletion=of("landscapes"),
    ),
]
NoiseOption = Annotated[
    str, typer.Option("--noise", help="Noise model, e.g. spikes.", autocompletion=of("noises"))
]
ChannelOption = Annotated[
    str,
    typer.Option(
        "--channel",
        help="Where the noise enters: see `lab list channels`.",
        autocompletion=of("channels"),
    ),
]
StrengthOption = Annotated[
    str, typer.Option("--strength", help="Strength of the noise; a list a,b,c runs each.")
]
OneStrengthOption = Annotated[float, typer.Option("--strength", help="Strength of the noise.")]
SchedulesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--schedule", help="Schedule; repeat for several.", autocompletion=of("schedules")
    ),
]
OptimizerOption = Annotated[
    str,
    typer.Option(
        "--optimizer", help="Optimizer, e.g. adam or sgd.", autocompletion=of("optimizers")
    ),
]
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
    typer.Option(
        "--perturb",
        help="Event, e.g. kick:at=100,size=1; repeat for several.",
        autocompletion=of("perturbations"),
    ),
]
PluginOption = Annotated[
    list[Path] | None, typer.Option("--plugin", help="Python file with components; repeatable.")
]
OpenOption = Annotated[bool, typer.Option("--open", help="Open the page in the browser.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document, draw nothing.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="No progress on stderr.")]
LandscapesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--landscape", help="Objective; repeat for several.", autocompletion=of("landscapes")
    ),
]
OptimizersOption = Annotated[
    list[str] | None,
    typer.Option(
        "--optimizer",
        help="Optimizer, adam; repeat for several.",
        autocompletion=of("optimizers"),
    ),
]
ChannelsOption = Annotated[
    list[str] | None, typer.Option("--channel", help="Channel, batch; repeat for several.")
]
TunedOption = Annotated[bool, typer.Option("--tuned", help="Each schedule at its own tuned rate.")]
FloorOption = Annotated[float, typer.Option("--floor", help="Final values below it count as it.")]


def given_path(text: str) -> Path:
    """A path that was given: `Path` makes the working directory of an empty one.

    Raises
    ------
    RequestError
        It is empty, such as that of a variable that a script has not set.
    """
    if not text:
        raise RequestError("out: the path is empty")
    return Path(text)


OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="Result directory.", parser=given_path, metavar="<path>"),
]
