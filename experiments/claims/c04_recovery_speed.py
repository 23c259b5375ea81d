"""C4: after a perturbation GreedyLR recovers three to five times faster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from experiments.check.claim import ACTING, AS_PUBLISHED, TUNED, Arm, Claim, all_of, judge
from experiments.check.evidence import RIVALS, SUBJECT, Evidence
from experiments.check.interpretation import choose, listed, number, percent, pick
from experiments.check.protocol import STEPS, series
from experiments.recovery.published import CLOSED, episode_lengths
from experiments.recovery.times import horizon_of, recovery_times
from lab.statistics.bootstrap import MedianRatio
from lab.statistics.pooled import half_flags
from lab.statistics.verdict import Direction

#: "3-5x faster": the least that the figure claims.
THRESHOLD = 3.0
EVENTS = ("kick:at=100,size=1", "gradient-burst:at=100")
AT = 100
#: Back at the twin: losses within this factor of its own, so many in a row.
FACTOR, HOLD = 1.1, 5
#: Seeds are resampled in so many groups where counting seed by seed would be slow.
GROUPS = 32
RESAMPLES = 400


def evaluate(evidence: Evidence) -> list[Arm]:
    """The published episodes; and recovery against the unperturbed twin after two events.

    The latter at the shared rate and at equal tuning.
    """
    return [
        _published(evidence),
        *(_twin(evidence, event, ACTING, None) for event in EVENTS),
        *(_twin(evidence, event, TUNED, evidence.rates) for event in EVENTS),
    ]


def _published(evidence: Evidence) -> Arm:
    """Median length of a spike episode of the clean loss, by resampling groups of seeds."""
    names = (SUBJECT, *RIVALS)
    counts = {name: np.zeros((GROUPS, STEPS)) for name in names}
    for noise in ("periodic-spikes", "spikes", "bursts"):
        for found in series(evidence.names, evidence.seeds, noise, threads=evidence.threads):
            for name in names:
                _count(counts[name], found.losses[name][:-1], found.terms[name])
    flags = half_flags(GROUPS, RESAMPLES, 0)
    medians = {name: _median(c.sum(axis=0)) for name, c in counts.items()}
    halves = {name: [_median(row) for row in flags @ c] for name, c in counts.items()}
    ratios = [
        (r, _quotient(medians[r], halves[r], medians[SUBJECT], halves[SUBJECT], evidence.seeds))
        for r in RIVALS
    ]
    effects = judge(ratios, THRESHOLD, Direction.ABOVE)
    shown = ", ".join(f"{name} {medians[name]:.3g}" for name in names)
    measured = f"median episode length of the clean loss, in steps: {shown}"
    facts = {"one": float(np.mean([c[:, 1].sum() / c.sum() for c in counts.values()]))}
    return Arm(AS_PUBLISHED, "spike episodes", all_of(effects), measured, effects, facts)


def _count(counts: np.ndarray, losses: np.ndarray, terms: np.ndarray) -> None:
    """Add the episode lengths of every group of seeds; losses have shape (steps, cells, seeds)."""
    lengths, _ = episode_lengths(_grouped(losses), _grouped(terms))
    counts += lengths


def _grouped(values: np.ndarray) -> np.ndarray:
    """Shape (groups, steps, lanes of a group); seeds that fill no group are left out."""
    steps, cells, seeds = values.shape
    each = seeds // GROUPS
    parts = values[:, :, : each * GROUPS].reshape(steps, cells, GROUPS, each)
    return np.moveaxis(parts, 2, 0).reshape(GROUPS, steps, -1)


def _median(counts: np.ndarray) -> float:
    """Median of integers 0, 1, 2, ... by their counts; NaN where there are none."""
    total = counts.sum()
    return float(np.searchsorted(np.cumsum(counts), 0.5 * total)) if total else np.nan


def _quotient(
    above: float, aboves: Sequence[float], below: float, belows: Sequence[float], n: int
) -> MedianRatio:
    """The ratio of a figure of all seeds, with those of the halves; `n` is the number of seeds."""
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = np.divide(above, below)
        return MedianRatio(float(estimate), np.divide(aboves, belows), n, "")


def _twin(
    evidence: Evidence, event: str, reading: str, rates: Mapping[tuple[str, str], float] | None
) -> Arm:
    """Restricted mean time until a lane stays within `FACTOR` of its twin's loss.

    The facts are the shares of lanes that the event never threw off.
    """
    names = (SUBJECT, *RIVALS)
    horizon = horizon_of(STEPS, AT, HOLD)
    totals = {name: np.zeros((3, evidence.seeds)) for name in names}
    threads = evidence.threads
    pairs = zip(
        series(evidence.names, evidence.seeds, event=event, threads=threads, rates=rates),
        series(evidence.names, evidence.seeds, threads=threads, rates=rates),
        strict=True,
    )
    for perturbed, twin in pairs:
        for name in names:
            losses, undisturbed = (np.moveaxis(run.losses[name], 1, 0) for run in (perturbed, twin))
            found = recovery_times(losses, undisturbed, AT, FACTOR, HOLD)
            time = np.where(found.excluded, 0.0, np.minimum(found.time, horizon))
            kept = ~found.excluded
            unmoved = (time == 0.0) & kept
            totals[name] += [time.sum(axis=0), kept.sum(axis=0), unmoved.sum(axis=0)]
    flags = half_flags(evidence.seeds, RESAMPLES, 0)
    means = {name: sums.sum(axis=1)[0] / sums.sum(axis=1)[1] for name, sums in totals.items()}
    halves = {name: (flags @ sums[0]) / (flags @ sums[1]) for name, sums in totals.items()}
    ratios = [
        (r, _quotient(means[r], halves[r], means[SUBJECT], halves[SUBJECT], evidence.seeds))
        for r in RIVALS
    ]
    effects = judge(ratios, THRESHOLD, Direction.ABOVE)
    shown = ", ".join(f"{name} {means[name]:.3g}" for name in names)
    measured = f"mean steps to within {FACTOR:g} of the twin, at most {horizon}: {shown}"
    facts = {name: float(sums[2].sum() / sums[1].sum()) for name, sums in totals.items()}
    return Arm(reading, event, all_of(effects), measured, effects, facts)


def interpret(arms: Sequence[Arm]) -> str:
    """Why the published episodes last a step, and what a small rate does to a recovery time."""
    first = arms[0]
    texts = [
        choose(
            first.verdict,
            "As published the rivals' spike episodes last more than"
            f" {THRESHOLD:g} times as long as GreedyLR's.",
            "The published factor is not found with the published measure: the medians of the"
            " rivals' episodes are"
            f" {listed([number(first.ratio(r)) for r in RIVALS])} times GreedyLR's (cosine,"
            f" restarts, exponential), where {THRESHOLD:g} is claimed at the least.",
            "With the published measure the factor is undecided: the intervals hold the claimed"
            f" {THRESHOLD:g}.",
        ),
        "An episode opens at a step whose noise term is positive and closes when the clean loss is"
        " below"
        f" {CLOSED:g} times what it was. The term acts on nothing, a descending loss meets that at"
        f" the next step, and {percent(first.facts['one'])} of the episodes last one step, the"
        " least there is: the median is that of any descent, under any schedule.",
        "Recovery proper needs an event that acts and something to return to, here the same lane"
        " without the event. "
        + " ".join(_event(pick(arms, ACTING, event)) for event in EVENTS)
        + " A schedule whose rate has become small is hardly moved by a burst of wrong gradients,"
        " and has nothing to make up for: a mean time then tells who was thrown off, not who came"
        f" back sooner. At tuned rates the factors are: {_tuned(arms)}.",
        "Neither reading says that GreedyLR recovers badly. To be back within a factor of one's"
        " twin is harder the further the twin comes meanwhile, which counts against whoever"
        " descends fastest; and a schedule that stands still is back at once.",
    ]
    return " ".join(texts)


def _event(arm: Arm) -> str:
    ratios = listed([f"{r} {number(arm.ratio(r))}" for r in RIVALS])
    shares = listed([f"{name} {percent(share)}" for name, share in arm.facts.items()])
    return (
        f"After a {arm.name.split(':')[0]} the mean recovery times are {ratios} times GreedyLR's;"
        f" but the lanes that it never threw off are {shares}."
    )


def _tuned(arms: Sequence[Arm]) -> str:
    parts = [pick(arms, TUNED, event) for event in EVENTS]
    return "; ".join(
        f"{a.name.split(':')[0]}, {listed([f'{r} {number(a.ratio(r))}' for r in RIVALS])}"
        for a in parts
    )


CLAIM = Claim(
    id="C4",
    title="faster recovery after a perturbation",
    statement="GreedyLR recovers from a perturbation three to five times faster.",
    paper="median 12 steps against 45 (3-5x faster)",
    measure="as published: median length of a spike episode of the clean loss, rival / GreedyLR;"
    " with noise that acts: restricted mean steps until the lane stays within a factor 1.1 of its"
    " unperturbed twin for 5 steps, rival / GreedyLR",
    design="11 landscapes, Adam, lr 0.01, 200 steps, paired seeds; the study's spike and burst"
    " models in the published channel; a kick of the parameters and a burst of wrong gradients at"
    " step 100",
    rule=f"supported: for all three rivals the Holm-adjusted 95 % interval of the ratio lies above"
    f" {THRESHOLD:g}; not supported: for one it lies below; otherwise inconclusive",
    evaluate=evaluate,
    interpret=interpret,
    quantity="recovery time, rival / GreedyLR",
    marks=(THRESHOLD,),
    work={
        "published, tuned": 1.1,
        "C4": 0.5,
    },
    limits="Analytic models only. In the published channel the term acts on nothing, so an episode"
    " measures ordinary descent. A twin of a fast schedule has come further, which makes it harder"
    " to catch up with.",
)
