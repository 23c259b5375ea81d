"""The component grammar in bash and zsh: what the documentation quotes arrives as it was meant."""

import shutil
import subprocess
import sys

import pytest

from lab.spec import Spec, parse

#: As typed, and what the laboratory reads.
TYPED = {
    "greedy": Spec("greedy"),
    "CosineAnnealingLR:T_max=9": Spec("CosineAnnealingLR", {"T_max": "9"}),
    "multistep:milestones=30/80,gamma=0.5": Spec(
        "multistep", {"milestones": "30/80", "gamma": "0.5"}
    ),
    "greedy:preset=paper,min_lr=10%": Spec("greedy", {"preset": "paper", "min_lr": "10%"}),
    "table:file=rates.txt": Spec("table", {"file": "rates.txt"}),
    "table:file=~/rates.txt": Spec("table", {"file": "~/rates.txt"}),
    "'warmup:steps=20,then=(cosine:T_max=180)'": Spec(
        "warmup", {"steps": "20", "then": Spec("cosine", {"T_max": "180"})}
    ),
    r"warmup:steps=20,then=\(cosine\)": Spec("warmup", {"steps": "20", "then": Spec("cosine")}),
    "\"table:file='my rates.txt',end=hold\"": Spec(
        "table", {"file": "my rates.txt", "end": "hold"}
    ),
    "'table:file=\"a,b:c=(d).txt\"'": Spec("table", {"file": "a,b:c=(d).txt"}),
    "\"table:file='it''s.txt'\"": Spec("table", {"file": "it's.txt"}),
    "\"warmup:steps=2,then=(table:file='a b')\"": Spec(
        "warmup", {"steps": "2", "then": Spec("table", {"file": "a b"})}
    ),
}


@pytest.fixture(params=["bash", "zsh"])
def shell(request):
    """Run a line in a shell that has nothing of the user's own; returns what it prints."""
    program = shutil.which(request.param)
    if program is None:
        pytest.skip(f"{request.param} is not installed")
    bare = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"]}[request.param]

    def run(line):
        return subprocess.run([program, *bare, "-c", line], capture_output=True, text=True)

    return run


def test_what_is_typed_arrives(shell):
    echo = f"'{sys.executable}' -c 'import sys; print(*sys.argv[1:], sep=chr(10))'"
    done = shell(f"{echo} {' '.join(TYPED)}")
    assert done.returncode == 0, done.stderr
    assert [parse(line) for line in done.stdout.splitlines()] == list(TYPED.values())


def test_a_bare_bracket_is_the_shells_own(shell):
    assert shell("echo warmup:steps=20,then=(cosine)").returncode != 0
