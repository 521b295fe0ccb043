"""What a check tells."""

from __future__ import annotations

from typing import Literal

from argus.model.record import Record

__all__ = ["Check", "bytes_text"]


class Check(Record, frozen=True, kw_only=True):
    """One thing that was looked at.

    Attributes:
        name: What.
        status: ``ok``, ``warning`` or ``failed``.
        message: What was seen.
        cure: What to do about it; empty when nothing.
    """

    name: str
    status: Literal["ok", "warning", "failed"]
    message: str
    cure: str = ""


def bytes_text(size: int) -> str:
    """A size in megabytes, or gigabytes from one on.

    Args:
        size: In bytes.
    """
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"
