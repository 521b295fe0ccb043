"""Figures over many runs, counted by the database; it keeps what it sorts on disk, so memory stays bounded."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, Final

from argus.model.figures import CodeFigures, Figures, NodeFigures
from argus.storage.base import TraceQuery
from argus.storage.counted import days_of, pipelines_of
from argus.storage.exact_json import unescape
from argus.storage.figures import in_order
from argus.storage.sqlite.queries import conditions

__all__ = ["count_figures"]

_RUNS: Final = """
    SELECT t.pipeline_name, t.status, count(*), sum(t.detection_count), min(t.created_at), max(t.created_at)
    FROM traces AS t {where} GROUP BY 1, 2"""

_RUN_TIMES: Final = """
    SELECT pipeline_name, {ranks} FROM (
        SELECT t.pipeline_name AS pipeline_name, t.duration_ms AS value,
               row_number() OVER (PARTITION BY t.pipeline_name ORDER BY t.duration_ms) AS place,
               count(*) OVER (PARTITION BY t.pipeline_name) AS total
        FROM traces AS t {where} {and_} t.duration_ms IS NOT NULL)
    GROUP BY 1"""

_DAYS: Final = """
    SELECT substr(t.created_at, 1, 10), t.status, count(*), sum(t.detection_count)
    FROM traces AS t {where} GROUP BY 1, 2"""

# With a single max() the other columns are those of the row that has it.
_CODES: Final = """
    SELECT t.pipeline_name, d.code, d.layer, count(*), count(DISTINCT t.number),
           total(d.severity = 'critical'), total(d.severity = 'warning'), d.message, t.id, max(t.created_at)
    FROM traces AS t CROSS JOIN detections AS d
    {where} {and_} d.number >= t.number << 24 AND d.number < (t.number + 1) << 24 AND d.suppressed IS NULL
    GROUP BY 1, 2, CASE d.code WHEN '' THEN d.layer END"""

_NODES: Final = """
    SELECT pipeline_name, node_name, count(*), total(outcome = 'error'), total(tokens), {ranks} FROM (
        SELECT t.pipeline_name AS pipeline_name, s.node_name AS node_name, s.duration_ms AS value, s.outcome AS outcome,
               CASE s.token_usage WHEN '' THEN 0 ELSE json_extract(s.token_usage, '$.total_tokens') END AS tokens,
               row_number() OVER (PARTITION BY t.pipeline_name, s.node_name ORDER BY s.duration_ms) AS place,
               count(*) OVER (PARTITION BY t.pipeline_name, s.node_name) AS total
        FROM traces AS t CROSS JOIN steps AS s
        {where} {and_} s.number >= t.number << 24 AND s.number < (t.number + 1) << 24)
    GROUP BY 1, 2"""

_RANKS: Final = ", ".join(
    f"max(CASE WHEN place = (total * {percent} + 99) / 100 THEN value END)" for percent in (50, 95)
)


def count_figures(connection: sqlite3.Connection, query: TraceQuery) -> Figures:
    """What the runs of a query come to.

    Args:
        connection: In a read transaction, so that all figures are of one moment.
        query: Conditions.
    """
    wanted, bound = conditions(query)
    where = f"WHERE {' AND '.join(wanted)}" if wanted else ""

    def rows(sql: str) -> Iterator[Any]:
        filled = sql.format(where=where, and_="AND" if wanted else "WHERE", ranks=_RANKS)
        return iter(connection.execute(filled, bound))

    nodes = [
        NodeFigures(
            pipeline_name=unescape(pipeline),
            node_name=unescape(node),
            steps=steps,
            failed_steps=int(failed),
            total_tokens=int(tokens),
            p50_ms=p50,
            p95_ms=p95,
        )
        for pipeline, node, steps, failed, tokens, p50, p95 in rows(_NODES)
    ]
    runs = list(rows(_RUNS))
    return in_order(
        first_at=min((row[4] for row in runs), default=None),
        last_at=max((row[5] for row in runs), default=None),
        pipelines=pipelines_of(runs, {row[0]: (row[1], row[2]) for row in rows(_RUN_TIMES)}, nodes),
        codes=[
            CodeFigures(
                pipeline_name=unescape(pipeline),
                code=unescape(code),
                layer=unescape(layer),
                findings=findings,
                runs=in_runs,
                critical=int(critical),
                warning=int(warning),
                message=unescape(message),
                trace_id=unescape(trace_id),
            )
            for pipeline, code, layer, findings, in_runs, critical, warning, message, trace_id, _ in rows(_CODES)
        ],
        nodes=nodes,
        days=days_of(rows(_DAYS)),
    )
