"""Figures over many runs, counted by the server."""

from __future__ import annotations

from typing import Any, Final

from argus.model.figures import CodeFigures, Figures, NodeFigures
from argus.storage.base import TraceQuery
from argus.storage.counted import days_of, pipelines_of
from argus.storage.exact_json import unescape
from argus.storage.figures import in_order
from argus.storage.moments import to_text
from argus.storage.postgres.driver import Connection
from argus.storage.postgres.queries import conditions

__all__ = ["count_figures"]

_RUNS: Final = """
    SELECT t.pipeline_name, t.status, count(*), sum(t.detection_count), min(t.created_at), max(t.created_at)
    FROM traces AS t {where} GROUP BY 1, 2"""

_RUN_TIMES: Final = """
    SELECT pipeline_name, {ranks} FROM (
        SELECT t.pipeline_name, t.duration_ms AS value,
               row_number() OVER (PARTITION BY t.pipeline_name ORDER BY t.duration_ms) AS place,
               count(*) OVER (PARTITION BY t.pipeline_name) AS total
        FROM traces AS t {where} {and_} t.duration_ms IS NOT NULL) AS ranked
    GROUP BY 1"""

_DAYS: Final = """
    SELECT to_char(t.created_at, 'YYYY-MM-DD'), t.status, count(*), sum(t.detection_count)
    FROM traces AS t {where} GROUP BY 1, 2"""

_CODES: Final = """
    SELECT t.pipeline_name, d.code, {newest_layer}, count(*), count(DISTINCT t.number),
           count(*) FILTER (WHERE d.severity = 'critical'), count(*) FILTER (WHERE d.severity = 'warning'),
           {newest_message}, {newest_id}
    FROM traces AS t JOIN detections AS d ON d.trace = t.number
    {where} {and_} d.suppressed IS NULL
    GROUP BY t.pipeline_name, d.code, CASE d.code WHEN '' THEN d.layer END"""

_NODES: Final = """
    SELECT pipeline_name, node_name, count(*), count(*) FILTER (WHERE outcome = 'error'), sum(tokens), {ranks} FROM (
        SELECT t.pipeline_name, s.node_name, s.duration_ms AS value, s.outcome,
               coalesce((nullif(s.token_usage, '')::json ->> 'total_tokens')::bigint, 0) AS tokens,
               row_number() OVER (PARTITION BY t.pipeline_name, s.node_name ORDER BY s.duration_ms) AS place,
               count(*) OVER (PARTITION BY t.pipeline_name, s.node_name) AS total
        FROM traces AS t JOIN steps AS s ON s.trace = t.number {where}) AS ranked
    GROUP BY 1, 2"""

_RANKS: Final = ", ".join(
    f"max(CASE WHEN place = (total * {percent} + 99) / 100 THEN value END)" for percent in (50, 95)
)


def count_figures(connection: Connection, query: TraceQuery) -> Figures:
    """What the runs of a query come to.

    Args:
        connection: In a read transaction, so that all figures are of one moment.
        query: Conditions.
    """
    wanted, bound = conditions(connection, query)

    def rows(sql: str) -> list[tuple[Any, ...]]:
        filled = sql.format(
            where=f"WHERE {' AND '.join(wanted)}" if wanted else "",
            and_="AND" if wanted else "WHERE",
            ranks=_RANKS,
            newest_layer=_newest("d.layer"),
            newest_message=_newest("d.message"),
            newest_id=_newest("t.id"),
        )
        return connection.execute(filled.encode(), bound).fetchall()

    runs = rows(_RUNS)
    nodes = [
        NodeFigures(
            pipeline_name=unescape(pipeline),
            node_name=unescape(node),
            steps=steps,
            failed_steps=failed,
            total_tokens=int(tokens),
            p50_ms=p50,
            p95_ms=p95,
        )
        for pipeline, node, steps, failed, tokens, p50, p95 in rows(_NODES)
    ]
    return in_order(
        first_at=to_text(min(row[4] for row in runs)) if runs else None,
        last_at=to_text(max(row[5] for row in runs)) if runs else None,
        pipelines=pipelines_of(runs, {row[0]: (row[1], row[2]) for row in rows(_RUN_TIMES)}, nodes),
        codes=[
            CodeFigures(
                pipeline_name=unescape(pipeline),
                code=unescape(code),
                layer=unescape(layer),
                findings=findings,
                runs=in_runs,
                critical=critical,
                warning=warning,
                message=unescape(message),
                trace_id=unescape(trace_id),
            )
            for pipeline, code, layer, findings, in_runs, critical, warning, message, trace_id in rows(_CODES)
        ],
        nodes=nodes,
        days=days_of(rows(_DAYS)),
    )


def _newest(column: str) -> str:
    """The column's value in the newest row of a group."""
    return f"(array_agg({column} ORDER BY t.created_at DESC, t.id DESC, d.rank))[1]"
