"""The small study, run once."""

import pytest

from tests.experiments.small_study import run, study_of


@pytest.fixture
def many_chunks(monkeypatch):
    """Two groups a chunk."""
    monkeypatch.setattr("experiments.study.chunk.CHUNK_LANES", 1000)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The small study and the directory of its result, which tests only read."""
    study = study_of()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("experiments.study.chunk.CHUNK_LANES", 1000)
        return study, run(study, tmp_path_factory.mktemp("sweep") / "out")
