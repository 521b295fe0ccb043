"""Rows back into traces."""

from __future__ import annotations

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
from argus.storage.postgres.driver import Connection
from argus.storage.postgres.moments import utc

__all__ = ["load", "outline"]

_TRACE = (
    f"SELECT t.number, t.created_at, {HEAD} FROM traces AS t LEFT JOIN graphs AS g ON g.number = t.graph"  # noqa: S608 - fixed names
    " WHERE t.id = %s"
)
_PART = "SELECT {} FROM {} WHERE trace = %s ORDER BY rank"
_OUTLINE = (
    "SELECT t.number, t.created_at, t.pipeline_name, t.status, t.duration_ms, t.summary, t.metadata, t.error, NULL,"
    " NULL, NULL FROM traces AS t WHERE t.id = %s"
)
_FORENSICS = f"SELECT {FORENSICS} FROM forensics WHERE trace = %s"  # noqa: S608 - fixed names


def load(connection: Connection, trace_id: str) -> Trace:
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
            values=[(kind, body) for kind, body in _part(connection, number, VALUES, "trace_values")],
            calls=_part(connection, number, CALLS, "calls"),
        )
    )


def outline(connection: Connection, trace_id: str) -> Trace | None:
    """The trace without states, calls, input, output and graph; None when there is none.

    Args:
        connection: In a read transaction, so that all rows are of one moment.
        trace_id: The full id.
    """
    found = connection.execute(_OUTLINE, (escape(trace_id),)).fetchone()
    return None if found is None else assemble(_stored(connection, trace_id, found, STEPS_WITHOUT_VALUES, (), ()))


def _stored(
    connection: Connection,
    trace_id: str,
    found: tuple[Any, ...],
    steps: str,
    values: Iterable[tuple[int, str]],
    calls: Iterable[tuple[Any, ...]],
) -> StoredTrace:
    number, created_at, *head = found
    return StoredTrace(
        trace_id=trace_id,
        created_at=utc(created_at),
        head=head,
        steps=_part(connection, number, f"rank, {steps}", "steps"),
        values=values,
        calls=calls,
        detections=_part(connection, number, DETECTIONS, "detections"),
        forensics=connection.execute(_FORENSICS, (number,)).fetchone(),
    )


def _part(connection: Connection, number: int, columns: str, table: str) -> list[tuple[Any, ...]]:
    return connection.execute(_PART.format(columns, table).encode(), (number,)).fetchall()
