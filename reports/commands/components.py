"""`lab list` and `lab show`: what there is, and what is known of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab.errors import RequestError, unknown
from reports import places
from reports.commands import completion, terminal
from reports.commands.options import PluginOption


def list_components(
    kind: Annotated[
        str,
        typer.Argument(
            help="landscapes, noises, channels, perturbations, schedules, optimizers",
            autocompletion=completion.plural,
        ),
    ],
    theory: Annotated[
        bool,
        typer.Option(
            "--assumptions", help="Of landscapes: which assumptions of theory each one meets."
        ),
    ] = False,
    plugin: PluginOption = None,
) -> None:
    """Components of a kind, a line each."""
    from experiments.components import REGISTRIES, add_plugins
    from reports.assumptions import overview
    from reports.listing import listing

    add_plugins(plugin or ())
    if kind not in REGISTRIES:
        raise unknown("kind", kind, REGISTRIES)
    if theory and kind != "landscapes":
        raise RequestError(f"--assumptions is for landscapes, not {kind}")
    print(overview() if theory else listing(REGISTRIES[kind]))


def show(
    kind: Annotated[
        str,
        typer.Argument(
            help="landscape, noise, channel, perturbation, schedule, optimizer",
            autocompletion=completion.singular,
        ),
    ],
    name: Annotated[
        str,
        typer.Argument(
            help="The component, with parameters if wanted: rastrigin:dim=10.",
            autocompletion=completion.shown,
        ),
    ],
    figure: Annotated[
        Path | None,
        typer.Option("--figure", help="Where a landscape's picture goes: PDF, SVG or PNG."),
    ] = None,
    no_figure: Annotated[
        bool, typer.Option("--no-figure", help="Draw nothing: the text alone.")
    ] = False,
    along: Annotated[
        str | None,
        typer.Option("--along", help="Coordinates of the picture, e.g. 1,2; 1,dim by default."),
    ] = None,
    open: Annotated[bool, typer.Option("--open", help="Open the picture.")] = False,
    plugin: PluginOption = None,
) -> None:
    """All there is to know of one component; of a landscape, a picture.

    A landscape of two coordinates is drawn as contours, another one as a slice through its
    minimiser. The picture's path is the last line; without --figure it lies in the user's cache.
    """
    from experiments.components import REGISTRIES, add_plugins
    from reports.listing import description

    add_plugins(plugin or ())
    by_kind = {registry.kind: registry for registry in REGISTRIES.values()}
    if kind not in by_kind:
        raise unknown("kind", kind, by_kind)
    if kind != "landscape":
        if figure or along or open:
            raise RequestError(f"--figure, --along and --open are for landscapes, not a {kind}")
        print(description(by_kind[kind].find(name.partition(":")[0])))
        return
    chosen = by_kind[kind].choose(name)
    numbers = None if along is None else terminal.whole_numbers("along", along)
    if not no_figure:
        from reports.figures import suffix_of
        from reports.figures.terrain import coordinates

        suffix_of(figure or Path("picture.png"))
        coordinates(chosen.component.facts(chosen.values).dim, numbers)
    print(description(chosen), flush=True)
    if not no_figure:
        from reports.figures import terrain

        path = terrain.save(chosen, figure or terrain.default_path(chosen, numbers), numbers)
        print("\n" + places.line("figure", path))
        if open:
            terminal.open_page(path)
