"""The commands that leave a page, in this process."""

import io
import json
import subprocess
import sys
import webbrowser

import pyarrow.parquet as parquet
import pytest

import cli
from reports import page, publish
from tests.reports.fabricate import study

RUN = ("run", "--landscape", "rosenbrock", "--seeds", "16", "--steps", "12", "--no-tune",
       "--schedule", "greedy", "--schedule", "cosine", "--quiet")  # fmt: skip


@pytest.fixture
def opened(monkeypatch):
    addresses = []
    monkeypatch.setattr(webbrowser, "open", addresses.append)
    return addresses


@pytest.fixture
def lab(tmp_path, monkeypatch, capsys, opened):
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["lab", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, ended.value.code, out, err)

    return call


def test_report_leaves_page_tables_and_figures(lab, tmp_path):
    study(tmp_path / "out")
    done = lab("report", "out", "--figures", "pdf", "--columns", "1")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == ["page", "out/report/index.html"]
    assert {kind for kind, _ in lines} == {"page", "table", "figure"}
    for _, path in lines:
        assert (tmp_path / path).stat().st_size > 0
    assert "out/report/figures/profiles.pdf" in done.stdout


def test_report_opens_the_page(lab, tmp_path, opened):
    study(tmp_path / "out")
    assert lab("report", "out", "--open").returncode == 0
    assert opened == [(tmp_path / "out" / "report" / "index.html").as_uri()]


@pytest.mark.parametrize(
    "arguments",
    [
        ("missing",),
        ("empty",),
        ("damaged",),
        ("out", "--format", "gif"),
        ("out", "--columns", "3"),
    ],
)
def test_a_wrong_request_is_one_line_and_leaves_nothing(lab, tmp_path, arguments):
    study(tmp_path / "out")
    (tmp_path / "empty").mkdir()
    study(tmp_path / "damaged")
    (tmp_path / "damaged" / "bands" / "00000.parquet").write_bytes(b"PAR1")
    done = lab("report", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("lab: ")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / arguments[0] / "report").exists()


def test_a_directory_that_cannot_be_written_is_one_line(lab, tmp_path):
    study(tmp_path / "out")
    (tmp_path / "out" / "report").write_text("a file")
    done = lab("report", "out")
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert done.stderr.count("\n") == 1


def test_run_leaves_a_page_and_says_where(lab, tmp_path, opened):
    done = lab(*RUN, "--out", "out", "--open")
    assert done.returncode == 0
    assert "page      out/report/index.html" in done.stdout.splitlines()
    text = (tmp_path / "out" / "report" / "index.html").read_text(encoding="utf-8")
    assert "At the shared rate 0.01" in text
    assert "n = 16 paired seeds" in text
    assert opened == [(tmp_path / "out" / "report" / "index.html").as_uri()]


def test_the_page_of_a_run_says_what_its_terminal_said(lab, tmp_path):
    done = lab(*RUN, "--out", "out")
    sentence = next(
        line.removeprefix("At the shared rate 0.01: ")
        for line in done.stdout.splitlines()
        if line.startswith("At the shared rate")
    )
    text = (tmp_path / "out" / "report" / "index.html").read_text(encoding="utf-8")
    assert sentence.replace("'", "&#39;") in text


def test_json_draws_nothing_unless_it_is_asked_to(lab, tmp_path):
    done = lab(*RUN, "--out", "plain", "--json")
    assert json.loads(done.stdout)["schema"] == 1
    assert not (tmp_path / "plain" / "report").exists()
    done = lab(*RUN, "--out", "drawn", "--json", "--report")
    assert json.loads(done.stdout)["schema"] == 1
    assert (tmp_path / "drawn" / "report" / "index.html").is_file()
    # A page can be had later, too.
    assert lab("report", "plain").returncode == 0
    assert (tmp_path / "plain" / "report" / "index.html").is_file()


def test_sweep_leaves_a_page(lab, tmp_path):
    (tmp_path / "s.toml").write_text(
        'seeds = 8\n[axes]\nlandscape = ["rosenbrock"]\nnoise = ["gaussian", "spikes"]\n'
        'schedule = ["greedy", "cosine"]\n[constants]\nsteps = 10\n'
    )
    done = lab("sweep", "s.toml", "--out", "out", "--quiet")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "page      out/report/index.html"
    assert (tmp_path / "out" / "report" / "index.html").is_file()


