"""`lab run`: the table, the files, the JSON document, the interrupt."""

import json
import math
import os
import shutil
import signal
import time

import numpy as np
import pandas as pd
import pytest

from tests.cli.process import RUN, SMALL, TRACE, assert_refused


class TestRun:
    def test_it_prints_a_table_with_every_schedule(self, finished):
        _, done = finished
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        header = next(line for line in lines if line.startswith("schedule "))
        for title in ("p10", "p50", "p90", "noise effect", "diverged", "better than greedy"):
            assert title in header
        for name in ("greedy", "constant", "cosine-restarts", "exponential", "reduce-on-plateau"):
            assert sum(line.startswith(f"{name} ") for line in lines) == 2, name
        assert any(line.startswith("At the shared rate 0.01: ") for line in lines)
        assert any(line.startswith("Each at its tuned rate: ") for line in lines)
        assert "cosine: T_max 12, eta_min 1e-05" in done.stdout

    def test_progress_goes_to_stderr(self, finished):
        _, done = finished
        assert "40 seeds, strength 0.5" in done.stderr
        assert "seeds, strength" not in done.stdout
        assert "\x1b" not in done.stdout + done.stderr

    def test_it_leaves_what_it_says(self, finished):
        lab, done = finished
        named = [line.split()[1] for line in done.stdout.splitlines()[-5:] if line]
        assert len(named) >= 4
        for path in named:
            assert (lab.directory / path).exists(), path
        assert sorted(p.name for p in (lab.directory / "out").iterdir()) == [
            "bands", "manifest.json", "report", "result.json", "runs",
        ]  # fmt: skip
        assert sorted(p.name for p in lab.directory.iterdir()) == ["out"]
        assert list((lab.directory / "out" / "report").glob("*.png"))

    def test_the_manifest_says_what_ran(self, finished):
        lab, _ = finished
        manifest = json.loads((lab.directory / "out" / "manifest.json").read_text())
        assert manifest["complete"] is True
        assert manifest["command"].startswith("lab run --landscape rosenbrock")
        assert manifest["request"]["seeds"] == 40

    def test_rows_and_bands_are_readable(self, finished):
        lab, _ = finished
        rows = pd.read_parquet(lab.directory / "out" / "runs")
        assert len(rows) == 2 * 7 * 40
        bands = pd.read_parquet(lab.directory / "out" / "bands")
        assert len(bands) == 7 * 13
        last = bands[(bands.step == 12) & (bands.schedule == "greedy")]
        shared = rows[(rows.schedule == "greedy") & (rows.rate == "shared")]
        assert last.p50.item() == np.quantile(shared.final, 0.5)

    def test_the_same_request_is_renewed_with_the_same_bytes(self, finished, tmp_path):
        lab, _ = finished
        copy = shutil.copytree(lab.directory / "out", tmp_path / "out")
        file = copy / "runs" / "00000.parquet"
        before, written = file.read_bytes(), file.stat().st_mtime_ns
        lab.output(*RUN, "--out", str(copy), "--json", "--quiet")
        assert file.read_bytes() == before
        assert file.stat().st_mtime_ns > written

    def test_another_request_is_refused(self, finished, answer):
        lab, _ = finished
        taken = str(lab.directory / "out")
        assert_refused(answer(*RUN, "--seed", "1", "--out", taken), "holds another study")
        assert (lab.directory / "out" / "manifest.json").exists()

    def test_the_default_place_is_named_after_the_request(self, document):
        lab, found = document
        (directory,) = (lab.directory / "results").iterdir()
        assert found["out"] == f"results/{directory.name}"
        assert directory.name.startswith("run-rosenbrock-spikes-")
        assert sorted(p.name for p in directory.iterdir()) == [
            "bands",
            "manifest.json",
            "result.json",
            "runs",
        ]

    def test_quiet_is_silent_on_stderr(self, lab):
        done = lab(*RUN, "--no-tune", "--json", "--quiet", "--schedule", "constant")
        assert done.stderr == ""
        assert len(done.stdout.splitlines()) == 1


QUANTILES = {"p5", "p10", "p25", "p50", "p75", "p90", "p95"}
PAIRED = {"against", "ratio", "ci", "probability_better"}


