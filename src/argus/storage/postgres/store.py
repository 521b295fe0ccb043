"""The shared store: a PostgreSQL database, for many machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from argus.model.figures import Figures
from argus.model.ports import History
from argus.model.profile import Profile
from argus.model.trace import Trace
from argus.storage.answers import DEFAULT_ROWS, DEFAULT_SECONDS, Answer
from argus.storage.base import Baseline, BaseStore, Page, TraceQuery
from argus.storage.exact_json import escape, unescape
from argus.storage.lessons import Series, lessons_of
from argus.storage.paging import check_limit
from argus.storage.postgres import writing
from argus.storage.postgres.address import Address, address_of
from argus.storage.postgres.asking import ask
from argus.storage.postgres.connections import Connections
from argus.storage.postgres.driver import Connection
from argus.storage.postgres.figures import count_figures
from argus.storage.postgres.history import PostgresHistory
from argus.storage.postgres.profiles import Profiles
from argus.storage.postgres.queries import count_traces, list_traces
from argus.storage.postgres.reading import load, outline
from argus.storage.postgres.sizes import TABLES, sampled_bytes, size_on_disk
from argus.storage.row_maker import RowMaker, by_id

__all__ = ["PostgresStore"]


class PostgresStore(BaseStore):
    """Traces in a PostgreSQL database, for as many threads, processes and machines as its server takes.

    Any client can read the promised tables and views, described in the schema. A transaction that collides with
    another writer, or whose connection is lost, is done again; a server that stays away is told as StoreUnavailable.

    Args:
        address: The database.

    Raises:
        StoreUnavailable: It cannot be reached or written.
        StoreCorrupt: It belongs to another program.
        SchemaMismatch: A newer ARGUS wrote it.
    """

    schemes: ClassVar[tuple[str, ...]] = ("postgresql", "postgres")

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connections = Connections(address)
        self._profiles = Profiles()
        self._maker = RowMaker()
        self._connections.read(lambda connection: connection.execute("SELECT 1"))

    @classmethod
    def open(cls, url: str) -> PostgresStore:
        """Opens the store, making its tables if they do not exist.

        Args:
            url: ``postgresql://user:password@host:port/database``, with any parameter of libpq behind a ``?``.

        Raises:
            ConfigError: The URL cannot be read.
            StoreUnavailable: It cannot be reached or written.
            StoreCorrupt: It belongs to another program.
            SchemaMismatch: A newer ARGUS wrote it.
        """
        return cls(address_of(url))

    @property
    def url(self) -> str:
        """Where the store is, without passwords."""
        return self._address.shown

    def save(self, trace: Trace) -> None:
        """Stores a whole trace, all or nothing; a trace with the same id is replaced.

        Args:
            trace: A finalized trace.
        """
        self.save_many((trace,))

    def save_many(self, traces: Sequence[Trace]) -> None:
        """Stores several traces in one transaction, all or nothing; of two with the same id the later one stays.

        Healthy runs teach the profile of their pipeline in the same transaction, each of them once.

        Args:
            traces: Finalized traces.
        """
        different = by_id(traces)
        rows = [self._maker.rows(trace) for trace in different.values()]
        if not rows:
            return

        def work(connection: Connection) -> None:
            # within, since a transaction that is done again may find that the first attempt was kept; and by what was
            # really replaced, since another writer may have stored the same run since this transaction began
            replaced = writing.delete(connection, map(escape, different))
            lessons = self._lessons(connection, different, replaced)
            writing.insert(connection, rows)
            self._profiles.teach(connection, lessons)

        self._connections.write(work)

    def get(self, trace_id: str) -> Trace:
        """The whole trace; values that steps share are shared again.

        Args:
            trace_id: The full id.

        Raises:
            TraceNotFound: There is none.
        """
        return self._connections.read(lambda connection: load(connection, trace_id))

    def outlines(self, trace_ids: Sequence[str]) -> tuple[Trace, ...]:
        """Traces without states, calls, input, output and graph; those are not read at all.

        Args:
            trace_ids: Full ids.

        Returns:
            Those that are stored, in the order asked for.
        """
        found = self._connections.read(lambda connection: [outline(connection, trace_id) for trace_id in trace_ids])
        return tuple(trace for trace in found if trace is not None)

    def tally(self, query: TraceQuery | None = None) -> dict[str, int]:
        """How many traces there are of each pipeline, counted by the server.

        Args:
            query: Conditions; None counts all.
        """
        return self._connections.read(lambda connection: count_traces(connection, query or TraceQuery()))

    def list(self, query: TraceQuery | None = None, *, limit: int = 50, cursor: str | None = None) -> Page:
        """Traces, newest first (``created_at``, then id, descending).

        Args:
            query: Conditions; None lists all.
            limit: Rows at most, from 1 to 1000.
            cursor: From an earlier page; rows saved meanwhile never shift it.
        """
        check_limit(limit)
        return self._connections.read(lambda connection: list_traces(connection, query or TraceQuery(), limit, cursor))

    def figures(self, query: TraceQuery | None = None) -> Figures:
        """What runs come to, counted by the server.

        Args:
            query: Conditions; None counts all.
        """
        return self._connections.read(lambda connection: count_figures(connection, query or TraceQuery()))

    def find_prefix(self, prefix: str, *, limit: int = 10) -> tuple[str, ...]:
        """Ids that start with a prefix, in order of id.

        Args:
            prefix: The beginning of an id, any characters.
            limit: Ids at most.
        """
        wanted = escape(prefix)
        found = self._connections.read(
            lambda connection: connection.execute(
                # the first condition finds the place in the index, where ids with the prefix stand together
                "SELECT id FROM traces WHERE id >= %s AND starts_with(id, %s) ORDER BY id LIMIT %s",
                (wanted, wanted, limit),
            ).fetchall()
        )
        return tuple(unescape(row[0]) for row in found)

    def delete(self, trace_ids: Sequence[str]) -> int:
        """Removes traces; unknown ids are passed over.

        Args:
            trace_ids: Full ids.

        Returns:
            How many were removed.
        """
        escaped = [escape(trace_id) for trace_id in trace_ids]
        return self._connections.write(lambda connection: len(writing.delete(connection, escaped)))

    def history(self, pipeline: str, graph_version: str | None, *, before: datetime | None = None) -> History:
        """What healthy runs (status ``ok``) of a pipeline say.

        Args:
            pipeline: The pipeline's name.
            graph_version: Only runs of this version of the graph; None only runs without one.
            before: Only runs that started earlier.
        """
        return PostgresHistory(self._connections, self._profiles, Series(pipeline, graph_version), before)

    def baselines(self) -> tuple[Baseline, ...]:
        """What has been learned so far, by pipeline; the profile itself is :meth:`history`'s."""
        return self._connections.read(self._profiles.list)

    def put_baseline(self, pipeline: str, graph_version: str | None, profile: Profile) -> None:
        """Replaces what has been learned of a pipeline; healthy runs go on teaching it.

        Args:
            pipeline: The pipeline's name.
            graph_version: The version of its graph, or None for runs without one.
            profile: What is known from now on.
        """
        series = Series(pipeline, graph_version)
        self._connections.write(lambda connection: self._profiles.put(connection, series, profile))

    def reset_baseline(self, pipeline: str, graph_version: str | None) -> bool:
        """Forgets what has been learned of a pipeline; its runs stay, and do not teach again.

        Args:
            pipeline: The pipeline's name.
            graph_version: The version of its graph, or None for runs without one.

        Returns:
            Whether there was anything to forget.
        """
        series = Series(pipeline, graph_version)
        return self._connections.write(lambda connection: self._profiles.remove(connection, series))

    def size_bytes(self) -> int:
        """How much the tables and their indexes take, in bytes."""
        return self._connections.read(size_on_disk)

    def ask(self, statement: str, *, timeout_s: float = DEFAULT_SECONDS, most: int = DEFAULT_ROWS) -> Answer:
        """The rows that a statement in SQL selects, in a transaction that can change nothing.

        Args:
            statement: One SELECT.
            timeout_s: Seconds it may take.
            most: Rows at most.

        Raises:
            StorageError: It is no valid statement, would change something, or takes too long.
        """
        return self._connections.read(lambda connection: ask(connection, statement, timeout_s=timeout_s, most=most))

    def used_bytes(self) -> int:
        """What the rows need, in bytes, from a sample of large tables; gaps and indexes do not count."""
        return self._connections.read(sampled_bytes)

    def vacuum(self) -> None:
        """Lets the server reuse the room of deleted rows, and gives back what is free at the end of its files."""
        self._connections.maintain([f"VACUUM (ANALYZE) {table}" for table in TABLES])

    def close(self) -> None:
        """Releases the connections; closing twice is harmless."""
        self._connections.close()

    def _lessons(
        self, connection: Connection, traces: dict[str, Trace], replaced: Mapping[str, str]
    ) -> dict[Series, Profile]:
        """What the runs have to teach; one that was stored as healthy before has taught already."""
        new = (trace for trace in traces.values() if replaced.get(escape(trace.id)) != "ok")
        return lessons_of(new, lambda series: self._profiles.get(connection, series))
