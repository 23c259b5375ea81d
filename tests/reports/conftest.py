"""A browser and pages to look at, for the tests that want them: one of each a process."""

import math

import pytest

from reports import page
from tests.reports.fabricate import EVIL, published_grid, study


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    # Selenium may be missing: only the tests of pages import it, and are skipped then.
    from tests.reports.browsing import started

    with started(tmp_path_factory.mktemp("browser")) as driver:
        yield driver


@pytest.fixture(scope="session")
def paths(tmp_path_factory):
    """Pages that tests only read."""
    folder = tmp_path_factory.mktemp("pages")
    return {
        "study": page.write(study(folder / "study")),
        "grid": page.write(published_grid(folder / "grid")),
        "evil": page.write(
            study(folder / "evil", landscapes=(EVIL, "rosenbrock"), noises=(EVIL, "none"),
                  channels=(EVIL,), schedules=(EVIL, "greedy"), title=EVIL, command=EVIL)
        ),
        "diverged": page.write(study(folder / "diverged", final=lambda cell: [math.inf] * 20)),
    }  # fmt: skip
