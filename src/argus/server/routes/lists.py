"""The server itself, and lists of runs."""

from __future__ import annotations

from typing import Any, Final

from litestar import get

from argus._version import __version__
from argus.errors import StorageError
from argus.model.detection import SEVERITIES
from argus.server.desk import Desk
from argus.server.problem_answers import Refused
from argus.server.resources.lists import FilterKey, Meta, QueryReport, ReplayApp, RunList
from argus.server.routes.parameters import Cursor, Limit, Query
from argus.storage.base import TraceQuery
from argus.storage.filter_words import KEYS, LAYERS, RunFilter
from argus.storage.filtered import list_filtered
from argus.views.run_row import RunRow

__all__ = ["list_routes"]

_COUNTED: Final = 20_000
"""Runs among which those with a text, a finding or a node are still counted."""

_VALUES: Final = {
    "status": ("failed", "warning", "ok", "incomplete"),
    "severity": SEVERITIES,
    "layer": LAYERS,
}


def list_routes(desk: Desk) -> list[Any]:
    """The routes.

    Args:
        desk: What they work with.
    """

    @get("/meta", sync_to_thread=True, operation_id="meta", tags=["server"])
    def meta() -> Meta:
        """What is served: store, pipelines, version, what is wrong with the configuration."""
        problem = desk.sources.store.problem()
        counted = {} if problem else desk.store.tally()
        return Meta(
            version=__version__,
            store=desk.sources.store.url,
            trace_count=sum(counted.values()),
            pipelines=tuple(sorted(counted)),
            runs_by_pipeline=counted,
            live=True,
            running=len(desk.runs.running_rows()),
            replay=ReplayApp(app=desk.sources.app) if desk.sources.app else None,
            problems=(problem,) if problem else (),
            filter_keys=tuple(_keys(desk, tuple(counted))),
            command_options=desk.sources.command("trace").removeprefix("argus trace").strip(),
            now=desk.sources.clock.now(),
        )

    @get("/traces", sync_to_thread=True, operation_id="list_traces", tags=["runs"])
    def list_traces(q: Query = "", limit: Limit = 50, cursor: Cursor = None) -> RunList:
        """Runs that fit, newest first; those still being recorded come apart, with the first part only."""
        wanted = desk.filter(q)
        try:
            page = list_filtered(desk.store, wanted, limit=limit, cursor=cursor or None, outlines=desk.runs.outlines)
        except StorageError as error:
            if cursor and type(error) is StorageError:
                raise Refused(400, str(error)) from error
            raise
        running = () if cursor else tuple(row for row in desk.runs.running_rows() if _may_fit(row, wanted))
        return RunList(
            items=desk.runs.rows(page.rows),
            running=running,
            next_cursor=page.next_cursor,
            total=_total(desk, wanted),
            looked_at=page.looked_at,
            query=QueryReport(problems=wanted.problems),
        )

    return [meta, list_traces]


def _total(desk: Desk, wanted: RunFilter) -> int | None:
    """How many runs fit, unless counting them would take longer than listing them."""
    if wanted.rest:
        return None
    query = wanted.query
    if query.text or query.codes or query.severities or query.node:
        narrowed = TraceQuery(pipeline=query.pipeline, statuses=query.statuses, since=query.since, until=query.until)
        if sum(desk.store.tally(narrowed).values()) > _COUNTED:
            return None
    return sum(desk.store.tally(query).values())


def _keys(desk: Desk, pipelines: tuple[str, ...]) -> list[FilterKey]:
    values = {**_VALUES, "pipeline": pipelines, "code": tuple(desk.manuals)}
    return [FilterKey(key=key, values=values.get(key, ())) for key in KEYS]


def _may_fit(row: RunRow, wanted: RunFilter) -> bool:
    """Whether a run that is not finished yet fits, as far as that can be told without its findings."""
    query = wanted.query
    if query != TraceQuery(pipeline=query.pipeline, since=query.since, until=query.until):
        return False
    return (
        not wanted.rest
        and query.pipeline in (None, row.pipeline)
        and (query.since is None or row.created_at >= query.since)
        and (query.until is None or row.created_at < query.until)
    )
