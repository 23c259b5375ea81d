"""Small wrong changes to a module, one at a time: what `benchmarks/mutation.py` tries.

A mutant replaces one expression or statement of the source text. Left alone is what decides no
result: texts, annotations, messages of errors, arguments in IDLE, shapes, functions that return
text.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}  # fmt: skip
NAMES = {
    "min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum",
    "maximum": "minimum", "floor": "ceil", "ceil": "floor", "argmin": "argmax", "argmax": "argmin",
}  # fmt: skip
#: Arguments that decide no result: how long something takes; a check of lengths that are equal.
IDLE = ("work", "strict")


@dataclass(frozen=True)
class Mutant:
    """Characters `start` to `end` of a source, and what stands there instead."""

    kind: str
    line: int
    start: int
    end: int
    text: str

    def of(self, source: str) -> str:
        return source[: self.start] + self.text + source[self.end :]

    def difference(self, source: str) -> str:
        """The changed line before and after."""
        first = source.rfind("\n", 0, self.start) + 1
        last = source.find("\n", self.end)
        new = source[first : self.start] + self.text + source[self.end : last]
        old = source[first:last]
        return "\n".join(
            f"{sign} {' '.join(text.split())}" for sign, text in (("-", old), ("+", new))
        )


def mutants(source: str) -> list[Mutant]:
    """Every mutant of a source, in its order."""
    offsets = [0]
    for line in source.encode().splitlines(keepends=True):
        offsets.append(offsets[-1] + len(line))
    raw = source.encode()

    def at(line: int, column: int) -> int:
        return len(raw[: offsets[line - 1] + column].decode())

    found = []
    for node in _decisive(ast.parse(source)):
        for kind, text in _changes(node):
            start = at(node.lineno, node.col_offset)
            end = at(node.end_lineno, node.end_col_offset)
            found.append(Mutant(kind, node.lineno, start, end, text))
    return found


def _decisive(node: ast.AST) -> Iterator[Any]:
    """The nodes of a tree that decide something."""
    if isinstance(node, ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom):
        return
    if isinstance(node, ast.keyword) and node.arg in IDLE:
        return
    if isinstance(node, ast.Subscript) and _is_shape(node.value):
        return
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.FunctionDef) and _returns_text(child):
                continue
            if isinstance(child, ast.AST):
                yield from _decisive(child)


def _is_shape(node: ast.AST) -> bool:
    """Whether a node is the shape of an array, whose last axis is most often its first."""
    return isinstance(node, ast.Attribute) and node.attr == "shape"


def _returns_text(function: ast.FunctionDef) -> bool:
    return isinstance(function.returns, ast.Name) and function.returns.id == "str"


def _changes(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Kinds of change, and the text of the node after each."""
    for kind, new in _expressions(node):
        yield kind, f"({ast.unparse(ast.fix_missing_locations(new))})"
    if isinstance(node, ast.Return) and node.value is not None:
        yield "return", "return None"
    if isinstance(node, ast.AugAssign) or _stores_in_place(node) or _is_call(node):
        yield "deletion", "pass"
    if isinstance(node, ast.AugAssign) and type(node.op) in ARITHMETIC:
        new = copy.deepcopy(node)
        new.op = ARITHMETIC[type(node.op)]()
        yield "arithmetic", ast.unparse(new)


def _expressions(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    new: Any = copy.deepcopy(node)
    match new:
        case ast.Compare(ops=[old]):
            for other in COMPARISONS.get(type(old), ()):
                new.ops = [other()]
                yield "comparison", new
        case ast.BinOp(op=old) if type(old) in ARITHMETIC and not _is_text(new):
            new.op = ARITHMETIC[type(old)]()
            yield "arithmetic", new
        case ast.Constant(value=bool()):
            yield "boolean", ast.Constant(not new.value)
        case ast.Constant(value=int() | float()):
            for change in (1, -1):
                yield "constant", ast.Constant(new.value + change)
        case ast.BoolOp(op=old):
            new.op = ast.Or() if isinstance(old, ast.And) else ast.And()
            yield "boolean", new
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield "negation", operand
        case ast.IfExp():
            new.test = ast.UnaryOp(ast.Not(), new.test)
            yield "negation", new
        case ast.Name(id=name) if name in NAMES:
            yield "swap", ast.Name(NAMES[name])
        case ast.Attribute(attr=name) if name in NAMES:
            new.attr = NAMES[name]
            yield "swap", new


def _stores_in_place(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript)


def _is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


def _is_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(part, ast.JoinedStr)
        or (isinstance(part, ast.Constant) and isinstance(part.value, str))
        for part in ast.walk(node)
    )
