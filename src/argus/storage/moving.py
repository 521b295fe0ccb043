"""Traces from one store to another, each checked after it has arrived."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from argus.errors import StorageError, TraceNotFound
from argus.model.trace import Trace
from argus.storage.base import BaseStore
from argus.storage.exact_json import to_json

__all__ = ["Moved", "Tally", "all_traces", "save_all"]

_BATCH = 64
_PAGE = 200


class Moved(NamedTuple):
    """What was moved.

    Attributes:
        traces: How many.
        text_bytes: Their JSON in UTF-8.
        checksum: BLAKE2b of their JSON in order, 32 hex digits; the same traces give the same from every store.
    """

    traces: int
    text_bytes: int
    checksum: str


class Tally:
    """Counts traces and sums up their checksum while they pass."""

    def __init__(self) -> None:
        from hashlib import blake2b  # loads OpenSSL, which other commands do without

        self._digest = blake2b(digest_size=16)
        self._traces = self._bytes = 0

    def add(self, line: bytes) -> None:
        """Counts one trace.

        Args:
            line: Its JSON.
        """
        self._digest.update(line)
        self._digest.update(b"\n")
        self._traces += 1
        self._bytes += len(line)

    def moved(self) -> Moved:
        """What has passed so far."""
        return Moved(self._traces, self._bytes, self._digest.hexdigest())


def all_traces(store: BaseStore) -> Iterator[Trace]:
    """Every trace of a store, newest first, one in memory at a time; what is saved meanwhile is not among them.

    Args:
        store: Where they are.

    Raises:
        StorageError: One cannot be read. One that is deleted meanwhile is passed over.
    """
    cursor = None
    while True:
        page = store.list(limit=_PAGE, cursor=cursor)
        for row in page.rows:
            try:
                trace = store.get(row.id)
            except TraceNotFound:
                continue
            yield trace
        cursor = page.next_cursor
        if cursor is None:
            return


def save_all(traces: Iterable[Trace], target: BaseStore, told: Callable[[Moved], None] | None = None) -> Moved:
    """Saves traces and reads each back to see that it is the same; done again after an interruption it changes nothing.

    Healthy runs that are new to the target teach its profiles.

    Args:
        traces: Any number.
        target: Where to.
        told: Called after each batch with what has been moved so far.

    Raises:
        StorageError: A trace cannot be saved, or did not come back as it was; those before it are kept.
    """
    tally = Tally()
    coming = iter(traces)
    while batch := list(islice(coming, _BATCH)):
        target.save_many(batch)
        for trace in batch:
            text = to_json(trace)
            back = target.get(trace.id)
            if to_json(back) != text and back != trace:  # a time in another zone is the same moment
                raise StorageError(f"the trace {trace.id} came back from {target.url} changed; nothing more was moved")
            tally.add(text.encode())
        if told is not None:
            told(tally.moved())
    return tally.moved()
