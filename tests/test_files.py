"""What is no regular file is refused before it is opened; JSON of any depth is an error at most."""

import os
from pathlib import Path

import pytest

from lab.files import read_json, read_regular


def test_a_file_is_read(tmp_path):
    (tmp_path / "file").write_bytes(b"\r\n\0")
    (tmp_path / "link").symlink_to("file")
    assert read_regular(tmp_path / "link", 3) == b"\r\n\0"
    with pytest.raises(OSError, match="it is larger than 2 bytes"):
        read_regular(tmp_path / "file", 2)


def test_what_has_no_end_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    for name in ("pipe", "link"):
        with pytest.raises(OSError, match="it is not a regular file"):
            read_regular(tmp_path / name)


def test_a_directory_and_a_missing_file_say_what_they_are(tmp_path):
    with pytest.raises(IsADirectoryError):
        read_regular(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "missing")
    with pytest.raises(ValueError, match="null byte"):
        read_regular(Path("a\0b"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[" * 100_000, "nested too deeply"),
        (b"{", "Expecting"),
        (b"\xff", "utf-8"),
        (b"", "Expecting"),
    ],
)
def test_json_that_is_none(content, says, tmp_path):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ValueError, match=says):
        read_json(tmp_path / "file")
