"""Figures from rows that an SQL store has counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from argus.model.figures import DayFigures, NodeFigures, PipelineFigures
from argus.storage.exact_json import unescape

__all__ = ["days_of", "pipelines_of"]


def pipelines_of(
    runs: Iterable[tuple[Any, ...]],
    times: Mapping[str, tuple[float | None, float | None]],
    nodes: Iterable[NodeFigures],
) -> Iterator[PipelineFigures]:
    """The figures of pipelines.

    Args:
        runs: Pipeline, status, runs and findings; further columns are passed over.
        times: The two percentiles in ms, by pipeline as in the rows.
        nodes: The figures of their nodes.
    """
    statuses: dict[str, dict[str, int]] = defaultdict(dict)
    findings: dict[str, int] = defaultdict(int)
    for pipeline, status, count, found, *_ in runs:
        statuses[pipeline][status] = count
        findings[pipeline] += found
    steps: dict[str, list[NodeFigures]] = defaultdict(list)
    for node in nodes:
        steps[node.pipeline_name].append(node)
    for pipeline, counted in statuses.items():
        name = unescape(pipeline)
        p50, p95 = times.get(pipeline, (None, None))
        yield PipelineFigures(
            pipeline_name=name,
            runs=sum(counted.values()),
            statuses=counted,
            findings=findings[pipeline],
            steps=sum(node.steps for node in steps[name]),
            failed_steps=sum(node.failed_steps for node in steps[name]),
            total_tokens=sum(node.total_tokens for node in steps[name]),
            p50_ms=p50,
            p95_ms=p95,
        )


def days_of(rows: Iterable[tuple[Any, ...]]) -> list[DayFigures]:
    """The figures of days.

    Args:
        rows: Date, status, runs and findings.
    """
    days: dict[str, tuple[dict[str, int], list[int]]] = {}
    for day, status, count, found in rows:
        statuses, findings = days.setdefault(day, ({}, []))
        statuses[status] = count
        findings.append(found)
    return [
        DayFigures(day=day, statuses=statuses, findings=sum(findings)) for day, (statuses, findings) in days.items()
    ]
