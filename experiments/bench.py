"""What this machine can do: lane-steps a second of a few workloads, on one thread and on all."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from experiments.components import CHANNELS, LANDSCAPES, NOISES, OPTIMIZERS
from experiments.request import DEFAULT_SCHEDULES
from experiments.schedules import choose_schedules
from lab.engine.native import processor
from lab.engine.workers import cores
from lab.simulation import Arm, Keep, Scenario, simulate

STEPS = 200
#: A multiple of the engine's block, so that no block is left half empty.
LANES = 4096
#: How long each workload is repeated for on one thread, and on all.
SECONDS = 0.25
NOTHING = Keep(loss=False, lr_mean=False)


@dataclass(frozen=True)
class Workload:
    """A scenario with one schedule, or with several side by side.

    landscape, optimizer, schedules, noise, channel are written as on the command line; lr is the
    initial rate.
    """

    name: str
    landscape: str
    optimizer: str
    schedules: tuple[str, ...]
    noise: str
    channel: str
    lr: float
    strength: float = 0.5

    @property
    def silent(self) -> bool:
        """Whether nothing is drawn."""
        return self.noise == "none"

    def quiet(self) -> Workload:
        """The same without noise."""
        return replace(self, noise="none")

    @property
    def scenario(self) -> Scenario:
        """Landscape, noise, channel and strength."""
        return Scenario(
            LANDSCAPES.choose(self.landscape), NOISES.choose(self.noise),
            CHANNELS.choose(self.channel), self.strength,
        )  # fmt: skip

    @property
    def arms(self) -> list[Arm]:
        """An arm a schedule."""
        chosen, _ = choose_schedules(self.schedules)
        return [Arm(schedule, OPTIMIZERS.choose(self.optimizer), self.lr) for schedule in chosen]

    @property
    def text(self) -> str:
        """What it is, in words."""
        noise = "no noise" if self.silent else f"{self.noise} noise, channel {self.channel}"
        many = len(self.schedules)
        schedules = self.schedules[0] if many == 1 else f"{many} schedules"
        return f"{self.landscape}, {self.optimizer}, {schedules}, {noise}"


GREEDY = ("greedy",)
WORKLOADS = (
    Workload("W1", "rosenbrock", "adam", GREEDY, "gaussian", "gradient", 0.01),
    Workload("W2", "quadratic:dim=15", "sgd", ("cosine",), "none", "batch", 1.0),
    Workload("W3", "rastrigin:dim=10", "adam", GREEDY, "gaussian", "gradient", 0.01),
    Workload("W4", "rosenbrock", "sgd", GREEDY, "none", "batch", 1e-4),
    Workload("W5", "quadratic:dim=100", "momentum", GREEDY, "spikes", "batch", 0.1),
    Workload("W6", "ackley:dim=8", "adam", GREEDY, "plateau", "batch", 0.01),
)
#: What `lab run` runs when nothing else is asked for: all schedules share the draws.
PAIRED = Workload("run", "rosenbrock", "adam", DEFAULT_SCHEDULES, "spikes", "batch", 0.01)


@dataclass(frozen=True)
class Throughput:
    """Lane-steps a second of one workload; every schedule's lanes count."""

    workload: Workload
    one_thread: float
    all_threads: float


@dataclass(frozen=True)
class Bench:
    """All workloads on this machine."""

    instruction_set: str
    processor: str
    threads: int
    lanes: int
    steps: int
    workloads: list[Throughput]


def run_bench(
    threads: int | None = None,
    progress: Callable[[str], None] = lambda text: None,
    lanes: int = LANES,
) -> Bench:
    """Measure every workload, each repeated for `SECONDS`, of which the fastest run counts.

    Parameters
    ----------
    threads:
        What `all_threads` means: all cores unless told otherwise.
    lanes:
        Lanes of a run; only the summary of each is kept, no series.
    """
    many = threads or cores()
    found = []
    for workload in (*WORKLOADS, PAIRED):
        progress(f"{workload.name}: {workload.text}")
        one = throughput(workload, lanes, 1)
        found.append(
            Throughput(workload, one, one if many == 1 else throughput(workload, lanes, many))
        )
    return Bench(instruction_set(), processor()[0], many, lanes, STEPS, found)


def throughput(workload: Workload, lanes: int, threads: int) -> float:
    """Lane-steps a second of the fastest of several runs, the first of which does not count."""
    scenario, arms = workload.scenario, workload.arms

    def seconds() -> float:
        begun = time.perf_counter()
        simulate(scenario, arms, STEPS, lanes, keep=NOTHING, threads=threads)
        return time.perf_counter() - begun

    seconds()
    end = time.perf_counter() + SECONDS
    shortest = seconds()
    while time.perf_counter() < end:
        shortest = min(shortest, seconds())
    return len(arms) * lanes * STEPS / shortest


def instruction_set() -> str:
    """The widest vectors that kernels are compiled for."""
    name, text = processor()
    features = set(text.split(","))
    for feature, words in (("+avx512f", "AVX-512"), ("+avx2", "AVX2"), ("+avx", "AVX")):
        if feature in features:
            return words
    return "NEON" if "+neon" in features else f"the default of {name}"
