"""What to type to get a figure again."""

from __future__ import annotations

import shlex

from reports.page.collect import Results


def figure(results: Results, *names: str) -> str:
    """The command that wrote the data, and the one that draws these figures among others."""
    lines = [results.command] if results.command else []
    place = shlex.quote(str(results.directory))
    files = ", ".join(f"{name}.pdf" for name in names)
    return "\n".join([*lines, f"lab report {place} --figures pdf  # {files}"])


def options(results: Results) -> list[str]:
    """Options of the command that other commands on the same components need: plug-in files."""
    words = shlex.split(results.command)
    return [
        f"--plugin {shlex.quote(words[i + 1])}"
        for i, word in enumerate(words[:-1])
        if word == "--plugin"
    ]
