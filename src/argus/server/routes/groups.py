"""Many runs at once: what is wrong in them, how they went over time, one pipeline's history, figures."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from litestar import get
from litestar.params import Parameter
from msgspec.structs import replace

from argus.server.desk import Desk
from argus.server.problem_answers import Refused
from argus.server.resources.knowledge import ProblemList, TrendPage
from argus.server.routes.parameters import Query, query
from argus.storage.base import TraceQuery, TraceRow
from argus.storage.filter_words import RunFilter, parse_time
from argus.storage.filtered import list_filtered
from argus.views.amounts import count
from argus.views.pipeline_history import PipelineHistory, history, history_points
from argus.views.problem_groups import ProblemGroup, problem_groups
from argus.views.stats_document import StatsDocument, stats_document
from argus.views.trend import TrendBucket, trend

__all__ = ["group_routes"]

_GROUPED: Final = 500
_COUNTED: Final = 5000
_LOOKED_INTO: Final = 500
_POINTS: Final = 500
_TROUBLED: Final = ("failed", "incomplete", "warning")

_MOMENT: Final = {
    "max_length": 60,
    "description": "An ISO 8601 date or time, or how long ago, such as `24h` or `7d`.",
}


def group_routes(desk: Desk) -> list[Any]:
    """The routes.

    Args:
        desk: What they work with.
    """

    @get("/problems", sync_to_thread=True, operation_id="list_problems", tags=["many runs"])
    def list_problems(q: Query = "") -> ProblemList:
        """Runs with findings, grouped by pipeline, node and code."""
        wanted = desk.filter(q)
        statuses = tuple(status for status in wanted.query.statuses or _TROUBLED if status in _TROUBLED)
        tally = desk.store.tally(wanted.query)
        troubled: list[TraceRow] = []
        if statuses:
            narrowed = replace(wanted.query, statuses=statuses)
            troubled = _newest(desk, wanted._replace(query=narrowed), _GROUPED)
            of_troubled = sum(desk.store.tally(narrowed).values()) if not wanted.rest else len(troubled)
        else:
            of_troubled = 0
        groups = problem_groups(
            desk.runs.rows(troubled),
            began=_began(desk, wanted.query, tally),
            of_runs=tally,
            rule_names=desk.rule_names,
            now=desk.sources.clock.now(),
        )
        return ProblemList(
            headline=_headline(groups),
            items=groups,
            looked_at=len(troubled),
            of_runs=sum(tally.values()),
            troubled=of_troubled,
            query=wanted.problems,
        )

    @get("/trend", sync_to_thread=True, operation_id="get_trend", tags=["many runs"])
    def get_trend(
        q: Query = "", buckets: Annotated[int, Parameter(ge=1, le=200, description="Equal parts of the time.")] = 24
    ) -> TrendPage:
        """How the runs that fit went over time: counts, durations, tokens, findings."""
        wanted = desk.filter(q)
        rows = _newest(desk, wanted, _COUNTED)
        now = desk.sources.clock.now()
        start = wanted.query.since or (rows[-1].created_at if rows else now - timedelta(hours=24))
        if len(rows) >= _COUNTED:  # an earlier part would look as if less had happened in it
            start = max(start, rows[-1].created_at)
        shown = desk.runs.rows(rows[:_LOOKED_INTO])
        total = len(rows) if wanted.rest else sum(desk.store.tally(wanted.query).values())
        parts: tuple[TrendBucket, ...] = trend(
            rows,
            start=start,
            end=max(wanted.query.until or now, start),
            buckets=buckets,
            tokens={row.id: row.tokens for row in shown},
        )
        return TrendPage(buckets=parts, looked_at=len(rows), of_runs=total, query=wanted.problems)

    @get("/pipelines/{name:str}/history", sync_to_thread=True, operation_id="get_history", tags=["many runs"])
    def get_history(
        name: Annotated[str, Parameter(max_length=1000, description="The pipeline.")],
        start: Annotated[str | None, query("from", **_MOMENT)] = None,
        end: Annotated[str | None, query("to", **_MOMENT)] = None,
    ) -> PipelineHistory:
        """The runs of one pipeline: findings by layer, durations against what is usual, graph versions."""
        wanted = TraceQuery(pipeline=name, since=_moment(desk, start), until=_moment(desk, end))
        of_runs = sum(desk.store.tally(wanted).values())
        if not of_runs and not desk.store.list(TraceQuery(pipeline=name), limit=1).rows:
            raise Refused(404, f"No run of a pipeline {name[:200]!r} is stored.")
        rows = _newest(desk, RunFilter(wanted), _POINTS)
        outlines = desk.runs.outlines(rows)
        shown = [row for row in desk.runs.rows(rows) if row.id in outlines]
        return history(name, history_points([(row, outlines[row.id]) for row in shown]), of_runs)

    @get("/stats", sync_to_thread=True, operation_id="get_stats", tags=["many runs"])
    def get_stats(q: Query = "") -> StatsDocument:
        """What the runs that fit come to by pipeline: the document of ``argus stats --json``."""
        wanted = desk.filter(q)
        if wanted.rest:
            raise Refused(400, f"Figures cannot be filtered by '{wanted.rest[0].key}' or by words with a minus.")
        return stats_document(f"where {q}" if q else "all runs", desk.store.figures(wanted.query))

    return [list_problems, get_trend, get_history, get_stats]


def _newest(desk: Desk, wanted: RunFilter, most: int) -> list[TraceRow]:
    found: list[TraceRow] = []
    cursor = None
    while len(found) < most:
        limit = min(1000, most - len(found))
        page = list_filtered(desk.store, wanted, limit=limit, cursor=cursor, outlines=desk.runs.outlines)
        found += page.rows
        cursor = page.next_cursor
        if cursor is None or (wanted.rest and page.looked_at >= most):
            break
    return found


def _began(desk: Desk, query: TraceQuery, tally: dict[str, int]) -> dict[str, datetime]:
    """When the runs of each pipeline that were looked at began, as far as the first page of each tells."""
    found = {}
    for name in list(tally)[:50]:
        rows = desk.store.list(replace(query, pipeline=name, statuses=()), limit=200).rows
        if rows:
            found[name] = rows[-1].created_at
    return found


def _headline(groups: tuple[ProblemGroup, ...]) -> str:
    if not groups:
        return "No problems in these runs."
    needing = count(len(groups), "problem needs you", "problems need you")
    new = [group for group in groups if group.is_new]
    if not new:
        return f"{needing}."
    since = min(group.first_seen for group in new)
    which = "It is new" if len(groups) == 1 else "One is new" if len(new) == 1 else f"{len(new)} are new"
    return f"{needing}. {which} since {since.isoformat(timespec='minutes')}."


def _moment(desk: Desk, text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        return parse_time(text, desk.sources.clock)
    except ValueError as error:
        raise Refused(400, str(error)) from None
