"""Rows back into traces."""

from __future__ import annotations

from typing import Any

from argus.errors import TraceNotFound
from argus.model.trace import Trace
from argus.storage.assembly import CALLS, DETECTIONS, FORENSICS, HEAD, STEPS, VALUES, StoredTrace, assemble
from argus.storage.exact_json import escape
from argus.storage.postgres.driver import Connection
from argus.storage.postgres.moments import utc

__all__ = ["load"]

_TRACE = (
    f"SELECT t.number, t.created_at, {HEAD} FROM traces AS t LEFT JOIN graphs AS g ON g.number = t.graph"  # noqa: S608 - fixed names
    " WHERE t.id = %s"
)
_PART = "SELECT {} FROM {} WHERE trace = %s ORDER BY rank"
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
    number, created_at, *head = found

    def part(columns: str, table: str) -> list[tuple[Any, ...]]:
        return connection.execute(_PART.format(columns, table).encode(), (number,)).fetchall()

    return assemble(
        StoredTrace(
            trace_id=trace_id,
            created_at=utc(created_at),
            head=head,
            steps=part(f"rank, {STEPS}", "steps"),
            values=[(kind, body) for kind, body in part(VALUES, "trace_values")],
            calls=part(CALLS, "calls"),
            detections=part(DETECTIONS, "detections"),
            forensics=connection.execute(_FORENSICS, (number,)).fetchone(),
        )
    )
