"""Who takes part in `lab rank`, and where: contenders, noises, channels, events.

A contender is a schedule with an optimizer, `greedy with adam`. All contenders of a scenario share
start points, landscape instances and noise draws, whatever their optimizers: the engine keys its
draws by seed and step alone, so one simulation holds arms of different optimizers, paired.

The landscapes by family are those of `experiments.families`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experiments.components import CHANNELS, NOISES, OPTIMIZERS, SCHEDULES
from experiments.families import FAMILIES
from lab.component import Chosen
from lab.errors import RequestError, unknown
from lab.spec import parse

#: The word for everything there is, where the command takes a list.
ALL = "all"
WITH = " with "
#: Who takes part unless something else is asked for; the first is what others are held against.
CONTENDERS = (
    "greedy with adam", "greedy with sgd", "greedy-robust with adam", "greedy-robust with sgd",
    "greedy-kesten with adam", "greedy-gated with adam",
    "constant with adam", "constant with sgd", "cosine with adam", "cosine with sgd",
    "linear with adam", "reduce-on-plateau with adam", "hypergradient with adam",
    "armijo with sgd", "adagrad-norm with sgd", "polyak with sgd", "sps-max with sgd",
    "dog with sgd", "dowg with sgd",
    "constant with d-adapt-sgd", "constant with d-adapt-adam", "constant with prodigy",
    "constant with schedule-free-sgd", "constant with schedule-free-adamw",
)  # fmt: skip
NOISE = ("gaussian", "spikes")
CHANNEL = ("batch",)
#: Events, each without noise and in the middle of the run: the loss at the end counts.
EVENTS = ("kick:size=1",)
EVERY_EVENT = ("kick:size=1", "jump:size=1", "gradient-burst:size=1", "lr-shock:factor=10")
#: Optimizers that every schedule meets; the others run at a constant rate.
PAIRED = ("adam", "sgd")
#: Schedules on which the initial rate has no effect, and optimizers that estimate their own: there
#: is nothing to tune, so they take part in both tables as they are.
FREE_SCHEDULES = frozenset({"polyak", "sps-max", "dog", "dowg"})
FREE_OPTIMIZERS = frozenset({"d-adapt-sgd", "d-adapt-adam", "prodigy"})
#: Schedules that use f*, or a bound of it that happens to be f* on most landscapes.
ORACLES = frozenset({"polyak", "sps-max"})
#: How schedules run that mean nothing without a parameter, made for 200 steps; one that is not here
#: is left out.
GIVEN = {
    "constant-with-warmup": "constant-with-warmup:num_warmup_steps=20",
    "warmup": "warmup:steps=20,then=(cosine:T_max=180)",
    "warmup-stable-decay": "warmup-stable-decay:num_warmup_steps=20,num_decay_steps=40",
    "step": "step:step_size=100",
    "multistep": "multistep:milestones=100/150",
    "piecewise": "piecewise:boundaries=60/120,scales=0.5/0.5",
}


@dataclass(frozen=True)
class Contender:
    """A schedule with an optimizer.

    free: there is no initial rate to tune. fair: it does without f*.
    """

    label: str
    schedule: Chosen
    optimizer: Chosen

    @property
    def free(self) -> bool:
        return (
            self.schedule.component.name in FREE_SCHEDULES
            or self.optimizer.component.name in FREE_OPTIMIZERS
        )

    @property
    def fair(self) -> bool:
        return self.schedule.component.name not in ORACLES

    def rate(self, base_lr: float) -> float:
        """The initial rate when nothing is tuned: the optimizer's, else the landscape's."""
        default = self.optimizer.component.default_lr
        return base_lr if default is None else default


def choose_contender(text: str) -> Contender:
    """The contender that `SCHEDULE with OPTIMIZER` means; alone, a schedule runs with adam.

    A schedule whose rate is made for one optimizer runs with that one.

    Raises
    ------
    RequestError
        There is no such schedule or optimizer.
    """
    written, joined, after = text.rpartition(WITH)
    schedule = SCHEDULES.choose(written if joined else text)
    optimizer = after if joined else getattr(schedule.component, "made_for", "") or PAIRED[0]
    label = text if joined else f"{text}{WITH}{optimizer}"
    return Contender(label, schedule, OPTIMIZERS.choose(optimizer))


def choose_contenders(texts: Sequence[str]) -> tuple[Contender, ...]:
    """All contenders that are meant; `all` is every schedule and every optimizer there is.

    Raises
    ------
    RequestError
        As `choose_contender`; or one is asked for twice, or there is only one.
    """
    every = [part for text in texts for part in (every_contender() if text == ALL else (text,))]
    found = [choose_contender(text) for text in every or CONTENDERS]
    labels = [contender.label for contender in found]
    for label in labels:
        if labels.count(label) > 1:
            raise RequestError(f"contender: {label!r} is asked for twice")
    if sum(contender.fair for contender in found) < 2:
        raise RequestError("contender: at least two that do without f* are needed")
    return tuple(found)


def every_contender() -> list[str]:
    """Every schedule with adam and sgd, or what it is made for; the other optimizers constant."""
    found = []
    for name, schedule in SCHEDULES.all().items():
        if name in GIVEN or not any(p.required for p in schedule.parameters):
            made_for = getattr(schedule, "made_for", "")
            optimizers = (made_for,) if made_for else PAIRED
            found += [f"{GIVEN.get(name, name)}{WITH}{optimizer}" for optimizer in optimizers]
    found += [f"constant{WITH}{name}" for name in OPTIMIZERS.all() if name not in PAIRED]
    # The one that others are held against comes first, as in `CONTENDERS`.
    return sorted(found, key=lambda label: label != CONTENDERS[0])


def choose_families(names: Sequence[str], landscapes: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Landscapes by family: the declared families, some of them, or the user's own landscapes.

    Raises
    ------
    RequestError
        There is no such family.
    """
    if landscapes and not names:
        return {"yours": tuple(landscapes)}
    for name in names:
        if name not in FAMILIES:
            raise unknown("family", name, FAMILIES)
    chosen = {name: FAMILIES[name] for name in dict.fromkeys(names or FAMILIES)}
    return {**chosen, "yours": tuple(landscapes)} if landscapes else chosen


def choose_noises(texts: Sequence[str]) -> tuple[str, ...]:
    """Noise models, as they are written, without the silent one, which every landscape meets."""
    every = [p for t in texts or NOISE for p in (NOISES.all() if t == ALL else (t,))]
    return tuple(dict.fromkeys(p for p in every if p != "none"))


def choose_channels(texts: Sequence[str]) -> tuple[str, ...]:
    """Channels; `all` are those in which noise acts on anything."""
    acting = [n for n, c in CHANNELS.all().items() if c.acts_on_metric or c.acts_on_steps]
    return tuple(dict.fromkeys(p for t in texts or CHANNEL for p in (acting if t == ALL else (t,))))


def choose_events(texts: Sequence[str], steps: int) -> tuple[str, ...]:
    """Events; `all` are those of `EVERY_EVENT`, `none` is no event.

    One that does not say when comes in the middle of the run.
    """
    every = [p for t in texts or EVENTS for p in (EVERY_EVENT if t == ALL else (t,))]
    return tuple(dict.fromkeys(_dated(text, steps // 2) for text in every if text != "none"))


def _dated(text: str, step: int) -> str:
    spec = parse(text)
    if "at" in spec.values:
        return text
    return f"{text}{',' if spec.values else ':'}at={step}"
