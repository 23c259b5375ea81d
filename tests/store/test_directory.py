"""A result directory is whole or not there, and never somebody else's."""

import errno
import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from lab.errors import RequestError, WorkError
from lab.store import directory, manifest
from lab.store.directory import check_target, staged

REQUEST = {"landscape": "rosenbrock", "seed": 1}
OTHER = {"landscape": "rosenbrock", "seed": 2}


def write(target, identity, text="first") -> None:
    with staged(target, identity) as place:
        (place / "runs").mkdir()
        (place / "runs" / "rows").write_text(text)
        manifest.write(place, manifest.provenance(identity, "lab run"))


def tree(directory) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*"))


def test_what_is_written_is_there_afterwards_and_not_before(tmp_path):
    target = tmp_path / "deep" / "down" / "out"
    with staged(target, REQUEST) as place:
        (place / "file").write_text("x")
        assert not target.exists()
        assert place.parent == target.parent
    assert tree(tmp_path) == ["deep", "deep/down", "deep/down/out", "deep/down/out/file"]


def test_a_relative_target_is_meant_from_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(Path("out"), REQUEST)
    assert (tmp_path / "out" / "manifest.json").is_file()


def test_the_directory_has_the_usual_permissions(tmp_path):
    write(tmp_path / "out", REQUEST)
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o777 & ~mask


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, RequestError])
@pytest.mark.parametrize("before", ["missing", "empty", "same"])
def test_a_failure_leaves_everything_as_it_was(error, before, tmp_path):
    target = tmp_path / "results" / "out"
    if before == "empty":
        target.mkdir(parents=True)
    if before == "same":
        write(target, REQUEST)
    was = tree(tmp_path)
    with pytest.raises(error), staged(target, REQUEST) as place:  # noqa: PT012
        (place / "half").write_text("x")
        raise error
    assert tree(tmp_path) == was
    if before == "same":
        assert (target / "runs" / "rows").read_text() == "first"


def test_a_second_signal_before_the_clean_up_leaves_nothing_either(tmp_path, monkeypatch):
    """It comes when the first one's exception has arrived and nothing holds signals back yet."""
    hold, signals = directory.held_back, [KeyboardInterrupt]

    def late():
        if signals:
            raise signals.pop()
        return hold()

    def interrupted():
        with staged(tmp_path / "deep" / "out", REQUEST) as staging:
            (staging / "file").write_text("half")
            raise KeyboardInterrupt

    monkeypatch.setattr(directory, "held_back", late)
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert signals == []
    assert list(tmp_path.iterdir()) == []


def test_an_empty_directory_is_taken(tmp_path):
    target = tmp_path / "out"
    target.mkdir()
    write(target, REQUEST)
    assert tree(tmp_path) == ["out", "out/manifest.json", "out/runs", "out/runs/rows"]


def test_the_same_request_is_renewed(tmp_path):
    target = tmp_path / "out"
    write(target, REQUEST)
    (target / "stale").write_text("x")
    write(target, dict(reversed(REQUEST.items())), "second")
    assert (target / "runs" / "rows").read_text() == "second"
    assert tree(tmp_path) == ["out", "out/manifest.json", "out/runs", "out/runs/rows"]


def test_another_request_is_refused(tmp_path):
    target = tmp_path / "out"
    write(target, REQUEST)
    with pytest.raises(RequestError) as caught:
        write(target, OTHER)
    hashes = [manifest.identity_hash(identity) for identity in (REQUEST, OTHER)]
    assert str(caught.value) == (
        f"out: {str(target)!r} holds another study (hash {hashes[0]}, this request has"
        f" {hashes[1]}); name a missing or an empty directory"
    )
    assert (target / "runs" / "rows").read_text() == "first"
    assert tree(tmp_path) == ["out", "out/manifest.json", "out/runs", "out/runs/rows"]


