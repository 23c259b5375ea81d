"""`lab tune --each`: a search a landscape, and what is said of all of them together."""

import math

import numpy as np
import pytest

from experiments.components import LANDSCAPES
from experiments.tune.each import ALIAS, every_landscape, make_each, tune_each
from experiments.tune.judge import RATE_TUNED, TUNED
from experiments.tune.run import make_tune, tune
from lab.errors import RequestError
from tests.trajectories import trajectories

LANDSCAPES_TRIED = ("rosenbrock", "quadratic", "rastrigin")
OPTIONS = {
    "axes": ("lr=0.3x/1x/10x", "patience=0/10"), "against": ("cosine", "constant"), "steps": 30,
    "seeds": 60, "tuning_seeds": 40,
}  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return tune_each(make_each(LANDSCAPES_TRIED, ("gaussian",), ("metric",), **OPTIONS))


def test_each_part_is_the_search_of_its_landscape_alone(found):
    alone = tune(make_tune(("quadratic",), ("gaussian",), ("metric",), **OPTIONS))
    part = found.found[1]
    assert part.best == alone.best
    assert (part.objective, part.held_out) == (alone.objective, alone.held_out)
    assert part.grid.hash == alone.grid.hash
    assert alone.variations
    assert part.variations == ()


def test_the_ratios_are_those_of_medians_and_their_mean_is_geometric(found):
    for place, compared in ((TUNED, found.basic[0]), (RATE_TUNED, found.basic[1])):
        ratios = [f.outcomes[place].medians[0] / f.outcomes[0].medians[0] for f in found.found]
        assert [r.estimate for r in compared.ratios] == pytest.approx(ratios, rel=1e-12)
        assert compared.gain.estimate == pytest.approx(np.exp(np.mean(np.log(ratios))), rel=1e-12)
        assert compared.landscapes.estimate == pytest.approx(compared.gain.estimate, rel=1e-12)
    logs = np.log([r.estimate for r in found.basic[0].ratios])
    # Student's t of two degrees of freedom.
    half = 4.302652729696142 * np.std(logs, ddof=1) / math.sqrt(3.0)
    interval = found.basic[0].landscapes
    assert (interval.low, interval.high) == pytest.approx(
        (math.exp(np.mean(logs) - half), math.exp(np.mean(logs) + half)), rel=1e-9
    )


def test_rivals_run_at_their_own_tuned_rates_and_are_compared_seed_by_seed(found):
    """By hand, from the lanes: cosine and the tuned schedule on the first landscape."""
    part = found.found[0]
    request, best = part.grid.first, part.best
    tuned, rate, cosine = (part.outcomes[i] for i in (TUNED, RATE_TUNED, RATE_TUNED + 2))
    arms = [part.grid.space.arm(best, request)]
    arms += [
        type(arms[0])(schedule, request.optimizer, outcome.rates[0])
        for schedule, outcome in zip(request.schedules, (rate, cosine), strict=False)
    ]
    medians = np.median(trajectories(request, 60, arms=arms).summary["final"], axis=1)
    assert [o.medians[0] for o in (tuned, rate, cosine)] == pytest.approx(medians, rel=1e-12)
    assert found.rivals[0].ratios[0].estimate == pytest.approx(medians[2] / medians[1], rel=1e-12)
    against = found.against[0].ratios[0]
    assert against.estimate == pytest.approx(medians[0] / medians[2], rel=1e-12)
    # The halves are the same ones, so that the quotient has an interval of its own.
    direct = [r.ratios[0].replicates for r in (found.basic[2], found.rivals[0])]
    np.testing.assert_allclose(against.replicates, direct[0] / direct[1], rtol=1e-12)
    assert [c.label for c in (*found.rivals, *found.against)] == [
        "cosine / greedy, lr alone", "constant / greedy, lr alone",
        "tuned / cosine, lr alone", "tuned / constant, lr alone",
    ]  # fmt: skip


def test_the_counts_are_those_of_intervals_wholly_on_one_side(found):
    for compared in (*found.basic, *found.rivals, *found.against):
        ends = [ratio.interval() for ratio in compared.ratios]
        assert compared.lower == sum(i.high < 1.0 for i in ends)
        assert compared.higher == sum(i.low > 1.0 for i in ends)
    assert found.basic[0].lower >= 2


def test_what_was_promised_falsely(found):
    for share, part in zip(found.false, found.found, strict=True):
        if part.objective < -0.01:
            assert part.held_out == pytest.approx(part.objective * (1.0 - share), rel=1e-9)
        else:
            assert math.isnan(share)
    # Few tuning seeds and candidates that do alike: the answer is better on its own seeds.
    assert max(s for s in found.false if not math.isnan(s)) > 0.0
    still = tune_each(make_each(("rastrigin",), **{**OPTIONS, "axes": ("eps=1e-9/1e-8",)}))
    assert math.isnan(still.false[0])


def test_without_a_landscape_all_that_are_known_to_have_a_minimum():
    names = every_landscape()
    assert set(ALIAS) < set(LANDSCAPES.all())
    assert not set(ALIAS) & set(names)
    for name, landscape in LANDSCAPES.all().items():
        known = LANDSCAPES.choose(name).component.facts(landscape.read(_bare(name))).minimum
        assert (name in names) == (known is not None and name not in ALIAS)
    assert len(make_each((), **OPTIONS).parts) == len(names) > 40


def _bare(name):
    from lab.spec import Spec

    return Spec(name)


def test_a_landscape_twice_is_refused():
    with pytest.raises(RequestError, match="asked for twice"):
        make_each(("rosenbrock", "rosenbrock:dim=2"), **OPTIONS)


def test_the_identity_is_that_of_the_parts():
    one = make_each(LANDSCAPES_TRIED[:2], **OPTIONS)
    assert one.hash == make_each(LANDSCAPES_TRIED[:2], **OPTIONS).hash
    assert one.hash != make_each(LANDSCAPES_TRIED[:2], **{**OPTIONS, "tuning_seeds": 41}).hash
    assert one.hash != make_each(LANDSCAPES_TRIED[:1], **OPTIONS).hash
    assert one.name == "tune-each-greedy"
