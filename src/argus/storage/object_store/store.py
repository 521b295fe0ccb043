"""The archive: a bucket of an object store, or a folder, for as many writers as you like."""

from __future__ import annotations

import contextlib
import logging
import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import ClassVar, Final

from argus._internal.clock import SystemClock
from argus._internal.forks import renew_after_fork
from argus.errors import StorageError, TraceNotFound
from argus.model.figures import Figures
from argus.model.ports import History
from argus.model.profile import Profile
from argus.model.trace import Trace
from argus.storage.base import Baseline, BaseStore, Page, TraceQuery
from argus.storage.exact_json import to_json
from argus.storage.lessons import Series, lessons_of
from argus.storage.object_store.address import Address, address_of
from argus.storage.object_store.baselines import Baselines
from argus.storage.object_store.compaction import GRACE_S, compact
from argus.storage.object_store.entries import Entry, entry_of
from argus.storage.object_store.figures import count_figures
from argus.storage.object_store.folder import Folder
from argus.storage.object_store.history import RUNS_LOOKED_AT, ObjectHistory
from argus.storage.object_store.ids import ids_from, versions_of
from argus.storage.object_store.leaves import RUNS, Leaves
from argus.storage.object_store.leftovers import remove_leftovers
from argus.storage.object_store.log import Log, LogRecord, Snapshot
from argus.storage.object_store.marker import check_marker
from argus.storage.object_store.names import Version, new_version, pointer_name, trace_name
from argus.storage.object_store.objects import Objects
from argus.storage.object_store.packing import pack, unpack
from argus.storage.object_store.reading import found, newest_first, page, with_snapshot
from argus.storage.paging import check_limit
from argus.storage.row_maker import by_id

__all__ = ["ObjectStore"]

_log = logging.getLogger(__name__)
_clock = SystemClock()

_LOOK_EVERY: Final = 16

_LONG_LOG: Final = 48

_TRIES: Final = 8


