"""Every value of a trace stored once: numbered rows of JSON text, and states as references to them.

States follow each other and share nearly everything. So a state is kept as *references*, a small JSON object from
field name to row number, and a value that several states hold is one row. Which values are the same is told by object
identity first (the recorder shares what did not change), then by equal JSON text.

=========  =============================================================================================
kind       body of the row
=========  =============================================================================================
TEXT       a value's JSON
SEQUENCE   a list, as runs of ITEMS rows: ``[[first, end], …]``, the end excluded
ENTRIES    an object, as references to TEXT rows: ``{"key": row, …}``
ITEMS      one or more items of a list, JSON joined by commas
=========  =============================================================================================

A list that grows by appending costs its new items and one short SEQUENCE row per version, since the items of one field
stand in consecutive rows. Plain string concatenation turns every row back into JSON, which is how the SQL views do it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import is_
from typing import Any, NamedTuple, TypeAlias

from argus.errors import StorageError
from argus.model.values import JsonValue, State
from argus.storage.exact_json import from_json, to_json

__all__ = ["ENTRIES", "ITEMS", "ROWS_PER_TRACE", "SEQUENCE", "TEXT", "ValueReader", "ValueRow", "ValueTable"]

TEXT, SEQUENCE, ENTRIES, ITEMS = range(4)

ROWS_PER_TRACE = 1 << 24
"""Values, steps or calls that one trace may have."""

_SMALL_LIST = 1024
_SMALL_OBJECT = 4096
_SMALL_ITEM = 64
"""Characters of JSON below which splitting costs more rows than it saves text."""

_MISSING = object()


ValueRow: TypeAlias = tuple[int, int, str]
"""Number (from 0, without gaps within a trace), kind and body of a stored value."""


class ValueTable:
    """Numbers the values of one trace while its states are read.

    It holds on to nothing but ids of the trace's objects, so the trace must outlive it; not thread-safe.
    """

    def __init__(self) -> None:
        self._rows: list[tuple[int, str | _Runs]] = []
        self._by_identity: dict[int, int] = {}
        self._by_text: dict[str, int] = {}
        self._lists: dict[str, _ListFamily] = {}
        self._objects: dict[str, dict[str, JsonValue]] = {}
        self._states: dict[int, str] = {}
        self._prefixes: dict[str, str] = {}

    def references(self, state: Mapping[str, JsonValue]) -> str:
        """A state as references to its values.

        Args:
            state: By field.

        Returns:
            Such as ``{"query":4,"messages":17}``; the names are JSON text inside JSON, so that a reader who unquotes
            once has text that can stand between quotes as it is.
        """
        known = self._states.get(id(state))
        if known is None:
            parts = []
            numbers, prefixes = self._by_identity, self._prefixes
            for name, value in state.items():
                number = numbers.get(id(value))
                if number is None:
                    number = self.number(value, name)
                parts.append(f"{prefixes.get(name) or self._prefix(name)}{number}")
            known = self._states[id(state)] = f"{{{','.join(parts)}}}"
        return known

    def number(self, value: JsonValue, name: str) -> int:
        """The row of a value.

        Args:
            value: The value.
            name: What tells which values are versions of each other, such as the field's name.
        """
        number = self._by_identity.get(id(value))
        if number is None:
            if type(value) is list:
                number = self._list(value, name)
            elif type(value) is dict:
                number = self._object(value, name)
            else:
                number = self._text(to_json(value))
            self._by_identity[id(value)] = number
        return number

    def rows(self) -> list[ValueRow]:
        """All rows so far, in order of number."""
        first = len(self._rows)
        offsets = {}
        for name, family in self._lists.items():
            offsets[name] = first
            first += len(family.texts)
        if first > ROWS_PER_TRACE:
            raise StorageError(f"the trace holds {first} different values; a store takes {ROWS_PER_TRACE} at most")
        rows: list[ValueRow] = [
            (number, kind, body if isinstance(body, str) else body.text(offsets))
            for number, (kind, body) in enumerate(self._rows)
        ]
        for family in self._lists.values():
            rows += [(number, ITEMS, text) for number, text in enumerate(family.texts, start=len(rows))]
        return rows

    def _prefix(self, name: str) -> str:
        prefix = self._prefixes.get(name)
        if prefix is None:
            inner = to_json(name if isinstance(name, str) else str(name))[1:-1]
            prefix = self._prefixes[name] = to_json(inner) + ":"
        return prefix

    def _add(self, kind: int, body: str | _Runs) -> int:
        self._rows.append((kind, body))
        return len(self._rows) - 1

    def _text(self, text: str) -> int:
        number = self._by_text.get(text)
        if number is None:
            number = self._by_text[text] = self._add(TEXT, text)
        return number

    def _list(self, items: list[JsonValue], name: str) -> int:
        family = self._lists.get(name)
        if family is None:
            family = self._lists[name] = _ListFamily()
        text = None if family.texts else to_json(items)
        runs = family.version(items, text)
        if runs is None:
            return self._text("[]" if text is None else text)
        known = family.numbers.get(tuple(runs))
        if known is None:
            known = family.numbers[tuple(runs)] = self._add(SEQUENCE, _Runs(name, runs))
        return known

    def _object(self, value: dict[str, JsonValue], name: str) -> int:
        latest = self._objects.get(name)
        if latest is not None:
            shared = sum(map(is_, map(latest.get, value, [_MISSING] * len(value)), value.values()))
            if shared * 2 >= len(value):
                self._objects[name] = value
                parts = [self._prefix(key) + str(self._text_of(item)) for key, item in value.items()]
                return self._add(ENTRIES, "{" + ",".join(parts) + "}")
        text = to_json(value)
        if len(text) >= max(_SMALL_OBJECT, 2 * _SMALL_ITEM * len(value)):
            self._objects[name] = value
        return self._text(text)

    def _text_of(self, item: JsonValue) -> int:
        known = self._by_identity.get(id(item))
        if known is None or self._rows[known][0] != TEXT:
            known = self._text(to_json(item))
            self._by_identity.setdefault(id(item), known)
        return known


class _Runs(NamedTuple):
    """A list's items, numbered within its family until all rows are known."""

    family: str
    runs: list[tuple[int, int]]

    def text(self, offsets: Mapping[str, int]) -> str:
        offset = offsets[self.family]
        return "[" + ",".join(f"[{offset + first},{offset + end}]" for first, end in self.runs) + "]"


