"""Durations, counts and times as people read them: every number with its unit."""

from __future__ import annotations

import math
from datetime import datetime

__all__ = ["count", "duration", "moment", "percent", "share"]


def duration(milliseconds: float | None) -> str:
    """A span of time in two or three digits.

    Args:
        milliseconds: The span; None, negative or not finite reads as unknown.
    """
    if milliseconds is None or not math.isfinite(milliseconds) or milliseconds < 0:
        return "unknown"
    if milliseconds < 0.05:
        return "<0.1 ms"
    if milliseconds < 9.95:
        return f"{milliseconds:.1f} ms"
    if milliseconds < 999.5:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60:,} h {minutes % 60:02d} min"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number and what it counts.

    Args:
        number: How many.
        noun: The singular.
        plural: The plural, if it is not the singular with an s.
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def share(part: int, whole: int, noun: str) -> str:
    """How many of how many, such as ``12 of 340 steps``; just the number when it is all of them.

    Args:
        part: How many are meant.
        whole: How many there are.
        noun: The singular.
    """
    return count(whole, noun) if part == whole else f"{part:,} of {count(whole, noun)}"


def percent(part: int, whole: int) -> str:
    """A share in whole percent; it reads as nothing or all only when it is.

    Args:
        part: How many are meant.
        whole: How many there are.
    """
    if part <= 0 or whole <= 0:
        return "0%"
    if part >= whole:
        return "100%"
    rounded = round(100 * part / whole)
    return "<1%" if rounded < 1 else ">99%" if rounded > 99 else f"{rounded}%"


def moment(time: datetime) -> str:
    """A point in time on the reader's clock, such as ``24 Nov 14:02:11``.

    Args:
        time: Aware.
    """
    try:
        local = time.astimezone()
    except (OverflowError, ValueError, OSError):  # years that the platform's calendar does not hold
        local = time
    return f"{local.day} {local:%b %H:%M:%S}"
