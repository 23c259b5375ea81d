"""What the commands of experiments over several scenarios have in common."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Any

from reports.commands import terminal


def run_experiment(
    grid: Any, work: Any, pages: Any, out: Path | None, open: bool, json: bool, log: Any
) -> None:
    """Run an experiment over a grid, print it, and leave a whole result directory with its page."""
    from reports import publish

    for line in dict.fromkeys(line for request in grid.requests for line in request.warnings()):
        log(f"note: {line}")
    target = out or Path("results") / f"{grid.name}-{grid.hash}"
    with publish.result_directory(target, grid.identity(), terminal.command_line()) as place:
        result = work()
        if not json:
            print(pages.text(result), flush=True)
            log("drawing")
        lines = publish.fill(place, target, result, pages, draw=open or not json)
    if json:
        print(json_module.dumps(pages.document(result, str(target))))
    else:
        print("\n" + "\n".join(lines))
    terminal.page(target, not json, open, json)
