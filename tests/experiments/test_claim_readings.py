"""Every claim from a small body of evidence: paragraphs that follow the verdict, pages, figures."""

import ast
import inspect
import itertools
import json
import math
import re
import sys
from dataclasses import replace

import numpy as np
import pytest

from experiments.check import evidence, protocol
from experiments.check.claim import Arm, Effect
from experiments.check.interpretation import choose as sentence
from experiments.check.interpretation import listed, number, percent, pick, spread
from experiments.check.run import all_claims, check, choose, grids
from experiments.claims import (
    c02_every_noise,
    c06_convergence_bound,
    c08_factor_stability,
    c10_early_convergence,
)
from experiments.closed_forms import exploding_average
from experiments.optimal_f import stability as f_stability
from lab.statistics.interval import Interval
from lab.statistics.verdict import Verdict
from reports.claims import figures as claim_figures
from reports.claims import pages as claim_pages
from reports.claims import text as claims

SEEDS = 40
VERDICTS = (Verdict.SUPPORTED, Verdict.NOT_SUPPORTED, Verdict.INCONCLUSIVE)


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """All claims on two functions, two noise models, one strength, few seeds and steps."""
    with pytest.MonkeyPatch.context() as patch:
        functions = ("rosenbrock:dim=2,scale=1", "ackley:dim=8")
        patch.setattr(evidence, "LANDSCAPES", functions)
        patch.setattr(protocol, "FUNCTIONS", functions)
        for module in (evidence, c02_every_noise, c10_early_convergence):
            patch.setattr(module, "NOISES", ("none", "spikes"))
        patch.setattr(evidence, "STRENGTHS", (0.5, 1.0))
        patch.setattr(c06_convergence_bound, "STEPS", 100)
        patch.setattr(c06_convergence_bound, "EARLY_SEEDS", 20_000)
        patch.setattr(f_stability, "standing", lambda: ["quadratic", "rosenbrock"])
        patch.setattr("experiments.claims.c07_optimal_factor.STEPS", 50)
        directory = tmp_path_factory.mktemp("evidence")
        return list(check((), directory, SEEDS, 2, lambda text: None))


@pytest.fixture(scope="module")
def pages(judged, tmp_path_factory):
    """The pages and figures of all of them."""
    directory = tmp_path_factory.mktemp("pages")
    assert len(claim_pages.write(judged, directory, "lab check")) == 1 + len(judged)
    return directory


def of(judged, identifier):
    return next(result for result in judged if result.claim.id == identifier)


def test_a_paragraph_follows_the_verdict(judged):
    for result in judged:
        first, *others = result.arms
        texts = [
            result.claim.interpret([replace(first, verdict=verdict), *others])
            for verdict in VERDICTS
        ]
        assert len(set(texts)) == len(VERDICTS), result.claim.id
        for text in texts:
            assert 400 < len(text) < 2600, result.claim.id
            assert "nan" not in text.split(), result.claim.id


def test_paragraphs_hold_no_number_of_their_own():
    """Decimals come from results and constants; what is literal are names (C1) and words."""
    for claim in all_claims().values():
        module = ast.parse(inspect.getsource(sys.modules[claim.interpret.__module__]))
        functions = [n for n in module.body if isinstance(n, ast.FunctionDef)]
        (interpret,) = (f for f in functions if f.name == "interpret")
        for node in ast.walk(interpret):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.search(r"\d\.\d", node.value), (claim.id, node.value)


def test_pages_quote_the_measured_numbers(judged, pages):
    page = (pages / "c1.md").read_text()
    first = of(judged, "C1").arms[0]
    assert spread([first.ratio(r) for r in evidence.RIVALS]) in page
    for rival in ("cosine", "constant"):
        assert f"{rival} {number(first.facts[rival])}" in page
    assert first.facts["constant"] == pytest.approx(1.0)
    assert first.facts["cosine"] == pytest.approx(0.5, abs=0.01)
    assert first.facts["exponential"] == pytest.approx((1 - 0.95**200) / 0.05 / 200)
    for result in judged:
        text = (pages / f"{result.claim.id.lower()}.md").read_text()
        assert result.claim.interpret(result.arms) in text
        assert claim_pages.readings(result) in text
        source = re.search(r"`(experiments/claims/\w+\.py)`", text)
        assert source


