"""Texts that say the same thing over and over."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["Repeat", "looks_repetitive", "repeated"]

_SHORTEST: Final = 40
_WORDS: Final = 8
_TIMES: Final = 6
_PHRASE: Final = 12
_PHRASE_TIMES: Final = 5
_AGAIN: Final = re.compile(rf"(.{{1,80}}?)\1{{{_PHRASE_TIMES - 1},}}", re.DOTALL)


class Repeat(NamedTuple):
    """What is repeated.

    Attributes:
        unit: The piece that comes again and again.
        times: How often, one after another.
        share: The share of the text that consists of it, from 0 to 1.
        at_end: Whether the text ends with it.
    """

    unit: str
    times: int
    share: float
    at_end: bool


def looks_repetitive(text: str) -> bool:
    """Whether a text has so few different words or characters that a closer look is worth while; cheap.

    Args:
        text: Any text.
    """
    if len(text) < _SHORTEST:
        return False
    words = text.split()
    if len(words) >= _WORDS:
        return 2 * len(set(words)) <= len(words) or _has_poor_end(words)
    return 3 * len(set(text)) <= len(text)


def _has_poor_end(words: list[str]) -> bool:
    """Whether the last part of a longer text has few different words: models fall into loops towards the end."""
    tail = words[-40:]
    return len(words) > 40 and 3 * len(set(tail)) <= len(tail)


def repeated(text: str) -> Repeat | None:
    """The longest row of repetitions in a text, or None without one of six (of phrases five) or more.

    Args:
        text: At most some ten thousand characters.
    """
    squeezed = " ".join(text.split()) + " "  # so that a last repetition has its blank too
    if len(squeezed) < _SHORTEST:
        return None
    best: re.Match[str] | None = None
    for one in _AGAIN.finditer(squeezed):
        enough = len(one[0]) >= _TIMES * len(one[1]) or len(one[1]) >= _PHRASE
        if enough and (best is None or len(one[0]) > len(best[0])):
            best = one
    if best is None:
        return None
    unit = best[1]
    return Repeat(
        unit, len(best[0]) // len(unit), len(best[0]) / len(squeezed), best.end() >= len(squeezed) - len(unit)
    )
