"""Objects that a process left behind which was killed between writing a run and saying so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from argus.storage.object_store.leaves import Leaves
from argus.storage.object_store.log import Log, Snapshot
from argus.storage.object_store.names import ODD_IDS, PLAIN_IDS
from argus.storage.object_store.objects import Found, Objects
from argus.storage.object_store.reading import with_snapshot

__all__ = ["remove_leftovers"]

_OLD: Final = timedelta(hours=24)
"""No call that saves takes so long."""


def remove_leftovers(objects: Objects, log: Log, leaves: Leaves, *, old: timedelta = _OLD) -> int:
    """Removes runs, pointers and leaves that nothing speaks of any more.

    Args:
        objects: The store's objects, all of which are listed.
        log: Its log.
        leaves: Its leaves.
        old: How long ago an object must have been written.

    Returns:
        How many were removed.
    """
    listed = [one for folder in ("traces", PLAIN_IDS, ODD_IDS, "index") for one in objects.list(folder)]
    if not listed:
        return 0
    known = with_snapshot(log, lambda snapshot: set(_known(snapshot, leaves)))
    newest = max(one.modified_at for one in listed)
    gone = [one.name for one in listed if _is_left(one, known, newest - old)]
    objects.delete(gone)
    return len(gone)


def _known(snapshot: Snapshot, leaves: Leaves) -> Iterator[str]:
    yield from snapshot.manifest.dropped
    yield from (entry.version for entry in snapshot.added)
    for leaf in snapshot.manifest.leaves:
        yield leaf.name
        yield from (entry.version for entry in leaves.read(leaf))


def _is_left(one: Found, known: set[str], before: datetime) -> bool:
    if one.modified_at > before:
        return False
    version = one.name.rpartition("~")[2].removesuffix(".json.gz")
    return one.name not in known and version not in known
