"""Where a listing goes on."""

from __future__ import annotations

import base64
import binascii
from typing import NamedTuple

from argus.errors import StorageError
from argus.storage.base import TraceRow
from argus.storage.exact_json import escape, unescape
from argus.storage.moments import to_text

__all__ = ["Position", "check_limit", "cursor_after", "position_of"]


class Position(NamedTuple):
    """A place in the order of a listing; the rows after it are those smaller than it.

    Attributes:
        created_at: As :func:`argus.storage.moments.to_text` writes it.
        trace_id: The id of the last row shown.
    """

    created_at: str
    trace_id: str


def cursor_after(row: TraceRow) -> str:
    """The cursor of the page that follows a row.

    Args:
        row: The last row of a page.
    """
    text = f"{to_text(row.created_at)} {escape(row.id)}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position_of(cursor: str) -> Position:
    """The place that a cursor stands for.

    Args:
        cursor: From :func:`cursor_after`.

    Raises:
        StorageError: It is none.
    """
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (ValueError, binascii.Error):
        text = ""
    created_at, space, trace_id = text.partition(" ")
    if not space:
        raise StorageError(f"the cursor {cursor[:80]!r} comes from no earlier page; start again without one")
    return Position(created_at, unescape(trace_id))


def check_limit(limit: int) -> None:
    """Refuses limits outside of what a listing gives.

    Args:
        limit: Rows asked for.

    Raises:
        StorageError: It is not from 1 to 1000.
    """
    if not 1 <= limit <= 1000:
        raise StorageError(f"a page has from 1 to 1000 rows, not {limit}; follow next_cursor for more")
