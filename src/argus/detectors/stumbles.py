"""From an exception about the shape of a value to the value in the step's input that has that shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from argus.detectors.names import CLOSE, closeness
from argus.model.trace import ErrorInfo
from argus.model.values import JsonValue, is_mark

__all__ = ["Culprit", "culprits"]

_QUOTED: Final = re.compile(r"'([^'\n]{1,200})'")
_OF_KIND: Final = re.compile(
    r"'(?P<a>str|int|float|bool|list|dict|tuple|NoneType)' object (?:has no attribute|is not|does not support|cannot)"
    r"|(?P<b>string|list|tuple) (?:indices|index) must be"
    r"|unhashable type: '(?P<c>list|dict)'"
    r"|must be real number, not (?P<d>str|list|dict|NoneType)"
    r"|must be str(?:ing)?, not (?P<e>int|float|list|dict|NoneType)"
    r"|expected str[^,\n]{0,60}(?:, got|, not| but| found)[^,\n]{0,20}?'?(?P<f>int|float|list|dict|NoneType)"
    r"|could not convert string to float|invalid literal for int"
)
_OPERANDS: Final = re.compile(
    r"unsupported operand type\(s\) for [^:]{1,12}: '(\w+)' and '(\w+)'|between instances of '(\w+)' and '(\w+)'"
)
_CONCATENATED: Final = re.compile(r'can only concatenate (?:str|list|tuple) \(not "(\w+)"\)')
_KINDS: Final = {
    "str": str, "string": str, "int": int, "float": float, "bool": bool, "list": list, "tuple": list, "dict": dict,
    "NoneType": type(None),
}  # fmt: skip
_MOST: Final = 10_000
_TAGS: Final = ("role", "type", "kind")


@dataclass(frozen=True)
class Culprit:
    """A value in the input of a step that its exception may be about.

    Attributes:
        path: Where it stands: a field, keys and positions.
        value: The value; of an absent key, what lacks it.
        lacks: The key that is absent, or None when the value itself has the wrong kind.
    """

    path: tuple[str, ...]
    value: JsonValue
    lacks: str | None = None


def culprits(error: ErrorInfo, fields: dict[str, JsonValue]) -> Iterator[Culprit]:
    """The values that an exception may be about, items that differ from their neighbours only.

    Args:
        error: The exception.
        fields: What the step reads, by field.
    """
    kind = error.type.rpartition(".")[2]
    if kind == "KeyError":
        named = _QUOTED.fullmatch(error.message.strip())
        if named and not _is_value(named[1], list(fields.values())):  # a value that is looked up in a table
            for name, value in fields.items():
                yield from _lacking(named[1], (name,), value)
    elif kind in ("TypeError", "AttributeError", "ValueError"):
        wrong = _wrong_kinds(error.message[:1_000])
        for name, value in fields.items():
            yield from _of_wrong_kind(wrong, (name,), value)


def _is_value(text: str, value: JsonValue, depth: int = 3) -> bool:
    """Whether a text stands among some values."""
    if isinstance(value, list | dict) and depth:
        items = list(value.values() if isinstance(value, dict) else value)[:_MOST]
        return text in [item for item in items if isinstance(item, str)] or any(
            _is_value(text, item, depth - 1) for item in items if isinstance(item, list | dict)
        )
    return False


def _lacking(key: str, path: tuple[str, ...], value: JsonValue) -> Iterator[Culprit]:
    """Records of a list that lack a key which others have or which one of theirs nearly is; of one list the first."""
    if isinstance(value, list):
        records = [(place, item) for place, item in enumerate(value[:_MOST]) if isinstance(item, dict)]
        whole = [item for _, item in records if key in item]
        lacking = [
            (place, item)
            for place, item in records
            if key not in item and not is_mark(item) and (not whole or any(_is_alike(item, other) for other in whole))
        ]
        meant = lacking and any(closeness(name, key) >= CLOSE for name in lacking[0][1])
        if lacking and (meant or len(lacking) < len(records)):
            place, item = lacking[0]
            yield Culprit((*path, str(place)), item, key)
    elif isinstance(value, dict) and not is_mark(value):
        for name, inner in list(value.items())[:_MOST]:
            if isinstance(inner, list):
                yield from _lacking(key, (*path, name), inner)


def _is_alike(record: dict[str, JsonValue], other: dict[str, JsonValue]) -> bool:
    """Whether two records of a list are of one sort, as far as they say: a question has other keys than an answer."""
    return all(record.get(tag) == other.get(tag) for tag in _TAGS)


def _of_wrong_kind(wrong: set[type], path: tuple[str, ...], value: JsonValue) -> Iterator[Culprit]:
    """Items of lists and values of dicts whose kind the exception names, if most of their neighbours have another."""
    if isinstance(value, list):
        odd = _odd_one(wrong, value[:_MOST])
        if odd is not None:
            yield Culprit((*path, str(odd)), value[odd])
            return
        keys = list(dict.fromkeys(key for item in value[:_MOST] if isinstance(item, dict) for key in item))
        for key in keys:
            column = [
                (place, item[key]) for place, item in enumerate(value[:_MOST]) if isinstance(item, dict) and key in item
            ]
            inner = _odd_one(wrong, [one for _, one in column])
            if inner is not None:
                yield Culprit((*path, str(column[inner][0]), key), column[inner][1])
                return
    elif isinstance(value, dict) and not is_mark(value):
        names = list(value)[:_MOST]
        odd = _odd_one(wrong, [value[name] for name in names]) if len(names) > 2 else None
        if odd is not None:
            yield Culprit((*path, names[odd]), value[names[odd]])


def _odd_one(wrong: set[type], items: list[JsonValue]) -> int | None:
    """The position of the only kind of stranger among at least two others of one kind."""
    kinds = [float if type(item) is int else type(item) for item in items]
    for stranger in sorted({float if kind is int else kind for kind in wrong}, key=lambda kind: kind.__name__):
        strange = [place for place, kind in enumerate(kinds) if kind is stranger]
        if strange and len(set(kinds)) == 2 and len(strange) <= len(items) / 3:
            return strange[0]
    return None


def _wrong_kinds(message: str) -> set[type]:
    names: list[str | None] = []
    if found := _OPERANDS.search(message) or _CONCATENATED.search(message):
        names += found.groups()
    elif found := _OF_KIND.search(message):
        names += [name for name in found.groupdict().values() if name] or ["str"]
    return {_KINDS[name] for name in names if name in _KINDS}
