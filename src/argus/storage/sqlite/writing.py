"""Rows into the database, within one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, MutableMapping, Sequence

from argus.storage.moments import from_text, to_microseconds
from argus.storage.rows import SeriesKey, TraceRows

__all__ = ["delete", "healthy", "insert"]

_SHIFT = 24
"""Rows of trace N are numbered from N shifted by this many bits; see the schema."""


def insert(connection: sqlite3.Connection, traces: Sequence[TraceRows], series: MutableMapping[SeriesKey, int]) -> None:
    """Stores traces; one with an id that exists is replaced.

    Args:
        connection: In a write transaction.
        traces: No id twice.
        series: Numbers known so far; extended, so it is valid only if the transaction is kept.
    """
    delete(connection, [trace.trace_id for trace in traces])
    first: int = connection.execute("SELECT coalesce(max(number), 0) + 1 FROM traces").fetchone()[0]
    numbered = list(enumerate(traces, start=first))
    _find_series(connection, traces, series)
    insert_all = connection.executemany
    graphs = {trace.graph.number: trace.graph for trace in traces if trace.graph}
    insert_all("INSERT OR IGNORE INTO graphs VALUES (?, ?, ?, ?)", graphs.values())
    insert_all(_into("traces", 17), ((*trace.trace, number) for number, trace in numbered))
    insert_all(_into("steps", 16), _ranked((number, trace.steps) for number, trace in numbered))
    insert_all(_into("trace_values", 3), _ranked((number, trace.values) for number, trace in numbered))
    insert_all(_into("calls", 7), _ranked((number, trace.calls) for number, trace in numbered))
    insert_all(
        _into("measurements", 8),
        (
            (series[key], healthy, created_us, (number << _SHIFT) + rank, *numbers)
            for number, trace in numbered
            for key, healthy, created_us, rank, numbers in trace.measurements
        ),
    )
    insert_all(
        _into("detections", 14),
        ((*row, (number << _SHIFT) + rank) for number, trace in numbered for rank, row in enumerate(trace.detections)),
    )
    insert_all(_into("forensics", 12), ((*t.forensics, number) for number, t in numbered if t.forensics))


def healthy(connection: sqlite3.Connection, trace_ids: Iterable[str]) -> set[str]:
    """The ids under which a healthy run is stored.

    Args:
        connection: In a transaction.
        trace_ids: Escaped; unknown ones are passed over.
    """
    query = "SELECT 1 FROM traces WHERE id = ? AND status = 'ok'"
    return {trace_id for trace_id in trace_ids if connection.execute(query, (trace_id,)).fetchone()}


def delete(connection: sqlite3.Connection, trace_ids: Iterable[str]) -> int:
    """Removes traces.

    Args:
        connection: In a write transaction.
        trace_ids: Escaped; unknown ones are passed over.

    Returns:
        How many were removed.
    """
    removed = 0
    for trace_id in trace_ids:
        found = connection.execute("SELECT number, created_at FROM traces WHERE id = ?", (trace_id,)).fetchone()
        if found:
            number, created_at = found
            _delete_one(connection, number, to_microseconds(from_text(created_at)))
            removed += 1
    return removed


def _delete_one(connection: sqlite3.Connection, number: int, created_us: int) -> None:
    rows = (number << _SHIFT, (number + 1) << _SHIFT)
    connection.execute(
        """DELETE FROM measurements WHERE (series, healthy, created_us, step) IN (
               SELECT m.series, m.healthy, m.created_us, m.step
               FROM (SELECT DISTINCT node_name FROM steps WHERE number >= ?1 AND number < ?2) AS node
                   CROSS JOIN traces AS t
                   CROSS JOIN series AS s
                   CROSS JOIN measurements AS m
               WHERE t.number = ?3 AND s.node_name = node.node_name AND s.pipeline_name = t.pipeline_name
                   AND s.graph_version IS t.graph_version AND m.series = s.number AND m.healthy = (t.status = 'ok')
                   AND m.created_us = ?4 AND m.step >= ?1 AND m.step < ?2)""",
        (*rows, number, created_us),
    )
    for table in ("steps", "trace_values", "calls", "detections"):
        connection.execute(f"DELETE FROM {table} WHERE number >= ? AND number < ?", rows)  # noqa: S608 - fixed names
    for table in ("forensics", "traces"):
        connection.execute(f"DELETE FROM {table} WHERE number = ?", (number,))  # noqa: S608 - fixed names


def _find_series(
    connection: sqlite3.Connection, traces: Sequence[TraceRows], series: MutableMapping[SeriesKey, int]
) -> None:
    for trace in traces:
        for key, *_ in trace.measurements:
            if key not in series:
                pipeline_name, graph_version, node_name = key
                found = connection.execute(
                    "SELECT number FROM series WHERE node_name = ? AND pipeline_name = ? AND graph_version IS ?",
                    (node_name, pipeline_name, graph_version),
                ).fetchone()
                if found is None:
                    added = connection.execute("INSERT INTO series VALUES (NULL, ?, ?, ?)", key)
                    found = (added.lastrowid,)
                series[key] = found[0]


def _into(table: str, columns: int) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join('?' * columns)})"  # noqa: S608 - fixed names


def _ranked(numbered: Iterable[tuple[int, Iterable[tuple[object, ...]]]]) -> Iterator[tuple[object, ...]]:
    for number, rows in numbered:
        first = number << _SHIFT
        for rank, *columns in rows:
            yield (first + rank, *columns)  # type: ignore[operator]  # the first column is the rank
