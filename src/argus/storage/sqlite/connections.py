"""Connections to one database file: opened safely, lent to one thread at a time, never carried across a fork."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from argus._internal.clock import SystemClock
from argus._internal.private_files import check_private, open_private, private_folder
from argus.errors import StorageError, StoreCorrupt, StoreUnavailable
from argus.storage.sqlite.errors import explained
from argus.storage.sqlite.schema import check_ours, migrate

__all__ = ["Connections"]

_COMPANIONS = ("", "-wal", "-shm", "-journal")
"""SQLite opens these beside the file and follows links in doing so."""

_RETRY_MS = 10
_TURN_MS = 3
_CHECKPOINT_PAGES = 4000
"""Pages that the write-ahead log holds before they are copied into the file; more of them, fewer copies and flushes."""

_CACHE_KIB = 16_000
"""Holds the tables and indexes that a listing of 100,000 traces walks through."""

_clock = SystemClock()

_opening = threading.Lock()
_abandoned: list[sqlite3.Connection] = []
"""Connections that must not be closed: of the parent process after a fork, or to a file that was replaced.

Closing one would release the parent's locks or delete the journal of the file that stands in its place.
"""


class _Identity(NamedTuple):
    """Which process opened which file."""

    process: int
    device: int
    inode: int


class Connections:
    """A pool of connections to one file.

    Args:
        path: The file, absolute; it and its folder are made when missing.
        busy_timeout_ms: How long a writer waits for another one.
    """

    def __init__(self, path: Path, busy_timeout_ms: int) -> None:
        self.path = path
        self.generation = 0
        """Counted up whenever the file turns out to be another one, so that what was remembered of it is void."""
        self._busy_timeout_ms = busy_timeout_ms
        self._idle: deque[sqlite3.Connection] = deque()
        self._identity: _Identity | None = None
        self._closed = False
        self._cleanup = weakref.finalize(self, _close_all, self._idle, os.getpid())

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for this thread alone; all that is read inside is of one moment.

        Raises:
            StorageError: Or a subclass, for whatever SQLite raises inside as well.
        """
        with self._lent() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            except (msgspec.MsgspecError, ValueError, TypeError, LookupError, RecursionError) as error:
                raise StoreCorrupt(
                    f"the trace store {self.path} holds what ARGUS did not write ({type(error).__name__}: {error}); "
                    "delete the trace, or move the file away and ARGUS makes a new one"
                ) from error
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection that holds the file's only write lock; all or nothing of what is written inside is kept.

        Raises:
            StorageError: Or a subclass, for whatever SQLite raises inside as well.
        """
        with self._lent() as connection:
            self._begin(connection)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _begin(self, connection: sqlite3.Connection) -> None:
        """Takes the write lock, waiting in short turns.

        Left alone SQLite sleeps longer and longer while it waits, up to 100 ms, so that a writer who came late passes
        one who has waited for seconds, and the lock lies idle in between.
        """
        deadline = _clock.monotonic() + self._busy_timeout_ms / 1000
        connection.execute(f"PRAGMA busy_timeout = {_TURN_MS}")
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                break
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or _clock.monotonic() > deadline:
                    raise
        connection.execute(f"PRAGMA busy_timeout = {self._busy_timeout_ms}")

    def shrink(self, *, spare_pages: int) -> None:
        """Gives free pages back to the disk when there are many; left for another time when somebody writes.

        Args:
            spare_pages: As many are kept for what is written next.
        """
        with self._lent() as connection:
            free = connection.execute("PRAGMA freelist_count").fetchone()[0]
            if free > spare_pages:
                try:
                    # Run as a script: executed as a statement it would be stopped after the first page.
                    connection.executescript(f"PRAGMA incremental_vacuum({free - spare_pages})")
                except sqlite3.OperationalError as error:
                    if "locked" not in str(error):
                        raise

    def rebuild(self) -> None:
        """Writes the whole file anew, without gaps, and empties the write-ahead log.

        Raises:
            StorageError: Or a subclass.
        """
        with self._lent() as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Closes all connections; one that is lent is closed when it comes back."""
        self._closed = True
        self._cleanup()

    @contextmanager
    def _lent(self) -> Iterator[sqlite3.Connection]:
        with explained(self.path):
            connection, identity = self._borrow()
            broken = True
            try:
                yield connection
                broken = False
            except StorageError:
                broken = False
                raise
            finally:
                self._give_back(connection, identity, broken=broken)

    def _borrow(self) -> tuple[sqlite3.Connection, _Identity]:
        if self._closed:
            raise StorageError(f"the trace store {self.path} is closed; open it again")
        identity = self._look()
        if identity is None or identity != self._identity:
            with _opening:
                identity = self._look()
                if identity is None or identity != self._identity:
                    return self._open_first()
        try:
            return self._idle.pop(), identity
        except IndexError:
            return self._connect(), identity

    def _give_back(self, connection: sqlite3.Connection, identity: _Identity, *, broken: bool) -> None:
        if identity != self._identity:
            _abandoned.append(connection)
        elif broken or self._closed:
            connection.close()
        else:
            self._idle.append(connection)

    def _look(self) -> _Identity | None:
        """What stands at the path now; a folder that was deleted or a fork shows here."""
        try:
            facts = self.path.stat()
        except OSError:
            return None
        return _Identity(os.getpid(), facts.st_dev, facts.st_ino)

    def _open_first(self) -> tuple[sqlite3.Connection, _Identity]:
        _abandoned.extend(self._idle)
        self._idle.clear()
        self._cleanup.detach()
        self._cleanup = weakref.finalize(self, _close_all, self._idle, os.getpid())
        _make(self.path)
        connection = self._connect()
        try:
            _set_up(connection, self.path, self._busy_timeout_ms)
        except BaseException:
            connection.close()
            raise
        identity = self._look()
        if identity is None:
            connection.close()
            raise StoreUnavailable(f"the trace store {self.path} vanished while it was opened; try again")
        self._identity = identity
        self.generation += 1
        return connection, identity

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=self._busy_timeout_ms / 1000, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            connection.execute(f"PRAGMA journal_size_limit = {2 * _CHECKPOINT_PAGES * 4096}")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            connection.execute("PRAGMA trusted_schema = OFF")  # a file from elsewhere may hold hostile views
            connection.execute("PRAGMA cell_size_check = ON")
        except BaseException:
            connection.close()
            raise
        return connection


