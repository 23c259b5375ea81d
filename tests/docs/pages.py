"""Pages whose commands run: what a page says is run, and what it shows is what came out.

A page is Markdown. Five things in it have a meaning:

- A block ``console`` holds commands, `lab ...` or `python FILE ...`; a trailing backslash goes on
  in the next line. They run in the order of the page, all in one directory. What must not run is a
  block ``sh``.
- A block (``python``, ``toml``, ``text``) whose first line is ``# NAME.EXT`` and nothing else is a
  file: it is there, under that name, before the first command runs.
- ``<!-- prints -->`` before a block ``text`` says that the block is what the commands of the last
  ``console`` block print. ``<!-- prints: lines 1-9 -->`` keeps these lines of it;
  ``<!-- prints: from "one" to "two" -->`` the first line with ``one``, up to the next with ``two``.
- ``<!-- figure: PATH -->`` before an image says that the image is the file that the commands leave
  at PATH.
- ``<!-- full NAME: from "one" to "two" -->`` before a block ``text``, or before a table, says that
  it is that part of ``docs/full/NAME.txt``, which a run too long for a test has left
  (`docs/full.py`). It is compared with the file, not with a command.

The folders `examples` and `studies` of the repository are there too. `docs/refresh.py` puts
outputs and figures into a page; `differences` says where a page has become stale:

    page = Page("docs/tasks/compare.md")
    ran = page.run(tmp_path)
    assert page.differences(ran, tmp_path) == []
"""

