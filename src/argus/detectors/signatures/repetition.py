"""Texts that say the same thing over and over."""

from __future__ import annotations

import zlib
from typing import Final, NamedTuple

from argus.detectors.signatures.passages import spread

__all__ = ["Repeat", "looks_repetitive", "repeated"]

_SHORTEST: Final = 40
_WORDS: Final = 8
_LONGEST_UNIT: Final = 80
_TIMES: Final = 6
_PHRASE: Final = 12
_PHRASE_TIMES: Final = 5
_PROBE: Final = 8
_PROBES: Final = 24
_TRIES: Final = 3
_TAIL: Final = 240
_DENSE: Final = 0.25
_HEADER: Final = 11
"""Bytes that zlib adds to anything."""


class Repeat(NamedTuple):
    """What is repeated.

    Attributes:
        unit: The piece that comes again and again.
        times: How often, one after another.
        share: The share of the text that consists of it, from 0 to 1.
        end: Where it ends.
        at_end: Whether the text ends with it.
    """

    unit: str
    times: int
    share: float
    end: int
    at_end: bool


def looks_repetitive(text: str) -> bool:
    """Whether a closer look at a text is worth while: few different words or characters, and easily compressed.

    Args:
        text: Any text.
    """
    if len(text) < _SHORTEST:
        return False
    words = text.split()
    if len(words) >= _WORDS:
        tail = words[-_SHORTEST:]
        if 2 * len(set(words)) > len(words) and (len(words) <= _SHORTEST or 3 * len(set(tail)) > len(tail)):
            return False
    elif 3 * len(set(text)) > len(text):
        return False
    return _is_dense(text) or _is_dense(text[-_TAIL:])


def _is_dense(text: str) -> bool:
    raw = text.encode("utf-8", "replace")
    return len(zlib.compress(raw, 1)) - _HEADER <= _DENSE * len(raw)


def repeated(text: str) -> Repeat | None:
    """The longest row of repetitions in a text, or None without one of six (of phrases five) or more.

    Pieces of the text are looked for a little further on: where one comes again, the distance is tried as the length of
    what is repeated.

    Args:
        text: Any text; pieces at 24 evenly spread places are tried.
    """
    squeezed = " ".join(text.split()) + " "  # so that a last repetition has its blank too
    if len(squeezed) < _SHORTEST:
        return None
    best: Repeat | None = None
    known = 0
    for at in spread(len(squeezed) - _PROBE, _PROBES):
        found = _row_at(squeezed, at) if at >= known else None
        if found is not None:
            known = found.end
            best = found if best is None or found.share > best.share else best
    return best


def _row_at(text: str, at: int) -> Repeat | None:
    """The row of repetitions that a place of a text belongs to."""
    probe, again = text[at : at + _PROBE], at
    for _ in range(_TRIES):
        again = text.find(probe, again + 1, at + _LONGEST_UNIT + _PROBE)
        if again < 0:
            return None
        unit = text[at:again]
        start, end = at - _before(text, at, unit), at + _behind(text, at, unit)
        times = (end - start) // len(unit)
        if times >= _TIMES or (times >= _PHRASE_TIMES and len(unit) >= _PHRASE):
            return Repeat(unit, times, (end - start) / len(text), end, end >= len(text) - len(unit))
    return None


def _behind(text: str, at: int, unit: str) -> int:
    """How many characters from a place on are the unit again and again; doubling keeps it linear."""
    times = 1
    while text.startswith(unit * (2 * times), at):
        times *= 2
    for more in _halves(times):
        if text.startswith(unit * (times + more), at):
            times += more
    return times * len(unit)


def _before(text: str, at: int, unit: str) -> int:
    """The same towards the beginning of the text."""
    times, size = 0, len(unit)
    step = 1
    while at - (times + step) * size >= 0 and text.startswith(unit * (times + step), at - (times + step) * size):
        times += step
        step *= 2
    for more in _halves(step):
        start = at - (times + more) * size
        if start >= 0 and text.startswith(unit * (times + more), start):
            times += more
    return times * size


def _halves(number: int) -> list[int]:
    """A number and its halves, down to 1."""
    return [number >> shift for shift in range(number.bit_length())]
