"""Conditions of a listing as SQL that finds its way by index."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from argus.storage.base import Page, TraceQuery
from argus.storage.exact_json import escape, unescape
from argus.storage.listing import searched
from argus.storage.moments import from_text, to_text
from argus.storage.paging import LISTED, page_of, position_of

__all__ = ["conditions", "count_traces", "list_traces"]

_WITH_FINDING = "t.number IN (SELECT d.number >> 24 FROM detections AS d WHERE {} AND d.suppressed IS NULL)"
_LAST = "\U0010ffff"
"""Sorts behind every character that a code may go on with."""


def list_traces(connection: sqlite3.Connection, query: TraceQuery, limit: int, cursor: str | None) -> Page:
    """One page of a listing.

    Args:
        connection: In a read transaction.
        query: Conditions.
        limit: Rows at most.
        cursor: Where to go on, or None.
    """
    wanted, values = conditions(query, cursor)
    # Each index ends in the order of the listing, so that a page costs its rows and those that a condition refuses.
    index = "traces_by_time" if query.pipeline is None else "traces_by_pipeline"
    where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
    found = connection.execute(
        f"SELECT {LISTED} FROM traces AS t INDEXED BY {index} {where}"  # noqa: S608 - values are bound
        " ORDER BY t.created_at DESC, t.id DESC LIMIT ?",
        (*values, limit + 1),
    ).fetchall()
    return page_of(found, limit, from_text)


def count_traces(connection: sqlite3.Connection, query: TraceQuery) -> dict[str, int]:
    """How many traces there are of each pipeline.

    Args:
        connection: In a read transaction.
        query: Conditions.
    """
    wanted, values = conditions(query)
    where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
    found = connection.execute(
        f"SELECT t.pipeline_name, count(*) FROM traces AS t {where} GROUP BY 1 ORDER BY 1",  # noqa: S608 - values are bound
        values,
    )
    return {unescape(name): runs for name, runs in found}


def conditions(query: TraceQuery, cursor: str | None = None) -> tuple[list[str], list[str]]:
    """The conditions on ``traces AS t``, and the values to bind, in order.

    Args:
        query: What is wanted.
        cursor: Where a listing goes on, or None.
    """
    wanted: list[str] = []
    values: list[str] = []

    def add(condition: str, *bound: str) -> None:
        wanted.append(condition)
        values.extend(bound)

    if query.pipeline is not None:
        add("t.pipeline_name = ?", escape(query.pipeline))
    if cursor is not None:
        position = position_of(cursor)
        add("(t.created_at, t.id) < (?, ?)", position.created_at, escape(position.trace_id))
    if query.since is not None:
        add("t.created_at >= ?", to_text(query.since))
    if query.until is not None:
        add("t.created_at < ?", to_text(query.until))
    if query.statuses:
        add(f"t.status IN ({_marks(query.statuses)})", *query.statuses)
    if query.codes:
        fits, bound = _any_code(query.codes)
        add(_WITH_FINDING.format(fits), *bound)
    if query.severities:
        add(_WITH_FINDING.format(f"d.severity IN ({_marks(query.severities)})"), *query.severities)
    if query.node is not None:
        add(
            "t.number IN (SELECT m.step >> 24 FROM measurements AS m"
            " WHERE m.series IN (SELECT s.number FROM series AS s WHERE s.node_name = ?))",
            escape(query.node),
        )
    if query.text:
        add("instr(t.search_text, ?) > 0", searched(query.text))
    return wanted, values


def _any_code(codes: Sequence[str]) -> tuple[str, list[str]]:
    """A condition on ``d.code``; a beginning of codes is a range, so that it finds its way by index too."""
    exact = [escape(code) for code in codes if not code.endswith("*")]
    begun = [escape(code[:-1]) for code in codes if code.endswith("*")]
    parts = [f"d.code IN ({_marks(exact)})"] if exact else []
    parts += ["(d.code >= ? AND d.code < ?)"] * len(begun)
    return f"({' OR '.join(parts)})", [*exact, *(bound for start in begun for bound in (start, start + _LAST))]


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))
