"""`lab list` and `lab show`: what there is, and what is known of it."""

from __future__ import annotations

from typing import Annotated

import typer

from lab.errors import unknown
from reports.commands.options import (
    PluginOption,
)


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
