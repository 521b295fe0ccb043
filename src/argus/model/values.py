"""How recorded values look: plain JSON, with a small vocabulary of marks for what JSON cannot say.

A recorded state is a ``dict`` from field name to a JSON value. What was replaced at capture says so:

===============================  =====================================================================
in the state                     recorded as
===============================  =====================================================================
a string longer than the limit   its first characters and ``⟦cut length=… xxh3=…⟧`` at the end
a secret                         ``[REDACTED]`` (by key) or ``[REDACTED:kind]`` (by pattern)
anything JSON cannot hold        ``{"$argus": kind, …}``, see :data:`MARK`
a state that is not a mapping    ``{"__root__": value}``
===============================  =====================================================================
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple, TypeAlias

__all__ = [
    "CUT_PATTERN",
    "MARK",
    "REDACTED",
    "ROOT_FIELD",
    "Cut",
    "JsonValue",
    "State",
    "cut_marker",
    "cut_of",
    "is_mark",
    "is_redacted",
    "mark",
]

JsonValue: TypeAlias = Any
"""None, bool, int, float, str, list of JSON values or dict from str to JSON value."""

State: TypeAlias = "dict[str, JsonValue]"
"""A recorded state or update, by field name."""

ROOT_FIELD = "__root__"
"""The field under which a state that is not a mapping is recorded."""

MARK = "$argus"
"""The key that tells a placeholder from user data.

Kinds: ``object`` (type, repr), ``cycle``, ``deep`` (type), ``bytes`` (length, xxh3), ``buffer`` (type, dtype,
shape, length, xxh3), ``float`` (value: nan, inf, -inf), ``more`` (count: items left out), ``skipped``,
``hashed`` (length, xxh3), ``error`` (type, message: serialising it raised).
"""

REDACTED = "[REDACTED]"

CUT_PATTERN = re.compile(r"⟦cut length=(\d+) xxh3=([0-9a-f]{32})⟧\Z")


class Cut(NamedTuple):
    """What is known of a string that was cut at capture.

    Attributes:
        kept: Characters kept.
        length: Characters of the whole string.
        xxh3: The xxh3-128 hash of the whole string in UTF-8, hex.
    """

    kept: int
    length: int
    xxh3: str


def cut_marker(length: int, xxh3: str) -> str:
    """The mark at the end of a cut string.

    Args:
        length: Characters of the whole string.
        xxh3: Its xxh3-128 hash, 32 hex characters.
    """
    return f"⟦cut length={length} xxh3={xxh3}⟧"


def cut_of(value: JsonValue) -> Cut | None:
    """What was cut from a recorded value, or None if it is whole."""
    if not isinstance(value, str) or not value.endswith("⟧"):
        return None
    found = CUT_PATTERN.search(value, max(0, len(value) - 80))
    return Cut(found.start(), int(found[1]), found[2]) if found else None


def mark(kind: str, **facts: JsonValue) -> dict[str, JsonValue]:
    """A placeholder for what JSON cannot hold.

    Args:
        kind: One of the kinds listed at :data:`MARK`.
        **facts: What is known of the value.
    """
    return {MARK: kind, **facts}


def is_mark(value: JsonValue, kind: str | None = None) -> bool:
    """Whether a recorded value is a placeholder (of this kind)."""
    return isinstance(value, dict) and MARK in value and (kind is None or value[MARK] == kind)


def is_redacted(value: JsonValue) -> bool:
    """Whether a recorded value is a string that holds something redacted."""
    return isinstance(value, str) and "[REDACTED" in value
