"""Result directories, whole and damaged."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from random import Random

from tests.fuzz.inputs import STUDY, Input, chance, some, text
from tests.fuzz.judge import here

TINY = ["--landscape", "quadratic:dim=2", "--noise", "gaussian", "--seeds", "3", "--steps", "12",
        "--json", "--quiet"]  # fmt: skip
RUN = ["run", *TINY, "--schedule", "greedy", "--schedule", "cosine", "--no-tune"]
#: Commands that leave a directory each.
COMMANDS = {
    "run": RUN,
    "sweep": ["sweep", "study.toml", "--json", "--quiet"],
    "perturbed": ["sweep", "perturbed.toml", "--json", "--quiet"],
    "early": ["early", *TINY, "--targets", "3", "--schedule", "greedy", "--schedule", "cosine"],
    "recovery": ["recovery", *TINY, "--no-published", "--perturb", "kick:at=5"],
    "sensitivity": ["sensitivity", *TINY, "--rates", "3"],
    "tune": ["tune", *TINY, "--vary", "lr=0.5x/1x", "--tuning-seeds", "3"],
    "rank": ["rank", *TINY, "--contender", "greedy", "--contender", "dog", "--tuning-seeds", "3"],
    "ablate": ["ablate", *TINY, "--points", "8", "--design-seeds", "3", "--optimizer", "adam"],
    "convergence": ["convergence", "--steps", "30", "--seeds", "3", "--json", "--quiet"],
}
PERTURBED = STUDY.replace("steps = 6", 'steps = 20\nperturb = "kick:at=8"') + (
    "[keep]\nlosses = [0, 5]\nbands = 4\n"
)
FILES = {"study.toml": STUDY.encode(), "perturbed.toml": PERTURBED.encode()}
QUERIES = ("select * from runs", "select count(*) from cells", "select * from bands", "select 1",
           "select schedule, median(final) from runs group by 1", "drop table runs", "",
           "select * from read_parquet('/etc/passwd')", "select 1; select 2", "--")  # fmt: skip


class Damage:
    """Inputs that meet a directory which is not what it was; the whole ones are made once."""

    def __init__(self, directory: Path) -> None:
        self.whole: dict[str, dict[str, bytes]] = {}
        for name, command in COMMANDS.items():
            place = directory / name
            place.mkdir(parents=True)
            done = here(Input([*command, "--out", "out"], FILES), place)
            assert done.code == 0, done.err
            self.whole[name] = {
                str(p.relative_to(place)): p.read_bytes() for p in place.rglob("out/**/*")
                if p.is_file()
            }  # fmt: skip

    def input(self, rng: Random) -> Input:
        """A command on a damaged directory."""
        name = some(rng, list(self.whole))
        files = dict(self.whole[name])
        for _ in range(some(rng, (0, 1, 1, 1, 2))):
            damage(rng, files)
        command = COMMANDS[name]
        again = [*command, *["--resume"] * (command[0] == "sweep"), "--out", "out"]
        figures = some(rng, ([], ["--format", "png"], ["--columns", "1"]))
        arguments = some(rng, (
            ["report", "out", *figures], ["report", "out"], again,
            ["query", "out", some(rng, (*QUERIES, text(rng)))],
            ["query", "out", some(rng, QUERIES), "--json"],
        ))  # fmt: skip
        return Input(arguments, {**FILES, **files})


def damage(rng: Random, files: dict[str, bytes]) -> None:
    """Harm one file of a directory."""
    name = some(rng, sorted(files))
    content = files[name]
    if name.endswith(".json") and chance(rng, 70):
        files[name] = other_json(rng, content)
        return
    if name.endswith(".parquet") and chance(rng, 70):
        files[name] = other_table(rng, content)
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


def other_table(rng: Random, content: bytes) -> bytes:
    """A table with one column gone, renamed, or holding something else, or without its rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(content))
    except (pa.ArrowInvalid, OSError):
        return b"PAR1"
    at = rng.randrange(table.num_columns)
    name, rows = table.column_names[at], table.num_rows
    kind = rng.randrange(4)
    if kind == 0:
        table = table.drop_columns([name])
    elif kind == 1:
        table = table.rename_columns([
            some(rng, ("x", "", "<script>", table.column_names[0])) if each == name else each
            for each in table.column_names
        ])  # fmt: skip
    elif kind == 2:
        table = table.slice(0, rng.randrange(2))
    else:
        value = some(rng, (None, math.nan, math.inf, -math.inf, -1.0, 1e308, 0, "x", "", 10**18,
                           b"x", True, [1.0], {"a": 1}))  # fmt: skip
        table = table.set_column(at, name, pa.array([value] * rows))
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()
