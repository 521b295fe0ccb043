"""What a store is."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import ClassVar

from argus.errors import StorageError, TraceNotFound
from argus.model.figures import Figures
from argus.model.outline import outline_of
from argus.model.ports import History
from argus.model.profile import Profile
from argus.model.record import Record
from argus.model.trace import Status, Trace

__all__ = ["HISTORY_LIMIT", "BaseStore", "Baseline", "Page", "TraceQuery", "TraceRow"]

HISTORY_LIMIT = 200
"""Samples that a history gives for one metric of one node, and runs that it counts, at most."""


class TraceRow(Record, frozen=True, kw_only=True):
    """One line of a listing: what is known of a trace without loading it.

    Attributes:
        id: The trace's id.
        pipeline_name: Its pipeline.
        created_at: When the run started, aware UTC.
        status: Its status.
        duration_ms: Wall time of the run.
        node_count: Different nodes that ran.
        step_count: Steps recorded.
        detection_count: Findings that count.
        summary: One sentence.
        graph_version: The version of the graph that ran, or None.
    """

    id: str
    pipeline_name: str
    created_at: datetime
    status: Status
    duration_ms: float
    node_count: int
    step_count: int
    detection_count: int
    summary: str = ""
    graph_version: str | None = None


class TraceQuery(Record, frozen=True, kw_only=True):
    """Which traces to list; every condition given must hold.

    Attributes:
        pipeline: Exact pipeline name.
        statuses: Any of these.
        codes: Has a finding with any of these codes; one that ends in ``*`` means all that begin so. Suppressed
            findings never count.
        severities: Has a finding of any of these severities.
        node: Has a step of this node.
        text: The summary, a finding's message or the pipeline's name holds this text, in any letter case.
        since: Started at or after, aware.
        until: Started before, aware.
    """

    pipeline: str | None = None
    statuses: tuple[Status, ...] = ()
    codes: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    node: str | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Page(Record, frozen=True, kw_only=True):
    """A part of a listing.

    Attributes:
        rows: Newest first.
        next_cursor: Pass it to get the following rows; None at the end.
    """

    rows: tuple[TraceRow, ...] = ()
    next_cursor: str | None = None


class Baseline(Record, frozen=True, kw_only=True):
    """What a store has learned of one pipeline and graph version, in short.

    Attributes:
        pipeline_name: The pipeline.
        graph_version: The version of its graph, or None when unknown.
        runs: How many runs have taught.
    """

    pipeline_name: str
    graph_version: str | None
    runs: int


class BaseStore(ABC):
    """Keeps traces. Thread-safe; every method raises :class:`argus.errors.StorageError` or a subclass on failure.

    A third-party backend subclasses this, registers in the entry-point group ``argus.storage`` under its URL scheme
    and runs ``argus.testing.storage_suite`` to show that it keeps the contract.
    """

    schemes: ClassVar[tuple[str, ...]] = ()
    """URL schemes this backend answers to."""

    @classmethod
    @abstractmethod
    def open(cls, url: str) -> BaseStore:
        """Opens the store, making it if it does not exist.

        Args:
            url: Such as ``sqlite:///traces.db``; passwords never show in error messages.

        Raises:
            StoreUnavailable: It cannot be reached or written.
            StoreCorrupt: It is damaged.
            SchemaMismatch: A newer ARGUS wrote it.
        """

    @property
    @abstractmethod
    def url(self) -> str:
        """Where the store is, without passwords."""

    @abstractmethod
    def save(self, trace: Trace) -> None:
        """Stores a whole trace, all or nothing; a trace with the same id is replaced.

        Args:
            trace: A finalized trace.
        """

    def save_many(self, traces: Sequence[Trace]) -> None:
        """Stores several traces; backends override it to use one transaction.

        Args:
            traces: Finalized traces.
        """
        for trace in traces:
            self.save(trace)

    @abstractmethod
    def get(self, trace_id: str) -> Trace:
        """The whole trace.

        Args:
            trace_id: The full id.

        Raises:
            TraceNotFound: There is none.
        """

    def outlines(self, trace_ids: Sequence[str]) -> tuple[Trace, ...]:
        """Traces without what makes them large: no states, calls, input, output and graph; the rest as stored.

        This reads them whole; a backend with a database reads only what is needed.

        Args:
            trace_ids: Full ids.

        Returns:
            Those that are stored, in the order asked for.
        """
        found = []
        for trace_id in trace_ids:
            with contextlib.suppress(TraceNotFound):
                found.append(outline_of(self.get(trace_id)))
        return tuple(found)

    def tally(self, query: TraceQuery | None = None) -> dict[str, int]:
        """How many traces there are of each pipeline.

        This goes through the listing; a backend with a database lets the database count.

        Args:
            query: Conditions; None counts all.
        """
        counted: dict[str, int] = {}
        cursor = None
        while True:
            page = self.list(query, limit=1000, cursor=cursor)
            for row in page.rows:
                counted[row.pipeline_name] = counted.get(row.pipeline_name, 0) + 1
            cursor = page.next_cursor
            if cursor is None:
                return counted

    @abstractmethod
    def list(self, query: TraceQuery | None = None, *, limit: int = 50, cursor: str | None = None) -> Page:
        """Traces, newest first (``created_at``, then id, descending).

        Args:
            query: Conditions; None lists all.
            limit: Rows at most, from 1 to 1000.
            cursor: From an earlier page; rows saved meanwhile never shift it.
        """

    def figures(self, query: TraceQuery | None = None) -> Figures:
        """What runs come to, counted.

        This reads them one at a time; a backend with a database lets the database count.

        Args:
            query: Conditions; None counts all.
        """
        from argus.storage.figures import gather

        return gather(self._each(query))

    def _each(self, query: TraceQuery | None) -> Iterator[Trace]:
        cursor = None
        while True:
            page = self.list(query, limit=200, cursor=cursor)
            for row in page.rows:
                with contextlib.suppress(TraceNotFound):  # deleted meanwhile
                    yield self.get(row.id)
            cursor = page.next_cursor
            if cursor is None:
                return

    @abstractmethod
    def find_prefix(self, prefix: str, *, limit: int = 10) -> tuple[str, ...]:
        """Ids that start with a prefix, in order of id.

        Args:
            prefix: The beginning of an id, any characters.
            limit: Ids at most.
        """

    @abstractmethod
    def delete(self, trace_ids: Sequence[str]) -> int:
        """Removes traces; unknown ids are passed over.

        Args:
            trace_ids: Full ids.

        Returns:
            How many were removed.
        """

    @abstractmethod
    def history(self, pipeline: str, graph_version: str | None, *, before: datetime | None = None) -> History:
        """What healthy runs (status ``ok``) of a pipeline say.

        Args:
            pipeline: The pipeline's name.
            graph_version: Only runs of this version of the graph; None only runs without one.
            before: Only runs that started earlier; the profile is of all that have taught.
        """

    def baselines(self) -> tuple[Baseline, ...]:
        """What has been learned so far, by pipeline; the profile itself is :meth:`history`'s."""
        return ()

    def put_baseline(self, pipeline: str, graph_version: str | None, profile: Profile) -> None:
        """Replaces what has been learned of a pipeline; healthy runs go on teaching it.

        Args:
            pipeline: The pipeline's name.
            graph_version: The version of its graph, or None for runs without one.
            profile: What is known from now on.
        """
        raise StorageError(f"the store {self.url} keeps no baselines")

    def reset_baseline(self, pipeline: str, graph_version: str | None) -> bool:
        """Forgets what has been learned of a pipeline; its runs stay, and do not teach again.

        Args:
            pipeline: The pipeline's name.
            graph_version: The version of its graph, or None for runs without one.

        Returns:
            Whether there was anything to forget.
        """
        return False

    def size_bytes(self) -> int | None:
        """How much the stored traces take, in bytes; None when the backend cannot tell."""
        return None

    @abstractmethod
    def close(self) -> None:
        """Releases everything; closing twice is harmless."""
