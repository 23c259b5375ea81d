"""What a page adds to the registries is gone after its test."""

import pytest

from experiments.components import REGISTRIES


@pytest.fixture
def plugins_of_the_page(monkeypatch):
    for registry in REGISTRIES.values():
        monkeypatch.setattr(registry, "_added", {})
