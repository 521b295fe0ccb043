"""From an id, or the beginning of one, to the saved versions of runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import groupby, takewhile

from argus.storage.exact_json import escape, from_json
from argus.storage.object_store.names import (
    LONGEST,
    ODD_IDS,
    PLAIN_IDS,
    Version,
    id_from_digits,
    is_plain,
    pointers_of,
    version_of,
)
from argus.storage.object_store.objects import Objects

__all__ = ["ids_from", "versions_of"]


def versions_of(objects: Objects, trace_id: str) -> Sequence[Version]:
    """All saved versions of a run, also those that were not made so or are being removed.

    Args:
        objects: The store's objects.
        trace_id: Its id.
    """
    return [version_of(one.name, trace_id) for one in objects.list(pointers_of(trace_id))]


def ids_from(objects: Objects, prefix: str) -> Iterator[tuple[str, Sequence[Version]]]:
    """Ids that start with a prefix and their saved versions, in order of id.

    Args:
        objects: The store's objects.
        prefix: Any text.
    """
    plain = _grouped(objects, PLAIN_IDS, prefix) if not prefix or is_plain(prefix) else iter(())
    odd = _grouped(objects, ODD_IDS, escape(prefix).encode().hex()[:LONGEST])
    ids = merge(plain, odd, key=lambda one: one[0])
    return (one for one in ids if one[0].startswith(prefix))


def _grouped(objects: Objects, folder: str, beginning: str) -> Iterator[tuple[str, Sequence[Version]]]:
    start = f"{folder}/{beginning}"
    listed = (one.name for one in objects.list(folder, after=start))
    named = takewhile(lambda name: name.startswith(start), listed)
    for word, pointers in groupby(named, key=lambda name: name.split("/")[1]):
        names = list(pointers)
        trace_id = word if folder == PLAIN_IDS else id_from_digits(word)
        if trace_id is None:
            body = objects.get(names[0])
            if body is None:
                continue
            trace_id = from_json(body.decode())
        yield trace_id, [version_of(name, trace_id) for name in names]
