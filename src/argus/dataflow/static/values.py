"""What an expression may stand for, as far as fields of a state are concerned."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from argus.dataflow.static.kinds import ANY, DICT, Kinds, kinds_of_constant

__all__ = [
    "EMPTY",
    "ITEM",
    "NONE",
    "NOTHING",
    "STATE",
    "UNKNOWN",
    "LocalFunction",
    "Path",
    "Value",
    "merge",
    "spread",
    "value_of",
]

Path: TypeAlias = tuple[str, ...]
"""A place in the state: ``()`` is the state itself, ``("order", "total")`` a nested key."""

ITEM: Final = "[]"
"""The place of an item in a list, or of a value in a dict with keys of its own."""

_MAX_ITEMS: Final = 200
_MAX_WAYS: Final = 32


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
        ways: The sets of keys that such a dict can have; None counts as a dict without keys, since as an update it is.
        loose: Whether there may be sets of keys beyond ``ways``.
        opaque: Whether it may be something unknown (for a dict: have further keys).
        texts: String constants.
        inner: What its elements may be, for containers made in the source.
        target: An object of the program that the name stands for, such as a function, class or module.
        local: A function defined in the source itself.
        kinds: The kinds of values it can be.
        told: Of a dict, the kinds of the entries that are known, by key.
    """

    paths: frozenset[Path] = frozenset()
    keys: tuple[str, ...] | None = None
    ways: frozenset[frozenset[str]] = frozenset()
    loose: bool = False
    opaque: bool = False
    texts: frozenset[str] = frozenset()
    inner: Value | None = None
    target: Any = None
    local: LocalFunction | None = None
    kinds: Kinds = ANY
    told: tuple[tuple[str, Kinds], ...] = ()

    @property
    def is_state(self) -> bool:
        """Whether it may be the state as a whole."""
        return () in self.paths

    @property
    def is_dict(self) -> bool:
        """Whether it is surely a dict made in the source, or None."""
        return self.keys is not None or bool(self.ways)

    @property
    def text(self) -> str | None:
        """The only string it can be, or None."""
        if len(self.texts) != 1 or self.opaque or self.paths:
            return None
        return next(iter(self.texts))

    @property
    def element(self) -> Value:
        """What an item of it may be: of a part of the state the place ``[]`` inside that part."""
        held = UNKNOWN if self.inner is None else replace(self.inner, kinds=ANY, told=())
        places = frozenset((*path, ITEM) for path in self.paths if path)
        if not places:
            return held
        return replace(held, paths=held.paths | places, opaque=self.inner is not None and held.opaque)

    def carried(self) -> frozenset[Path]:
        """Every part of the state that can be reached through it."""
        found = self.paths
        inner = self.inner
        while inner is not None:
            found |= inner.paths
            inner = inner.inner
        return found

    def kinds_at(self, key: str) -> Kinds | None:
        """What an entry of a dict can be, given that it is there; None when the dict surely lacks it.

        Args:
            key: The entry.
        """
        for name, kinds in self.told:
            if name == key:
                return kinds
        return ANY if self.opaque or self.paths or key in (self.keys or ()) else None

    def with_key(self, name: Value, held: Value) -> Value:
        """The same dict with one entry more.

        Args:
            name: The key.
            held: What the entry holds.
        """
        texts = tuple(sorted(name.texts))
        sure = len(texts) == 1 and not name.opaque
        told = dict(self.told)
        if name.opaque or not texts:
            told = {key: kinds | held.kinds for key, kinds in told.items()}
        for text in texts:
            before = None if sure else self.kinds_at(text)
            told[text] = held.kinds if before is None else held.kinds | before
        return replace(
            self,
            keys=tuple(dict.fromkeys((*(self.keys or ()), *texts))),
            ways=frozenset(way | set(texts) for way in self.ways),
            loose=self.loose or not sure,
            opaque=self.opaque or name.opaque or not texts,
            inner=merge(self.inner or NOTHING, held),
            kinds=DICT,
            told=_known(told),
        )


NOTHING = Value(kinds=frozenset())
"""Nothing at all, or what is of no interest."""

NONE = Value(ways=frozenset({frozenset()}), kinds=kinds_of_constant(None))
"""None itself."""

EMPTY = Value(keys=(), ways=frozenset({frozenset()}), kinds=DICT | {"empty"})
"""A new dict without entries."""

UNKNOWN = Value(opaque=True, loose=True)
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
    ways = one.ways | other.ways
    clash = one.target is not None and other.target is not None and one.target is not other.target
    return Value(
        paths=one.paths | other.paths,
        keys=keys,
        ways=ways if len(ways) <= _MAX_WAYS else frozenset(),
        loose=one.loose or other.loose or len(ways) > _MAX_WAYS,
        opaque=one.opaque or other.opaque or clash,
        texts=one.texts | other.texts,
        inner=merge(one.inner or NOTHING, other.inner or NOTHING) if one.inner or other.inner else None,
        target=None if clash else (other.target if one.target is None else one.target),
        local=one.local or other.local,
        kinds=one.kinds | other.kinds,
        told=_either(one, other),
    )


def spread(one: Value, other: Value) -> Value:
    """A dict with another one's entries put in.

    Args:
        one: The dict.
        other: What is spread into it; anything.
    """
    whole = merge(one, other)
    ways = frozenset(mine | theirs for mine in one.ways for theirs in other.ways)
    fits = bool(ways) and len(ways) <= _MAX_WAYS
    return replace(
        whole,
        keys=whole.keys or (),
        ways=ways if fits else frozenset(),
        loose=one.loose or other.loose or not fits or bool(other.paths),
        opaque=one.opaque or other.opaque or bool(other.paths - STATE.paths) or not (other.is_dict or other.is_state),
        kinds=DICT,
        told=_overlaid(one, other),
    )


def _known(told: dict[str, Kinds]) -> tuple[tuple[str, Kinds], ...]:
    """Entries that may be anything tell nothing, but for whether the source itself provides for their being empty."""
    return tuple((key, kinds) for key, kinds in told.items() if "any" not in kinds or kinds & {"null", "empty"})


def _either(one: Value, other: Value) -> tuple[tuple[str, Kinds], ...]:
    """The entries of a dict that is one or the other."""
    if not one.told and not other.told:
        return ()
    told: dict[str, Kinds] = {}
    for key in dict.fromkeys(name for name, _ in (*one.told, *other.told)):
        mine, theirs = one.kinds_at(key), other.kinds_at(key)
        told[key] = (mine or frozenset()) | (theirs or frozenset())
    return _known(told)


def _overlaid(one: Value, other: Value) -> tuple[tuple[str, Kinds], ...]:
    """The entries of a dict with another one's put in."""
    told: dict[str, Kinds] = {}
    for key in dict.fromkeys(name for name, _ in (*one.told, *other.told)):
        mine, theirs = one.kinds_at(key), other.kinds_at(key)
        always = theirs is not None and bool(other.ways) and not other.loose and all(key in way for way in other.ways)
        told[key] = (theirs or frozenset()) | (frozenset() if always else mine or frozenset())
    return _known(told)


def value_of(thing: Any) -> Value:
    """What is known of an object of the program; none of its code runs.

    Args:
        thing: A global, a closure's content, an attribute.
    """
    kind = type(thing)
    if thing is None:
        return NONE
    if kind in (bool, int, float, bytes):
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
        odd = len(keys) != len(thing)
        return Value(keys=tuple(keys), ways=frozenset({frozenset(keys)}), loose=odd, opaque=odd, inner=UNKNOWN)
    return Value(opaque=True, loose=True, target=thing)