class TestJson:
    def test_its_keys_are_the_contract(self, document):
        _, found = document
        assert set(found) == {
            "schema", "measure", "landscape", "noise", "channel", "strength", "optimizer", "lr",
            "steps", "seeds", "schedules", "out",
        }  # fmt: skip
        assert found["schema"] == 1
        assert found["measure"] == "suboptimality"
        given = {"lr": 0.01, "steps": 12, "seeds": 40, "strength": 0.5}
        assert {name: found[name] for name in given} == given
        for entry in found["schedules"]:
            assert set(entry) == {
                "schedule", "parameters", "final", "diverged", "best", "inert", "noise_effect",
                "paired", "tuned",
            }  # fmt: skip
            assert set(entry["final"]) == set(entry["best"]) == QUANTILES
            assert set(entry["noise_effect"]) == {"ratio", "ci"}
            assert set(entry["paired"]) == PAIRED
            assert set(entry["tuned"]) == {"lr", "at_edge", "p50", "paired"}
            assert set(entry["tuned"]["paired"]) == PAIRED

    def test_schedules_keep_order_and_spelling(self, document):
        _, found = document
        assert [s["schedule"] for s in found["schedules"]] == ["cosine", "greedy:patience=2"]
        assert found["schedules"][0]["parameters"] == {"T_max": 12, "eta_min": 1e-5}
        assert found["schedules"][1]["parameters"]["patience"] == 2

    def test_the_reference_has_no_partner(self, document):
        _, found = document
        cosine, greedy = (s["paired"] for s in found["schedules"])
        assert greedy == {"against": None, "ratio": None, "ci": None, "probability_better": None}
        assert cosine["against"] == "greedy:patience=2"
        low, high = cosine["ci"]
        assert low <= cosine["ratio"] <= high
        medians = [s["final"]["p50"] for s in found["schedules"]]
        assert cosine["ratio"] == medians[0] / medians[1]

    def test_numbers_are_those_of_the_rows(self, document):
        lab, found = document
        rows = pd.read_parquet(lab.directory / found["out"] / "runs")
        final = rows[(rows.schedule == "cosine") & (rows.rate == "shared")].final
        assert found["schedules"][0]["final"]["p90"] == np.quantile(final, 0.9)

    def test_infinity_is_a_string(self, lab):
        text = lab.output(
            "run", "--landscape", "quadratic", "--optimizer", "sgd", "--lr", "1e9", *SMALL,
            "--steps", "60", "--schedule", "constant", "--no-tune", "--json",
        )  # fmt: skip
        (entry,) = json.loads(text, parse_constant=pytest.fail)["schedules"]
        assert entry["diverged"] == 1.0
        assert entry["final"]["p50"] == "inf"
        assert math.isfinite(entry["best"]["p50"])
        assert entry["tuned"] is None
        assert entry["noise_effect"] == {"ratio": None, "ci": None}

    def test_several_strengths_are_several_documents(self, lab):
        found = json.loads(
            lab.output(*RUN, "--strength", "0,0.5", "--schedule", "constant", "--no-tune", "--json")
        )
        assert [run["strength"] for run in found["runs"]] == [0.0, 0.5]
        assert [run["schedules"][0]["inert"] for run in found["runs"]] == [True, False]


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_an_interrupt_leaves_nothing(lab):
    # A first run compiles, and leaves what it made: an interrupt shall meet kernels at work.
    warm = ("run", "--landscape", "rosenbrock", "--noise", "gaussian", "--steps", "2", "--no-tune")
    lab.output(*warm, "--seeds", "110000", "--json", "--out", "warm")
    shutil.rmtree(lab.directory / "warm")
    process = lab.start(
        "run", "--landscape", "rosenbrock", "--noise", "gaussian", "--seeds", "20000000",
        "--steps", "1000", "--no-tune", start_new_session=True,
    )  # fmt: skip
    try:
        line = process.stderr.readline()
        while line and "seeds, strength" not in line:
            line = process.stderr.readline()
        assert lab.tree(), "the temporary directory is not there yet"
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=240)
    finally:
        process.kill()
    assert process.returncode == 130
    assert out == ""
    assert err.splitlines()[-1] == "lab: interrupted"
    assert "Traceback" not in err
    assert lab.tree() == []


def test_a_reader_that_goes_away_is_no_error(lab):
    process = lab.start(*TRACE, "--steps", "20000")
    process.stdout.readline()
    process.stdout.close()
    process.stdin.close()
    with process.stderr as stream:
        errors = stream.read()
    assert process.wait(timeout=60) == 0
    assert errors == ""


def test_a_path_is_shown_on_one_line_whatever_its_name_holds(lab):
    shown = lab.output(*RUN, "--no-tune", "--quiet", "--out", "a\x1b[31m\nb  c")
    lines = [line for line in shown.splitlines() if "31m" in line]
    assert [line.split()[0] for line in lines] == [
        "figure", "figure", "rows", "bands", "numbers", "manifest", "page",
    ]  # fmt: skip
    assert all(r"a\x1b[31m\nb  c/" in line for line in lines)
