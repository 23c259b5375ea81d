"""Dependencies point one way, and files stay small."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: What each part of the program may import, besides itself.
BELOW = {
    "lab": set(),
    "landscapes": {"lab"},
    "noise": {"lab"},
    "experiments": {"lab", "landscapes", "noise"},
    "reports": {"lab", "landscapes", "noise", "experiments"},
    "cli": {"lab", "landscapes", "noise", "experiments", "reports"},
}
#: The lazy facade calls upwards, inside its functions and for type checkers.
FACADE = ROOT / "lab" / "__init__.py"
MOST_LINES = 400


def files(part: str) -> list[Path]:
    return [ROOT / "cli.py"] if part == "cli" else sorted((ROOT / part).rglob("*.py"))


EVERY = [path for part in BELOW for path in files(part)]


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Modules that a file imports anywhere, with their lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            assert node.module is not None
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def top_level_imports(path: Path) -> list[str]:
    """Modules that importing a file imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for node in tree.body:
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append(str(node.module))
    return found


def test_there_is_something_to_look_at():
    assert len(EVERY) > 80
    assert all(files(part) for part in BELOW)


@pytest.mark.parametrize("part", BELOW)
def test_imports_point_downwards(part):
    forbidden = set(BELOW) - BELOW[part] - {part}
    for path in files(part):
        if path == FACADE:
            continue
        for module, line in imports(path):
            top = module.partition(".")[0]
            assert top not in forbidden, f"{path.relative_to(ROOT)}:{line} imports {module}"


def test_the_facade_imports_nothing_until_it_is_used():
    own = [name for name in top_level_imports(FACADE) if name.partition(".")[0] in BELOW]
    assert own == ["lab._version"]


def test_one_file_imports_the_compiler_package():
    users = {
        path.relative_to(ROOT).as_posix()
        for path in EVERY
        if any(module.partition(".")[0] == "numba" for module, _ in imports(path))
    }
    assert users == {"lab/engine/compiler.py"}


def test_that_file_is_imported_on_demand_only():
    for path in EVERY:
        assert "lab.engine.compiler" not in top_level_imports(path), path


def test_the_engine_knows_no_component():
    """Neither landscapes and noise nor the schedules and optimizers of its own package."""
    concrete = ("lab.schedules", "lab.optimizers")
    for path in [*(ROOT / "lab" / "engine").glob("*.py"), ROOT / "lab" / "simulation.py"]:
        for module, line in imports(path):
            assert not module.startswith(concrete), f"{path}:{line} imports {module}"


@pytest.mark.parametrize("path", EVERY, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_are_small_and_say_what_they_are(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < MOST_LINES
    if text:
        assert ast.get_docstring(ast.parse(text))
