"""docs/studies.md and docs/distribution.md: commands run, the study is one, flags are there."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pandas as pd
import pytest

import cli
from experiments.study.declaration import make_study

ROOT = Path(__file__).parents[2]
STUDIES = (ROOT / "docs" / "studies.md").read_text(encoding="utf-8")
DISTRIBUTION = (ROOT / "docs" / "distribution.md").read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


@pytest.fixture
def place(tmp_path):
    """A directory with the quick study at a few seeds."""
    directory = tmp_path / "page"
    (directory / "studies").mkdir(parents=True)
    content = (ROOT / "studies" / "quick.toml").read_text(encoding="utf-8")
    few = content.replace("seeds = 3000", "seeds = 8").replace("steps = 200", "steps = 10")
    (directory / "studies" / "quick.toml").write_text(few, encoding="utf-8")
    return directory


def call(arguments, monkeypatch, capsys) -> tuple[str, str]:
    monkeypatch.setattr(sys, "argv", ["lab", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    assert ended.value.code == 0, err
    return out, err


def test_every_command_of_the_page_runs_in_its_order(place, monkeypatch, capsys):
    pytest.importorskip("duckdb")
    monkeypatch.chdir(place)
    lines = [line for block in blocks(STUDIES, "console") for line in block.splitlines()]
    assert len(lines) == 5
    outputs = []
    for line in lines:
        program, *arguments = shlex.split(line)
        assert program == "lab"
        outputs.append(call(arguments, monkeypatch, capsys)[0])
    dry, _, resumed, comma, document = outputs
    assert dry.startswith("2,275 cells, 18,200 lanes, ")
    assert "channel batch" in resumed
    header, *rows = comma.splitlines()
    assert header == "schedule,lanes,median"
    assert len(rows) == 7
    assert len(json.loads(document)["rows"]) == 5 * (8 * 2 + 1) * 7
    (code,) = blocks(STUDIES, "python")
    exec(code, {})
    printed = capsys.readouterr().out
    assert "greedy" in printed
    assert "adversarial" in printed
    # The columns that the page names.
    for folder, names in [
        ("runs", "final last best best_step log_area diverged converged seed cell"),
        ("bands", "step p5 p95 lr_mean"),
        ("cells", "exact paired_seeds ratio ratio_low ratio_high parameters reference"),
    ]:
        columns = pd.read_parquet(place / "quick" / folder).columns
        assert set(names.split()) <= set(columns)


def test_the_example_is_a_study():
    (block,) = blocks(STUDIES, "toml")
    assert make_study("example", tomllib.loads(block), "example").cells == 24


def test_every_study_that_comes_with_it_is_on_the_page():
    for path in (ROOT / "studies").glob("*.toml"):
        assert f"`{path.name}`" in STUDIES


@pytest.mark.parametrize("part", ["scheduler", "worker"])
def test_the_flags_for_dask_exist(part):
    pytest.importorskip("distributed")
    done = subprocess.run(
        [sys.executable, "-m", "dask", part, "--help"], capture_output=True, text=True, check=True
    )
    lines = [
        c for b in blocks(DISTRIBUTION, "console") for c in b.splitlines() if f"dask {part}" in c
    ]
    assert lines
    for flag in re.findall(r"--[a-z-]+", " ".join(line.split(f"dask {part}")[1] for line in lines)):
        assert flag in done.stdout
    for flag in ("--tls-ca-file", "--tls-cert", "--tls-key"):
        assert flag in done.stdout


def test_the_commands_of_lab_are_its_own():
    for line in "".join(blocks(DISTRIBUTION, "console")).splitlines():
        if line.startswith("lab "):
            words = line.split()
            assert words[:2] == ["lab", "sweep"]
            assert (ROOT / words[2]).is_file()
