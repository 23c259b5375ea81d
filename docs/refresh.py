"""Run the commands of pages, and put what they print and draw into the pages.

    python docs/refresh.py [PAGE...]      (default: every page of docs/ that shows an output)

`tests/docs/pages.py` says how a page is written. `make docs-refresh` runs this.
"""

import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.docs.pages import FIGURE, FULL, PRINTS, Page  # noqa: E402


def refresh(page: Page) -> None:
    if not (PRINTS.search(page.text) or FIGURE.search(page.text)):
        page.path.write_text(page.with_full(page.text), encoding="utf-8")
        return
    with tempfile.TemporaryDirectory() as folder:
        ran = page.run(Path(folder))
        for source, name in page.figures():
            shutil.copyfile(Path(folder) / source, page.path.parent / name)
    page.path.write_text(page.refreshed(ran), encoding="utf-8")


def with_outputs() -> list[str]:
    """The pages that show an output or a figure."""
    found = []
    for path in sorted((ROOT / "docs").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if any(kind.search(text) for kind in (PRINTS, FULL, FIGURE)):
            found.append(str(path.relative_to(ROOT)))
    return found


if __name__ == "__main__":
    for name in sys.argv[1:] or with_outputs():
        print(name, flush=True)
        refresh(Page(name))
