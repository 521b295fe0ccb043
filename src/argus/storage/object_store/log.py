"""The log and the manifests: what calls saved and removed, and the index that most of it has been worked into.

One listing of the folder ``log`` tells everything: the manifest with the highest number, and the records that are not
worked into it yet. Both are never changed. Records and manifests that are no longer needed stay for a while, so that
whoever has just listed the folder still finds them.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from typing import Final, NamedTuple

from argus.errors import StoreUnavailable
from argus.model.record import Record
from argus.storage.object_store.entries import Entry
from argus.storage.object_store.names import Version, random_name
from argus.storage.object_store.objects import Objects
from argus.storage.object_store.packing import pack, unpack

__all__ = ["FOLDER", "Leaf", "Log", "LogRecord", "Manifest", "Snapshot", "manifest_name"]

FOLDER: Final = "log"
_TRIES: Final = 8


class LogRecord(Record, frozen=True, kw_only=True):
    """What one call saved and removed, all of it or nothing.

    Attributes:
        added: Versions that are there from now on.
        removed: Versions that are no longer there.
    """

    added: tuple[Entry, ...] = ()
    removed: tuple[Version, ...] = ()


class Leaf(Record, frozen=True, kw_only=True):
    """A part of the index: all runs from one place in the order of listings to another.

    Attributes:
        name: Its object.
        first: Its earliest version.
        last: Its latest version.
        runs: How many.
        size_bytes: What the runs' objects take.
        pipelines: Pipelines that occur; empty when there are many.
        statuses: Statuses that occur.
    """

    name: str
    first: Version
    last: Version
    runs: int
    size_bytes: int
    pipelines: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()


class Manifest(Record, frozen=True, kw_only=True):
    """The index.

    Attributes:
        number: Counted up with every change.
        leaves: In order, none overlapping another.
        folded: Records that are worked in and may still be there.
        dropped: Leaves that were replaced and may still be there.
    """

    number: int = 0
    leaves: tuple[Leaf, ...] = ()
    folded: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


class Snapshot(NamedTuple):
    """The store at one moment.

    Attributes:
        manifest: The index.
        records: What is not worked into it, by name.
        added: Versions in these records that were not removed, in order.
        removed: Versions that they removed.
    """

    manifest: Manifest
    records: dict[str, LogRecord]
    added: tuple[Entry, ...]
    removed: frozenset[str]

    def pending(self, version: Version) -> Entry | None:
        """The entry of a version that only a record knows.

        Args:
            version: Any.
        """
        place = bisect_left(self.added, version, key=lambda entry: entry.saved)
        if place < len(self.added) and self.added[place].saved == version:
            return self.added[place]
        return None


class Log:
    """The log of one store. Thread-safe: what is remembered is replaced, never changed.

    Args:
        objects: Where it is.
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._lock = threading.Lock()
        self._manifest = Manifest()
        self._records: dict[str, LogRecord] = {}
        self._snapshot = Snapshot(self._manifest, {}, (), frozenset())

    def snapshot(self) -> Snapshot:
        """The store as it is now.

        Raises:
            StoreUnavailable: It cannot be read.
            StoreCorrupt: An object of it was changed.
        """
        for _ in range(_TRIES):
            names = [one.name.rpartition("/")[2] for one in self._objects.list(FOLDER)]
            manifest = self._read_manifest(max((name for name in names if name.startswith("m")), default=None))
            if manifest is None:
                continue  # replaced while we looked
            folded = frozenset(manifest.folded)
            wanted = sorted(name for name in names if name.startswith("r") and name not in folded)
            records = self._read_records(wanted)
            if records is not None:
                return self._remember(manifest, records)
        raise StoreUnavailable(f"the index of {self._objects.shown} changed all the time; try again")

    def append(self, record: LogRecord) -> None:
        """Makes something so: what a record says holds once this returns.

        Args:
            record: What was saved and removed.
        """
        name = f"r{random_name()}.json.gz"
        self._objects.put(f"{FOLDER}/{name}", pack(record))
        with self._lock:
            self._records = {**self._records, name: record}

    def after_fork(self) -> None:
        """Starts anew in a forked child."""
        self._lock = threading.Lock()

    def oldest_needed(self, age_s: float) -> tuple[list[str], Manifest | None]:
        """The manifests that nobody reads any more, and the newest that has been there long enough.

        Args:
            age_s: How long a reader may take, by the server's clock.

        Returns:
            The names to delete, and what says which records and leaves are no longer needed.
        """
        found = sorted(self._objects.list(FOLDER))
        if not found:
            return [], None
        now = max(one.modified_at for one in found)
        manifests = [one for one in found if one.name.rpartition("/")[2].startswith("m")]
        old = [one.name for one in manifests if (now - one.modified_at).total_seconds() >= age_s]
        if not old:
            return [], None
        body = self._objects.get(old[-1])
        return old[:-1], None if body is None else unpack(body, Manifest, old[-1])

    def _read_manifest(self, name: str | None) -> Manifest | None:
        if name is None:
            return Manifest()
        known = self._manifest
        if name == manifest_name(known.number):
            return known
        body = self._objects.get(f"{FOLDER}/{name}")
        return None if body is None else unpack(body, Manifest, f"{name} in {self._objects.shown}")

    def _read_records(self, names: list[str]) -> dict[str, LogRecord] | None:
        known = self._records
        new = [name for name in names if name not in known]
        bodies = self._objects.at_once(self._objects.get, [f"{FOLDER}/{name}" for name in new])
        read = {}
        for name, body in zip(new, bodies, strict=True):
            if body is None:
                return None
            read[name] = unpack(body, LogRecord, f"{name} in {self._objects.shown}")
        return {name: known[name] if name in known else read[name] for name in names}

    def _remember(self, manifest: Manifest, records: dict[str, LogRecord]) -> Snapshot:
        known = self._snapshot
        if known.manifest.number == manifest.number and known.records.keys() == records.keys():
            return known
        removed = frozenset(version.version for record in records.values() for version in record.removed)
        added = [entry for record in records.values() for entry in record.added if entry.version not in removed]
        ordered = tuple(sorted(added, key=_order))
        snapshot = Snapshot(manifest, records, ordered, removed)
        with self._lock:
            if manifest.number >= self._manifest.number:
                self._manifest = manifest
                self._snapshot = snapshot
                self._records = records
        return snapshot


def manifest_name(number: int) -> str:
    """The name of a manifest within the folder.

    Args:
        number: Its number.
    """
    return f"m{number:010d}.json.gz"


def _order(entry: Entry) -> Version:
    return entry.saved
