"""Ranks from final values that are made up, so that the right answer is known."""

import numpy as np
import pytest

from experiments.contest.scores import FACTORS, FLOOR, LIMIT, OVERALL, decades, judge, ranks

FAMILIES = ["hills"] * 6 + ["ridges"] * 6
LANDSCAPES = [f"{family} {i // 2}" for i, family in enumerate(FAMILIES)]
CONTENDERS, N = 4, 64
ALL = np.ones(CONTENDERS, dtype=bool)


def made_up(seed=0, contenders=CONTENDERS):
    """Lognormal final values of equal contenders, of scenarios that differ in size."""
    generator = np.random.default_rng(seed)
    sizes = 10.0 ** generator.uniform(-6, 2, len(FAMILIES))
    return sizes[:, None, None] * generator.lognormal(size=(len(FAMILIES), contenders, N))


def by_contender(family):
    return sorted(family.standings, key=lambda s: s.contender)


def test_a_better_contender_wins_every_family():
    finals = made_up()
    finals[:, 2] *= 0.1
    for family in judge(finals, LANDSCAPES, FAMILIES, against=0).values():
        first = family.standings[0]
        assert (first.contender, first.rank, first.rank_ends) == (2, 1, (1, 1))
        assert first.factor.estimate == 1.0
        assert first.lowest == 1.0
        assert (first.better.low or 0.0) > 0.9
        assert [s.contender for s in family.standings if s.leads] == [2]
        assert (family.profiles[2] == 1.0).all()
        for other in family.standings[1:]:
            assert (other.factor.low or 0.0) > 5.0
            assert min(other.over_landscapes or (0.0,)) > 5.0
            assert family.improvement[2, other.contender] > 0.9


def test_the_families_and_all_of_them():
    found = judge(made_up(), LANDSCAPES, FAMILIES, against=0)
    assert [(f.name, f.scenarios, f.landscapes) for f in found.values()] == [
        ("hills", 6, 3), ("ridges", 6, 3), (OVERALL, 12, 6),
    ]  # fmt: skip
    assert list(judge(made_up()[:6], LANDSCAPES[:6], FAMILIES[:6], against=0)) == ["hills"]


def test_a_against_itself_is_one_half():
    finals = made_up()
    finals[:, 1] = finals[:, 0]
    for family in judge(finals, LANDSCAPES, FAMILIES, against=0).values():
        a, b = by_contender(family)[:2]
        assert a.better.estimate == b.better.estimate == 0.5
        assert b.better.low <= 0.5 <= b.better.high
        assert (a.rank, a.rank_ends, a.factor) == (b.rank, b.rank_ends, b.factor)
        assert family.improvement[0, 1] == family.improvement[1, 0] == 0.5


def test_the_interval_of_equals_holds_one_half_as_often_as_it_says():
    """95 % of the intervals; of 100 at least 88 but for one chance in 500."""
    held = 0
    for seed in range(100):
        found = judge(made_up(seed, 2)[:3], LANDSCAPES[:3], FAMILIES[:3], against=0)["hills"]
        better = by_contender(found)[1].better
        held += better.low <= 0.5 <= better.high
    assert 88 <= held < 100


def test_ranks_do_not_depend_on_the_order_of_contenders():
    finals = made_up(3)
    order = np.array([2, 0, 3, 1])
    one = judge(finals, LANDSCAPES, FAMILIES, against=0, fair=[True, True, False, True])
    other = judge(finals[:, order], LANDSCAPES, FAMILIES, against=1, fair=[False, True, True, True])
    for name, family in one.items():
        mine, theirs = by_contender(family), by_contender(other[name])
        for place, contender in enumerate(order):
            a, b = mine[contender], theirs[place]
            for key in ("rank", "rank_ends", "factor", "over_landscapes", "better", "lowest"):
                assert getattr(a, key) == getattr(b, key)


