"""Listings by conditions that no store looks up by itself, by looking at rows and, where needed, at outlines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from argus.model.record import Record
from argus.model.trace import Trace
from argus.storage.base import BaseStore, TraceRow
from argus.storage.filter_words import RunFilter, Term
from argus.storage.listing import code_fits, search_text, searched

__all__ = ["FilteredPage", "Outlines", "fits", "list_filtered"]

Outlines = Callable[[Sequence[TraceRow]], dict[str, Trace]]
"""Runs without values, by id, for some rows of a listing."""

_ROW_KEYS: Final = ("pipeline", "status", "dur", "steps", "version")
_LOOKED_AT: Final = 2000


class FilteredPage(Record, frozen=True, kw_only=True):
    """A part of a listing.

    Attributes:
        rows: Newest first; there may be fewer than asked for although more follow.
        next_cursor: Pass it to go on; None at the end.
        looked_at: Rows that were looked at for it.
    """

    rows: tuple[TraceRow, ...] = ()
    next_cursor: str | None = None
    looked_at: int = 0


def list_filtered(
    store: BaseStore,
    wanted: RunFilter,
    *,
    limit: int = 50,
    cursor: str | None = None,
    outlines: Outlines | None = None,
    looked_at: int = _LOOKED_AT,
) -> FilteredPage:
    """Runs that fit, newest first.

    Args:
        store: Where they are.
        wanted: Which ones.
        limit: Rows at most, from 1 to 1000.
        cursor: From an earlier page.
        outlines: Gives runs without values; the store itself when None.
        looked_at: Rows to look at before the page ends even though it is not full.
    """
    if not wanted.rest:
        page = store.list(wanted.query, limit=limit, cursor=cursor)
        return FilteredPage(rows=page.rows, next_cursor=page.next_cursor, looked_at=len(page.rows))
    found: list[TraceRow] = []
    seen = 0
    while True:
        # never more than fit on the page, so that the store's own cursor tells where to go on
        page = store.list(wanted.query, limit=limit - len(found), cursor=cursor)
        found += _fitting(page.rows, wanted.rest, outlines or _outlines_of(store))
        seen += len(page.rows)
        cursor = page.next_cursor
        if cursor is None or len(found) * 2 >= limit or seen >= looked_at:
            return FilteredPage(rows=tuple(found), next_cursor=cursor, looked_at=seen)


def fits(row: TraceRow, outline: Trace | None, term: Term) -> bool:
    """Whether a run meets a condition.

    Args:
        row: Its row.
        outline: The run without values; not needed for conditions on the row alone.
        term: The condition.
    """
    return _holds(row, outline, term) is not term.negated


def _fitting(rows: Sequence[TraceRow], rest: Sequence[Term], outlines: Outlines) -> list[TraceRow]:
    on_row = [term for term in rest if term.key in _ROW_KEYS]
    on_outline = [term for term in rest if term.key not in _ROW_KEYS]
    left = [row for row in rows if all(fits(row, None, term) for term in on_row)]
    if not on_outline or not left:
        return left
    known = outlines(left)
    return [row for row in left if row.id in known and all(fits(row, known[row.id], term) for term in on_outline)]


def _outlines_of(store: BaseStore) -> Outlines:
    return lambda rows: {trace.id: trace for trace in store.outlines([row.id for row in rows])}


def _holds(row: TraceRow, outline: Trace | None, term: Term) -> bool:
    if term.key == "pipeline":
        return row.pipeline_name in term.words
    if term.key == "status":
        return row.status in term.words
    if term.key == "version":
        return any((row.graph_version or "").startswith(word) for word in term.words)
    if term.key == "dur":
        return any(bounds.holds(row.duration_ms) for bounds in term.bounds)
    if term.key == "steps":
        return any(bounds.holds(row.step_count) for bounds in term.bounds)
    return outline is not None and _holds_inside(outline, term)


def _holds_inside(outline: Trace, term: Term) -> bool:
    standing = [found for found in outline.detections if found.suppressed is None]
    if term.key == "code":
        return any(code_fits(found.code, term.words) for found in standing)
    if term.key == "severity":
        return any(found.severity in term.words for found in standing)
    if term.key == "layer":
        return any(found.layer.startswith(word) for found in standing for word in term.words)
    if term.key == "field":
        fields = [found.field for found in standing if found.field]
        return any(
            field == word or field.startswith((f"{word}.", f"{word}[")) for field in fields for word in term.words
        )
    if term.key == "node":
        return any(step.node_name in term.words for step in outline.steps)
    if term.key == "replay-of":
        replayed = outline.metadata.get("replay_of")
        return isinstance(replayed, str) and any(replayed.startswith(word) for word in term.words)
    if term.key == "tokens":
        told = [step.token_usage.total_tokens for step in outline.steps if step.token_usage]
        known = [total for total in told if total is not None]
        return bool(known) and any(bounds.holds(sum(known)) for bounds in term.bounds)
    text = search_text(outline)
    return any(searched(word) in text for word in term.words)
