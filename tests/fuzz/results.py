"""Result directories, whole and damaged."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from tests.fuzz.inputs import STUDY, Input, chance, some, text
from tests.fuzz.judge import here

RUN = ["run", "--landscape", "quadratic:dim=2", "--noise", "gaussian", "--seeds", "3",
       "--steps", "6", "--schedule", "greedy", "--schedule", "cosine", "--no-tune",
       "--json"]  # fmt: skip
SWEEP = ["sweep", "study.toml", "--json", "--quiet"]
QUERIES = ("select * from runs", "select count(*) from cells", "select 1", "drop table runs", "")


class Damage:
    """Inputs that meet a directory which is not what it was; the whole ones are made once."""

    def __init__(self, directory: Path) -> None:
        self.whole: dict[str, dict[str, bytes]] = {}
        for name, command in {"run": RUN, "sweep": SWEEP}.items():
            place = directory / name
            place.mkdir(parents=True)
            done = here(Input([*command, "--out", "out"], {"study.toml": STUDY.encode()}), place)
            assert done.code == 0, done.err
            self.whole[name] = {
                str(p.relative_to(place)): p.read_bytes() for p in place.rglob("out/**/*")
                if p.is_file()
            }  # fmt: skip

    def input(self, rng: Random) -> Input:
        """A command on a damaged directory."""
        name = some(rng, list(self.whole))
        files = dict(self.whole[name])
        for _ in range(rng.randrange(3)):
            damage(rng, files)
        again = [*(RUN if name == "run" else [*SWEEP, "--resume"]), "--out", "out"]
        arguments = some(rng, (
            ["report", "out"], ["query", "out", some(rng, (*QUERIES, text(rng)))], again,
            ["query", "out", some(rng, QUERIES), "--json"],
        ))  # fmt: skip
        return Input(arguments, {"study.toml": STUDY.encode(), **files})


def damage(rng: Random, files: dict[str, bytes]) -> None:
    """Harm one file of a directory."""
    name = some(rng, sorted(files))
    content = files[name]
    if name.endswith(".json") and chance(rng, 70):
        files[name] = other_json(rng, content)
        return
    kind = rng.randrange(5)
    at = rng.randrange(len(content) + 1)
    if kind == 0:
        del files[name]
        files.setdefault("out/stranger.txt", b"precious")
    elif kind == 1:
        files[name] = content[:at]
    elif kind == 2:
        files[name] = content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :]
    elif kind == 3:
        files[name] = b""
    else:
        files[name] = bytes(rng.randrange(256) for _ in range(rng.randrange(80)))


def other_json(rng: Random, content: bytes) -> bytes:
    """A JSON document with one value changed, somewhere."""
    try:
        document = json.loads(content)
    except ValueError:
        return b"{"
    values = (None, -1, 0, 2, 1e308, "", "x", [], {}, True, "../../etc", "<script>", [[]], 10**30)
    place = document
    while isinstance(place, dict | list) and place:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = some(rng, keys)
        if chance(rng, 40) or not isinstance(place[key], dict | list) or not place[key]:
            if chance(rng, 30) and isinstance(place, dict):
                del place[key]
            else:
                place[key] = some(rng, values)
            break
        place = place[key]
    return json.dumps(document).encode()
