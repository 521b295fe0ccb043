"""Leaves of the index: read, kept in memory while they are wanted, merged with what is new."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from argus.errors import StoreUnavailable
from argus.model.record import Record
from argus.storage.object_store.entries import Entry
from argus.storage.object_store.log import Leaf
from argus.storage.object_store.names import random_name
from argus.storage.object_store.objects import Objects
from argus.storage.object_store.packing import pack, unpack

__all__ = ["RUNS", "Leaves", "Unread", "leaf_for", "merged"]

_KEPT: Final = 24
"""Leaves in memory at most."""

RUNS: Final = 1000
_STEPS: Final = 50_000
"""Runs and steps of a leaf at most: what one page of a listing may have to read."""

_PIPELINES: Final = 40
"""Pipelines that a leaf names, at most."""


class Unread(StoreUnavailable):
    """A leaf that a newer manifest has replaced; with the newer one the same succeeds."""


class _Lines(Record, frozen=True, kw_only=True):
    entries: tuple[Entry, ...]


class Leaves:
    """The leaves of one store. Thread-safe.

    Args:
        objects: Where they are.
        runs: Runs of a leaf, at most.
    """

    def __init__(self, objects: Objects, runs: int = RUNS) -> None:
        self._objects = objects
        self._runs = runs
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[Entry, ...]] = OrderedDict()

    def after_fork(self) -> None:
        """Starts anew in a forked child."""
        self._lock = threading.Lock()

    def read(self, leaf: Leaf) -> tuple[Entry, ...]:
        """The entries of a leaf, in order.

        Args:
            leaf: From a manifest.

        Raises:
            Unread: It was replaced and deleted.
        """
        with self._lock:
            known = self._known.get(leaf.name)
            if known is not None:
                self._known.move_to_end(leaf.name)
                return known
        body = self._objects.get(leaf.name)
        if body is None:
            raise Unread(f"the index of {self._objects.shown} lacks {leaf.name}; try again")
        entries = unpack(body, _Lines, f"{leaf.name} in {self._objects.shown}").entries
        self._remember(leaf.name, entries)
        return entries

    def write(self, entries: Sequence[Entry], *, grows: bool) -> list[Leaf]:
        """Writes entries as leaves.

        Args:
            entries: In order.
            grows: Whether more will follow behind them; leaves are filled then, and halved otherwise.

        Returns:
            The new leaves, in order.
        """
        parts = list(_parts(entries, self._runs if grows or len(entries) <= self._runs else self._runs // 2))
        leaves = [_leaf(f"index/{random_name()}.json.gz", part) for part in parts]
        self._objects.at_once(
            lambda one: self._objects.put(one[0].name, pack(_Lines(entries=tuple(one[1])))),
            list(zip(leaves, parts, strict=True)),
        )
        for leaf, part in zip(leaves, parts, strict=True):
            self._remember(leaf.name, tuple(part))
        return leaves

    def _remember(self, name: str, entries: tuple[Entry, ...]) -> None:
        with self._lock:
            self._known[name] = entries
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)


def leaf_for(leaves: Sequence[Leaf], entry: tuple[str, ...]) -> int:
    """Which leaf a version belongs to: the one that begins before it, or the first.

    Args:
        leaves: In order, at least one.
        entry: The version.
    """
    return max(0, bisect_right(leaves, entry, key=lambda leaf: tuple(leaf.first)) - 1)


def merged(entries: Iterable[Entry], removed: frozenset[str]) -> list[Entry]:
    """Entries in order, each once, without those removed; of versions that stand at the same place the latest.

    Args:
        entries: In any order.
        removed: Versions.
    """
    kept: dict[tuple[str, str], Entry] = {}
    for entry in sorted(entries, key=lambda entry: entry.saved):
        if entry.version not in removed:
            kept[entry.position] = entry
    return list(kept.values())


def _parts(entries: Sequence[Entry], most: int) -> Iterator[list[Entry]]:
    part: list[Entry] = []
    steps = 0
    for entry in entries:
        if part and (len(part) >= most or steps + entry.step_count > _STEPS):
            yield part
            part, steps = [], 0
        part.append(entry)
        steps += entry.step_count
    if part:
        yield part


def _leaf(name: str, entries: Sequence[Entry]) -> Leaf:
    pipelines = sorted({entry.pipeline_name for entry in entries})
    return Leaf(
        name=name,
        first=entries[0].saved,
        last=entries[-1].saved,
        runs=len(entries),
        size_bytes=sum(entry.size_bytes for entry in entries),
        pipelines=tuple(pipelines) if len(pipelines) <= _PIPELINES else (),
        statuses=tuple(sorted({entry.status for entry in entries})),
    )
