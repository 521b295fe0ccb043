"""The default store: one SQLite file, no service."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import ClassVar

from argus.errors import ConfigError
from argus.model.figures import Figures
from argus.model.ports import History
from argus.model.profile import Profile
from argus.model.trace import Trace
from argus.storage.answers import DEFAULT_ROWS, DEFAULT_SECONDS, Answer
from argus.storage.base import Baseline, BaseStore, Page, TraceQuery
from argus.storage.exact_json import escape, unescape
from argus.storage.lessons import Series, lessons_of
from argus.storage.paging import check_limit
from argus.storage.row_maker import RowMaker, by_id
from argus.storage.rows import SeriesKey
from argus.storage.sqlite import writing
from argus.storage.sqlite.asking import ask
from argus.storage.sqlite.connections import Connections
from argus.storage.sqlite.figures import count_figures
from argus.storage.sqlite.history import SqliteHistory
from argus.storage.sqlite.profiles import Profiles
from argus.storage.sqlite.queries import count_traces, list_traces
from argus.storage.sqlite.reading import load, outline

__all__ = ["SqliteStore"]

_PREFIX = "sqlite:///"
_BUSY_TIMEOUT_MS = 30_000
_FREE_PAGES_KEPT = 256


class SqliteStore(BaseStore):
    """Traces in a SQLite file, for as many threads and processes of one machine as you like.

    Any SQLite client can read the file; the promised tables and views are described in its schema. When the file or
    its folder is deleted while the store is open, a new one is made at the next call.

    Args:
        path: The file; it and its folder are made when missing, private to their owner.
        busy_timeout_ms: How long a writer waits for another one before it gives up.

    Raises:
        StoreUnavailable: It cannot be reached or written, or belongs to another user.
        StoreCorrupt: It is damaged, or no trace store.
        SchemaMismatch: A newer ARGUS wrote it.
    """

    schemes: ClassVar[tuple[str, ...]] = ("sqlite",)

    def __init__(self, path: Path | str, *, busy_timeout_ms: int = _BUSY_TIMEOUT_MS) -> None:
        self.path = Path(path).absolute()
        self._connections = Connections(self.path, busy_timeout_ms)
        self._maker = RowMaker()
        self._series: tuple[int, dict[SeriesKey, int]] = (0, {})
        self._profiles = Profiles()
        with self._connections.reading():
            pass

    @classmethod
    def open(cls, url: str) -> SqliteStore:
        """Opens the store, making it if it does not exist.

        Args:
            url: ``sqlite:///relative/path`` (to the working folder) or ``sqlite:////absolute/path``.

        Raises:
            ConfigError: The URL names no file.
            StoreUnavailable: It cannot be reached or written, or belongs to another user.
            StoreCorrupt: It is damaged, or no trace store.
            SchemaMismatch: A newer ARGUS wrote it.
        """
        name = url.removeprefix(_PREFIX)
        if name == url or not name or "\0" in name:
            raise ConfigError(f"{url!r} names no file; write sqlite:///relative/path or sqlite:////absolute/path")
        if name == ":memory:":
            raise ConfigError(f"{url!r} is written memory: here")
        return cls(name)

    @property
    def url(self) -> str:
        """Where the store is."""
        return f"{_PREFIX}{self.path}"

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
        with self._connections.reading() as connection:  # learning takes longer than others should wait for
            taught = writing.healthy(connection, map(escape, different))
            lessons = self._lessons(connection, different, taught)
        with self._connections.writing() as connection:
            if (now_taught := writing.healthy(connection, map(escape, different))) != taught:
                lessons = self._lessons(connection, different, now_taught)  # another process stored one meanwhile
            generation, known = self._series
            series = dict(known) if generation == self._connections.generation else {}
            writing.insert(connection, rows, series)
            self._profiles.teach(connection, lessons)
        self._series = (self._connections.generation, series)

    def get(self, trace_id: str) -> Trace:
        """The whole trace; values that steps share are shared again.

        Args:
            trace_id: The full id.

        Raises:
            TraceNotFound: There is none.
        """
        with self._connections.reading() as connection:
            return load(connection, trace_id)

    def outlines(self, trace_ids: Sequence[str]) -> tuple[Trace, ...]:
        """Traces without states, calls, input, output and graph; those are not read at all.

        Args:
            trace_ids: Full ids.

        Returns:
            Those that are stored, in the order asked for.
        """
        with self._connections.reading() as connection:
            found = [outline(connection, trace_id) for trace_id in trace_ids]
        return tuple(trace for trace in found if trace is not None)

    def tally(self, query: TraceQuery | None = None) -> dict[str, int]:
        """How many traces there are of each pipeline, counted by the database.

        Args:
            query: Conditions; None counts all.
        """
        with self._connections.reading() as connection:
            return count_traces(connection, query or TraceQuery())

    def list(self, query: TraceQuery | None = None, *, limit: int = 50, cursor: str | None = None) -> Page:
        """Traces, newest first (``created_at``, then id, descending).

        Args:
            query: Conditions; None lists all.
            limit: Rows at most, from 1 to 1000.
            cursor: From an earlier page; rows saved meanwhile never shift it.
        """
        check_limit(limit)
        with self._connections.reading() as connection:
            return list_traces(connection, query or TraceQuery(), limit, cursor)

    def figures(self, query: TraceQuery | None = None) -> Figures:
        """What runs come to, counted by the database.

        Args:
            query: Conditions; None counts all.
        """
        with self._connections.reading() as connection:
            return count_figures(connection, query or TraceQuery())

    def find_prefix(self, prefix: str, *, limit: int = 10) -> tuple[str, ...]:
        """Ids that start with a prefix, in order of id.

        Args:
            prefix: The beginning of an id, any characters.
            limit: Ids at most.
        """
        wanted = escape(prefix)
        with self._connections.reading() as connection:
            # Ids with the prefix follow right behind it in the index, so no pattern is needed.
            found = connection.execute("SELECT id FROM traces WHERE id >= ? ORDER BY id LIMIT ?", (wanted, limit))
            return tuple(unescape(row[0]) for row in takewhile(lambda row: row[0].startswith(wanted), found))

    def delete(self, trace_ids: Sequence[str]) -> int:
        """Removes traces; unknown ids are passed over.

        Args:
            trace_ids: Full ids.

        Returns:
            How many were removed.
        """
        with self._connections.writing() as connection:
            removed = writing.delete(connection, map(escape, trace_ids))
        self._connections.shrink(spare_pages=_FREE_PAGES_KEPT)
        return removed

    def history(self, pipeline: str, graph_version: str | None, *, before: datetime | None = None) -> History:
        """What healthy runs (status ``ok``) of a pipeline say.

        Args:
            pipeline: The pipeline's name.
            graph_version: Only runs of this version of the graph; None only runs without one.
            before: Only runs that started earlier.
        """
        return SqliteHistory(self._connections, self._profiles, Series(pipeline, graph_version), before)

    def baselines(self) -> tuple[Baseline, ...]:
        """What has been learned so far, by pipeline; the profile itself is :meth:`history`'s."""
        with self._connections.reading() as connection:
            return self._profiles.list(connection)

    def put_baseline(self, pipeline: str, graph_version: str | None, profile: Profile) -> None:
        """Replaces what has been learned of a pipeline; healthy runs go on teaching it.

        Args:
            pipeline: The pipeline's name.
            graph_version: The version of its graph, or None for runs without one.
            profile: What is known from now on.
        """
        with self._connections.writing() as connection:
            self._profiles.put(connection, Series(pipeline, graph_version), profile)

    def reset_baseline(self, pipeline: str, graph_version: str | None) -> bool:
        """Forgets what has been learned of a pipeline; its runs stay, and do not teach again.

        Args:
            pipeline: The pipeline's name.
            graph_version: The version of its graph, or None for runs without one.

        Returns:
            Whether there was anything to forget.
        """
        with self._connections.writing() as connection:
            return self._profiles.remove(connection, Series(pipeline, graph_version))

    def size_bytes(self) -> int:
        """How much the stored traces take, in bytes; free pages inside the file do not count."""
        with self._connections.reading() as connection:
            pages, free, size = (
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_count", "freelist_count", "page_size")
            )
            return int((pages - free) * size)

    def ask(self, statement: str, *, timeout_s: float = DEFAULT_SECONDS, most: int = DEFAULT_ROWS) -> Answer:
        """The rows that a statement in SQL selects, on a connection that can change nothing.

        Args:
            statement: One SELECT.
            timeout_s: Seconds it may take.
            most: Rows at most.

        Raises:
            StorageError: It is no valid statement, would change something, or takes too long.
        """
        return ask(self.path, statement, timeout_s=timeout_s, most=most)

    def vacuum(self) -> None:
        """Rebuilds the file without gaps; writers wait for it, and it needs as much room again while it works."""
        self._connections.rebuild()

    def close(self) -> None:
        """Releases the connections; closing twice is harmless."""
        self._connections.close()

    def _lessons(
        self, connection: sqlite3.Connection, traces: dict[str, Trace], taught: Collection[str]
    ) -> dict[Series, Profile]:
        """What the runs have to teach; one that was stored as healthy before has taught already."""
        new = (trace for trace in traces.values() if escape(trace.id) not in taught)
        return lessons_of(new, lambda series: self._profiles.get(connection, series))
