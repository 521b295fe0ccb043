"""A recorded value as a page shows it at first: whole when it is small, else what it is and how it begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from argus.model.record import Record
from argus.model.values import MARK, JsonValue, cut_of, is_mark, is_redacted
from argus.views.values import measure, preview

__all__ = ["CutShort", "Shown", "cut_short", "kind_of", "redacted_in", "shown"]

_WHOLE_CHARACTERS = 1000
_LOOKED_AT = 2000


class CutShort(Record, frozen=True, kw_only=True):
    """What was cut from a text when it was recorded.

    Attributes:
        kept: Characters kept.
        total: Characters of the whole text.
        hash: The xxh3-128 hash of the whole text.
    """

    kept: int
    total: int
    hash: str


class Shown(Record, frozen=True, kw_only=True):
    """A value at first sight.

    Attributes:
        text: It in one harmless line; what is left out is said.
        type: ``text``, ``number``, ``bool``, ``null``, ``list``, ``dict``, or what stands in for something else:
            ``object``, ``bytes`` or ``cycle``.
        size: How large it is: characters, items or fields.
        whole: Whether ``value`` is the whole value.
        value: The value when it is small, else None.
        cut: What was cut when it was recorded, or None.
        redacted: Whether something in it was redacted when it was recorded; large values are looked into in part.
    """

    text: str
    type: str
    size: str
    whole: bool = False
    value: JsonValue = None
    cut: CutShort | None = None
    redacted: bool = False


def shown(value: JsonValue, limit: int = 200) -> Shown:
    """A value at first sight; the work is bounded.

    Args:
        value: A recorded value.
        limit: Characters of its text.
    """
    small = _cost(value, _WHOLE_CHARACTERS) <= _WHOLE_CHARACTERS
    return Shown(
        text=preview(value, limit),
        type=kind_of(value),
        size=measure(value),
        whole=small,
        value=value if small else None,
        cut=cut_short(value),
        redacted=redacted_in(value),
    )


def kind_of(value: JsonValue) -> str:
    """What kind of value it is, in one word.

    Args:
        value: A recorded value.
    """
    if is_mark(value):
        return str(value[MARK])[:40]
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "dict" if isinstance(value, Mapping) else "list"


def cut_short(value: JsonValue) -> CutShort | None:
    """What was cut from a text when it was recorded, or None.

    Args:
        value: A recorded value.
    """
    cut = cut_of(value)
    return CutShort(kept=cut.kept, total=cut.length, hash=cut.xxh3) if cut else None


def redacted_in(value: JsonValue) -> bool:
    """Whether something in a value was redacted, as far as its first 2,000 parts tell.

    Args:
        value: A recorded value.
    """
    pending, seen = [value], 0
    while pending and seen < _LOOKED_AT:
        one = pending.pop()
        seen += 1
        if is_redacted(one):
            return True
        if isinstance(one, Mapping):
            pending += list(one.values())[:_LOOKED_AT]
        elif isinstance(one, Sequence) and not isinstance(one, str):
            pending += one[:_LOOKED_AT]
    return False


def _cost(value: JsonValue, limit: int) -> int:
    """About how many characters a value takes as JSON; counting ends soon after the limit."""
    pending, cost = [value], 0
    while pending and cost <= limit:
        one = pending.pop()
        if isinstance(one, str):
            cost += len(one) + 2
        elif isinstance(one, Mapping):
            cost += 2 + sum(len(str(key)) + 4 for key in list(one)[: limit + 1])
            pending += list(one.values())[: limit + 1]
        elif isinstance(one, Sequence):
            cost += 2 + len(one)
            pending += one[: limit + 1]
        else:
            cost += len(str(one)) if isinstance(one, float) else 20
    return cost
