"""The registries: every kind of component, by name.

Nothing is listed here but the kinds. A file in a component's folder is a component.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lab.component import Channel, Landscape, NoiseModel, Optimizer, Perturbation
from lab.errors import RequestError
from lab.registry import Registry, load_plugin
from lab.schedules import SCHEDULES

LANDSCAPES = Registry("landscape", "landscapes", (Landscape,))
NOISES = Registry("noise", "noise", (NoiseModel,))
CHANNELS = Registry("channel", "noise.channels", (Channel,))
PERTURBATIONS = Registry("perturbation", "noise.perturbations", (Perturbation,))
OPTIMIZERS = Registry("optimizer", "lab.optimizers", (Optimizer,))

#: By the plural that `lab list` and the singular that `lab show` take.
REGISTRIES = {
    "landscapes": LANDSCAPES,
    "noises": NOISES,
    "channels": CHANNELS,
    "perturbations": PERTURBATIONS,
    "schedules": SCHEDULES,
    "optimizers": OPTIMIZERS,
}


def add_plugins(paths: Iterable[str | Path]) -> None:
    """Register the components of users' files.

    Raises
    ------
    RequestError
        A file does not import or declares no component.
    """
    for path in paths:
        module = load_plugin(path)
        added = [name for registry in REGISTRIES.values() for name in registry.add_module(module)]
        if not added:
            raise RequestError(
                f"plug-in {str(path)!r} declares no component (a Landscape, NoiseModel, Channel,"
                " OpenLoop, Feedback or Optimizer at the top level of the file)"
            )
