"""One function under analysis: its names, and what is known about the state at the point reached."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FunctionType
from typing import Any

from argus.dataflow.static.kinds import ANY
from argus.dataflow.static.ledger import Ledger
from argus.dataflow.static.values import NOTHING, UNKNOWN, Path, Value, merge, value_of

__all__ = ["Frame"]


class Frame:
    """The names and circumstances of one function.

    Args:
        function: The function; closures and globals are looked up in it.
        ledger: Where reads are noted.
        depth: How many calls deep it was reached from the node.
        conditional: Whether it was reached under a condition.
    """

    def __init__(self, function: FunctionType, ledger: Ledger, depth: int, *, conditional: bool = False) -> None:
        self.function = function
        self.file = function.__code__.co_filename
        self.ledger = ledger
        self.depth = depth
        self.env: dict[str, Value] = {}
        self.returned: Value = NOTHING
        self.present: frozenset[Path] = frozenset()
        self.made: set[Path] = set()
        self.forgiving = False
        self.conditional = conditional

    # names

    def name(self, name: str) -> Value:
        """What a name stands for at this point.

        Args:
            name: A local, closed-over, global or built-in name.
        """
        if name in self.env:
            return self.env[name]
        code = self.function.__code__
        if name in code.co_freevars:
            return value_of(self._closed_over(name))
        if name in code.co_varnames or name in code.co_cellvars:
            return UNKNOWN
        if name in self.function.__globals__:
            return value_of(self.function.__globals__[name])
        return value_of(builtins.__dict__.get(name))

    def _closed_over(self, name: str) -> Any:
        cell = (self.function.__closure__ or ())[self.function.__code__.co_freevars.index(name)]
        try:
            return cell.cell_contents
        except ValueError:  # not bound yet
            return None

    def bind(self, target: ast.expr, value: Value) -> None:
        """Assigns to a name or unpacks into several.

        Args:
            target: The left side.
            value: The right side.
        """
        if isinstance(target, ast.Name):
            self.env[target.id] = value
        elif isinstance(target, ast.Starred):
            self.bind(target.value, UNKNOWN)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for element in target.elts:
                self.bind(element, value.element)

    # reads

    def read(self, base: Value, key: str, node: ast.AST, *, required: bool) -> Value:
        """Notes that a part of the state is taken out of a value.

        Args:
            base: The value.
            key: The key or attribute.
            node: Where.
            required: Whether it raises when the key is absent.

        Returns:
            What the part may be.
        """
        paths = frozenset((*path, key) for path in base.paths)
        for path in paths:
            demanded = required and not self.forgiving and path not in self.present
            self._see(path, node, required=demanded, whole=False)
        rest = replace(base.inner, kinds=ANY, told=()) if base.inner is not None else NOTHING
        unknown = base.opaque or not (paths or base.inner or base.keys is not None)
        result = merge(Value(paths=paths), merge(rest, UNKNOWN) if unknown else rest)
        return replace(result, kinds=(not base.paths and base.kinds_at(key)) or ANY)

    def use(self, value: Value, node: ast.AST) -> None:
        """Notes that a value goes where it cannot be followed.

        Args:
            value: The value.
            node: Where.
        """
        for path in value.carried():
            if path:
                self._see(path, node, required=False, whole=True)
            else:
                self.ledger.complete = False

    def _see(self, path: Path, node: ast.AST, *, required: bool, whole: bool) -> None:
        if any(path[:length] in self.made for length in range(1, len(path) + 1)):
            return
        self.ledger.see(
            path,
            required=required,
            conditional=self.conditional,
            file=self.file,
            line=getattr(node, "lineno", 1),
            whole=whole,
        )

    # circumstances

    @contextmanager
    def under(
        self, present: frozenset[Path] = frozenset(), *, conditional: bool = True, forgiving: bool = False
    ) -> Iterator[None]:
        """The circumstances of a block that a run may skip.

        Args:
            present: Paths known to be there.
            conditional: Whether a run need not get there.
            forgiving: Whether a missing key is caught.
        """
        before = self.present, self.conditional, self.forgiving
        self.present = self.present | present
        self.conditional = self.conditional or conditional
        self.forgiving = self.forgiving or forgiving
        try:
            yield
        finally:
            self.present, self.conditional, self.forgiving = before