class _ListFamily:
    """The versions of one list and the rows of their items."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.numbers: dict[tuple[tuple[int, int], ...], int] = {}
        self._latest: list[JsonValue] = []
        self._latest_runs: list[tuple[int, int]] | None = None
        self._by_identity: dict[int, int] = {}
        self._by_text: dict[str, int] = {}

    def version(self, items: list[JsonValue], text: str | None) -> list[tuple[int, int]] | None:
        """The runs of the next version of the list, or None when it is better kept whole.

        Args:
            items: The list.
            text: Its JSON; None once the family has rows, since then only new items need be encoded.
        """
        runs: list[tuple[int, int]] | None = None
        if text is None or len(text) >= _SMALL_LIST:
            runs = self._continued(items)
            if runs is None and (text is None or len(text) >= _SMALL_ITEM * len(items)):
                runs = self._split(items, [])
        self._latest, self._latest_runs = items, runs or None
        return self._latest_runs

    def _continued(self, items: list[JsonValue]) -> list[tuple[int, int]] | None:
        """The runs of a list that is the latest version plus items at its end; None when it is not."""
        latest = self._latest
        if not latest or len(latest) > len(items) or not _begins_with(items, latest):
            return None
        if len(latest) == len(items):
            return self._latest_runs
        runs = self._split(latest, []) if self._latest_runs is None else list(self._latest_runs)
        return self._split(items[len(latest) :], runs)

    def _split(self, items: Sequence[JsonValue], runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Adds items to runs: known and large ones by their own row, small neighbours in one row."""
        small: list[str] = []
        for item in items:
            row = self._by_identity.get(id(item))
            if row is None:
                text = to_json(item)
                if len(text) < _SMALL_ITEM:
                    small.append(text)
                    continue
                row = self._by_identity[id(item)] = self._row(text)
            if small:
                _extend(runs, self._row(",".join(small)))
                small = []
            _extend(runs, row)
        if small:
            _extend(runs, self._row(",".join(small)))
        return runs

    def _row(self, text: str) -> int:
        row = self._by_text.get(text)
        if row is None:
            row = self._by_text[text] = len(self.texts)
            self.texts.append(text)
        return row


