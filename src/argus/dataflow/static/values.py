"""What an expression may stand for, as far as fields of a state are concerned."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

__all__ = ["NOTHING", "STATE", "UNKNOWN", "LocalFunction", "Path", "Value", "merge", "value_of"]

Path: TypeAlias = tuple[str, ...]
"""A place in the state: ``()`` is the state itself, ``("order", "total")`` a nested key."""

_MAX_ITEMS: Final = 200


@dataclass(frozen=True, eq=False)
class LocalFunction:
    """A function defined inside the one that is analysed.

    Attributes:
        node: Its definition.
        env: The names visible where it was defined; shared, so later assignments are seen.
    """

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    env: dict[str, Value]


@dataclass(frozen=True)
class Value:
    """A set of things that an expression may be.

    Attributes:
        paths: Parts of the state.
        keys: The keys of a dict made in the source, or None if it is none.
        opaque: Whether it may be something unknown (for a dict: have further keys).
        texts: String constants.
        inner: What its elements may be, for containers made in the source.
        target: An object of the program that the name stands for, such as a function, class or module.
        local: A function defined in the source itself.
    """

    paths: frozenset[Path] = frozenset()
    keys: tuple[str, ...] | None = None
    opaque: bool = False
    texts: frozenset[str] = frozenset()
    inner: Value | None = None
    target: Any = None
    local: LocalFunction | None = None

    @property
    def is_state(self) -> bool:
        """Whether it may be the state as a whole."""
        return () in self.paths

    @property
    def text(self) -> str | None:
        """The only string it can be, or None."""
        if len(self.texts) != 1 or self.opaque or self.paths:
            return None
        return next(iter(self.texts))

    def carried(self) -> frozenset[Path]:
        """Every part of the state that can be reached through it."""
        found = self.paths
        inner = self.inner
        while inner is not None:
            found |= inner.paths
            inner = inner.inner
        return found

    def with_keys(self, keys: tuple[str, ...], held: Value, *, opaque: bool = False) -> Value:
        """The same dict with more keys.

        Args:
            keys: The keys added.
            held: What the new entries hold.
            opaque: Whether further, unknown keys come with them.
        """
        whole = tuple(dict.fromkeys((*(self.keys or ()), *keys)))
        return replace(self, keys=whole, inner=merge(self.inner or NOTHING, held), opaque=self.opaque or opaque)


NOTHING = Value()
"""None, a number, or anything else that carries no field."""

UNKNOWN = Value(opaque=True)
STATE = Value(paths=frozenset({()}))


def merge(one: Value, other: Value) -> Value:
    """What may be either of two values.

    Args:
        one: A value.
        other: Another.
    """
    if one is other or other is NOTHING:
        return one
    if one is NOTHING:
        return other
    keys = one.keys if other.keys is None else tuple(dict.fromkeys((*(one.keys or ()), *other.keys)))
    clash = one.target is not None and other.target is not None and one.target is not other.target
    return Value(
        paths=one.paths | other.paths,
        keys=keys,
        opaque=one.opaque or other.opaque or clash,
        texts=one.texts | other.texts,
        inner=merge(one.inner or NOTHING, other.inner or NOTHING) if one.inner or other.inner else None,
        target=None if clash else (other.target if one.target is None else one.target),
        local=one.local or other.local,
    )


def value_of(thing: Any) -> Value:
    """What is known of an object of the program; none of its code runs.

    Args:
        thing: A global, a closure's content, an attribute.
    """
    kind = type(thing)
    if thing is None or kind in (bool, int, float, bytes):
        return NOTHING
    if issubclass(kind, str):
        return Value(texts=frozenset({str.__str__(thing)}))
    if kind in (tuple, list, set, frozenset) and len(thing) <= _MAX_ITEMS:
        items = list(thing)
        if all(issubclass(type(item), str) for item in items):
            return Value(inner=Value(texts=frozenset(str.__str__(item) for item in items)))
        return UNKNOWN
    if kind is dict and len(thing) <= _MAX_ITEMS:
        keys = [key for key in list(thing) if type(key) is str]
        return Value(keys=tuple(keys), opaque=len(keys) != len(thing), inner=UNKNOWN)
    return Value(opaque=True, target=thing)