import contextlib
import io
import re
import runpy
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cli

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# ([\w.-]+\.\w+)\n")
PRINTS = re.compile(
    r"^<!-- prints(?:: ([^\n]+))? -->\n+```text\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
FULL = re.compile(
    r"^<!-- full ([\w-]+)(?:: ([^\n]+))? -->\n+(?:```text\n(.*?)^```$|((?:\|[^\n]*\n)+))",
    re.MULTILINE | re.DOTALL,
)
PART = re.compile(r"""lines (\d+)-(\d+)|from "([^"]+)" to "([^"]+)\"""")
FIGURE = re.compile(r"^<!-- figure: (\S+) -->\n+!\[[^\]]*\]\(([^)]+)\)", re.MULTILINE)
NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?", re.IGNORECASE)
#: Numbers agree within this, relatively: the same bits on like machines, a last digit on others.
TOLERANCE = 0.01


@dataclass(frozen=True)
class Ran:
    """A command and what became of it; `at` is where its block starts in the page."""

    command: str
    at: int
    code: int
    out: str
    err: str


class Page:
    """A page of the documentation, by its path from the top of the repository."""

    def __init__(self, path: str) -> None:
        self.path = ROOT / path
        self.text = self.path.read_text(encoding="utf-8")

    def commands(self) -> list[tuple[int, str]]:
        """Where the block of each command starts, and the command."""
        found = []
        for block in FENCE.finditer(self.text):
            if block[1] == "console":
                lines = block[2].replace("\\\n", " ").splitlines()
                found += [(block.start(), line.strip()) for line in lines if line.strip()]
        return found

    def files(self) -> dict[str, str]:
        """The files that the page writes down, by name."""
        found = {}
        for block in FENCE.finditer(self.text):
            if block[1] != "console" and (name := FILE.match(block[2])):
                found[name[1]] = block[2]
        return found

    def run(self, directory: Path, instead: Mapping[str, str] | None = None) -> list[Ran]:
        """Run all commands in `directory`, which is empty; one that fails raises AssertionError.

        `instead` replaces text in commands and files, such as ``{"--seeds 2000": "--seeds 50"}``;
        a text that the page does not hold is an error. Then the outputs are other ones, of course.
        """
        changes = dict(instead or {})
        for old in changes:
            assert old in self.text, f"{self.path.name} does not hold {old!r}"
        for folder in ("examples", "studies"):
            shutil.copytree(ROOT / folder, directory / folder, dirs_exist_ok=True)
        for name, content in self.files().items():
            (directory / name).write_text(_replaced(content, changes), encoding="utf-8")
        ran = []
        for at, command in self.commands():
            ran.append(Ran(command, at, *run(_replaced(command, changes), directory)))
            assert ran[-1].code == 0, f"{self.path.name}: {command}\n{ran[-1].err}"
        return ran

    def refreshed(self, ran: list[Ran]) -> str:
        """The text of the page with the outputs that its commands had."""

        def put(found: re.Match) -> str:
            start = found.start(2) - found.start()
            return found[0][:start] + self._printed(found, ran) + "```"

        return self.with_full(PRINTS.sub(put, self.text))

    def with_full(self, text: str) -> str:
        """A text with the parts of the full runs that it shows as they stand in their files."""

        def put(found: re.Match) -> str:
            group = 4 if found[3] is None else 3
            start, end = (at - found.start() for at in found.span(group))
            return found[0][:start] + self._kept(found) + found[0][end:]

        return FULL.sub(put, text)

    def differences(self, ran: list[Ran], directory: Path) -> list[str]:
        """What the page shows and its commands did not print or draw; empty when all is well."""
        found = []
        for shown in PRINTS.finditer(self.text):
            printed = self._printed(shown, ran)
            if not alike(shown[2], printed):
                found.append(f"{self.path.name} shows\n{shown[2]}but its commands print\n{printed}")
        for source, name in self.figures():
            drawn, kept = directory / source, self.path.parent / name
            if not drawn.is_file():
                found.append(f"{self.path.name}: no command leaves {source}")
            elif not kept.is_file() or labels(drawn) != labels(kept):
                found.append(f"{self.path.name}: {name} is not {source} as the commands draw it")
        return found

    def figures(self) -> list[tuple[str, str]]:
        """Where the commands leave each figure, and the image of the page that it is."""
        return [(found[1], found[2]) for found in FIGURE.finditer(self.text)]

    def _kept(self, shown: re.Match) -> str:
        """The part of a full run's file that is shown."""
        lines = full(shown[1]).strip("\n").splitlines()
        return "".join(f"{line}\n" for line in _part(lines, shown[2]))

    def _printed(self, shown: re.Match, ran: list[Ran]) -> str:
        """What the commands of the last block before this place printed, the part that is shown."""
        block = max(one.at for one in ran if one.at < shown.start())
        lines = "".join(one.out for one in ran if one.at == block).strip("\n").splitlines()
        return "".join(f"{line.rstrip()}\n" for line in _part(lines, shown[1]))


def run(command: str, directory: Path) -> tuple[int, str, str]:
    """Run one command in this process, as from `directory`: exit code, stdout, stderr."""
    program, *arguments = shlex.split(command, comments=True)
    assert program in ("lab", "python"), f"only lab and python run on a page, not {program!r}"
    out, err, before = io.StringIO(), io.StringIO(), (sys.argv, sys.stdin)
    code = 0
    with (
        contextlib.chdir(directory),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            sys.stdin = io.TextIOWrapper(io.BytesIO())
            if program == "lab":
                sys.argv = ["lab", *arguments]
                cli.main()
            else:
                sys.argv = arguments
                runpy.run_path(arguments[0], run_name="__main__")
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        finally:
            sys.argv, sys.stdin = before
    return code, out.getvalue(), err.getvalue()


def full(name: str) -> str:
    """What a run of `docs/full.py` has left."""
    return (ROOT / "docs" / "full" / f"{name}.txt").read_text(encoding="utf-8")


def alike(one: str, other: str) -> bool:
    """Whether two outputs have the same words and, within the tolerance, the same numbers."""
    if one.split() == other.split():
        return True
    words, numbers = zip(*((_words(text), _numbers(text)) for text in (one, other)), strict=True)
    return words[0] == words[1] and all(
        abs(a - b) <= TOLERANCE * max(abs(a), abs(b)) for a, b in zip(*numbers, strict=True)
    )


def labels(path: Path) -> list[str]:
    """The texts of an SVG, by which figures are told apart; of another picture nothing."""
    if path.suffix != ".svg":
        return []
    return re.findall(r">([^<>]*[^<>\s][^<>]*)<", path.read_text(encoding="utf-8"))


def _part(lines: list[str], which: str | None) -> list[str]:
    if which is None:
        return lines
    found = PART.fullmatch(which)
    assert found, f"not a part of an output: {which!r}"
    if found[1]:
        return lines[int(found[1]) - 1 : int(found[2])]
    first = next((k for k, line in enumerate(lines) if found[3] in line), len(lines))
    last = next((k for k in range(first, len(lines)) if found[4] in lines[k]), None)
    assert last is not None, f"no command printed {which}"
    return lines[first : last + 1]


def _replaced(text: str, changes: Mapping[str, str]) -> str:
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def _words(text: str) -> list[str]:
    return re.sub(r"-{3,}", "---", NUMBER.sub("#", text)).split()


def _numbers(text: str) -> list[float]:
    return [float(number.replace(",", "")) for number in NUMBER.findall(text)]