def test_json_has_n_and_a_paragraph_free_of_it(judged):
    document = json.loads(json.dumps(claims.document(judged)))
    for claim in document["claims"]:
        assert claim["n"] > 0, claim["id"]
        assert claim["ci"] is not None or claim["verdict"] == "inconclusive", claim["id"]
        for arm in claim["arms"]:
            assert all(effect["n"] > 0 for effect in arm["effects"])


def test_equal_tuning_stands_beside_what_can_be_tuned(judged):
    tuned = {r.claim.id for r in judged if any(a.reading == "equal tuning" for a in r.arms)}
    assert tuned == {"C1", "C2", "C3", "C4", "C5", "C9a", "C9b", "C10"}


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ("s", "**Supported** (r: 0)."),
        ("ss", "**Supported** (r: 0), and in every other reading."),
        ("nsn", "**Not supported** (r: 0), and in 1 of the 2 other readings; **supported**: r: 1."),
        ("sni", "**Supported** (r: 0); **not supported**: r: 1; **inconclusive**: r: 2."),
    ],
)
def test_readings_in_a_sentence(judged, verdicts, expected):
    words = dict(zip("sni", VERDICTS, strict=True))
    arms = tuple(Arm("r", str(i), words[v], "") for i, v in enumerate(verdicts))
    assert claim_pages.readings(replace(judged[0], arms=arms)) == expected


def test_every_effect_is_drawn(judged, pages):
    for result in judged:
        path = pages / f"{result.claim.id.lower()}.svg"
        texts = set(re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text()))
        labels = {effect.label.replace("<=", "&lt;=").replace(">=", "&gt;=")
                  for arm in result.arms for effect in arm.effects}  # fmt: skip
        assert labels <= texts, result.claim.id
        assert {arm.name for arm in result.arms} <= texts


def test_ends_that_a_logarithm_has_not_are_arrows(judged, monkeypatch):
    marks = []
    monkeypatch.setattr(claim_figures, "_mark", lambda axis, x, y, c, **m: marks.append((x, m)))

    class Axis:
        def plot(self, *args, **kwargs):
            self.line = args[0]

    axis = Axis()
    effect = Effect("", Interval(2.0, 0.0, math.inf, 5), Verdict.SUPPORTED)
    claim_figures._bar(axis, 0, effect, (0.1, 10.0), linear=False)
    assert axis.line == [0.1, 10.0]
    assert sorted((x, m["marker"]) for x, m in marks) == [(0.1, "<"), (2.0, "o"), (10.0, ">")]
    marks.clear()
    effect = Effect("", Interval(0.0, 0.0, 0.2, 5), Verdict.NOT_SUPPORTED)
    claim_figures._bar(axis, 0, effect, (0.0, 1.0), linear=True)
    assert [(x, m["marker"]) for x, m in marks] == [(0.0, "x")]


def test_no_numbers_no_figure(judged, tmp_path):
    effect = Effect("", Interval(None, None, None, 5), Verdict.INCONCLUSIVE)
    empty = replace(judged[0], arms=(Arm("r", "a", Verdict.INCONCLUSIVE, "", (effect,)),))
    assert not claim_figures.draw(empty, tmp_path / "none.svg")
    assert not (tmp_path / "none.svg").exists()


# ---- C6: the counterexample


def test_the_average_of_the_counterexample_in_closed_form():
    """Against all paths of factors: x_0 = 1, then 1/2 or 1.45."""
    for steps in (1, 2, 4):
        means = [
            np.mean(np.cumprod([1.0, *path]))
            for path in itertools.product((0.5, 1.45), repeat=steps - 1)
        ]
        expected = 0.025 * np.mean(np.square(means))
        assert exploding_average(steps) == pytest.approx(expected, rel=1e-12)


def test_the_interval_of_the_counterexample_holds_the_closed_form():
    """By 30 steps it would not: the mean then rests on lanes that a million do not meet."""
    effect = c06_convergence_bound.exploding(2)
    steps = c06_convergence_bound.EARLY
    exact = exploding_average(steps) / c06_convergence_bound._limit_of_p6()
    found = effect.interval
    assert found.n == c06_convergence_bound.EARLY_SEEDS
    assert found.low is not None
    assert found.high is not None
    assert found.low < exact < found.high
    assert found.high - found.low < 0.2 * exact