def _make(path: Path) -> None:
    """Makes the folder and the file when missing; refuses links and files of others."""
    folder = path.parent
    ours = folder.name == ".argus"
    if ours or not folder.exists():
        private_folder(folder)
    try:
        if ours and not (folder / ".gitignore").exists():
            (folder / ".gitignore").write_text("*\n")
        exists = [check_private(path.with_name(path.name + ending)) for ending in _COMPANIONS]
        if not exists[0]:
            # Never for a file that exists: closing any descriptor of it drops the locks of this whole process.
            os.close(open_private(path, os.O_CREAT | os.O_EXCL | os.O_RDWR))
    except FileExistsError:
        check_private(path)
    except OSError as error:
        raise StoreUnavailable(f"the trace store {path} cannot be made: {error.strerror or error}") from error


def _set_up(connection: sqlite3.Connection, path: Path, busy_timeout_ms: int) -> None:
    """Switches to write-ahead logging and brings the layout up to date."""
    for remaining in reversed(range(max(1, busy_timeout_ms // _RETRY_MS))):
        try:
            check_ours(connection, path)
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
                connection.execute("PRAGMA journal_mode = WAL")
            migrate(connection, path)
            return
        except sqlite3.OperationalError as error:
            # The switch of the mode does not wait for other processes by itself.
            if "locked" not in str(error) or not remaining:
                raise
            time.sleep(_RETRY_MS / 1000)


def _close_all(idle: deque[sqlite3.Connection], process: int) -> None:
    if os.getpid() != process:
        _abandoned.extend(idle)
        idle.clear()
        return
    while idle:
        idle.pop().close()


def _renew_lock() -> None:
    global _opening


_opening = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
