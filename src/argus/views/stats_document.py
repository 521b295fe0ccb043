"""The JSON document of figures, as ``argus stats`` writes it, with a published shape."""

from __future__ import annotations

from typing import Any

import msgspec

from argus.model.figures import CodeFigures, Figures, NodeFigures, PipelineFigures
from argus.model.record import Record

__all__ = ["PipelineStats", "StatsDocument", "json_schema", "stats_document"]


class PipelineStats(PipelineFigures, frozen=True, kw_only=True):
    """One pipeline with all that belongs to it.

    Attributes:
        codes: Its findings, those found in most runs first.
        nodes: Its nodes, the slowest first.
    """

    codes: tuple[CodeFigures, ...]
    nodes: tuple[NodeFigures, ...]


class StatsDocument(Record, frozen=True, kw_only=True):
    """What ``argus stats --json`` writes.

    Attributes:
        scope: Which runs are meant, such as ``since 7d``.
        runs: How many.
        statuses: How many of each status that occurs.
        pipelines: The one with most runs first.
    """

    scope: str
    runs: int
    statuses: dict[str, int]
    pipelines: tuple[PipelineStats, ...]


def stats_document(scope: str, figures: Figures) -> StatsDocument:
    """The document.

    Args:
        scope: Which runs are meant, in words.
        figures: What they come to.
    """
    codes: dict[str, list[CodeFigures]] = {}
    for code in figures.codes:
        codes.setdefault(code.pipeline_name, []).append(code)
    nodes: dict[str, list[NodeFigures]] = {}
    for node in figures.nodes:
        nodes.setdefault(node.pipeline_name, []).append(node)
    return StatsDocument(
        scope=scope,
        runs=figures.runs,
        statuses=figures.statuses,
        pipelines=tuple(
            PipelineStats(
                **msgspec.structs.asdict(one),
                codes=tuple(codes.get(one.pipeline_name, ())),
                nodes=tuple(nodes.get(one.pipeline_name, ())),
            )
            for one in figures.pipelines
        ),
    )


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document."""
    schema = msgspec.json.schema(StatsDocument)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "ARGUS stats", **schema}