class ObjectStore(BaseStore):
    """Traces as objects, one each, with an index beside them; for as many threads, processes and machines as you like.

    A call that saves writes the runs first and one record last, which makes all of it so at once. The index is worked
    out from these records now and then by whoever saves; nothing in the store is ever changed in place.

    Args:
        address: The place.
        long_log: Records of the log above which they are worked into the index.
        look_every: Calls that save between two looks at how long the log has become.
        leaf_runs: Runs of one part of the index, at most.
        grace_s: How long replaced parts of the index stay for those who are reading them.

    Raises:
        ConfigError: An option of the URL is unknown.
        NotAvailable: The driver for buckets is not installed.
        StoreUnavailable: It cannot be reached or written.
        StoreCorrupt: It belongs to another program.
        SchemaMismatch: A newer ARGUS wrote it.
    """

    schemes: ClassVar[tuple[str, ...]] = ("s3", "file")

    def __init__(
        self,
        address: Address,
        *,
        long_log: int = _LONG_LOG,
        look_every: int = _LOOK_EVERY,
        leaf_runs: int = RUNS,
        grace_s: float = GRACE_S,
    ) -> None:
        self._objects = _objects_at(address)
        self._log = Log(self._objects)
        self._leaves = Leaves(self._objects, leaf_runs)
        self._baselines = Baselines(self._objects)
        self._long_log = long_log
        self._grace_s = grace_s
        self._look_every = look_every
        self._saves = random.randrange(look_every)  # noqa: S311 - so that processes which save once look, too
        check_marker(self._objects)
        renew_after_fork(self)

    @classmethod
    def open(cls, url: str) -> ObjectStore:
        """Opens the store, making it if it does not exist; a bucket must exist.

        Args:
            url: ``s3://bucket/prefix?endpoint=…&region=…`` or ``file:///absolute/folder``.

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
        return self._objects.shown

    def after_fork(self) -> None:
        """Locks of other threads are the parent's."""
        self._log.after_fork()
        self._leaves.after_fork()

    def save(self, trace: Trace) -> None:
        """Stores a whole trace, all or nothing; a trace with the same id is replaced.

        Args:
            trace: A finalized trace.
        """
        self.save_many((trace,))

    def save_many(self, traces: Sequence[Trace]) -> None:
        """Stores several traces, all or nothing; of two with the same id the later one stays.

        Healthy runs teach the profile of their pipeline, each of them once.

        Args:
            traces: Finalized traces.
        """
        different = by_id(traces)
        if not different:
            return
        bodies = [_packed(trace) for trace in different.values()]
        entries = [
            _entry(trace, new_version(_clock), len(body))
            for trace, body in zip(different.values(), bodies, strict=True)
        ]
        replaced = self._stored(list(different))
        written = [name for entry in entries for name in (trace_name(entry.saved), pointer_name(entry.saved))]
        contents = [
            part
            for body, entry in zip(bodies, entries, strict=True)
            for part in (body, to_json(entry.trace_id).encode())
        ]
        try:
            self._objects.at_once(lambda one: self._objects.put(*one), list(zip(written, contents, strict=True)))
        except StorageError:
            with contextlib.suppress(StorageError):
                self._objects.delete(written)
            raise
        self._log.append(LogRecord(added=tuple(entries), removed=tuple(entry.saved for entry in replaced)))
        # From here on the runs are stored, whatever fails.
        try:
            self._remove_objects([entry.saved for entry in replaced])
            self._teach(different, {entry.trace_id for entry in replaced if entry.status == "ok"}, entries)
            self._look_at_the_log()
        except StorageError as error:
            _log.warning("object_store_not_tidied: %s", error)

    def get(self, trace_id: str) -> Trace:
        """The whole trace.

        Args:
            trace_id: The full id.

        Raises:
            TraceNotFound: There is none.
        """
        misses = 0
        for _ in range(_TRIES):
            versions = versions_of(self._objects, trace_id)  # before the snapshot: what is behind them is in it
            if not versions:
                misses += 1  # a folder that is read while a version replaces another may show neither
                if misses == 2:
                    break
                continue
            entry = self._live(trace_id, versions)
            body = None if entry is None else self._objects.get(trace_name(entry.saved))
            if entry is not None and body is not None:
                return unpack(body, Trace, f"{trace_name(entry.saved)} in {self.url}")
        raise TraceNotFound(f"no trace {trace_id!r} is in the store {self.url}")

    def list(self, query: TraceQuery | None = None, *, limit: int = 50, cursor: str | None = None) -> Page:
        """Traces, newest first (``created_at``, then id, descending).

        Args:
            query: Conditions; None lists all.
            limit: Rows at most, from 1 to 1000.
            cursor: From an earlier page; rows saved meanwhile never shift it.
        """
        check_limit(limit)
        wanted = query or TraceQuery()
        return with_snapshot(self._log, lambda snapshot: page(snapshot, self._leaves, wanted, limit, cursor))

    def figures(self, query: TraceQuery | None = None) -> Figures:
        """What runs come to, counted from the index.

        Args:
            query: Conditions; None counts all.
        """
        wanted = query or TraceQuery()
        return with_snapshot(self._log, lambda snapshot: count_figures(newest_first(snapshot, self._leaves, wanted)))

    def find_prefix(self, prefix: str, *, limit: int = 10) -> tuple[str, ...]:
        """Ids that start with a prefix, in order of id.

        Args:
            prefix: The beginning of an id, any characters.
            limit: Ids at most.
        """
        candidates = ids_from(self._objects, prefix)
        live = (one for one, versions in candidates if self._live(one, versions) is not None)
        return tuple(islice(live, limit))

    def delete(self, trace_ids: Sequence[str]) -> int:
        """Removes traces; unknown ids are passed over.

        Args:
            trace_ids: Full ids.

        Returns:
            How many were removed.
        """
        gone = [entry.saved for entry in self._stored(list(dict.fromkeys(trace_ids)))]
        if gone:
            self._log.append(LogRecord(removed=tuple(gone)))
            self._remove_objects(gone)
            self._look_at_the_log()
        return len({version.trace_id for version in gone})

    def history(self, pipeline: str, graph_version: str | None, *, before: datetime | None = None) -> History:
        """What healthy runs (status ``ok``) of a pipeline say.

        Args:
            pipeline: The pipeline's name.
            graph_version: Only runs of this version of the graph; None only runs without one.
            before: Only runs that started earlier.
        """
        query = TraceQuery(pipeline=pipeline, statuses=("ok",), until=before)

        def runs() -> Sequence[Entry]:
            def work(entries: Iterator[Entry]) -> Sequence[Entry]:
                return tuple(islice((one for one in entries if one.graph_version == graph_version), RUNS_LOOKED_AT))

            return with_snapshot(self._log, lambda snapshot: work(newest_first(snapshot, self._leaves, query)))

        return ObjectHistory(runs, lambda: self._baselines.get(Series(pipeline, graph_version)))

    def baselines(self) -> tuple[Baseline, ...]:
        """What has been learned so far, by pipeline; the profile itself is :meth:`history`'s."""
        return self._baselines.list()

    def put_baseline(self, pipeline: str, graph_version: str | None, profile: Profile) -> None:
        """Replaces what has been learned of a pipeline; healthy runs go on teaching it.

        Args:
            pipeline: The pipeline's name.
            graph_version: The version of its graph, or None for runs without one.
            profile: What is known from now on.
        """
        self._baselines.put(Series(pipeline, graph_version), profile)

    def reset_baseline(self, pipeline: str, graph_version: str | None) -> bool:
        """Forgets what has been learned of a pipeline; its runs stay, and do not teach again.

        Args:
            pipeline: The pipeline's name.
            graph_version: The version of its graph, or None for runs without one.

        Returns:
            Whether there was anything to forget.
        """
        return self._baselines.remove(Series(pipeline, graph_version))

    def size_bytes(self) -> int:
        """How much the objects of the stored traces take, in bytes, from the index."""

        def work(snapshot: Snapshot) -> int:
            stored = sum(leaf.size_bytes for leaf in snapshot.manifest.leaves)
            return stored + sum(entry.size_bytes for entry in snapshot.added)

        return with_snapshot(self._log, work)

    def vacuum(self) -> None:
        """Works the log into the index, and removes objects that killed processes left behind."""
        compact(self._objects, self._log, self._leaves, at_least=1, grace_s=self._grace_s)
        remove_leftovers(self._objects, self._log, self._leaves)

    def close(self) -> None:
        """Releases everything; closing twice is harmless."""
        self._objects.close()

    def _live(self, trace_id: str, versions: Sequence[Version]) -> Entry | None:
        """The version of a run that counts; None when none does."""

        def work(snapshot: Snapshot) -> Entry | None:
            entries = (found(snapshot, self._leaves, version) for version in versions)
            return max(filter(None, entries), key=lambda entry: entry.version, default=None)

        return with_snapshot(self._log, work)

    def _stored(self, trace_ids: Sequence[str]) -> Sequence[Entry]:
        """All saved versions of some runs, more than one where two writers saved the same run at once."""
        versions = self._versions(trace_ids)
        if not versions:
            return ()

        def work(snapshot: Snapshot) -> Sequence[Entry]:
            entries = (found(snapshot, self._leaves, version) for version in versions)
            return [entry for entry in entries if entry is not None]

        return with_snapshot(self._log, work)

    def _versions(self, trace_ids: Sequence[str]) -> Sequence[Version]:
        known = self._objects.at_once(lambda one: versions_of(self._objects, one), trace_ids)
        return [version for some in known for version in some]

    def _remove_objects(self, versions: Sequence[Version]) -> None:
        self._objects.delete(name for version in versions for name in (trace_name(version), pointer_name(version)))

    def _teach(self, traces: dict[str, Trace], taught: set[str], entries: Sequence[Entry]) -> None:
        """Lets healthy runs teach; one that was stored as healthy before has taught already."""
        new = [trace for trace in traces.values() if trace.id not in taught]
        lessons = lessons_of(new, self._baselines.get)
        if not lessons:
            return
        own = {entry.version for entry in entries}
        twice = {
            version.trace_id for version in self._versions([trace.id for trace in new]) if version.version not in own
        }
        if twice:  # another writer saves the same run at this very moment; rather none of us than both
            lessons = lessons_of([trace for trace in new if trace.id not in twice], self._baselines.get)
        self._baselines.teach(lessons)

    def _look_at_the_log(self) -> None:
        self._saves += 1
        if self._saves % self._look_every == 0:
            compact(self._objects, self._log, self._leaves, at_least=self._long_log, grace_s=self._grace_s)


def _objects_at(address: Address) -> Objects:
    if address.bucket is None:
        return Folder(Path(address.path), address.shown)
    from argus.storage.object_store.bucket import Bucket  # needs the driver

    return Bucket(address)


def _packed(trace: Trace) -> bytes:
    try:
        return pack(trace)
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise StorageError(f"trace {trace.id!r} is not whole and cannot be stored: {error}") from error


def _entry(trace: Trace, version: str, size_bytes: int) -> Entry:
    try:
        entry = entry_of(trace, version, size_bytes)
        to_json(entry)
    except (AttributeError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise StorageError(f"trace {trace.id!r} is not whole and cannot be stored: {error}") from error
    return entry