def _begins_with(items: list[JsonValue], beginning: list[JsonValue]) -> bool:
    if all(map(is_, beginning, items)):
        return True
    # Traces that were read from JSON share nothing; the first item tells most other lists apart.
    return to_json(items[0]) == to_json(beginning[0]) and to_json(items[: len(beginning)]) == to_json(beginning)


def _extend(runs: list[tuple[int, int]], row: int) -> None:
    if runs and runs[-1][1] == row:
        runs[-1] = (runs[-1][0], row + 1)
    else:
        runs.append((row, row + 1))


class ValueReader:
    """Turns rows back into values, each decoded once and shared by all states that hold it.

    Args:
        rows: Kind and body, in order of number.
    """

    def __init__(self, rows: Iterable[tuple[int, str]]) -> None:
        self._rows = list(rows)
        self._values: dict[int, JsonValue] = {}
        self._items: dict[int, list[JsonValue]] = {}
        self._states: dict[str, State] = {}
        self._versions: dict[int, tuple[list[list[int]], list[JsonValue]]] = {}

    def state(self, references: str) -> State:
        """A state from its references.

        Args:
            references: From :meth:`ValueTable.references`.
        """
        state = self._states.get(references)
        if state is None:
            state = self._states[references] = self._entries(references)
        return state

    def value(self, number: int) -> JsonValue:
        """A value from its row.

        Args:
            number: From :meth:`ValueTable.number`.
        """
        value = self._values.get(number, _MISSING)
        if value is _MISSING:
            kind, body = self._rows[number]
            if kind == TEXT:
                value = from_json(body)
            elif kind == SEQUENCE:
                value = self._list(from_json(body))
            else:
                value = self._entries(body)
            self._values[number] = value
        return value

    def _entries(self, references: str) -> dict[str, Any]:
        numbers = from_json(references)
        if "\\" in references:
            return {from_json(f'"{name}"'): self.value(number) for name, number in numbers.items()}
        return {name: self.value(number) for name, number in numbers.items()}

    def _list(self, runs: list[list[int]]) -> list[JsonValue]:
        """The items of all runs; mostly those of the version before and a few more."""
        start = runs[0][0]
        known, items = self._versions.get(start, ([], []))
        if known and _continue(known, runs):
            items = items.copy()
            last = len(known) - 1
            rest = [[known[last][1], runs[last][1]], *runs[last + 1 :]]
        else:
            items, rest = [], runs
        for first, end in rest:
            for row in range(first, end):
                items += self._items_of(row)
        self._versions[start] = (runs, items)
        return items

    def _items_of(self, row: int) -> list[JsonValue]:
        items = self._items.get(row)
        if items is None:
            items = self._items[row] = from_json(f"[{self._rows[row][1]}]")
        return items


def _continue(known: list[list[int]], runs: list[list[int]]) -> bool:
    """Whether some runs begin with all that is known."""
    last = len(known) - 1
    return (
        len(runs) > last
        and runs[:last] == known[:last]
        and runs[last][0] == known[last][0]
        and runs[last][1] >= known[last][1]
    )
