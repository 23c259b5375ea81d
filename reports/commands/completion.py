"""Names of components for the shell's TAB key, without loading the components.

The names are known for certain only by importing every component, which takes a second. So they are
kept beside the compiled kernels, in a file for each state of the component folders and of the
installed packages, and read from there by the next TAB.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import typer

ROOT = Path(__file__).parents[2]
#: Kinds of components and their folders.
FOLDERS = {
    "landscapes": "landscapes",
    "noises": "noise",
    "channels": "noise/channels",
    "perturbations": "noise/perturbations",
    "schedules": "lab/schedules",
    "optimizers": "lab/optimizers",
}
#: What `lab show` calls a component of each kind.
SINGULAR = {kind[:-1]: kind for kind in FOLDERS}


def of(kind: str) -> Callable[[str], list[str]]:
    """What completes the name of a component of this kind."""

    def complete(incomplete: str) -> list[str]:
        return [name for name in names(kind) if name.startswith(incomplete)]

    return complete


def plural(incomplete: str) -> list[str]:
    """Kinds, as `lab list` takes them."""
    return [kind for kind in FOLDERS if kind.startswith(incomplete)]


def singular(incomplete: str) -> list[str]:
    """Kinds, as `lab show` takes them."""
    return [kind for kind in SINGULAR if kind.startswith(incomplete)]


def shown(context: typer.Context, incomplete: str) -> list[str]:
    """Names of the kind that stands before."""
    kind = SINGULAR.get(context.params.get("kind", ""))
    return of(kind)(incomplete) if kind else []


def names(kind: str) -> list[str]:
    """The names of all components of a kind, from the file or from the components themselves."""
    file = _directory() / f"names-{_state()}.json"
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return [str(name) for name in found[kind]]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    every = _imported()
    try:
        from lab.store.tables import write_whole

        write_whole(file, json.dumps(every).encode())
    except OSError:  # no matter: the next TAB takes a second again
        pass
    return every[kind]


def _imported() -> dict[str, list[str]]:
    from experiments.components import REGISTRIES

    return {kind: list(registry.all()) for kind, registry in REGISTRIES.items()}


def _directory() -> Path:
    """Where compiled kernels are kept, found without the compiler."""
    chosen = os.environ.get("GREEDYLR_LAB_CACHE")
    if chosen:
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_cache_dir("greedylr-lab", appauthor=False))


def _state() -> str:
    """Digest of what decides which components there are: their files, and what is installed."""
    state = hashlib.sha256()
    folders = [ROOT / folder for folder in FOLDERS.values()]
    for folder in (*folders, Path(typer.__file__).parents[1]):
        state.update(f"{folder} {folder.stat().st_mtime_ns}\n".encode())
    for folder in folders:
        for file in sorted(folder.glob("*.py")):
            found = file.stat()
            state.update(f"{file.name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return state.hexdigest()[:16]
