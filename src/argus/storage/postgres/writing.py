"""Rows into the database, within one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from argus.storage.postgres.driver import Connection
from argus.storage.postgres.numbers import series_number
from argus.storage.rows import Row, TraceRows

__all__ = ["delete", "insert"]

_PARTS = ("steps", "trace_values", "calls", "measurements", "detections", "forensics")

_COPIED = {
    "traces": (
        "id, created_at, pipeline_name, status, duration_ms, node_count, detection_count, step_count, summary,"
        " graph_version, graph, metadata, error, input_refs, output_refs, search_text, number"
    ),
    "steps": (
        "trace, rank, id, step_number, node_name, started_us, duration_ms, cpu_ms, outcome, attempt, parent_id,"
        " input_refs, output_refs, after_refs, metadata, error, token_usage"
    ),
    "trace_values": "trace, rank, kind, body",
    "calls": "trace, rank, step, kind, name, given, gave, facts",
    "measurements": (
        "series, healthy, created_us, trace, rank, execution_time, output_length, token_count, retry_count"
    ),
    "detections": (
        "id, trace_id, step_id, layer, severity, message, details, created_at, code, field, confidence, suppressed,"
        " evidence, trace, rank"
    ),
    "forensics": (
        "id, trace_id, root_cause_step, detection_ids, explanation, causal_chain, created_at, confidence, proof,"
        " suspects, suggestions, trace"
    ),
}
"""Columns by table, in the order of what :mod:`argus.storage.rows` makes."""


def insert(connection: Connection, traces: Sequence[TraceRows]) -> None:
    """Stores traces whose ids are free.

    Args:
        connection: In a write transaction.
        traces: No id twice.
    """
    numbers = connection.execute(
        "SELECT nextval('trace_numbers') FROM generate_series(1, %s)", (len(traces),)
    ).fetchall()
    numbered = [(number, trace) for (number,), trace in zip(numbers, traces, strict=True)]
    _insert_shared(connection, traces)
    _copy(connection, "traces", ((*trace.trace, number) for number, trace in numbered))
    _copy(connection, "steps", ((number, *row) for number, trace in numbered for row in trace.steps))
    _copy(connection, "trace_values", ((number, *row) for number, trace in numbered for row in trace.values))
    _copy(connection, "calls", ((number, *row) for number, trace in numbered for row in trace.calls))
    _copy(
        connection,
        "measurements",
        (
            (series_number(*key), healthy, created_us, number, rank, *values)
            for number, trace in numbered
            for key, healthy, created_us, rank, values in trace.measurements
        ),
    )
    _copy(
        connection,
        "detections",
        ((*row, number, rank) for number, trace in numbered for rank, row in enumerate(trace.detections)),
    )
    _copy(connection, "forensics", ((*trace.forensics, number) for number, trace in numbered if trace.forensics))


def delete(connection: Connection, trace_ids: Iterable[str]) -> dict[str, str]:
    """Removes traces.

    Args:
        connection: In a write transaction.
        trace_ids: Escaped; unknown ones are passed over.

    Returns:
        The status of each that was removed, by escaped id.
    """
    found = connection.execute(
        "SELECT number, id, status FROM traces WHERE id = ANY(%s) ORDER BY id FOR UPDATE", (list(trace_ids),)
    ).fetchall()
    if found:
        numbers = [row[0] for row in found]
        for table in _PARTS:
            connection.execute(f"DELETE FROM {table} WHERE trace = ANY(%s)", (numbers,))  # noqa: S608 - fixed names
        connection.execute("DELETE FROM traces WHERE number = ANY(%s)", (numbers,))
    return {row[1]: row[2] for row in found}


def _insert_shared(connection: Connection, traces: Sequence[TraceRows]) -> None:
    """Graphs and series, whose numbers tell their contents; in order, so that two writers never wait for each other."""
    graphs = {trace.graph.number: trace.graph for trace in traces if trace.graph}
    series = {series_number(*key): key for trace in traces for key, *_ in trace.measurements}
    for table, rows in (
        ("graphs", [tuple(graphs[number]) for number in sorted(graphs)]),
        ("series", [(number, *series[number]) for number in sorted(series)]),
    ):
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            connection.execute(
                f"INSERT INTO {table} SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[])"  # noqa: S608 - fixed names
                " ON CONFLICT DO NOTHING",
                columns,
            )


def _copy(connection: Connection, table: str, rows: Iterator[Row]) -> None:
    """Sends rows in bulk; without any, nothing is sent at all."""
    first = next(rows, None)
    if first is None:
        return
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({_COPIED[table]}) FROM STDIN") as copy:
        copy.write_row(first)
        for row in rows:
            copy.write_row(row)
