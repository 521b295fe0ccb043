"""The figures in texts and states, in whatever way they are written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Final

from argus.learning.spreads import finite
from argus.model.values import MARK, JsonValue

__all__ = ["figures_in", "is_telling", "told_in"]

_FIGURE: Final = re.compile(r"(?<![\w.,])([-\u2212+]?)[^\W\d_\s]{0,3}?[$€£¥]?(\d[\d.,'\u00a0\u202f]*)", re.ASCII)
_TOLD_FIGURE: Final = re.compile(
    r"(?<![\w.,:/#+\u2212-])([-\u2212+]?)[$€£¥]?(\d[\d.,'\u00a0\u202f]*)(?![\w:/-])", re.ASCII
)
"""A figure that stands for itself, not one in a code, a date or a time."""

_READ: Final = 20_000
_TOLD_LENGTH: Final = 200
_TOLD: Final = 4
_VISITS: Final = 4_000
_DEEPEST: Final = 6


def is_telling(number: float) -> bool:
    """Whether finding a number twice says something: it has at least two digits.

    Args:
        number: Finite.
    """
    return abs(number) >= 10 or not number.is_integer()


def figures_in(state: JsonValue) -> frozenset[float]:
    """Every number in a state, and every number that a text in it may state.

    ``1,234.50``, ``1.234,50`` and ``1'234.50`` are one number; ``1,234`` may be two different ones, and both are given.
    Of each text the first 20,000 characters are read, of a state the first 4,000 values.

    Args:
        state: A recorded value.
    """
    return frozenset(_numbers(state))


def told_in(text: str) -> dict[str, float]:
    """The figures of a short text, by the wording around them.

    Args:
        text: A text with more than 200 characters, or with more than four figures, tells none.

    Returns:
        By a hash of the text without its figures, a colon, and which of the figures it is. A figure that can be read in
        two ways is read with the mark as a decimal point.
    """
    if len(text) > _TOLD_LENGTH or not any(map(str.isdigit, text)):
        return {}
    found = list(_TOLD_FIGURE.finditer(text))
    if not 1 <= len(found) <= _TOLD:
        return {}
    wording = hashlib.blake2b(_TOLD_FIGURE.sub("#", text).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    numbers: dict[str, float] = {}
    for rank, one in enumerate(found):
        readings = sorted(_readings(one[2].rstrip(".,'\u00a0\u202f")))
        number = finite(float(min(readings, key=len))) if readings else None
        if number is not None:
            numbers[f"{wording}:{rank}"] = -number if one[1] in ("-", "\u2212") else number
    return numbers


def _numbers(state: JsonValue) -> Iterator[float]:
    waiting: list[tuple[JsonValue, int]] = [(state, 0)]
    visits = 0
    while waiting and visits < _VISITS:
        value, depth = waiting.pop()
        visits += 1
        if isinstance(value, str):
            yield from _in_text(value[:_READ])
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            number = finite(value)
            if number is not None:
                yield number
        elif depth < _DEEPEST and isinstance(value, (list, tuple)):
            waiting += [(item, depth + 1) for item in value[:_VISITS]]
        elif depth < _DEEPEST and isinstance(value, dict) and MARK not in value:
            waiting += [(item, depth + 1) for item in list(value.values())[:_VISITS]]


def _in_text(text: str) -> Iterator[float]:
    for found in _FIGURE.finditer(text):
        sign = -1.0 if found[1] in ("-", "\u2212") else 1.0
        for plain in _readings(found[2].rstrip(".,'\u00a0\u202f")):
            number = finite(float(plain))
            if number is not None:
                yield sign * number


def _readings(written: str) -> set[str]:
    """The plain spellings that a written figure may stand for."""
    digits = re.sub(r"['\u00a0\u202f]", "", written)
    points, commas = digits.count("."), digits.count(",")
    if not points and not commas:
        return {digits}
    if points and commas:
        decimal = "." if digits.rfind(".") > digits.rfind(",") else ","
        other = "," if decimal == "." else "."
        if digits.count(decimal) > 1:
            return set()
        return {digits.replace(other, "").replace(decimal, ".")}
    mark = "." if points else ","
    if points + commas > 1:
        return {digits.replace(mark, "")}
    as_decimal, as_thousands = digits.replace(mark, "."), digits.replace(mark, "")
    return {as_decimal, as_thousands} if mark == "," and len(digits.rpartition(mark)[2]) == 3 else {as_decimal}
