"""What a node's function reads from the state and writes to it, told from its source alone.

The function is never called. The analysis follows names that stand for the state or a part of it, constant keys (those
held in closures, globals and partials too), and helper functions of the same package that are handed the state. Where
the state as a whole goes to code that is not followed, the reads found so far stand, marked as incomplete.
"""

from __future__ import annotations

import weakref
from types import FunctionType
from typing import Any, Final

from argus._internal.guard import Guard
from argus.dataflow.static.callables import Target, definition_of, original_of, target_of
from argus.dataflow.static.calls import Arguments
from argus.dataflow.static.ledger import Ledger, TooLarge
from argus.dataflow.static.statements import Statements
from argus.dataflow.static.values import STATE, UNKNOWN, Value, value_of
from argus.dataflow.static.wordings import fixed_words
from argus.model.graph import FieldRead
from argus.model.record import Record
from argus.model.values import ROOT_FIELD

__all__ = ["SourceReads", "read_source"]

_BUDGET: Final = 50_000

_guard = Guard("dataflow.reads")
_known: weakref.WeakKeyDictionary[FunctionType, SourceReads] = weakref.WeakKeyDictionary()


class SourceReads(Record, frozen=True, kw_only=True):
    """What the source of a callable tells.

    Attributes:
        reads: The places that read the state, or None when the source cannot be read.
        reads_complete: Whether nothing else is read; False when the state goes where it cannot be followed.
        item_reads: The places that read a part of an item, as paths such as ``lines[].price``.
        writes: The keys of the update it returns, in order of appearance, or None when they cannot be told.
        returns: The keys of each way to return (none for None and an empty dict), or None when they cannot all be told.
        adds: The keys that it puts on top of the state where it returns the state as a whole; None when it does not, or
            when they cannot all be told.
        yields: The kinds of values that it gives to a key of its update, where all can be told.
        makes: Every key that it puts into a dict of any kind, or passes by name, in order of appearance; None when the
            source cannot be read.
        says: The different words of the fixed texts in its source, or None when unknown.
        file: The source file of the function.
        line: The 1-based line of its definition.
        qualname: Its module and qualified name.
    """

    reads: tuple[FieldRead, ...] | None = None
    reads_complete: bool = False
    item_reads: tuple[FieldRead, ...] = ()
    writes: tuple[str, ...] | None = None
    returns: tuple[tuple[str, ...], ...] | None = None
    adds: tuple[str, ...] | None = None
    yields: tuple[tuple[str, tuple[str, ...]], ...] = ()
    makes: tuple[str, ...] | None = None
    says: tuple[str, ...] | None = None
    file: str | None = None
    line: int | None = None
    qualname: str | None = None


def read_source(function: Any) -> SourceReads:
    """Looks at the source of whatever runs as a node or a branch; the state is its first free argument.

    Args:
        function: A function, lambda, bound method, ``functools.partial``, object with ``__call__``, or a wrapper that
            keeps its function in ``func`` or ``afunc``. Nothing of it is executed.

    Returns:
        What could be told; all None when nothing. Never raises.
    """
    found = SourceReads()
    with _guard:
        target = target_of(function)
        if target is not None:
            plain = target.function is function
            found = (_known.get(target.function) if plain else None) or _looked_at(target)
            if plain:
                _known[target.function] = found
    return found


def _looked_at(target: Target) -> SourceReads:
    shown = original_of(target.function)
    code = shown.__code__
    where = SourceReads(
        file=code.co_filename,
        line=code.co_firstlineno,
        qualname=f"{shown.__module__}.{shown.__qualname__}",
        says=fixed_words(shown),
    )
    walked = target
    if shown is not target.function and shown.__code__.co_filename != target.function.__code__.co_filename:
        walked = Target(shown, target.args, target.kwargs)
    try:
        return _walked(walked, where)
    except (TooLarge, RecursionError):
        return where


def _walked(target: Target, where: SourceReads) -> SourceReads:
    definition = definition_of(target.function)
    if definition is None:
        return where
    ledger = Ledger(_BUDGET)
    walk = Statements(target.function, ledger, active=(target.function.__code__,))
    returned = walk.run(
        definition,
        Arguments(
            positional=(*(value_of(one) for one in target.args), STATE),
            named=tuple((name, value_of(one)) for name, one in target.kwargs),
            spread=UNKNOWN,
        ),
    )
    return SourceReads(
        reads=ledger.reads(),
        reads_complete=ledger.complete,
        item_reads=ledger.item_reads(),
        writes=_keys_of(returned),
        returns=_ways_of(returned),
        adds=_added_by(returned, ledger),
        yields=_kinds_of(returned),
        makes=tuple(ledger.made),
        says=where.says,
        file=where.file,
        line=where.line,
        qualname=where.qualname,
    )


def _keys_of(returned: Value) -> tuple[str, ...] | None:
    """The keys of an update, or of each update in a list; None when there may be others."""
    keys: tuple[str, ...] = ()
    value: Value | None = returned
    while value is not None:
        if value.opaque or value.paths or value.texts:
            return None
        keys += value.keys or ()
        value = value.inner if value.keys is None else None
    return tuple(dict.fromkeys(keys))


def _added_by(returned: Value, ledger: Ledger) -> tuple[str, ...] | None:
    """What is new or changed in a state that is returned as a whole; None when the rest of it may be changed too."""
    if returned.paths != STATE.paths or returned.opaque or returned.texts or not ledger.complete:
        return None
    return None if ledger.stores_anything else tuple(dict.fromkeys((*(returned.keys or ()), *ledger.stored)))


def _kinds_of(returned: Value) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What can stand under each key of an update that is one dict; of what is no update, the kinds of itself."""
    if returned.keys is None:
        told = "any" not in returned.kinds and returned.kinds and not returned.paths
        return ((ROOT_FIELD, tuple(sorted(returned.kinds))),) if told else ()
    if not returned.kinds <= {"dict", "empty", "null"}:
        return ()
    return tuple((key, tuple(sorted(kinds))) for key, kinds in returned.told)


def _ways_of(returned: Value) -> tuple[tuple[str, ...], ...] | None:
    """The sets of keys that an update can have, the smallest first; None when there may be others."""
    if returned.loose or returned.opaque or returned.paths or returned.texts or not returned.ways:
        return None
    if returned.keys is None and returned.inner is not None:
        return None
    place = {key: number for number, key in enumerate(returned.keys or ())}
    ways = [tuple(sorted(way, key=lambda key: place.get(key, -1))) for way in returned.ways]
    return tuple(sorted(ways, key=lambda way: (len(way), way)))
