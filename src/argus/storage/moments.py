"""Times as stores keep them: text that sorts, and microseconds."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

__all__ = ["from_microseconds", "from_text", "to_microseconds", "to_text"]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


def to_text(moment: datetime) -> str:
    """ISO 8601 in UTC with six decimals, so that order of text is order of time.

    Args:
        moment: Aware; a naive one is taken as UTC.
    """
    if moment.tzinfo is not timezone.utc:
        moment = _aware(moment).astimezone(timezone.utc)
    return moment.isoformat(timespec="microseconds")[:-6] + "Z"


def from_text(text: str) -> datetime:
    """The aware time of a text from :func:`to_text`.

    Args:
        text: Such as ``2026-01-01T12:00:00.000000Z``.
    """
    return datetime.fromisoformat(text[:-1]).replace(tzinfo=timezone.utc)


def to_microseconds(moment: datetime) -> int:
    """Microseconds since 1970, UTC.

    Args:
        moment: Aware; a naive one is taken as UTC.
    """
    return (_aware(moment) - _EPOCH) // _MICROSECOND


def from_microseconds(microseconds: int) -> datetime:
    """The aware time of a number from :func:`to_microseconds`.

    Args:
        microseconds: Since 1970, UTC.
    """
    return _EPOCH + timedelta(microseconds=microseconds)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)
