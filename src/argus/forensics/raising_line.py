"""Which names the line that raised works with, told from the traceback that was recorded.

A traceback shows the source of the line and, from Python 3.11 on, marks the expression that failed. The operands of
that expression are named by the last key, attribute or variable in them.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from textwrap import dedent
from typing import Final

from argus.model.trace import ErrorInfo

__all__ = ["RaisingLine", "raising_line"]

_FRAME = re.compile(r'^  File "', re.MULTILINE)
_WORD = re.compile(r"[^\W\d]\w*")
_MARKS: Final = frozenset("~^ \t")
_LONGEST: Final = 2_000


@dataclass(frozen=True)
class RaisingLine:
    """What is known of the code that raised.

    Attributes:
        operands: The names of what the failed expression works on; empty when they cannot be told.
        words: Every name and text on the line; empty when the line is not known.
        explicit: Whether it is a ``raise`` statement.
    """

    operands: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    explicit: bool = False

    @property
    def known(self) -> bool:
        """Whether the line was recorded at all."""
        return bool(self.words)


_UNKNOWN = RaisingLine()


def raising_line(error: ErrorInfo) -> RaisingLine:
    """What the line that raised works with.

    Args:
        error: A recorded exception.

    Returns:
        Names from its source, of the innermost line outside installed packages where that is known; nothing when the
        traceback was not recorded or does not show the line.
    """
    _, *frames = _FRAME.split(error.traceback)
    if not frames:
        return _UNKNOWN
    own = [frame for frame in frames if error.file and frame.startswith(f'{error.file}", line {error.line},')]
    return _parsed((own or frames)[-1][:_LONGEST], "not iterable" in error.message)


@lru_cache(maxsize=256)
def _parsed(frame: str, iterated: bool) -> RaisingLine:
    rest = frame.splitlines()[1:]
    code = next((line for line in rest[:1] if line.startswith("    ")), "")
    if not code.strip():
        return _UNKNOWN
    words = frozenset(_WORD.findall(code))
    marks = rest[1] if len(rest) > 1 and rest[1].strip() and set(rest[1]) <= _MARKS else ""
    failed = code[len(marks) - len(marks.lstrip()) : len(marks.rstrip())] if marks else ""
    explicit = code.lstrip().startswith("raise ")
    tree = _tree(failed)
    if tree is not None:
        root = _root(tree)
        # Python 3.13 marks what was iterated, earlier ones the comprehension around it
        if iterated and isinstance(root, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
            return RaisingLine(frozenset(_named(root)), words, explicit)
        return RaisingLine(frozenset(_operands(root)), words, explicit)
    tree = _tree(code)
    whole = (operand for node in ast.walk(tree) for operand in _operands(node)) if tree is not None else ()
    return RaisingLine(frozenset(whole), words, explicit)


def _root(tree: ast.AST) -> ast.AST:
    """The expression or statement that a parsed text consists of."""
    while isinstance(tree, (ast.Module, ast.AsyncFunctionDef, ast.Expr)):
        tree = tree.value if isinstance(tree, ast.Expr) else tree.body[0]
    return tree


def _tree(text: str) -> ast.AST | None:
    """The syntax tree of an expression, or of the line that it is a part of."""
    line = dedent(text).strip()
    if not line:
        return None
    for attempt in (f"({line})", line, f"{line}\n    pass", f"async def f():\n    {line}", f"{line} 0 else 0"):
        try:
            return ast.parse(attempt)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _operands(node: ast.AST) -> set[str]:
    """The names of what one operation works on, not those of operations within it."""
    parts: list[ast.expr] = []
    match node:
        case ast.BinOp(left=left, right=right):
            parts = [left, right]
        case ast.UnaryOp(operand=operand):
            parts = [operand]
        case ast.Compare(left=left, comparators=others):
            parts = [left, *others]
        case ast.Subscript(value=base, slice=key):
            parts = [base, key]
        case ast.Attribute(value=base):
            parts = [base]
        case ast.JoinedStr(values=values):
            shown = [one for one in values if isinstance(one, ast.FormattedValue)]
            parts = [one.value for one in shown if one.format_spec is not None] or [one.value for one in shown]
        case ast.Call(func=func, args=args, keywords=keywords):
            base_of = [func.value] if isinstance(func, ast.Attribute) else []
            parts = [*base_of, *args, *(keyword.value for keyword in keywords)]
        case ast.For(iter=source) | ast.AsyncFor(iter=source) | ast.comprehension(iter=source):
            parts = [source]
        case ast.ListComp(generators=[first, *_]) | ast.GeneratorExp(generators=[first, *_]):
            parts = [first.iter]
        case _:
            pass
    return {name for part in parts for name in _named(part)}


def _named(node: ast.expr) -> set[str]:
    """The name by which an operand is known: of ``row["total"]`` it is ``total``."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return {name}
        case ast.Subscript(slice=ast.Constant(value=str() as key)):
            return {key}
        case ast.Subscript(value=base):
            return _named(base)
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str() as key), *_]):
            return {key}
        case ast.GeneratorExp(elt=item) | ast.ListComp(elt=item) | ast.SetComp(elt=item):
            return _named(item)
        case ast.Starred(value=inner) | ast.Await(value=inner) | ast.UnaryOp(operand=inner):
            return _named(inner)
        case ast.BinOp(left=left, right=right):
            return _named(left) | _named(right)
        case ast.IfExp(body=body, orelse=orelse):
            return _named(body) | _named(orelse)
        case _:
            return set()
