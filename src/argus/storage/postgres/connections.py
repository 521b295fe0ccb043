"""Connections to one database: lent to one thread at a time, made anew when lost, never used in a forked child."""

from __future__ import annotations

import os
import random
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import msgspec

from argus._internal.clock import SystemClock
from argus._internal.forks import renew_after_fork
from argus.errors import StorageError, StoreCorrupt, StoreUnavailable
from argus.storage.postgres.address import Address
from argus.storage.postgres.driver import Connection, psycopg
from argus.storage.postgres.errors import cannot_connect, is_conflict, is_lost, is_starting, translate
from argus.storage.postgres.schema import migrate

__all__ = ["Connections"]

T = TypeVar("T")

_MOST = 8
"""Connections that one process holds at most; further threads wait for one."""

_WAIT_S = 30.0
_PATIENCE_S = 3.0
"""How long a server that was there may be away before a call gives up; the journal keeps runs for longer."""

_CONFLICTS = 12
_LONGEST_PAUSE_S = 0.5

_SETTINGS = "SET TIME ZONE 'UTC'; SET lock_timeout = '30s'; SET idle_in_transaction_session_timeout = '120s'"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"

_clock = SystemClock()
_abandoned: list[Connection] = []
"""Connections of the parent process: closing one in a child would end the parent's session."""


class Connections:
    """A pool of connections to one database. Thread-safe.

    Args:
        address: The database.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self._closed = False
        self._renew()
        renew_after_fork(self)

    def read(self, work: Callable[[Connection], T]) -> T:
        """Does something that only reads; all that it reads is of one moment.

        Args:
            work: Gets a connection for itself alone; called again when the connection was lost.

        Raises:
            StorageError: Or a subclass.
        """
        try:
            return self._persist(_READ, work)
        except (msgspec.MsgspecError, ValueError, TypeError, LookupError, RecursionError) as error:
            raise StoreCorrupt(
                f"the trace store {self.address.shown} holds what ARGUS did not write"
                f" ({type(error).__name__}: {error}); delete the trace"
            ) from error

    def write(self, work: Callable[[Connection], T]) -> T:
        """Does something that writes, all or nothing.

        Args:
            work: Gets a connection for itself alone; called again after conflicts with other writers and when the
                connection was lost, even while the first attempt was being committed: so it looks at what is there.

        Raises:
            StorageError: Or a subclass.
        """
        return self._persist(_WRITE, work)

    def maintain(self, statements: Sequence[str]) -> None:
        """Runs statements one by one, outside of any transaction.

        Args:
            statements: Fixed texts.

        Raises:
            StorageError: Or a subclass.
        """
        with self._lent(was_lost=False) as (connection, _):
            try:
                for statement in statements:
                    connection.execute(statement.encode())
            except psycopg.Error as error:
                raise translate(error, self.address.shown) from error

    def close(self) -> None:
        """Closes all connections; one that is lent is closed when it comes back."""
        self._closed = True
        self._cleanup()

    def after_fork(self) -> None:
        """Leaves the parent's connections alone, in a forked child."""
        _abandoned.extend(self._idle)
        self._cleanup.detach()
        self._renew()

    def _renew(self) -> None:
        self._idle: deque[Connection] = deque()
        self._slots = threading.Semaphore(_MOST)
        self._opening = threading.Lock()
        self._ready = False
        self._cleanup = weakref.finalize(self, _close_all, self._idle, os.getpid())

    def _persist(self, begin: str, work: Callable[[Connection], T]) -> T:
        conflicts, lost_at = 0, None
        while True:
            try:
                return self._once(begin, work, was_lost=lost_at is not None)
            except _LostError as lost:
                lost_at = _clock.monotonic() if lost_at is None else lost_at
                if _clock.monotonic() - lost_at > _PATIENCE_S:
                    raise lost.meaning from lost.cause
                pause = 0.0 if lost.was_idle else 0.1
            except psycopg.Error as error:
                conflicts += 1
                if not is_conflict(error) or conflicts > _CONFLICTS:
                    raise translate(error, self.address.shown) from error
                pause = min(_LONGEST_PAUSE_S, 0.005 * 2**conflicts)
            time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - so that those who collided do not do so again

    def _once(self, begin: str, work: Callable[[Connection], T], *, was_lost: bool) -> T:
        with self._lent(was_lost=was_lost) as (connection, was_idle):
            try:
                connection.execute(begin)
                done = work(connection)
                connection.execute("COMMIT")
            except psycopg.Error as error:
                if connection.broken or is_lost(error):
                    raise _LostError(translate(error, self.address.shown), error, was_idle=was_idle) from error
                raise
            return done

    @contextmanager
    def _lent(self, *, was_lost: bool) -> Iterator[tuple[Connection, bool]]:
        if self._closed:
            raise StorageError(f"the trace store {self.address.shown} is closed; open it again")
        slots, idle = self._slots, self._idle
        if not slots.acquire(timeout=_WAIT_S):
            raise StoreUnavailable(f"all {_MOST} connections to {self.address.shown} were busy for {_WAIT_S:g} s")
        try:
            connection, was_idle = self._take(idle, was_lost=was_lost)
            try:
                yield connection, was_idle
            finally:
                self._give_back(connection, idle)
        finally:
            slots.release()

    def _take(self, idle: deque[Connection], *, was_lost: bool) -> tuple[Connection, bool]:
        try:
            return idle.pop(), True
        except IndexError:
            pass
        try:
            connection = psycopg.connect(self.address.conninfo, autocommit=True)
        except psycopg.Error as error:
            meaning = cannot_connect(error, self.address.shown)
            if was_lost or is_starting(error):
                raise _LostError(meaning, error, was_idle=False) from error
            raise meaning from error
        try:
            self._set_up(connection)
        except psycopg.Error as error:
            connection.close()
            explained = translate(error, self.address.shown)
            if is_lost(error) or error.sqlstate is None:
                raise _LostError(explained, error, was_idle=False) from error
            raise explained from error
        except BaseException:
            connection.close()
            raise
        return connection, False

    def _give_back(self, connection: Connection, idle: deque[Connection]) -> None:
        try:
            connection.rollback()  # nothing when the transaction has ended
        except psycopg.Error:
            connection.close()
        if connection.closed:
            self._ready = False  # the server that comes back may be another one
        elif self._closed or idle is not self._idle:
            connection.close()
        else:
            idle.append(connection)

    def _set_up(self, connection: Connection) -> None:
        connection.adapters.register_loader("json", psycopg.types.string.TextLoader)
        connection.execute(_SETTINGS)
        with self._opening:
            if not self._ready:
                migrate(connection, self.address.shown)
                self._ready = True


class _LostError(Exception):
    """A connection that was lost, or not to be had while the server restarts."""

    def __init__(self, meaning: StorageError, cause: Exception, *, was_idle: bool) -> None:
        super().__init__(str(meaning))
        self.meaning = meaning
        self.cause = cause
        self.was_idle = was_idle


def _close_all(idle: deque[Connection], process: int) -> None:
    if os.getpid() != process:
        _abandoned.extend(idle)
        idle.clear()
        return
    while idle:
        idle.pop().close()