def test_an_experiment_leaves_a_page_and_opens_it(lab, tmp_path, opened):
    few = ("--landscape", "rosenbrock", "--perturb", "kick:at=6,size=1", "--no-published")
    small = ("--steps", "16", "--seeds", "16", "--schedule", "greedy", "--schedule", "cosine")
    done = lab("recovery", *few, *small, "--quiet", "--out", "out", "--open")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "page      out/report/index.html"
    text = (tmp_path / "out" / "report" / "index.html").read_text(encoding="utf-8")
    assert "Recovery from perturbations" in text
    assert "not yet recovered" in text
    assert opened == [(tmp_path / "out" / "report" / "index.html").as_uri()]


CLAIMS = {"claims": [{"id": "C1", "title": "lower", "verdict": "inconclusive", "arms": []}]}
CHECK = {"experiment": "check", "seeds": 40}


def test_verdicts_beside_their_evidence_make_a_page(tmp_path):
    study(tmp_path / "out" / "evidence")
    for _ in range(2):
        publish.check_beside(tmp_path / "out", CHECK)
        publish.beside(tmp_path / "out", CHECK, "lab check", CLAIMS)
    text = page.write(tmp_path / "out").read_text(encoding="utf-8")
    assert "Of 1 claims: 1 inconclusive." in text


def test_check_takes_no_directory_of_another_experiment(lab, tmp_path):
    study(tmp_path / "out")
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    done = lab("check", "C1", "--quick", "--out", "out")
    assert done.returncode == 2
    assert "another result" in done.stderr
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before


def test_a_report_that_fails_on_the_way_leaves_what_was_there(lab, tmp_path):
    """Bands are read when they are drawn: by then page and tables are made."""
    study(tmp_path / "out")
    old = tmp_path / "out" / "report" / "index.html"
    old.parent.mkdir(exist_ok=True)
    old.write_text("before")
    (bands,) = (tmp_path / "out" / "bands").iterdir()
    whole = parquet.read_table(bands)
    parquet.write_table(whole.drop_columns(["p25"]), bands)
    before = sorted((tmp_path / "out").rglob("*"))
    done = lab("report", "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert "has no column 'p25'" in done.stderr
    assert sorted((tmp_path / "out").rglob("*")) == before
    assert old.read_text() == "before"
    parquet.write_table(whole, bands)
    done = lab("report", "out")
    assert done.returncode == 0
    for line in done.stdout.splitlines():
        assert (tmp_path / line.split()[1]).is_file()
    assert "<html" in old.read_text()
    assert not list((tmp_path / "out").glob(".report*"))


def test_check_takes_no_directory_of_a_later_version_and_no_dead_link(lab, tmp_path):
    study(tmp_path / "out")
    manifest = tmp_path / "out" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"schema": 1', '"schema": 99'))
    done = lab("check", "C1", "--quick", "--out", "out")
    assert (done.returncode, "schema 99" in done.stderr) == (2, True)
    (tmp_path / "link").symlink_to("nowhere")
    done = lab("check", "C1", "--quick", "--out", "link")
    assert (done.returncode, "leads nowhere" in done.stderr) == (2, True)


def test_trace_draws_the_paths_of_the_default_schedules(lab, tmp_path):
    arguments = ("trace", "--landscape", "rosenbrock", "--steps", "10", "--figure", "map.svg")
    done = lab(*arguments)
    assert (done.returncode, done.stdout) == (0, "figure    map.svg\n")
    text = (tmp_path / "map.svg").read_text(encoding="utf-8")
    for name in ("greedy", "constant", "cosine-restarts", "reduce-on-plateau"):
        assert name in text


def test_a_trace_as_text_shows_one_schedule(lab):
    many = ("--schedule", "greedy", "--schedule", "cosine")
    done = lab("trace", "--landscape", "rosenbrock", "--steps", "10", *many)
    assert done.returncode == 2
    assert "--figure" in done.stderr
