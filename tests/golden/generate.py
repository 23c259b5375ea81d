"""Write the golden files from the reference implementations, or compare with them.

    make parity                                                # compare with the committed files
    .venv-parity/bin/python tests/golden/generate.py           # write them anew

Everything is float64. The files name the components as the laboratory's grammar does, so that the
tests need this file and its references for nothing.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER))

import feedback  # noqa: E402
import optimizers  # noqa: E402
import rivals  # noqa: E402
import tables  # noqa: E402

PARTS = {
    "feedback": feedback.build,
    "tables": tables.build,
    "optimizers": optimizers.build,
    "rivals": rivals.build,
}


def differing(fresh: dict[str, np.ndarray], path: Path) -> list[str]:
    """Names of the arrays that are not those of the file, bit for bit."""
    with np.load(path, allow_pickle=False) as stored:
        names = set(fresh) ^ set(stored.files)
        shared = set(fresh) & set(stored.files)
        return sorted(names | {n for n in shared if fresh[n].tobytes() != stored[n].tobytes()})


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args().check
    wrong = False
    for name, build in PARTS.items():
        path = FOLDER / f"{name}.npz"
        fresh = build(np.random.default_rng(20251214))
        if not check:
            np.savez_compressed(path, **fresh)
            say(f"{path.name}: {len(fresh)} arrays, {path.stat().st_size} bytes")
        elif names := differing(fresh, path):
            wrong = True
            say(f"{path.name}: differs in {', '.join(names)}")
        else:
            say(f"{path.name}: {len(fresh)} arrays, equal")
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
