"""What a store is."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import ClassVar, TypeVar

from argus.errors import NotAvailable, StorageError, TraceNotFound
from argus.model.figures import Figures
from argus.model.outline import outline_of
from argus.model.ports import History
from argus.model.profile import Profile
from argus.model.record import Record
from argus.model.trace import Status, Trace, TraceStep
from argus.storage.answers import DEFAULT_ROWS, DEFAULT_SECONDS, Answer

__all__ = ["HISTORY_LIMIT", "BaseStore", "Baseline", "Page", "TraceQuery", "TraceRow"]

Self = TypeVar("Self", bound="BaseStore")

HISTORY_LIMIT = 200
"""Samples that a history gives for one metric of one node, and runs that it counts, at most."""


_PAGE = 200


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

        return gather(self.stream(query))

    def steps(self, trace_id: str) -> tuple[TraceStep, ...]:
        """The steps of a trace, in order.

        Args:
            trace_id: The full id.

        Raises:
            TraceNotFound: There is none.
        """
        return self.get(trace_id).steps

    def search(self, text: str, *, limit: int = 50, cursor: str | None = None) -> Page:
        """Traces whose summary, findings or pipeline's name hold a text, newest first.

        Args:
            text: In any letter case.
            limit: Rows at most, from 1 to 1000.
            cursor: From an earlier page.
        """
        return self.list(TraceQuery(text=text), limit=limit, cursor=cursor)

    def rows(self, query: TraceQuery | None = None) -> Iterator[TraceRow]:
        """The lines of a listing, all of them, newest first, read page by page while they are asked for.

        Args:
            query: Conditions; None lists all.
        """
        cursor = None
        while True:
            page = self.list(query, limit=_PAGE, cursor=cursor)
            yield from page.rows
            cursor = page.next_cursor
            if cursor is None:
                return

    def stream(self, query: TraceQuery | None = None) -> Iterator[Trace]:
        """Whole traces, all of them, newest first, one in memory at a time; those deleted meanwhile are passed over.

        Args:
            query: Conditions; None reads all.
        """
        for row in self.rows(query):
            with contextlib.suppress(TraceNotFound):
                yield self.get(row.id)

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

    def ask(self, statement: str, *, timeout_s: float = DEFAULT_SECONDS, most: int = DEFAULT_ROWS) -> Answer:
        """The rows that a statement in SQL selects; nothing can be changed by it.

        Args:
            statement: One SELECT, in the dialect of the database.
            timeout_s: Seconds it may take.
            most: Rows at most.

        Raises:
            NotAvailable: The store has no database that could answer.
            StorageError: It is no valid statement, would change something, or takes too long.
        """
        raise NotAvailable(
            f"{self.url} has no database that answers SQL; copy it into one first: argus copy {self.url} runs.db"
        )

    def used_bytes(self) -> int | None:
        """What the stored traces need, in bytes, without room that deleted ones left behind; None when unknown.

        It falls as traces are deleted, even where the room is given back later or never.
        """
        return self.size_bytes()

    def vacuum(self) -> None:  # noqa: B027 - for many backends there is nothing to do
        """Gives back the room that deleted traces left, as far as the backend can; others may have to wait."""

    @abstractmethod
    def close(self) -> None:
        """Releases everything; closing twice is harmless."""

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
