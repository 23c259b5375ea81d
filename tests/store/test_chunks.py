"""A study's chunks: finished ones are kept, all others are done again."""

import json

import numpy as np
import pytest

from lab.errors import RequestError, WorkError
from lab.store import manifest
from lab.store.chunk_files import Tables
from lab.store.chunks import ChunkStore

STUDY = {"study": "small"}


def opened(directory, resume=True, identity=STUDY, planned=3, command="lab") -> ChunkStore:
    record = manifest.provenance(identity, command)
    return ChunkStore(directory, identity, planned, ("runs", "bands"), record, resume)


def content(number: int) -> dict[str, bytes]:
    return {"runs": b"rows %d" % number, "bands": b"bands %d" % number}


def put(store: ChunkStore, number: int) -> None:
    store.put(number, content(number))


def fill(store: ChunkStore, *numbers: int) -> None:
    for number in numbers:
        store.put(number, content(number))
    store.save()
    store.close()


def test_a_new_study_has_everything_to_do(tmp_path):
    store = opened(tmp_path / "out")
    assert store.missing() == [0, 1, 2]
    found = manifest.read(tmp_path / "out")
    assert (found["completed"], found["planned"], found["complete"]) == ([], 3, False)


def test_finished_chunks_are_kept_on_resume(tmp_path):
    fill(opened(tmp_path), 2, 0)
    store = opened(tmp_path)
    assert store.missing() == [1]
    fill(store, 1)
    found = manifest.read(tmp_path)
    assert (found["completed"], found["complete"]) == ([0, 1, 2], True)
    assert (tmp_path / "runs" / "00002.parquet").read_bytes() == b"rows 2"


def test_without_resume_the_study_starts_anew(tmp_path):
    fill(opened(tmp_path), 0, 1)
    store = opened(tmp_path, resume=False)
    assert store.missing() == [0, 1, 2]
    assert not list((tmp_path / "runs").iterdir())


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("runs/00001.parquet", b"rows x"), ("runs/00001.parquet", b"rows 1 and more"),
        ("bands/00001.parquet", b""), ("bands/00001.parquet", None), ("chunks/00001.json", None),
        ("chunks/00001.json", b"{"), ("chunks/00001.json", b"[1]"),
        ("chunks/00001.json", b'{"runs": 1}'), ("chunks/00001.json", b"{}"),
        ("chunks/00001.json", b'{"runs": {"bytes": "6", "sha256": 0}}'),
    ],
)  # fmt: skip
def test_a_damaged_chunk_is_done_again(file, damage, tmp_path):
    fill(opened(tmp_path), 0, 1, 2)
    path = tmp_path / file
    path.unlink() if damage is None else path.write_bytes(damage)
    store = opened(tmp_path)
    assert store.missing() == [1]
    assert not list(tmp_path.glob("*/00001.*")), "what does not count is still there"
    # Without its mark a chunk was never finished, and nothing was damaged.
    assert store.damaged == ([] if damage is None and "json" in file else [1])
    assert manifest.read(tmp_path)["complete"] is False


def test_a_study_that_starts_anew_stops_looking_complete_first(tmp_path, monkeypatch):
    fill(opened(tmp_path), 0, 1, 2)
    assert manifest.read(tmp_path)["complete"] is True

    def killed(*_):
        raise KeyboardInterrupt

    for resume in (False, True):
        with monkeypatch.context() as patch:
            patch.setattr(ChunkStore, "_remove_all_but", killed)
            with pytest.raises(KeyboardInterrupt):
                opened(tmp_path, resume)
        assert manifest.read(tmp_path)["complete"] is False


def test_files_of_others_stay(tmp_path):
    fill(opened(tmp_path), 0)
    others = [tmp_path / "runs" / "notes.txt", tmp_path / "runs" / "1.parquet"]
    for file in others:
        file.write_text("mine")
    opened(tmp_path, resume=False)
    assert all(file.exists() for file in others)


@pytest.mark.parametrize("left", [[".lock"], [".lock", "manifest.json.part"]])
def test_what_a_kill_at_the_start_leaves_is_no_obstacle(left, tmp_path):
    for name in left:
        (tmp_path / name).write_text("{")
    fill(opened(tmp_path), 0)
    assert opened(tmp_path).missing() == [1, 2]


def test_a_newer_schema_is_refused(tmp_path):
    fill(opened(tmp_path), 0)
    found = manifest.read(tmp_path)
    for schema in (found["schema"] + 1, None, "1"):
        manifest.write(tmp_path, {**found, "schema": schema})
        with pytest.raises(RequestError, match=r"has schema .*, this version .* reads schema 1"):
            opened(tmp_path)
    assert (tmp_path / "runs" / "00000.parquet").exists()


@pytest.mark.parametrize("mark", ["[" * 100_000, "{", "[]", "\xff"])
def test_a_chunk_whose_mark_is_damaged_is_done_again(mark, tmp_path):
    fill(opened(tmp_path), 0)
    (tmp_path / "chunks" / "00000.json").write_text(mark)
    store = opened(tmp_path)
    assert store.damaged == [0]
    assert store.missing() == [0, 1, 2]


def test_every_session_is_on_record(tmp_path):
    fill(opened(tmp_path, command="first"), 0)
    fill(opened(tmp_path, command="second"), 1)
    found = manifest.read(tmp_path)
    assert [session["command"] for session in found["sessions"]] == ["first", "second"]
    assert found["started"] == found["sessions"][0]["started"]
    assert found["seconds"] == pytest.approx(sum(s["seconds"] for s in found["sessions"]))


