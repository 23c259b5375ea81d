"""docs/greedy-defects.md and docs/tuning.md: their commands run, their code prints what is said."""

import re
import shlex
import sys
from pathlib import Path

import pytest

import cli

ROOT = Path(__file__).parents[2]
PAGES = {name: (ROOT / "docs" / name).read_text() for name in ("greedy-defects.md", "tuning.md")}
#: Appended to the commands, where the last word counts: the same on a small scale.
SMALL = {
    "run": "--seeds 8 --steps 110 --no-tune --json --quiet",
    "tune": "--seeds 8 --tuning-seeds 4 --steps 10 --trials 8 --json --quiet",
}


def commands() -> list[str]:
    found = []
    for page in PAGES.values():
        for block in re.findall(r"^```console\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
            found += block.splitlines()
    return list(dict.fromkeys(found))


LAB = [line for line in commands() if line.startswith(("lab run", "lab tune"))]


def test_the_pages_have_commands():
    assert len(LAB) > 12
    for line in commands():
        word, path, *_ = shlex.split(line)
        if word == "python":
            assert (ROOT / path).is_file()


@pytest.mark.parametrize("line", LAB)
def test_a_command_of_the_pages_runs(line, tmp_path, monkeypatch, capsys):
    if "tpe" in line:
        pytest.importorskip("optuna")
    monkeypatch.chdir(tmp_path)
    words = shlex.split(line)
    if words[1] == "tune" and "--vary" not in words:
        words += ["--vary", "patience=1/2"]  # in place of the whole grid
    monkeypatch.setattr(sys, "argv", [*words, *SMALL[words[1]].split()])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0, capsys.readouterr().err


def test_the_code_prints_what_the_page_says(capsys):
    (code,) = re.findall(r"^```python\n(import numpy.*?)^```$", PAGES["greedy-defects.md"],
                         re.MULTILINE | re.DOTALL)  # fmt: skip
    exec(code, {})
    rows = [[float(word) for word in row.split()] for row in capsys.readouterr().out.splitlines()]
    said = "".join(PAGES["greedy-defects.md"].partition("prints, for a fall")[1:])
    for fall, rises, falls in rows:
        text = re.split(rf"of {fall:g}:|of {fall}:", said)[1].partition(";")[0].partition(". ")[0]
        for count in (rises, falls):
            # Three digits, or no and none for zero.
            shown = [f"{count:.3g}", f"{count:.2f}"] if count else ["no", "none"]
            assert any(word in text for word in shown), (fall, count, text)
