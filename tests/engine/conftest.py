"""A cache of kernels of the test's own."""

from pathlib import Path

import pytest

from lab.engine import native as natives


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """An empty cache, and no memory of what this process has loaded."""
    monkeypatch.setenv("GREEDYLR_LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(natives, "_loaded", {})
    return tmp_path / "cache"


@pytest.fixture
def compiled(monkeypatch) -> list[str]:
    """Names of the functions compiled since."""
    names: list[str] = []
    monkeypatch.setattr(natives, "_listeners", [names.append])
    return names