@pytest.mark.parametrize(
    "sessions",
    [3, None, [3], [{}], [{"started": "x", "seconds": 1.0, "versions": {}}],
     [{"started": 1.0, "seconds": 1.0, "versions": [1]}],
     [{"started": 1.0, "seconds": 1.0, "versions": {"numpy": []}}],
     [{"started": 1.0, "seconds": True, "versions": {}}]],
)  # fmt: skip
def test_sessions_that_say_nothing_are_forgotten(sessions, tmp_path):
    fill(opened(tmp_path), 0)
    record = manifest.read(tmp_path)
    manifest.write(tmp_path, record | {"sessions": sessions})
    store = opened(tmp_path)
    assert store.missing() == [1, 2]
    assert store.mixed() == ""
    assert len(manifest.read(tmp_path)["sessions"]) == 1


def test_chunks_of_other_versions_are_told(tmp_path):
    fill(opened(tmp_path), 0)
    found = manifest.read(tmp_path)
    found["sessions"][0]["versions"]["numba"] = "0.1"
    manifest.write(tmp_path, found)
    store = opened(tmp_path)
    assert store.mixed() == f"numba 0.1, now {found['versions']['numba']}"
    store.close()
    assert opened(tmp_path, resume=False).mixed() == ""


def test_parts_of_a_killed_run_are_removed(tmp_path):
    fill(opened(tmp_path), 0)
    part = tmp_path / "runs" / "00001.parquet.part"
    part.write_bytes(b"half")
    opened(tmp_path)
    assert not part.exists()


def test_another_study_is_refused(tmp_path):
    fill(opened(tmp_path), 0)
    with pytest.raises(RequestError, match="holds another study"):
        opened(tmp_path, identity={"study": "other"})


def test_one_process_at_a_time(tmp_path):
    store = opened(tmp_path)
    with pytest.raises(RequestError, match="another process is writing"):
        opened(tmp_path)
    store.close()
    opened(tmp_path)


class TestFullDisk:
    SAYS = r"^chunk 1 cannot be stored: the disk is full; 1 of 3 chunks is safe, --resume goes on"

    @pytest.fixture
    def full(self, monkeypatch):
        """A function after whose call nothing can be flushed."""

        def fail(descriptor):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            yield lambda: patch.setattr("os.fsync", fail)

    def test_of_chunks_that_are_sent(self, tmp_path, full):
        store = opened(tmp_path)
        put(store, 0)
        full()
        with pytest.raises(WorkError, match=self.SAYS):
            put(store, 1)

    def test_of_chunks_that_are_written_here(self, tmp_path, full):
        store = opened(tmp_path)
        put(store, 0)
        files = store.files(1)
        files.write("runs", {"a": np.arange(3)})
        full()
        with pytest.raises(WorkError, match=self.SAYS), store.storing(1):
            files.finish()
        files.abandon()
        assert not list(tmp_path.glob("*/*.part"))

    def test_of_the_mark(self, tmp_path, full):
        store = opened(tmp_path)
        put(store, 0)
        files = store.files(1)
        files.write("runs", {"a": np.arange(3)})
        files.finish()
        full()
        with pytest.raises(WorkError, match=self.SAYS):
            store.commit(files)
        assert not list(tmp_path.glob("*/*.part"))
        assert store.done == {0}

    def test_a_file_that_cannot_be_renamed_leaves_no_part(self, tmp_path, monkeypatch):
        store = opened(tmp_path)
        files = store.files(1)
        for folder in ("runs", "bands"):
            files.write(folder, {"a": np.arange(3)})
        files.finish()

        def fail(*_):
            raise OSError(5, "Input/output error")

        monkeypatch.setattr("os.replace", fail)
        with pytest.raises(WorkError, match=r"^chunk 1 cannot be stored: Input/output error; 0 of"):
            store.commit(files)
        assert not list(tmp_path.glob("*/*.part"))

    def test_of_the_manifest(self, tmp_path, full):
        store = opened(tmp_path)
        full()
        with (
            pytest.raises(WorkError, match=r"^the manifest cannot be written: the disk is full; 0"),
            store.storing_manifest(),
        ):
            store.save()

    def test_at_the_start(self, tmp_path, full):
        full()
        with pytest.raises(WorkError, match=r"cannot be written: No space left on device"):
            opened(tmp_path / "out")

    def test_does_not_keep_others_out(self, tmp_path, monkeypatch):
        def fail(descriptor):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", fail)
            with pytest.raises(WorkError):
                opened(tmp_path)
        assert opened(tmp_path).missing() == [0, 1, 2]


def test_files_that_are_written_in_pieces_count_like_those_that_are_sent(tmp_path):
    columns = {"a": np.arange(3), "b": np.array([0.5, np.inf, 2.0])}
    store = opened(tmp_path)
    files = store.files(0)
    for folder in ("runs", "bands"):
        files.write(folder, columns)
        files.write(folder, columns)
    files.finish()
    assert {path.suffix for path in tmp_path.glob("runs/*")} == {".part"}
    store.commit(files)
    sent = Tables()
    for folder in ("runs", "bands"):
        sent.write(folder, columns)
        sent.write(folder, columns)
    store.put(1, sent.contents())
    store.close()
    assert opened(tmp_path).missing() == [2]
    marks = [json.loads((tmp_path / "chunks" / f"0000{n}.json").read_text()) for n in (0, 1)]
    assert marks[0] == marks[1]
    assert (tmp_path / "runs/00000.parquet").read_bytes() == sent.contents()["runs"]
