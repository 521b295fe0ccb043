"""What a value is, against what healthy runs have shown under its path: type, choices, format, order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

from argus.learning.walking import type_word, whole_items
from argus.learning.wordings import format_of, shape_of, summarised
from argus.model.detection import Severity
from argus.model.profile import FieldProfile
from argus.model.values import JsonValue, cut_of

__all__ = ["ENOUGH", "Oddity", "columns", "oddity", "sequence_oddity"]

ENOUGH: Final = 8
"""Runs in which a path must have been seen before anything is concluded; fewer break a habit by chance."""

_DIFFERENT: Final = 3
"""Texts that must differ before they show a format: one and the same text shows none."""

_READ: Final = 4_000
_COLUMN: Final = 200
_HIDDEN: Final = frozenset({"redacted", "opaque", "nan"})
_WORDS: Final = {
    "null": "None", "bool": "a bool", "number": "a number", "str": "a text", "list": "a list", "dict": "a dict",
}  # fmt: skip
_STRICT: Final = frozenset({"date", "datetime", "time", "uuid", "email", "url", "json"})
"""Formats that a text does not have by chance."""


class Oddity(NamedTuple):
    """How a value differs from all that were seen.

    Attributes:
        kind: ``type``, ``choice``, ``format``, ``order`` or ``double``.
        what: As the end of a sentence that begins with what has the value.
        severity: How grave it is by itself.
        confidence: How sure that is.
    """

    kind: str
    what: str
    severity: Severity
    confidence: float


def oddity(value: JsonValue, known: FieldProfile) -> Oddity | None:
    """How a value differs from what was seen under its path, or None.

    Args:
        value: As recorded.
        known: Its path.
    """
    if known.runs < ENOUGH or known.keys:
        return None
    word = type_word(value)
    if word in _HIDDEN or not _HIDDEN.isdisjoint(known.types):
        return None
    kinds = {_kind(one) for one in known.types}
    if word == "null" or kinds == {"null"}:
        return None
    if _kind(word) not in kinds:
        usual = " or ".join(_WORDS[kind] for kind in sorted(kinds))
        mild = len(kinds - {"null"}) > 1
        what = f"is {_WORDS[_kind(word)]}, though it was {usual} in all of {known.runs} earlier runs"
        return Oddity("type", what, "info" if mild else "warning", 0.6 if mild else 0.8)
    if isinstance(value, str) and cut_of(value) is None and value.strip() and len(value) <= _READ:
        odd = [one for one in (_odd_choice(value, known), _odd_format(value.strip(), known)) if one is not None]
        return max(odd, key=lambda one: one.severity == "warning", default=None)
    return None


def sequence_oddity(values: Sequence[JsonValue], known: FieldProfile) -> Oddity | None:
    """How the items that a list has at a path differ, as a sequence, from those seen there, or None.

    Args:
        values: In order, as recorded.
        known: The path, with ``[]`` in it.
    """
    sequences = known.sequences
    some: list[Any] = list(whole_items(values)[0][:_COLUMN])
    if sequences is None or known.runs < ENOUGH or len(some) < 2 or not _are_comparable(some):
        return None
    if sequences.orderable >= ENOUGH and sequences.order is not None and len(some) > 2:
        grave: Severity = "info" if isinstance(some[0], str) else "warning"
        rising = sequences.order == "ascending"
        if any((one > other) if rising else (one < other) for one, other in pairwise(some)):
            what = f"is no longer {sequences.order}, as all {sequences.orderable} earlier lists were"
            return Oddity("order", what, grave, 0.7)
    if sequences.is_unique and sequences.lists >= ENOUGH and len(set(some)) < len(some):
        double = next(one for rank, one in enumerate(some) if one in some[:rank])
        return Oddity(
            "double", f"has {_quoted(double)} twice, as none of {sequences.lists} earlier lists had", "info", 0.6
        )
    return None


def _odd_choice(value: str, known: FieldProfile) -> Oddity | None:
    choices = known.choices
    if choices is None or value in choices or known.formats.keys() - {"currency"}:
        return None
    if min((known.values or {"": 1}).values()) < 2:
        return None
    meant = next((one for one in choices if _plain(one) and _plain(one) == _plain(value)), None)
    if meant is not None:
        what = f"is {_quoted(value)}, which {known.texts} earlier runs spelled {_quoted(meant)}"
        return Oddity("choice", what, "warning", 0.8)
    if len(choices) == 1:
        return None
    usual = ", ".join(map(_quoted, choices[:5])) + (", …" if choices[5:] else "")
    return Oddity("choice", f"is {_quoted(value)}, while {known.texts} earlier runs chose from {usual}", "info", 0.5)


def _odd_format(text: str, known: FieldProfile) -> Oddity | None:
    if known.texts < ENOUGH or (known.values is not None and len(known.values) < _DIFFERENT):
        return None
    usual = next((name for name, runs in known.formats.items() if runs == known.texts), None)
    if usual is not None and format_of(text) != usual:
        grave: Severity = "warning" if usual in _STRICT else "info"
        return Oddity("format", f"is no {usual}, as all texts of {known.texts} earlier runs were", grave, 0.75)
    shape = shape_of(text)
    shapes = {one if not known.spelled else summarised(one) for one in known.shapes or ()}
    if usual is None and len(shapes) == 1 and sum((known.shapes or {}).values()) >= known.texts:
        (only,) = shapes
        if _is_structured(only) and (shape is None or summarised(shape) != only):
            return Oddity(
                "format",
                f"does not look like {_quoted(only)}, as all of {known.texts} earlier runs did",
                "warning",
                0.65,
            )
    return None


def _is_structured(shape: str) -> bool:
    """Whether a shape is more than a word or a number: letters and digits, or marks between them."""
    marks = set(shape)
    return len(marks) > 1 and not marks <= {"A", "a"} and ("9" in marks or bool(marks - {"A", "a", "9"}))


def _kind(word: str) -> str:
    return "number" if word in ("int", "float") else word


def _are_comparable(values: Sequence[JsonValue]) -> bool:
    return all(isinstance(one, str) for one in values) or all(
        isinstance(one, int | float) and not isinstance(one, bool) for one in values
    )


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _quoted(value: JsonValue) -> str:
    text = str(value)
    return f"`{text if len(text) <= 40 else text[:39] + '…'}`"


def columns(path: str, items: Sequence[JsonValue]) -> Iterator[tuple[str, Sequence[JsonValue]]]:
    """The items of a list, or what each of them has under a key, by the path that profiles know them by.

    Args:
        path: The list's.
        items: Its items, as recorded.
    """
    some = whole_items(items)[0][:_COLUMN]
    if not isinstance(some[0] if some else None, dict):
        yield f"{path}[]", some
    elif all(isinstance(item, dict) for item in some):
        for key in some[0]:
            if all(key in item for item in some):
                yield f"{path}[].{key}", [item[key] for item in some]
