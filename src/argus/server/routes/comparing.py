"""What belongs to one run but is asked for apart: comparison, the life of a field, the brief for a repair."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import get
from litestar.params import Parameter

from argus.server.desk import Desk
from argus.server.lineage_answers import field_lineage
from argus.server.resources.values import FieldLineage, TextDocument
from argus.server.routes.parameters import TraceId
from argus.server.routes.runs import row_of
from argus.views.comparison import compare
from argus.views.comparison_notes import notes_on
from argus.views.comparison_page import ComparisonPage, comparison_page

__all__ = ["comparing_routes"]


def comparing_routes(desk: Desk) -> list[Any]:
    """The routes.

    Args:
        desk: What they work with.
    """

    @get("/compare/{a:str}/{b:str}", sync_to_thread=True, operation_id="compare", tags=["runs"])
    def compare_runs(a: TraceId, b: TraceId) -> ComparisonPage:
        """Two runs aligned by step: what differs, findings gained and lost."""
        one, other = desk.runs.get(a), desk.runs.get(b)
        return comparison_page(
            compare(one.trace, other.trace),
            (one.trace, other.trace),
            (row_of(one), row_of(other)),
            notes=notes_on(one.trace, other.trace),
            rule_names=desk.rule_names,
            commands=desk.commands(("show", ("diff", one.trace.id, other.trace.id))),
        )

    @get("/traces/{trace_id:str}/lineage", sync_to_thread=True, operation_id="get_lineage", tags=["runs"])
    def get_lineage(
        trace_id: TraceId,
        field: Annotated[str, Parameter(min_length=1, max_length=1000, description="A field or dotted path.")],
    ) -> FieldLineage:
        """The life of a field: every version, who wrote it from what, who read it."""
        return field_lineage(desk.runs.get(trace_id).trace, field)

    @get("/traces/{trace_id:str}/fix", sync_to_thread=True, operation_id="get_fix", tags=["runs"])
    def get_fix(trace_id: TraceId) -> TextDocument:
        """A brief to paste for whoever is to mend the pipeline; what was recorded is fenced and scrubbed."""
        from argus.reports.brief.gathering import brief_of
        from argus.reports.brief.scrubbing import Scrubber

        trace = desk.runs.get(trace_id).trace
        scrubber = Scrubber(desk.sources.configuration.settings.security)
        command = desk.sources.command
        lines = [
            command("trace", trace.id, "--verbose"),
            command("check", "last"),
            command("trace", "last"),
            command("diff", trace.id, "last"),
        ]
        return TextDocument(text=brief_of(trace, scrubber, lines).text)

    return [compare_runs, get_lineage, get_fix]