# ---- C8: an interval for a share of a census


def test_a_share_has_the_interval_of_its_seeds(judged):
    for arm in of(judged, "C8").arms:
        for effect in arm.effects:
            interval = effect.interval
            assert interval.n == SEEDS
            assert 0.0 <= interval.low <= interval.estimate <= interval.high <= 1.0
            assert interval.confidence == pytest.approx(1 - 0.05 / 3)


def test_a_share_that_no_half_changes_is_certain_and_one_that_halves_change_is_not():
    effect = c08_factor_stability._effect
    halves = np.zeros((2, 100), dtype=bool)
    certain = effect("", [True, False], [~halves[0], halves[1]], 50).interval
    assert (certain.low, certain.estimate, certain.high) == (0.5, 0.5, 0.5)
    halves[1, ::3] = True
    doubtful = effect("", [True, False], [~halves[0], halves[1]], 50).interval
    assert (doubtful.low, doubtful.high) == (0.5, 1.0)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.95, 1.0, Verdict.SUPPORTED),
        (0.94, 1.0, Verdict.INCONCLUSIVE),
        (0.0, 0.49, Verdict.NOT_SUPPORTED),
        (0.0, 0.5, Verdict.INCONCLUSIVE),
    ],
)
def test_the_rule_of_c8_is_on_the_interval(low, high, verdict):
    assert c08_factor_stability._decide(Interval(0.5, low, high, 9)) == verdict


def test_statements_over_halves_of_the_seeds():
    """90 % of the lanes worse at F = 0.25, none elsewhere, and two medians 1 % apart."""
    count = len(f_stability.FACTORS)
    worse = np.zeros((count, 60), dtype=bool)
    worse[f_stability.FACTORS.index(f_stability.LOW), 6:] = True
    medians = np.ones((f_stability.RESAMPLES, count))
    medians[:, -1] = 1.01
    found = f_stability._statements(worse, medians, 0)
    assert found.stable.all()
    assert found.low_diverges.all()
    assert found.alike.all()
    worse[-1, ::2] = worse[-1, 0] = True
    medians[0, -1] = 1.02
    found = f_stability._statements(worse, medians, 0)
    assert 0.2 < found.stable.mean() < 0.9
    assert not found.alike[0]


# ---- words and cost


def test_words():
    assert [number(v) for v in (0.05678, 1.0, 12.345, 49142.0, 3e7)] == [
        "0.0568", "1", "12.3", "49,100", "3e+07",
    ]  # fmt: skip
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert spread([2.0, 0.5, 1.0]) == "0.5 to 2"
    assert spread([1.0, 1.0001]) == "1"
    assert percent(0.1234) == "12.3 %"
    for verdict, expected in zip((*VERDICTS, Verdict.NOT_TESTABLE), "abcc", strict=True):
        assert sentence(verdict, "a", "b", "c") == expected


def test_an_arm_is_picked_by_reading_and_name():
    arms = [Arm("r", name, Verdict.SUPPORTED, "") for name in "ab"]
    assert pick(arms, "r") is arms[0]
    assert pick(arms, "r", "b") is arms[1]


def test_what_claims_share_costs_once():
    assert grids(choose(["C1", "C11"])) == grids(choose(["C1"]))
    assert grids(choose(["C6", "C7"])) == grids(choose(["C6"])) + grids(choose(["C7"]))


def test_a_long_check_says_its_time_first(monkeypatch, tmp_path):
    monkeypatch.setattr("experiments.check.run.expected_seconds", lambda *rest: 75.0)
    (claim,) = choose(["C6"])
    trivial = replace(claim, evaluate=lambda found: [Arm("r", "a", Verdict.SUPPORTED, "")])
    monkeypatch.setattr("experiments.check.run.choose", lambda wanted: [trivial])
    for seeds, expected in ((65, ["about 75 s, less what is already there"]), (64, [])):
        said = []
        list(check(["C6"], tmp_path, seeds, 1, said.append))
        assert said == [*expected, "C6: convergence theorem A.1"]
