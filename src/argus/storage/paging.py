"""Where a listing goes on."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from argus.errors import StorageError
from argus.storage.base import Page, TraceRow
from argus.storage.exact_json import escape, unescape
from argus.storage.moments import to_text

__all__ = ["LISTED", "Position", "check_limit", "cursor_after", "page_of", "position_of"]

LISTED = (
    "t.id, t.pipeline_name, t.created_at, t.status, t.duration_ms, t.node_count, t.step_count, t.detection_count,"
    " t.summary, t.graph_version"
)
"""The columns of ``traces AS t`` that a listing reads."""


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


def page_of(found: Sequence[Sequence[Any]], limit: int, moment: Callable[[Any], datetime]) -> Page:
    """The page that stored rows make.

    Args:
        found: The columns of :data:`LISTED`, in order of the listing; one row more than fit when others follow.
        limit: Rows that fit.
        moment: Reads a time as it is stored.
    """
    rows = tuple(
        TraceRow(
            id=unescape(row[0]),
            pipeline_name=unescape(row[1]),
            created_at=moment(row[2]),
            status=row[3],
            duration_ms=row[4],
            node_count=row[5],
            step_count=row[6],
            detection_count=row[7],
            summary=unescape(row[8]),
            graph_version=None if row[9] is None else unescape(row[9]),
        )
        for row in found[:limit]
    )
    return Page(rows=rows, next_cursor=cursor_after(rows[-1]) if len(found) > limit else None)


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