def test_nor_on_the_order_of_scenarios():
    finals, order = made_up(4), np.random.default_rng(1).permutation(len(FAMILIES))
    one = judge(finals, LANDSCAPES, FAMILIES, against=0)
    other = judge(
        finals[order], [LANDSCAPES[i] for i in order], [FAMILIES[i] for i in order], against=0
    )
    for name, family in one.items():
        for a, b in zip(family.standings, other[name].standings, strict=True):
            assert (a.contender, a.rank) == (b.contender, b.rank)
            assert a.factor.estimate == pytest.approx(b.factor.estimate)


def test_scores_are_decades_behind_the_best_within_bounds():
    medians = np.array([[1e-3, 1e-1, np.inf, 1e20], [0.0, FLOOR / 2, 1.0, np.inf]])
    expected = [[0.0, 2.0, LIMIT, LIMIT], [0.0, 0.0, 12.0, LIMIT]]
    assert decades(medians, ALL) == pytest.approx(np.array(expected))
    assert (decades(np.full((1, CONTENDERS), np.inf), ALL) == LIMIT).all()


def test_one_that_knows_the_minimum_ranks_nobody_down():
    finals = made_up(5)
    finals[:, 3] *= 1e-3
    fair = [True, True, True, False]
    with_it = judge(finals, LANDSCAPES, FAMILIES, against=0, fair=fair)[OVERALL]
    without = judge(finals[:, :3], LANDSCAPES, FAMILIES, against=0)[OVERALL]
    for a, b in zip(by_contender(with_it)[:3], by_contender(without), strict=True):
        assert (a.rank, a.rank_ends, a.factor, a.better) == (
            b.rank,
            b.rank_ends,
            b.factor,
            b.better,
        )
    knowing = by_contender(with_it)[3]
    assert knowing.rank == 1
    assert not knowing.leads
    assert knowing.factor.estimate < 0.01
    assert (with_it.profiles[:3] == without.profiles).all()


def test_equal_scores_share_the_better_rank():
    scores = np.array([[0.0, 2.0, 0.0, 5.0]])
    assert ranks(scores, ALL).tolist() == [[1, 3, 1, 4]]
    assert ranks(scores, np.array([True, True, False, True])).tolist() == [[1, 2, 1, 3]]


def test_the_worst_quarter_of_scenarios_does_not_decide():
    """An interquartile mean over 12 scenarios leaves out 3 on either side."""
    finals = np.ones((12, 2, 8))
    finals[:, 1] *= 10.0
    finals[:3, 0] = np.inf
    standing = by_contender(judge(finals, LANDSCAPES, FAMILIES, against=1)[OVERALL])
    assert (standing[0].factor.estimate, standing[0].rank, standing[0].lost) == (1.0, 1, 0.25)
    finals[:4, 0] = np.inf
    standing = by_contender(judge(finals, LANDSCAPES, FAMILIES, against=1)[OVERALL])
    assert standing[0].factor.estimate == pytest.approx(10.0 ** (LIMIT / 6))


def test_profiles_are_shares_of_scenarios():
    finals = np.ones((4, 2, 8))
    finals[:, 1] = np.array([0.5, 1.0, 20.0, np.inf])[:, None]
    found = judge(finals, LANDSCAPES[:4], FAMILIES[:4], against=0)["hills"].profiles
    at_one, at_ten = 0, int(np.searchsorted(FACTORS, 10.0))
    assert found[:, at_one].tolist() == [0.75, 0.5]
    assert found[:, at_ten + 5].tolist() == [1.0, 0.75]


def test_a_lower_landscape_shows_in_the_interval_over_landscapes_alone():
    """All seeds agree, landscapes do not: no width over seeds, much over landscapes."""
    finals = np.ones((6, 2, 16))
    finals[2:, 1] = 100.0
    second = by_contender(judge(finals, LANDSCAPES[:6], FAMILIES[:6], against=0)["hills"])[1]
    assert second.factor.low == second.factor.high == second.factor.estimate
    assert second.over_landscapes[0] < 10.0 <= second.over_landscapes[1]
    assert second.better_over_landscapes == (0.0, 0.5)


def test_few_seeds_or_one_landscape_have_no_interval():
    found = judge(made_up()[:2, :, :4], LANDSCAPES[:2], FAMILIES[:2], against=0)["hills"]
    for standing in found.standings:
        assert standing.factor.low is None
        assert standing.over_landscapes is None
