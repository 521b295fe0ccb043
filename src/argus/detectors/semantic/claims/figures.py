"""The numbers in a text, in the spellings of several languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["Figure", "decimals_of", "figures_in"]

_FIGURE: Final = re.compile(r"\d+(?:[.,'’٬\u00a0\u202f\u2009]\d+)*")
_GROUPED: Final = re.compile(r"\d{1,3}(?:([.,'’٬\u00a0\u202f\u2009])\d{3})(?:\1\d{3})*")
_SEPARATORS: Final = re.compile(r"[^\d]")
_SHARE: Final = re.compile(
    r"\s?(?:%|‰|percent|per cent|prozent|pour ?cent|por ciento|per cento|procent)", re.IGNORECASE
)
_MINUS: Final = "-\u2212\u2013"
_BEFORE_MINUS: Final = re.compile(r"[\s:=($€£;,|/]")
_LONGEST: Final = 30


@dataclass(frozen=True)
class Figure:
    """A number as it is written.

    Attributes:
        text: As written, without unit and sign.
        start: Where it begins.
        readings: What it may mean: ``1.234`` is a thousand and something, or little more than one.
        negative: Whether a minus sign stands right before it.
        share: Whether a percent sign or its word follows.
    """

    text: str
    start: int
    readings: tuple[float, ...]
    negative: bool = False
    share: bool = False

    @property
    def parts(self) -> list[str]:
        """The runs of digits."""
        return [part for part in _SEPARATORS.split(self.text) if part]


def figures_in(text: str) -> Iterator[Figure]:
    """The numbers that are written in digits, in order; digits within words (``A4``) too.

    Args:
        text: Any text.
    """
    for match in _FIGURE.finditer(text):
        written, at = match[0], match.start()
        if len(written) > _LONGEST:
            continue
        signed = at > 0 and text[at - 1] in _MINUS and (at == 1 or _BEFORE_MINUS.match(text[at - 2]) is not None)
        yield Figure(written, at, _readings(written), signed, _SHARE.match(text, match.end()) is not None)


def decimals_of(number: float) -> int:
    """The digits after the point that a number is written with, at most 6.

    Args:
        number: Any number.
    """
    if isinstance(number, int) or number != number or abs(number) > 1e15:
        return 0
    return next((digits for digits in range(6) if round(number, digits) == number), 6)


def _readings(written: str) -> tuple[float, ...]:
    if written.isdecimal():
        return (float(written),)
    found: list[float] = []
    if _GROUPED.fullmatch(written):
        found.append(float(_SEPARATORS.sub("", written)))
    marks = _SEPARATORS.findall(written)
    if marks[-1] in ".,٫" and marks[-1] not in marks[:-1]:
        whole, _, rest = written.rpartition(marks[-1])
        if len(marks) == 1 or _GROUPED.fullmatch(whole):
            found.append(float(f"{_SEPARATORS.sub('', whole)}.{rest}"))
    return tuple(dict.fromkeys(found)) or tuple(float(part) for part in _SEPARATORS.split(written) if part)
