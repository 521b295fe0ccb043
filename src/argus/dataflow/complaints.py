"""Which fields an exception complains about, as far as its text tells."""

from __future__ import annotations

import re
from typing import Final

from argus.model.trace import ErrorInfo

__all__ = ["names_missed"]

_LONGEST: Final = 20_000
_QUOTED = re.compile(r"['\"]([^'\"\n]{1,200})['\"]")
_NO_ATTRIBUTE = re.compile(r"has no attribute '([^'\n]{1,200})'")
_MISSING_ARGUMENT = re.compile(r"missing \d+ required (?:positional|keyword-only) arguments?: (.{1,1000})")
_FIELD_REQUIRED = re.compile(r"^(\S{1,200})\n\s+Field required", re.MULTILINE)


def names_missed(error: ErrorInfo) -> tuple[str, ...]:
    """The keys, attributes, arguments or model fields that an exception misses, in order.

    Args:
        error: A recorded exception.

    Returns:
        Names as they stand in its message; whether they are fields of the state is for the caller to find out.
    """
    text = error.message[:_LONGEST]
    kind = error.type.rpartition(".")[2]
    if kind == "KeyError":
        found = _QUOTED.fullmatch(text.strip())
        return (found[1],) if found else ()
    if kind == "AttributeError":
        return tuple(_NO_ATTRIBUTE.findall(text))
    if kind == "ValidationError":
        return tuple(_FIELD_REQUIRED.findall(text))
    if kind == "TypeError" and (listed := _MISSING_ARGUMENT.search(text)):
        return tuple(_QUOTED.findall(listed[1]))
    return ()
