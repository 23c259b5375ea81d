"""`lab check`: text, JSON, pages and recorded verdicts, from judgements that are made up."""

import json

import pytest

from experiments.check import run as checking
from experiments.check.claim import Arm, Effect
from experiments.check.run import Judged, all_claims
from lab.statistics.interval import Interval
from lab.statistics.verdict import Verdict
from tests.cli.process import assert_refused

YES, OPEN = Verdict.SUPPORTED, Verdict.INCONCLUSIVE
NO = Verdict.NOT_SUPPORTED


@pytest.fixture
def judged(monkeypatch):
    """Claims C1 and C8 with an arm each, in place of the work."""
    claims = all_claims()
    effect = Effect("cosine", Interval(0.5, 0.4, 0.6, 40), YES)
    unknown = Effect("F", Interval(None, None, None, 40, "too few"), OPEN)
    arms = {
        "C9b": (Arm("as published", "published", YES, "half", (effect,)),
                Arm("equal tuning", "batch", NO, "twice", (effect, unknown))),
        "C8": (Arm("as published", "greedy", OPEN, "nothing"),),
    }  # fmt: skip
    asked = []

    def check(wanted, target, seeds, threads, log):
        asked.append((tuple(wanted), seeds))
        log("working")
        yield from (Judged(claims[name], arms[name]) for name in arms)

    monkeypatch.setattr(checking, "check", check)
    return asked


def test_every_claim_at_length_and_a_table(judged, answer, tmp_path):
    done = answer("check", "C9b", "C8", "--quick", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert judged == [(("C9b", "C8"), checking.QUICK_SEEDS)]
    lines = done.stdout.splitlines()
    assert lines[0] == "C9b  GreedyLR succeeds more often: supported" or lines[0].startswith(
        "C9b  "
    )
    assert lines[0].endswith(": supported")
    assert "  as published, published: supported; half" in lines
    assert "  equal tuning, batch: not supported; twice" in lines
    assert any(line.startswith("  limits    ") for line in lines)
    assert [" ".join(line.split()) for line in lines[-4:-1]] == [
        "C9b higher success rate as published published supported 0.500 [0.400, 0.600] cosine",
        "equal tuning batch not supported - F",
        "C8 stability in F as published greedy inconclusive -",
    ]
    assert "working" in done.stderr
    assert (tmp_path / "out").is_dir()


def test_one_json_document(judged, answer):
    done = answer("check", "--json", "--quiet", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert judged == [((), checking.FULL_SEEDS)]
    first, second = json.loads(done.stdout)["claims"]
    assert (first["id"], first["verdict"], first["ci"], first["n"]) == (
        "C9b", "supported", [0.4, 0.6], 40,
    )  # fmt: skip
    assert (second["verdict"], second["ci"], second["n"]) == ("inconclusive", None, None)
    effects = first["arms"][1]["effects"]
    assert [(e["label"], e["estimate"], e["ci"]) for e in effects] == [
        ("cosine", 0.5, [0.4, 0.6]), ("F", None, None),
    ]  # fmt: skip


def test_recorded_verdicts(judged, answer, tmp_path):
    done = answer("check", "--json", "--quiet", "--out", "out")
    record = tmp_path / "recorded.json"
    record.write_text(done.stdout)
    again = ("check", "--json", "--quiet", "--out", "out", "--expect", "recorded.json")
    assert answer(*again).returncode == 0
    record.write_text(done.stdout.replace('"not supported"', '"supported"'))
    other = answer(*again)
    assert other.returncode == 1
    assert "verdicts differ from recorded.json: " in other.stderr
    assert "C9b, equal tuning, batch: not supported, recorded supported" in other.stderr


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"claims": [{"arms": [{}]}]}'])
def test_a_record_that_is_none_is_refused(content, judged, answer, tmp_path):
    (tmp_path / "recorded.json").write_text(content)
    done = answer("check", "--expect", "recorded.json")
    assert_refused(done, "expect: 'recorded.json' is not the output of lab check --json")
    assert not judged


def test_a_record_that_is_not_there_is_refused(judged, answer):
    assert_refused(answer("check", "--expect", "none.json"), "'none.json' cannot be read: No such")


def test_pages(judged, answer, tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr("reports.claims.pages.write", lambda *given: made.append(given))
    done = answer("check", "--json", "--quiet", "--out", "out", "--pages", "pages")
    assert done.returncode == 0, done.stderr
    ((results, place, command),) = made
    assert [result.claim.id for result in results] == ["C9b", "C8"]
    assert str(place) == "pages"
    assert command.startswith("lab check --json")