@pytest.mark.parametrize("content", ["", "{", "[]", '"text"', "\xff"])
def test_other_files_are_refused(content, tmp_path):
    target = tmp_path / "out"
    target.mkdir()
    (target / "manifest.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(RequestError, match="files that are not a result of this laboratory"):
        write(target, REQUEST)
    assert tree(tmp_path) == ["out", "out/manifest.json"]


def test_a_file_is_refused(tmp_path):
    target = tmp_path / "out"
    target.write_text("precious")
    with pytest.raises(RequestError, match="is a file, a directory is needed"):
        write(target, REQUEST)
    assert target.read_text() == "precious"


def test_a_link_that_leads_nowhere_is_refused(tmp_path):
    (tmp_path / "dangling").symlink_to("missing")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("dangling", "loop"):
        with pytest.raises(RequestError, match="is a link that leads nowhere"):
            check_target(tmp_path / name, REQUEST)


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    obstacle = tmp_path / "file"
    obstacle.write_text("")
    for target in (obstacle / "out", obstacle / "deep" / "out", tmp_path / ("x" * 300)):
        with pytest.raises(RequestError, match=r"^out: '.*' cannot be written: \w"):
            write(target, REQUEST)
    assert tree(tmp_path) == ["file"]


def test_files_that_do_not_count_may_be_there(tmp_path):
    (tmp_path / ".lock").write_text("")
    check_target(tmp_path, REQUEST, also=(".lock",))
    with pytest.raises(RequestError):
        check_target(tmp_path, REQUEST)


def test_two_at_once_leave_one_whole_result(tmp_path):
    target = tmp_path / "out"
    with staged(target, REQUEST) as later:
        with staged(target, REQUEST) as earlier:
            (earlier / "manifest.json").write_text("earlier")
        (later / "manifest.json").write_text("later")
    assert tree(tmp_path) == ["out", "out/manifest.json"]
    assert (target / "manifest.json").read_text() == "later"


class TestManifest:
    def test_the_hash_depends_on_values_and_not_on_order(self):
        assert manifest.identity_hash({"a": 1, "b": 2}) == manifest.identity_hash({"b": 2, "a": 1})
        assert manifest.identity_hash({"a": 1}) != manifest.identity_hash({"a": 2})
        assert len(manifest.identity_hash({})) == 10

    def test_it_says_what_ran_and_where(self, tmp_path):
        record = manifest.provenance(REQUEST, "lab run --seed 1")
        manifest.write(tmp_path, {**record, "complete": True})
        found = manifest.read(tmp_path)
        assert found == {**record, "complete": True}
        assert found["schema"] == 1
        assert found["request"] == REQUEST
        assert found["hash"] == manifest.identity_hash(REQUEST)
        assert {"greedylr-lab", "python", "numpy", "numba", "pyarrow"} <= found["versions"].keys()
        assert found["machine"]["byteorder"] in ("little", "big")

    def test_none_where_there_is_none(self, tmp_path):
        assert manifest.read(tmp_path) is None
        assert manifest.read(tmp_path / "missing") is None

    def test_none_where_it_cannot_be_read(self, tmp_path):
        file = tmp_path / manifest.NAME
        file.write_text("[" * 100_000)
        assert manifest.read(tmp_path) is None
        file.unlink()
        os.mkfifo(file)
        assert manifest.read(tmp_path) is None


@pytest.mark.parametrize("inside", [".", "below"])
def test_the_working_directory_and_those_above_it_stay_what_they_are(inside, tmp_path, monkeypatch):
    target = tmp_path / "here"
    (target / inside).mkdir(parents=True)
    monkeypatch.chdir(target / inside)
    if inside != ".":
        write(target / inside, REQUEST)
        with pytest.raises(RequestError, match="not a result of this laboratory"):
            write(Path(".."), REQUEST)
    else:
        was = target.stat().st_ino
        for text in ("first", "second"):
            write(Path(), REQUEST, text)
            assert (Path.cwd() / "runs" / "rows").read_text() == text
        assert target.stat().st_ino == was
        assert tree(tmp_path) == ["here", "here/manifest.json", "here/runs", "here/runs/rows"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "large").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "large")
    write(tmp_path / "link", REQUEST)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "large" / "runs" / "rows").read_text() == "first"


def test_a_failure_in_place_leaves_everything_as_it_was(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(Path(), REQUEST)
    was = tree(tmp_path)
    original = os.rename
    calls = []

    def rename(source, place):
        calls.append(place)
        if len(calls) == 4:
            raise OSError(errno.EIO, "Input/output error")
        original(source, place)

    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(WorkError, match="nothing half-written is left"):
        write(Path(), REQUEST, "second")
    assert tree(tmp_path) == was
    assert (tmp_path / "runs" / "rows").read_text() == "first"


def test_what_a_kill_leaves_in_place_is_no_obstacle(tmp_path):
    (tmp_path / ".out.a1b2.part").mkdir()
    write(tmp_path, REQUEST)
    assert (tmp_path / "manifest.json").is_file()


@pytest.mark.parametrize("moment", ["missing", "there"])
def test_a_quicker_process_with_the_same_result_is_no_error(moment, tmp_path, monkeypatch):
    """Another process puts its directory there between the look and the renaming."""
    target = tmp_path / "out"
    if moment == "there":
        write(target, REQUEST, "old")
    original = os.rename
    quick = []

    def rename(source, place):
        if not quick and Path(place) == target:
            quick.append(True)
            place.mkdir()
            (place / "manifest.json").write_text(
                manifest.text(manifest.provenance(REQUEST, "quick"))
            )
        original(source, place)

    monkeypatch.setattr(os, "rename", rename)
    write(target, REQUEST, "mine")
    assert quick
    assert tree(tmp_path) == ["out", "out/manifest.json", "out/runs", "out/runs/rows"]
    assert (target / "runs" / "rows").read_text() == "mine"


def finish_together(target, barrier, number):
    with staged(target, REQUEST) as place:
        manifest.write(place, manifest.provenance(REQUEST, str(number)))
        barrier.wait()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_processes_that_finish_at_one_moment_leave_one_whole_result(tmp_path):
    target = tmp_path / "out"
    fork = multiprocessing.get_context("fork")
    for _ in range(5):
        barrier = fork.Barrier(8)
        racing = [fork.Process(target=finish_together, args=(target, barrier, i)) for i in range(8)]
        for process in racing:
            process.start()
        for process in racing:
            process.join()
        assert [process.exitcode for process in racing] == [0] * 8
        assert tree(tmp_path) == ["out", "out/manifest.json"]


def test_a_disk_that_fills_is_one_line(tmp_path):
    with (
        pytest.raises(WorkError, match=r"^out: '.*' cannot be written: the disk is full; nothing"),
        staged(tmp_path / "out", REQUEST),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert tree(tmp_path) == []


def test_a_reader_that_goes_away_is_no_matter_of_the_disk(tmp_path):
    with pytest.raises(BrokenPipeError), staged(tmp_path / "out", REQUEST):
        raise BrokenPipeError
