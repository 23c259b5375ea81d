"""The lowest versions that pyproject.toml allows, as constraints for pip: `make lowest`."""

import re
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def floors(project):
    """name==version for every requirement with a floor; extras in brackets are left out."""
    needed = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        needed += extra
    found = (re.match(r"([A-Za-z0-9._-]+)(?:\[.*?\])?\s*>=\s*([0-9][0-9.]*)", n) for n in needed)
    return [f"{match[1]}=={match[2]}" for match in found if match]


if __name__ == "__main__":
    content = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    sys.stdout.write("\n".join(floors(content["project"])) + "\n")
