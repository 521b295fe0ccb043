"""Times as the driver gives them."""

from __future__ import annotations

from datetime import datetime, timezone

__all__ = ["utc"]


def utc(moment: datetime) -> datetime:
    """The same moment in Python's own UTC; the driver's zone is another object.

    Args:
        moment: From a ``timestamptz``.
    """
    return moment.astimezone(timezone.utc)
