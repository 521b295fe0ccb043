"""The SQLite backend."""

from argus.storage.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
