"""What SQLite's errors mean to the user."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from argus.errors import StorageError, StoreCorrupt, StoreUnavailable

__all__ = ["explained", "translate"]

_MEANINGS: tuple[tuple[str, type[StorageError], str], ...] = (
    ("is locked", StoreUnavailable, "is locked by another process; try again when that one is done"),
    ("readonly database", StoreUnavailable, "cannot be written; check the permissions of the file and its folder"),
    ("disk is full", StoreUnavailable, "does not fit on its disk any more; free some space and try again"),
    ("unable to open", StoreUnavailable, "cannot be opened; check that its folder exists and is yours"),
    ("disk i/o error", StoreUnavailable, "cannot be read or written: the disk reports an error; check the disk"),
    ("locking protocol", StoreUnavailable, "cannot be locked; a network drive may not support it, use a local one"),
    ("not a database", StoreCorrupt, "is no SQLite file; move it away and ARGUS makes a new one"),
    ("malformed", StoreCorrupt, "is damaged; move it away, `sqlite3 FILE .recover` may save its contents"),
    ("no such table", StoreCorrupt, "lacks a table; move it away and ARGUS makes a new one"),
    ("no such column", StoreCorrupt, "lacks a column; move it away and ARGUS makes a new one"),
    ("closed database", StorageError, "is closed; open the store again"),
)  # fmt: skip
"""A part of SQLite's message in lower case, what to raise, what to say. Python 3.10 does not tell the error's code."""


def translate(error: Exception, path: Path) -> StorageError:
    """The error to raise in place of one from the driver.

    Args:
        error: What the driver raised.
        path: The store's file.
    """
    message = str(error).lower()
    for part, kind, meaning in _MEANINGS:
        if part in message:
            return kind(f"the trace store {path} {meaning} ({error})")
    return StorageError(f"the trace store {path} refused: {type(error).__name__}: {error}")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Raises errors of ours in place of the driver's.

    Args:
        path: The store's file.

    Raises:
        StorageError: Or a subclass.
    """
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError) as error:
        raise translate(error, path) from error
