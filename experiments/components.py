"""The registries: every kind of component, by name.

Nothing is listed here but the kinds. A file in a component's folder is a component.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lab.component import Channel, NoiseModel, Perturbation
from lab.errors import RequestError
from lab.optimizers import OPTIMIZERS
from lab.plugin import load_plugin
from lab.registry import Registry
from lab.schedules import SCHEDULES
from landscapes import LANDSCAPES

NOISES = Registry("noise", "noise", (NoiseModel,))
CHANNELS = Registry("channel", "noise.channels", (Channel,))
PERTURBATIONS = Registry("perturbation", "noise.perturbations", (Perturbation,))

#: By the plural that `lab list` and the singular that `lab show` take.
REGISTRIES = {
    "landscapes": LANDSCAPES,
    "noises": NOISES,
    "channels": CHANNELS,
    "perturbations": PERTURBATIONS,
    "schedules": SCHEDULES,
    "optimizers": OPTIMIZERS,
}


def add_plugins(paths: Iterable[str | Path]) -> list[Any]:
    """Register the components of users' files; returns their declarations.

    Raises
    ------
    RequestError
        A file does not import, declares no component, or one that nothing can be made of.
    """
    declared: list[Any] = []
    for path in paths:
        module, fingerprint = load_plugin(path)
        try:
            added = [
                registry.find(name)
                for registry in REGISTRIES.values()
                for name in registry.add_module(module, fingerprint)
            ]
        except RequestError as error:
            raise RequestError(f"plug-in {str(path)!r}: {error}") from error
        if not added:
            raise RequestError(
                f"plug-in {str(path)!r} declares no component (a Landscape, NoiseModel, Channel,"
                " Perturbation, OpenLoop, Feedback, PythonSchedule or Optimizer at the top level of"
                " the file)"
            )
        declared += added
    return declared
