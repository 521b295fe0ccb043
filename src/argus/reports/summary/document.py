"""Many runs as a JSON document with a published shape."""

from __future__ import annotations

from typing import Any

import msgspec

from argus.model.figures import CodeFigures, DayFigures, Figures, NodeFigures, PipelineFigures
from argus.model.record import Record
from argus.views.trace_list import ListRow

__all__ = ["SummaryDocument", "json_schema", "summary_document"]


class SummaryDocument(Record, frozen=True, kw_only=True):
    """What ``argus report --format json`` tells of many runs; no list is cut but the last.

    Attributes:
        scope: Which runs are meant, such as ``since 7d``.
        runs: How many.
        statuses: How many of each status that occurs.
        first_at: When the earliest run started; None without runs.
        last_at: When the latest run started; None without runs.
        pipelines: The one with most runs first.
        codes: Those found in most runs first.
        nodes: The slowest first.
        days: In order; days without runs are left out.
        newest: The newest runs that are not OK, 20 at most.
    """

    scope: str
    runs: int
    statuses: dict[str, int]
    first_at: str | None
    last_at: str | None
    pipelines: tuple[PipelineFigures, ...]
    codes: tuple[CodeFigures, ...]
    nodes: tuple[NodeFigures, ...]
    days: tuple[DayFigures, ...]
    newest: tuple[ListRow, ...]


def summary_document(scope: str, figures: Figures, newest: tuple[ListRow, ...]) -> SummaryDocument:
    """The document.

    Args:
        scope: Which runs are meant, in words.
        figures: What they come to.
        newest: The newest runs that are not OK.
    """
    return SummaryDocument(
        scope=scope,
        runs=figures.runs,
        statuses=figures.statuses,
        first_at=figures.first_at,
        last_at=figures.last_at,
        pipelines=figures.pipelines,
        codes=figures.codes,
        nodes=figures.nodes,
        days=figures.days,
        newest=newest,
    )


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document."""
    schema = msgspec.json.schema(SummaryDocument)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "ARGUS report of many runs", **schema}
