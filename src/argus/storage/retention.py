"""Which runs go when room is wanted: those too old, those beyond a number, the oldest beyond a size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Final

import msgspec

from argus.model.record import Record
from argus.storage.base import BaseStore, TraceQuery, TraceRow

__all__ = ["Rules", "Swept", "oldest", "sweep"]

_BATCH: Final = 100
_PAGE: Final = 1000
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_CLOSE: Final = timedelta(microseconds=1)


class Rules(Record, frozen=True, kw_only=True):
    """What shall go; a run goes when any of the rules says so.

    Attributes:
        query: Only runs for which these conditions hold are looked at.
        before: Runs that started earlier.
        keep: Runs beyond this number, the oldest of them.
        max_bytes: The oldest, until the whole store takes no more than this.
    """

    query: TraceQuery = TraceQuery()
    before: datetime | None = None
    keep: int | None = None
    max_bytes: int | None = None


class Swept(Record, frozen=True, kw_only=True):
    """What went.

    Attributes:
        traces: How many runs; of those that go for size alone, in a rehearsal, an estimate.
        bytes_before: What the store took; None when it cannot tell.
        bytes_after: What it takes now, or would.
    """

    traces: int
    bytes_before: int | None
    bytes_after: int | None


class _Gone:
    """Deletes runs, or counts them in a rehearsal, up to a number."""

    def __init__(self, store: BaseStore, most: int | None, told: Callable[[int], None] | None, *, dry: bool) -> None:
        self._store = store
        self._left = most
        self._told = told
        self._dry = dry
        self._rehearsed: set[str] = set()
        self.count = 0

    @property
    def is_enough(self) -> bool:
        return self._left is not None and self._left <= 0

    def take(self, rows: Sequence[TraceRow]) -> None:
        ids = [row.id for row in rows[: self._left]]
        if self._left is not None:
            self._left -= len(ids)
        if self._dry:
            before = len(self._rehearsed)
            self._rehearsed.update(ids)
            self.count += len(self._rehearsed) - before
        else:
            self.count += self._store.delete(ids)
        if self._told is not None:
            self._told(self.count)


def sweep(
    store: BaseStore,
    rules: Rules,
    *,
    dry_run: bool = False,
    most: int | None = None,
    told: Callable[[int], None] | None = None,
) -> Swept:
    """Deletes what the rules say; what was learned from these runs stays.

    Args:
        store: Where they are.
        rules: What shall go.
        dry_run: Whether nothing is deleted, only counted.
        most: Runs that go at most in this call; None means all.
        told: Called with the runs gone so far.

    Raises:
        StorageError: The store cannot be read or written; what went before that is gone.
    """
    before = store.used_bytes()
    gone = _Gone(store, most, told, dry=dry_run)
    if rules.before is not None:
        _sweep_old(store, rules, rules.before, gone, dry_run=dry_run)
    if rules.keep is not None and not gone.is_enough:
        _sweep_many(store, rules.query, rules.keep, gone, dry_run=dry_run)
    if rules.max_bytes is not None and before is not None and not gone.is_enough:
        if dry_run:
            return _rehearse_size(store, rules.max_bytes, gone.count, before)
        _sweep_large(store, rules.query, rules.max_bytes, gone)
    return Swept(traces=gone.count, bytes_before=before, bytes_after=None if dry_run else store.used_bytes())


def oldest(store: BaseStore, query: TraceQuery, most: int) -> list[TraceRow]:
    """The oldest runs, found by halving the time in which they may have started.

    Args:
        store: Where they are.
        query: Conditions.
        most: Runs at most, from 1 to 1000; more when very many started in the same microsecond.

    Returns:
        Oldest first; at least one, unless there is none.
    """
    newest = store.list(query, limit=1).rows
    if not newest:
        return []
    low, high = query.since or _BEGINNING, newest[0].created_at + _CLOSE
    while high - low > 2 * _CLOSE:
        page = store.list(msgspec.structs.replace(query, until=high), limit=most)
        if page.next_cursor is None:
            return [*reversed(page.rows)]
        middle = low + (high - low) / 2
        if store.list(msgspec.structs.replace(query, until=middle), limit=1).rows:
            high = middle
        else:
            low = middle
    return [*reversed(store.list(msgspec.structs.replace(query, until=high), limit=most).rows)]


def _sweep_old(store: BaseStore, rules: Rules, before: datetime, gone: _Gone, *, dry_run: bool) -> None:
    until = min(filter(None, (before, rules.query.until)))
    _take_all(store, msgspec.structs.replace(rules.query, until=until), None, gone, dry_run=dry_run)


def _sweep_many(store: BaseStore, query: TraceQuery, keep: int, gone: _Gone, *, dry_run: bool) -> None:
    if keep == 0:
        _take_all(store, query, None, gone, dry_run=dry_run)
        return
    cursor, left = None, keep
    while left:
        page = store.list(query, limit=min(left, _PAGE), cursor=cursor)
        left -= len(page.rows)
        cursor = page.next_cursor
        if cursor is None:
            return
    _take_all(store, query, cursor, gone, dry_run=dry_run)


def _take_all(store: BaseStore, query: TraceQuery, start: str | None, gone: _Gone, *, dry_run: bool) -> None:
    cursor = start
    while not gone.is_enough:
        page = store.list(query, limit=_BATCH, cursor=cursor)
        gone.take(page.rows)
        if page.next_cursor is None:
            return
        cursor = page.next_cursor if dry_run else start


def _sweep_large(store: BaseStore, query: TraceQuery, max_bytes: int, gone: _Gone) -> None:
    while not gone.is_enough and (store.used_bytes() or 0) > max_bytes:
        rows = oldest(store, query, _BATCH)
        if not rows:
            return
        gone.take(rows)


def _rehearse_size(store: BaseStore, max_bytes: int, counted: int, size: int) -> Swept:
    runs = sum(1 for _ in store.rows())
    each = size / runs if runs else 0.0
    too_much = size - counted * each - max_bytes
    more = min(runs - counted, round(too_much / each + 0.5)) if each and too_much > 0 else 0
    return Swept(traces=counted + more, bytes_before=size, bytes_after=round(size - (counted + more) * each))
