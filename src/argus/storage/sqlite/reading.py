"""Rows back into traces."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from argus.errors import TraceNotFound
from argus.model.trace import Trace
from argus.storage.assembly import (
    CALLS,
    DETECTIONS,
    FORENSICS,
    HEAD,
    STEPS,
    STEPS_WITHOUT_VALUES,
    VALUES,
    StoredTrace,
    assemble,
)
from argus.storage.exact_json import escape
from argus.storage.moments import from_text

__all__ = ["load", "outline"]

_TRACE = (
    f"SELECT t.number, t.created_at, {HEAD} FROM traces AS t LEFT JOIN graphs AS g ON g.number = t.graph"  # noqa: S608 - fixed names
    " WHERE t.id = ?"
)
_PART = "SELECT {} FROM {} WHERE number >= ? AND number < ? ORDER BY number"
_OUTLINE = (
    "SELECT t.number, t.created_at, t.pipeline_name, t.status, t.duration_ms, t.summary, t.metadata, t.error, NULL,"
    " NULL, NULL FROM traces AS t WHERE t.id = ?"
)
_FORENSICS = f"SELECT {FORENSICS} FROM forensics WHERE number = ?"  # noqa: S608 - fixed names


def load(connection: sqlite3.Connection, trace_id: str) -> Trace:
    """The whole trace.

    Args:
        connection: In a read transaction, so that all rows are of one moment.
        trace_id: The full id.

    Raises:
        TraceNotFound: There is none.
    """
    found = connection.execute(_TRACE, (escape(trace_id),)).fetchone()
    if found is None:
        raise TraceNotFound(f"no trace {trace_id!r} is stored; `argus trace --list` shows those that are")
    number = found[0]
    return assemble(
        _stored(
            connection,
            trace_id,
            found,
            STEPS,
            values=connection.execute(_PART.format(VALUES, "trace_values"), _rows(number)),
            calls=connection.execute(_PART.format(CALLS, "calls"), _rows(number)),
        )
    )


def outline(connection: sqlite3.Connection, trace_id: str) -> Trace | None:
    """The trace without states, calls, input, output and graph; None when there is none.

    Args:
        connection: In a read transaction, so that all rows are of one moment.
        trace_id: The full id.
    """
    found = connection.execute(_OUTLINE, (escape(trace_id),)).fetchone()
    return None if found is None else assemble(_stored(connection, trace_id, found, STEPS_WITHOUT_VALUES, (), ()))


def _stored(
    connection: sqlite3.Connection,
    trace_id: str,
    found: tuple[Any, ...],
    steps: str,
    values: Iterable[tuple[int, str]],
    calls: Iterable[tuple[Any, ...]],
) -> StoredTrace:
    number, created_at, *head = found

    def part(columns: str, table: str) -> sqlite3.Cursor:
        return connection.execute(_PART.format(columns, table), _rows(number))

    return StoredTrace(
        trace_id=trace_id,
        created_at=from_text(created_at),
        head=head,
        steps=part(f"number & 0xFFFFFF, {steps}", "steps").fetchall(),
        values=values,
        calls=calls,
        detections=part(DETECTIONS, "detections"),
        forensics=connection.execute(_FORENSICS, (number,)).fetchone(),
    )


def _rows(number: int) -> tuple[int, int]:
    return number << 24, (number + 1) << 24
