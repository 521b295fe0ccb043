"""Questions in SQL that people type, on a connection that can change nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from argus._internal.clock import SystemClock
from argus.errors import StorageError
from argus.storage.answers import Answer, Cell
from argus.storage.sqlite.errors import translate

__all__ = ["ask"]

_clock = SystemClock()

_STEPS: Final = 20_000
"""Steps of SQLite's machine between two looks at the clock: a few milliseconds."""

_READS: Final = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)


def ask(path: Path, statement: str, *, timeout_s: float, most: int) -> Answer:
    """The rows that a statement selects.

    Args:
        path: The database file.
        statement: One SELECT.
        timeout_s: Seconds it may take.
        most: Rows at most.

    Raises:
        StorageError: It is no valid statement, would change or open something, or takes too long.
    """
    deadline = _clock.monotonic() + timeout_s
    denied: list[str] = []

    def allowed(action: int, first: str | None, second: str | None, *_: Any) -> int:
        if action in _READS and not (action == sqlite3.SQLITE_FUNCTION and second == "load_extension"):
            return sqlite3.SQLITE_OK
        denied.append(first or second or "")
        return sqlite3.SQLITE_DENY

    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None)) as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.set_authorizer(allowed)
            connection.set_progress_handler(lambda: _clock.monotonic() > deadline, _STEPS)
            connection.text_factory = lambda text: text.decode("utf-8", "backslashreplace")
            found = connection.execute(statement)
            rows = found.fetchmany(most + 1)
            columns = tuple(column[0] for column in found.description or ())
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        message = str(error)
        if "interrupted" in message:
            raise StorageError(
                f"the statement took longer than {timeout_s:g} s; narrow it, or raise --timeout"
            ) from error
        if denied or "not authorized" in message or "readonly" in message:
            raise StorageError(f"only reading is allowed here: {message}") from error
        if isinstance(error, sqlite3.OperationalError) and "unable to open" in message:
            raise translate(error, path) from error
        raise StorageError(f"SQLite does not understand the statement: {message}") from error
    if not columns:
        raise StorageError("the statement selects nothing; write one SELECT")
    return Answer(columns, [tuple(map(_cell, row)) for row in rows[:most]], len(rows) > most)


def _cell(value: Any) -> Cell:
    return value.hex() if isinstance(value, bytes) else value
