"""Conditions of a listing as SQL that finds its way by index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from argus.storage.base import Page, TraceQuery
from argus.storage.exact_json import escape, unescape
from argus.storage.listing import searched
from argus.storage.moments import to_text
from argus.storage.paging import LISTED, page_of, position_of
from argus.storage.postgres.driver import Connection
from argus.storage.postgres.moments import utc

__all__ = ["INDEXED", "conditions", "count_traces", "list_traces"]

INDEXED = 100
"""Characters of a name that indexes look at; see the schema."""

_WITH_FINDING = "t.number IN (SELECT d.trace FROM detections AS d WHERE {} AND d.suppressed IS NULL)"
_LAST = "\U0010ffff"
"""Sorts behind every character that a code may go on with."""


def list_traces(connection: Connection, query: TraceQuery, limit: int, cursor: str | None) -> Page:
    """One page of a listing.

    Args:
        connection: In a read transaction.
        query: Conditions.
        limit: Rows at most.
        cursor: Where to go on, or None.
    """
    wanted, values = conditions(connection, query, cursor)
    where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
    found = connection.execute(
        f"SELECT {LISTED} FROM traces AS t {where}"  # noqa: S608 - values are bound
        " ORDER BY t.created_at DESC, t.id DESC LIMIT %s".encode(),
        (*values, limit + 1),
    ).fetchall()
    return page_of(found, limit, utc)


def count_traces(connection: Connection, query: TraceQuery) -> dict[str, int]:
    """How many traces there are of each pipeline.

    Args:
        connection: In a read transaction.
        query: Conditions.
    """
    wanted, values = conditions(connection, query)
    where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
    found = connection.execute(
        f"SELECT t.pipeline_name, count(*) FROM traces AS t {where} GROUP BY 1 ORDER BY 1".encode(),  # noqa: S608 - values are bound
        values,
    )
    return {unescape(name): runs for name, runs in found}


def conditions(connection: Connection, query: TraceQuery, cursor: str | None = None) -> tuple[list[str], list[Any]]:
    """A query as conditions on ``traces AS t``, all of which must hold, and what is bound in them.

    Args:
        connection: In a read transaction.
        query: Conditions.
        cursor: Where to go on, or None.
    """
    wanted: list[str] = []
    values: list[Any] = []

    def add(condition: str, *bound: object) -> None:
        wanted.append(condition)
        values.extend(bound)

    if query.pipeline is not None:
        name = escape(query.pipeline)
        add('"left"(t.pipeline_name, 100) = %s', name[:INDEXED])
        if len(name) >= INDEXED:  # said only when needed: the planner takes two conditions for a rarer thing than one
            add("t.pipeline_name = %s", name)
    if cursor is not None:
        position = position_of(cursor)
        add("(t.created_at, t.id) < (%s::timestamptz, %s)", position.created_at, escape(position.trace_id))
    if query.since is not None:
        add("t.created_at >= %s::timestamptz", to_text(query.since))
    if query.until is not None:
        add("t.created_at < %s::timestamptz", to_text(query.until))
    if query.statuses:
        add("t.status = ANY(%s)", list(query.statuses))
    if query.codes:
        fits, bound = _any_code(query.codes)
        add(_WITH_FINDING.format(fits), *bound)
    if query.severities:
        add(_WITH_FINDING.format("d.severity = ANY(%s)"), list(query.severities))
    if query.node is not None:
        # asked beforehand: how many steps a node has the planner cannot know before it knows the node's numbers
        series = _series(connection, query.node)
        add("t.number IN (SELECT m.trace FROM measurements AS m WHERE m.series = ANY(%s::bigint[]))", series)
        if not series:
            wanted.append("false")
    if query.text:
        add("strpos(t.search_text, %s) > 0", searched(query.text))
    return wanted, values


def _series(connection: Connection, node: str) -> list[int]:
    """The numbers under which a node's steps are measured."""
    name = escape(node)
    found = connection.execute(
        'SELECT number FROM series WHERE "left"(node_name, 100) = %s AND node_name = %s', (name[:INDEXED], name)
    )
    return [number for (number,) in found]


def _any_code(codes: Sequence[str]) -> tuple[str, list[Any]]:
    """A condition on ``d.code``; a beginning of codes is a range, so that it finds its way by index too."""
    exact = [escape(code) for code in codes if not code.endswith("*")]
    begun = [escape(code[:-1]) for code in codes if code.endswith("*")]
    parts: list[str] = []
    values: list[Any] = []
    if exact:
        parts.append('"left"(d.code, 100) = ANY(%s)')
        values.append([code[:INDEXED] for code in exact])
        if max(map(len, exact)) >= INDEXED:
            parts[-1] = f"({parts[-1]} AND d.code = ANY(%s))"
            values.append(exact)
    for start in begun:
        first = start[:INDEXED]
        parts.append('("left"(d.code, 100) >= %s AND "left"(d.code, 100) < %s)')
        values += [first, first + _LAST]
        if first != start:
            parts[-1] += " AND starts_with(d.code, %s)"
            values.append(start)
    return f"({' OR '.join(parts)})", values
