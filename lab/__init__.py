"""A robustness laboratory for learning-rate schedules.

`lab.run` is the main job from Python; the command line does the same. Everything is imported when
it is first used, so `import lab` costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lab._version import __version__

if TYPE_CHECKING:
    from reports.notebook import Run

__all__ = ["__version__", "run"]


def run(
    landscape: str,
    noise: str = "none",
    *,
    channel: str = "batch",
    strength: float | Sequence[float] = 0.5,
    schedules: Sequence[Any] = (),
    optimizer: str = "adam",
    lr: float | None = None,
    steps: int = 200,
    seeds: int = 2000,
    seed: int = 0,
    metric_every: int = 1,
    metric: str = "last",
    tune: bool = True,
    threads: int | None = None,
) -> Run:
    """Compare schedules on paired seeds: the same as `lab run`, without files.

    Every schedule starts from the same points and meets the same noise draws, seed by seed, so
    differences between schedules are differences on the same problem.

    Parameters
    ----------
    landscape, noise, channel, optimizer:
        Components as on the command line: ``"rosenbrock"``, ``"rosenbrock:dim=5,scale=10"``.
        ``lab list landscapes`` names them, ``lab show landscape rosenbrock`` explains one.
    strength:
        Strength s of the noise, or several; s >= 0.
    schedules:
        Components too; empty for the default set (greedy and six classic schedules). Besides text,
        what `lab.foreign.declared` takes (a torch ``LRScheduler``, a function that makes one from
        an optimizer, a function from step to rate such as an optax schedule), a declaration of your
        own, or a pair of a name and one of these.
    lr:
        Initial rate, > 0. Default: the optimizer's own (adam: 0.01), or the landscape's base rate.
    steps, seeds, seed:
        Steps T, number of paired seeds n, and the study's seed.
    metric_every, metric:
        A feedback schedule acts every so many steps on the "last" or "mean" observed loss, or on
        the "clean" loss.
    tune:
        Also compare each schedule at a rate tuned for it on other seeds.
    threads:
        Threads; all cores by default. The numbers do not depend on it.

    Returns
    -------
    Run
        With ``.summary`` (a row a schedule), ``.frame`` (a row a lane), ``.bands`` (a row a
        schedule and step) as pandas frames, and ``.plot()`` for the band figure. In a notebook the
        object shows its tables.

    Raises
    ------
    lab.errors.RequestError
        A name, key, type or range is wrong; the message says what is allowed.

    Examples
    --------
    >>> import lab
    >>> result = lab.run("rosenbrock", "spikes", seeds=256, steps=50, tune=False)
    >>> list(result.summary.columns[:4])
    ['strength', 'schedule', 'p5', 'p10']
    >>> len(result.frame) == 7 * 256
    True
    """
    from experiments.comparison import compare
    from experiments.request import make_request
    from reports.notebook import Run

    request = make_request(
        landscape,
        noise,
        channel=channel,
        strength=strength,
        schedules=schedules,
        optimizer=optimizer,
        lr=lr,
        steps=steps,
        seeds=seeds,
        seed=seed,
        metric_every=metric_every,
        metric=metric,
        tune=tune,
    )
    return Run(request, compare(request, threads))
