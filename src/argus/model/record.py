"""The base of every record."""

from __future__ import annotations

import msgspec

__all__ = ["Record"]


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """An immutable record; copies with changes are made by ``msgspec.structs.replace``."""
