"""The object that says what lies here, and whether this place is one that can be written by several at once."""

from __future__ import annotations

from typing import Final

import msgspec

from argus.errors import SchemaMismatch, StorageError, StoreCorrupt
from argus.model.record import Record
from argus.storage.object_store.objects import Objects

__all__ = ["FORMAT", "check_marker"]

FORMAT: Final = 1
_NAME: Final = "argus.json"


class _Marker(Record, frozen=True, kw_only=True):
    argus_objects: int


def check_marker(objects: Objects) -> None:
    """Checks that a store is ours and readable, making it where there is none.

    Args:
        objects: The place.

    Raises:
        StoreUnavailable: It cannot be reached, read or, for a new store, written.
        StoreCorrupt: Another program's object stands there.
        SchemaMismatch: A newer ARGUS made it.
        StorageError: It does not refuse to overwrite, which writers rely on.
    """
    body = objects.get(_NAME)
    if body is None:
        own = msgspec.json.encode(_Marker(argus_objects=FORMAT))
        if objects.create(_NAME, own):
            _refuses_to_overwrite(objects, own)
            return
        body = objects.get(_NAME) or b""
    shown = objects.shown
    try:
        made_by = msgspec.json.decode(body, type=_Marker).argus_objects
    except msgspec.MsgspecError as error:
        raise StoreCorrupt(
            f"{_NAME} in {shown} is no marker of ARGUS ({error}); give the store a prefix of its own"
        ) from error
    if made_by > FORMAT:
        raise SchemaMismatch(f"the trace store {shown} has format {made_by}, this ARGUS knows {FORMAT}; upgrade ARGUS")


def _refuses_to_overwrite(objects: Objects, own: bytes) -> None:
    if objects.create(_NAME, own + b"\n"):
        objects.put(_NAME, own)
        raise StorageError(
            f"the trace store {objects.shown} ignores conditional writes (If-None-Match), so several"
            " writers would overwrite each other; use a server that honours them"
        )
