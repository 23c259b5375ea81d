"""Whether the bits of a request are still those that its hash stands for.

Where this fails because a change was meant to change numbers, raise `NUMBERS` in
`lab.store.manifest` and put the new digest beside it.
"""

import hashlib

import numpy as np

from experiments.request import make_request
from lab.store.manifest import NUMBERS
from tests.trajectories import arrays, trajectories

DIGESTS = {2: "b55a5a064dd2131a"}


def test_bits():
    request = make_request(
        landscape="rosenbrock:dim=3",
        noise="gaussian",
        channel="batch",
        schedules=("greedy", "constant"),
        seeds=8,
        steps=50,
    )
    found = arrays(trajectories(request, 8, strength=1.0))
    state = hashlib.sha256()
    for name in ("loss", "observed", "lr", "x"):
        # The sign of a zero is no number's.
        state.update(np.ascontiguousarray(found[name] + 0.0).tobytes())
    assert state.hexdigest()[:16] == DIGESTS[NUMBERS]
