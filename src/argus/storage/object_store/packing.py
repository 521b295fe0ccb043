"""Contents of objects: JSON, exact and compressed."""

from __future__ import annotations

import gzip
import zlib
from typing import Any, Final, TypeVar

import msgspec

from argus.errors import StoreCorrupt
from argus.model.record import Record
from argus.storage.exact_json import record_from_json, to_json

__all__ = ["MOST_BYTES", "pack", "unpack"]

R = TypeVar("R", bound=Record)

MOST_BYTES: Final = 2 << 30
"""JSON that an object may hold; more of it in a small object is no work of ours."""

_LEVEL: Final = 6


def pack(value: Any) -> bytes:
    """The contents of an object, readable by ``zcat`` too.

    Args:
        value: Records, or what JSON holds.
    """
    return gzip.compress(to_json(value).encode(), _LEVEL, mtime=0)


def unpack(body: bytes, kind: type[R], where: str) -> R:
    """The record that an object holds.

    Args:
        body: From :func:`pack`.
        kind: What to make.
        where: The object, for messages.

    Raises:
        StoreCorrupt: It holds something else.
    """
    try:
        inflating = zlib.decompressobj(wbits=31)
        text = inflating.decompress(body, MOST_BYTES)
        if not inflating.eof:
            raise ValueError("it is cut short, or too large")
        return record_from_json(text.decode(), kind)
    except (zlib.error, msgspec.MsgspecError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise StoreCorrupt(
            f"{where} holds what ARGUS did not write ({type(error).__name__}: {error}); delete that object, or restore"
            " it from a backup"
        ) from error
