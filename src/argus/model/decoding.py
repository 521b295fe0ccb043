"""Decoders, made one at a time.

The first decoder of a record works out what its class looks like, and two threads that do so at the same moment bring
the interpreter down (msgspec 0.22: 13 times in 15). A decoder that is made may be used by any number of threads.
"""

from __future__ import annotations

import os
import threading
from typing import Any, TypeVar

import msgspec

__all__ = ["convert", "decoder_of"]

T = TypeVar("T")

_making = threading.Lock()
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def decoder_of(kind: type[T]) -> msgspec.json.Decoder[T]:
    """The decoder of a record, or of a tuple of records, from JSON.

    Args:
        kind: What to make.
    """
    known = _decoders.get(kind)
    if known is None:
        with _making:
            known = _decoders.get(kind) or msgspec.json.Decoder(kind)
            _decoders[kind] = known
    return known


def convert(value: Any, kind: type[T]) -> T:
    """A record from what was decoded already.

    Args:
        value: Dicts, lists and scalars.
        kind: What to make.
    """
    decoder_of(kind)
    return msgspec.convert(value, kind)


def _renew_lock() -> None:
    global _making
    _making = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
