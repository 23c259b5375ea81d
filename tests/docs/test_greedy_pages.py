"""docs/greedy-defects.md and docs/tuning.md: their commands run, their code prints what is said."""

import csv
import re
import shlex
import sys
from pathlib import Path

import pytest

import cli
from tests.docs.pages import full

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


def counted(header):
    """Rows of a query of the study: what they are of, then scenarios, below, above, middle."""
    rows = full("robust").split(f"\n{header},scenarios", 1)[1].split("\n\n", 1)[0].splitlines()[1:]
    width = header.count(",") + 1
    found = {}
    for row in csv.reader(rows):
        found[tuple(row[:width])] = [float(cell) for cell in row[width:]]
    return found


def test_the_study_says_what_the_page_says_of_noises_and_landscapes():
    behind = {
        key for key, (_, below, above, _) in counted("noise,channel").items() if above > below
    }
    assert behind == {("gaussian", "batch"), ("gaussian", "gradient"), ("drift", "gradient")}
    where = counted("landscape,optimizer")
    assert where["rosenbrock", "sgd"][:3] == [132, 33, 72]
    for name in ("ackley", "rastrigin"):
        assert where[name, "adam"][3] == where[name, "sgd"][3] == 1.0


def test_the_study_says_what_the_page_says_of_kicks_and_rivals():
    found = counted("schedule,optimizer,steps,perturb")
    kick, none = "kick:at=100,size=3", "none"

    def of(schedule, optimizer, steps, event):
        _, below, above, _ = found[schedule, optimizer, steps, event]
        return below, above

    assert [of("greedy-robust", "adam", steps, kick) for steps in ("200", "1000")] == [
        (104, 1), (99, 3),
    ]  # fmt: skip
    assert [of("greedy-robust", "adam", steps, none) for steps in ("200", "1000")] == [
        (35, 30), (77, 7),
    ]  # fmt: skip
    assert [of("greedy-robust", "sgd", steps, none) for steps in ("200", "1000")] == [
        (34, 41), (39, 45),
    ]  # fmt: skip
    for optimizer in ("adam", "sgd"):
        repaired = of("greedy-robust", optimizer, "200", none)
        assert of("greedy-kesten", optimizer, "200", none)[0] > repaired[0]
    assert of("constant", "adam", "1000", kick)[0] == 95


@pytest.mark.parametrize(("title", "ahead"), [("shared rate", True), ("tuned rates", False)])
def test_the_repair_is_ahead_at_the_shared_rate_only(title, ahead):
    table = full("robust").split(f"| noise, {title} |", 1)[1].split("\n\n", 1)[0]
    rows = {line.split("|")[1].strip(): line for line in table.splitlines()[2:]}
    ends = [
        [float(end) for end in re.findall(r"[\d.]+", cell)] for cell in rows["all"].split("|")[3:-1]
    ]
    assert all((high < 1.0) == ahead for _, _, high in ends)
    below, above = (
        [int(word) for word in re.findall(r"\d+", rows[f"intervals {side} 1"].split("|", 2)[2])]
        for side in ("below", "above")
    )
    assert all(b > a for b, a in zip(below, above, strict=True)) == ahead
