"""`lab trace` and `lab replay`: step by step."""

import json

import numpy as np
import pandas as pd
import pytest

from tests.cli.process import TRACE, assert_refused


class TestTrace:
    def test_it_is_the_lane_of_the_run(self, finished, answer):
        lab, _ = finished
        rows = pd.read_parquet(lab.directory / "out" / "runs")
        shared = rows[rows.rate == "shared"].set_index(["schedule", "seed"])
        for schedule, index in (("greedy", 0), ("cosine", 39)):
            found = json.loads(
                answer(*TRACE, "--schedule", schedule, "--index", str(index), "--json").stdout
            )
            row = shared.loc[schedule, index]
            assert found["final"] == row["final"]
            assert found["loss"][-1] == row["last"]
            assert min([*found["loss"], found["final"]]) == row["best"]

    def test_its_keys_are_the_contract(self, answer):
        found = json.loads(answer(*TRACE, "--start", "1.2,-0.5", "--json").stdout)
        assert set(found) == {"step", "loss", "observed", "term", "lr", "x", "final"}
        assert found["step"] == list(range(12))
        assert all(len(found[name]) == 12 for name in ("loss", "observed", "term", "lr", "x"))
        assert found["x"][0] == [1.2, -0.5]
        assert isinstance(found["final"], float)

    def test_its_table_holds_the_same_numbers(self, answer, lab):
        arguments = (*TRACE, "--noise", "gaussian")
        found = json.loads(answer(*arguments, "--json").stdout)
        *lines, last = lab.output(*arguments).splitlines()
        assert lines[0].split("\t") == ["step", "loss", "observed", "term", "lr", "x0", "x1"]
        table = np.array([[float(cell) for cell in line.split("\t")] for line in lines[1:]])
        for column, name in enumerate(("step", "loss", "observed", "term", "lr")):
            np.testing.assert_array_equal(table[:, column], found[name], name)
        np.testing.assert_array_equal(table[:, 5:], found["x"])
        loss, observed, term = (np.array(found[name]) for name in ("loss", "observed", "term"))
        assert (term != 0.0).all()
        np.testing.assert_allclose(observed, loss + term, rtol=1e-14)
        assert found["lr"][0] == 0.01
        assert last == f"final\t{found['final']!r}"


LOSSES = [3.0, 2.0, 2.5, 1.0, 1.5, 1.2]


class TestReplay:
    ARGUMENTS = ("replay", "greedy-simple:F=0.5", "--lr", "0.1", "--losses")
    RATES = [0.1, 0.2, 0.1, 0.2, 0.1, 0.2]  # noqa: RUF012

    def rates(self, answer, source: str, *more: str, stdin: str = "") -> list[float]:
        found = json.loads(answer(*self.ARGUMENTS, source, "--json", *more, stdin=stdin).stdout)
        assert set(found) == {"schedule", "lr"}
        assert found["schedule"] == "greedy-simple:F=0.5"
        return found["lr"]

    def test_every_form_of_log(self, answer, tmp_path):
        forms = {
            "log.csv": "step,loss\n" + "".join(f"{i},{x}\n" for i, x in enumerate(LOSSES)),
            "log.jsonl": "".join(json.dumps({"loss": x}) + "\n" for x in LOSSES),
            "log.txt": "".join(f"{x}\n" for x in LOSSES),
        }
        for name, content in forms.items():
            (tmp_path / name).write_text(content)
            assert self.rates(answer, name) == self.RATES, name
        assert self.rates(answer, "-", stdin=forms["log.txt"]) == self.RATES

    def test_a_column_can_be_named(self, answer):
        text = "loss,other\n" + "".join(f"1,{x}\n" for x in LOSSES)
        assert self.rates(answer, "-", "--column", "other", stdin=text) == self.RATES

    def test_logs_of_other_events_are_passed_over_with_a_note(self, answer):
        done = answer(*self.ARGUMENTS, "-", stdin='{"loss": 3}\n{"eval_loss": 9}\n{"loss": 2}\n')
        assert done.stdout.splitlines() == ["step\tloss\tlr", "0\t3.0\t0.1", "1\t2.0\t0.2"]
        assert done.stderr.startswith("note: losses: 'loss' is in 2 of 3 entries")

    def test_its_table_names_step_loss_and_rate(self, lab):
        lines = lab.output(*self.ARGUMENTS, "-", stdin="3\n2\n").splitlines()
        assert lines == ["step\tloss\tlr", "0\t3.0\t0.1", "1\t2.0\t0.2"]

    @pytest.mark.parametrize(
        ("text", "part"),
        [
            ("3\n2\nx\n", "'-' line 3: 'x' is not a number"),
            ("step,loss\n0,3\n1,oops\n", "line 3: 'oops' is not a number"),
            ('{"loss": 3}\n{"loss": \n', "line 2 is not JSON"),
            ("", "'-' is empty"),
        ],
    )
    def test_a_bad_log_is_refused_with_its_line(self, text, part, answer):
        assert_refused(answer(*self.ARGUMENTS, "-", stdin=text), part)
