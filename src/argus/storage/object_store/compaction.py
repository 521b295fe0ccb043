"""Works the log into the index: whoever comes first does it, and nobody else has to wait or to stop."""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import Final

from argus.storage.object_store.entries import Entry
from argus.storage.object_store.leaves import Leaves, leaf_for, merged
from argus.storage.object_store.log import FOLDER, Leaf, Log, LogRecord, Manifest, Snapshot, manifest_name
from argus.storage.object_store.objects import Objects
from argus.storage.object_store.packing import pack

__all__ = ["GRACE_S", "compact"]

_log = logging.getLogger(__name__)

GRACE_S: Final = 60.0
"""How long what was replaced stays for readers that have just seen it; longer than any request may take."""


def compact(objects: Objects, log: Log, leaves: Leaves, *, at_least: int, grace_s: float = GRACE_S) -> bool:
    """Works the records of the log into the index.

    Args:
        objects: The store's objects.
        log: Its log.
        leaves: Its leaves.
        at_least: Records below which nothing is done.
        grace_s: How long what was replaced stays.

    Returns:
        Whether there is a new index; not when another one was faster.
    """
    snapshot = log.snapshot()
    if len(snapshot.records) < at_least:
        return False
    index, replaced, new = _worked_in(snapshot, leaves)
    before = snapshot.manifest
    unneeded, old = log.oldest_needed(grace_s)
    gone = {*old.folded, *old.dropped} if old is not None else set()
    # before the manifest that no longer names them: a record that is there and not named would count again
    objects.delete([*unneeded, *(f"{FOLDER}/{name}" for name in before.folded if name in gone)])
    objects.delete(name for name in before.dropped if name in gone)
    manifest = Manifest(
        number=before.number + 1,
        leaves=index,
        folded=tuple(name for name in (*before.folded, *sorted(snapshot.records)) if name not in gone),
        dropped=tuple(name for name in (*before.dropped, *replaced) if name not in gone),
    )
    if not objects.create(f"{FOLDER}/{manifest_name(manifest.number)}", pack(manifest)):
        objects.delete(new)
        return False
    _log.debug("index_written number=%s leaves=%s records=%s", manifest.number, len(index), len(snapshot.records))
    return True


def _worked_in(snapshot: Snapshot, leaves: Leaves) -> tuple[tuple[Leaf, ...], list[str], list[str]]:
    """The leaves of the new index, those that they replace, and the names of those that are new."""
    before = snapshot.manifest.leaves
    added: dict[int, list[Entry]] = defaultdict(list)
    touched: set[int] = set()
    for entry in snapshot.added:
        added[leaf_for(before, entry.saved) if before else 0].append(entry)
    for record in snapshot.records.values():
        touched.update(_touched(record, before))
    index: list[Leaf] = []
    replaced: list[str] = []
    new: list[str] = []
    for rank in range(max(1, len(before))):
        if rank not in added and rank not in touched:
            index += before[rank : rank + 1]
            continue
        old = leaves.read(before[rank]) if before else ()
        is_last = rank >= len(before) - 1
        written = leaves.write(merged((*old, *added[rank]), snapshot.removed), grows=is_last)
        replaced += [leaf.name for leaf in before[rank : rank + 1]]
        new += [leaf.name for leaf in written]
        index += written
    return tuple(index), replaced, new


def _touched(record: LogRecord, leaves: tuple[Leaf, ...]) -> set[int]:
    return {leaf_for(leaves, version) for version in record.removed} if leaves else set()
