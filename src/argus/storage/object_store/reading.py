"""Runs in the order of listings: from the log and from those leaves alone that a question needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import merge
from typing import TypeVar

from argus.errors import StoreUnavailable
from argus.storage.base import Page, TraceQuery, TraceRow
from argus.storage.moments import to_text
from argus.storage.object_store.entries import Entry, fits
from argus.storage.object_store.leaves import Leaves, Unread, leaf_for
from argus.storage.object_store.log import Leaf, Log, Snapshot
from argus.storage.object_store.names import Version
from argus.storage.paging import Position, cursor_after, position_of

__all__ = ["found", "newest_first", "page", "with_snapshot"]

T = TypeVar("T")

_TRIES = 5
_LAST = chr(0x10FFFF) * 2


def with_snapshot(log: Log, work: Callable[[Snapshot], T]) -> T:
    """Does something with the store as it is now; again, when the index was replaced and deleted meanwhile.

    Args:
        log: The store's log.
        work: What to do.
    """
    for _ in range(_TRIES):
        try:
            return work(log.snapshot())
        except Unread as error:
            last = error
    raise StoreUnavailable(str(last))


def newest_first(
    snapshot: Snapshot, leaves: Leaves, query: TraceQuery, *, before: Position | None = None
) -> Iterator[Entry]:
    """The runs for which all conditions hold, newest first, read while they are asked for.

    Args:
        snapshot: The store.
        leaves: Its leaves.
        query: The conditions.
        before: Only runs behind this place of a listing.
    """
    until = to_text(query.until) if query.until is not None else _LAST
    end = min((until, ""), tuple(before) if before is not None else (_LAST, ""))
    since = to_text(query.since) if query.since is not None else ""
    pending = (entry for entry in reversed(snapshot.added) if since <= entry.created_at and entry.position < end)
    both = merge(pending, _stored(snapshot, leaves, query, since, end), key=lambda entry: entry.saved, reverse=True)
    last: Position | None = None
    for entry in both:
        # two writers may have saved the same run at once; the later version comes first
        if entry.position != last and entry.version not in snapshot.removed and fits(entry, query):
            yield entry
        last = entry.position if entry.version not in snapshot.removed else last


def page(snapshot: Snapshot, leaves: Leaves, query: TraceQuery, limit: int, cursor: str | None) -> Page:
    """A part of a listing.

    Args:
        snapshot: The store.
        leaves: Its leaves.
        query: The conditions.
        limit: Rows at most.
        cursor: From an earlier page.
    """
    rows: list[TraceRow] = []
    before = position_of(cursor) if cursor is not None else None
    for entry in newest_first(snapshot, leaves, query, before=before):
        if len(rows) == limit:
            return Page(rows=tuple(rows), next_cursor=cursor_after(rows[-1]))
        rows.append(entry.row)
    return Page(rows=tuple(rows))


def found(snapshot: Snapshot, leaves: Leaves, version: Version) -> Entry | None:
    """The entry of a version; None when it was removed or never made so.

    Args:
        snapshot: The store.
        leaves: Its leaves.
        version: A saved version.
    """
    if version.version in snapshot.removed:
        return None
    pending = snapshot.pending(version)
    index = snapshot.manifest.leaves
    if pending is not None or not index:
        return pending
    leaf = index[leaf_for(index, version)]
    return next((entry for entry in leaves.read(leaf) if entry.saved == version), None)


def _stored(snapshot: Snapshot, leaves: Leaves, query: TraceQuery, since: str, end: tuple[str, ...]) -> Iterator[Entry]:
    for leaf in reversed(snapshot.manifest.leaves):
        if tuple(leaf.first[:2]) >= end:
            continue
        if leaf.last.created_at < since:
            return
        if _may_hold(leaf, query):
            for entry in reversed(leaves.read(leaf)):
                if since <= entry.created_at and entry.position < end:
                    yield entry


def _may_hold(leaf: Leaf, query: TraceQuery) -> bool:
    return (query.pipeline is None or not leaf.pipelines or query.pipeline in leaf.pipelines) and (
        not query.statuses or any(status in leaf.statuses for status in query.statuses)
    )
