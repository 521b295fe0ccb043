"""Which outputs a node gave for which inputs, as far as short hashes tell.

What is new each time (ids, times, usage) is left out, so that two runs that ask for the same have the same hashes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Final

import msgspec

from argus.model.record import Record
from argus.model.values import JsonValue, State, cut_of, is_mark

__all__ = ["ANSWERS_SEEN", "WHOLE", "Echoes", "answers_of", "input_hash"]

ANSWERS_SEEN: Final = 32
"""Different outputs of one field that are kept, at most: those with the smallest hashes."""

WHOLE: Final = "*"
"""Stands for the whole update beside its fields."""

_FIELDS: Final = 3
_FEWEST: Final = 12
_FIGURES: Final = 4
_LONGEST: Final = 200_000
_LARGE_BITS: Final = 200
_VOLATILE: Final = frozenset(
    {
        "id", "uuid", "run_id", "request_id", "trace_id", "session_id", "thread_id", "created_at", "updated_at",
        "timestamp", "time", "now", "date", "elapsed", "duration", "duration_ms", "response_metadata",
        "usage_metadata", "additional_kwargs", "tool_call_id",
    }
)  # fmt: skip
_NEW_EACH_TIME: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d\d-\d\d[T ]\d\d:\d\d\S*", re.IGNORECASE
)
_encode = msgspec.json.Encoder(order="sorted").encode


class Echoes(Record, frozen=True, kw_only=True):
    """The outputs of one field of a node.

    Attributes:
        asked: By the hash of an output, that of the input it was given for; empty when it was given for several.
        anchored: The smallest share of an output's telling words that its input had too, from 0 to 1; 0 when an
            output had none.
    """

    asked: dict[str, str] = {}
    anchored: float = 1.0

    @property
    def tells_apart(self) -> bool:
        """Whether different inputs have always had different outputs."""
        return all(self.asked.values())


def answers_of(update: State) -> dict[str, str]:
    """The hashes of what a node returned: of its richest fields, and of the whole where that says more.

    Outputs that may well be the same for different inputs (labels, flags, small numbers, short texts) have none.

    Args:
        update: As recorded.
    """
    found: dict[str, str] = {}
    for field in sorted(update, key=str):
        if len(found) < _FIELDS and _is_rich(update[field]):
            text = _text_of(update[field])
            if text is not None:
                found[str(field)] = _hash(text)
    if len(update) > 1 and not found and _is_rich(update):
        text = _text_of(update)
        if text is not None:
            found[WHOLE] = _hash(text)
    return found


def input_hash(given: State, read: Iterable[str] | None = None) -> str:
    """The hash of what a node was given.

    Args:
        given: Its input.
        read: The fields that it looks at, or None when that is unknown.
    """
    fields = set(read) if read is not None else None
    kept = {name: value for name, value in given.items() if fields is None or name in fields}
    return _hash(_text_of(kept) or "")


def _is_rich(value: JsonValue) -> bool:
    """Whether a value is hardly ever the same for different inputs."""
    letters = figures = 0
    for leaf in _plain_leaves(value, 6):
        if isinstance(leaf, str):
            letters += len(leaf) if " " in leaf.strip() or not leaf.isascii() else 0
        elif isinstance(leaf, float | int) and not isinstance(leaf, bool):
            figures += _figures(leaf)
        if letters >= _FEWEST or figures >= _FIGURES:
            return True
    return False


def _figures(number: float) -> int:
    """How many digits of a number tell it from others."""
    if isinstance(number, int) and number.bit_length() > _LARGE_BITS:
        return _FIGURES
    return len(re.sub(r"e.*|\D", "", f"{number:.12g}").strip("0"))


def _plain_leaves(value: JsonValue, depth: int) -> Iterator[JsonValue]:
    if isinstance(value, dict | list) and depth:
        if not is_mark(value):
            for one in list(value.values() if isinstance(value, dict) else value)[:50]:
                yield from _plain_leaves(one, depth - 1)
    else:
        yield value


def _text_of(value: JsonValue) -> str | None:
    try:
        text = _encode(_settled(value, 12)).decode()
    except (TypeError, ValueError, RecursionError, OverflowError):  # ValueError covers lone surrogates
        return None
    if len(text) > _LONGEST or '"$argus":' in text or "[REDACTED" in text or cut_of(text.strip('"')) is not None:
        return None
    return _NEW_EACH_TIME.sub("~", text)


def _settled(value: JsonValue, depth: int) -> JsonValue:
    """A value without what is new each time."""
    if isinstance(value, Mapping) and depth:
        return {str(name): _settled(one, depth - 1) for name, one in value.items() if name not in _VOLATILE}
    if isinstance(value, list) and depth:
        return [_settled(one, depth - 1) for one in value]
    return value


def _hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()
