"""The database's layout: numbered SQL files, applied in order, each once."""

from __future__ import annotations

import re
import sqlite3
from functools import cache
from pathlib import Path
from typing import NamedTuple

from argus.errors import SchemaMismatch, StoreCorrupt

__all__ = ["APPLICATION_ID", "Migration", "check_ours", "migrate", "migrations"]

APPLICATION_ID = 0x41524753
"""``ARGS``: tells a trace store from other people's databases."""

_FOLDER = Path(__file__).parents[1] / "migrations" / "sqlite"


class Migration(NamedTuple):
    """One step from an older layout to the next.

    Attributes:
        number: From 1; ``PRAGMA user_version`` says up to which number a file has come.
        statements: In order.
    """

    number: int
    statements: tuple[str, ...]


@cache
def migrations() -> tuple[Migration, ...]:
    """All migrations, in order."""
    found = []
    for entry in _FOLDER.iterdir():
        name = re.fullmatch(r"(\d{3})_\w+\.sql", entry.name)
        if name:
            found.append(Migration(int(name[1]), _statements(entry.read_text(encoding="utf-8"))))
    return tuple(sorted(found))


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Brings a database to the newest layout; an empty one is set up.

    Args:
        connection: In autocommit mode.
        path: The file, for messages.

    Raises:
        SchemaMismatch: A newer ARGUS wrote it.
        StoreCorrupt: It is somebody else's database.
        sqlite3.Error: It cannot be read or written.
    """
    if check_ours(connection, path) == migrations()[-1].number:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = check_ours(connection, path)  # another process may have been faster
        for migration in migrations():
            if migration.number > version:
                for statement in migration.statements:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {migration.number}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def check_ours(connection: sqlite3.Connection, path: Path) -> int:
    """The number of the last migration that a database has seen; changes nothing.

    Args:
        connection: In autocommit mode.
        path: The file, for messages.

    Returns:
        0 for an empty file.

    Raises:
        SchemaMismatch: A newer ARGUS wrote it.
        StoreCorrupt: It is somebody else's database.
        sqlite3.Error: It cannot be read.
    """
    newest = migrations()[-1].number
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    if application != APPLICATION_ID:
        tables: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if tables or version or application:
            raise StoreCorrupt(f"{path} is a database of another program; configure another storage.path")
    if version > newest:
        raise SchemaMismatch(
            f"the trace store {path} has layout {version}, and this ARGUS knows layouts up to {newest}; "
            "upgrade ARGUS (`pip install -U arguslabs`) or configure another storage.path"
        )
    return version


def _statements(script: str) -> tuple[str, ...]:
    statements, pending = [], ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending.strip())
            pending = ""
    return tuple(statements)
