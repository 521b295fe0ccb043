"""The database's layout: numbered SQL files, applied in order, each once, by one process at a time."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from argus.errors import SchemaMismatch, StorageError, StoreCorrupt
from argus.storage.postgres.driver import Connection

__all__ = ["Migration", "migrate", "migrations"]

_FOLDER = Path(__file__).parents[1] / "migrations" / "postgres"

_LOCK = 0x41524753
"""``ARGS``: the advisory lock of whoever changes the layout."""

_OLDEST_SERVER = 120000

_TABLES = """
    SELECT c.relname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relname IN ('argus_layout', 'traces')"""
"""Read as rows: a name that another session made meanwhile may be looked up in a cache that has not heard of it."""


class Migration(NamedTuple):
    """One step from an older layout to the next.

    Attributes:
        number: From 1; the table ``argus_layout`` holds the last one applied.
        script: SQL.
    """

    number: int
    script: str


@cache
def migrations() -> tuple[Migration, ...]:
    """All migrations, in order."""
    found = []
    for entry in _FOLDER.iterdir():
        name = re.fullmatch(r"(\d{3})_\w+\.sql", entry.name)
        if name:
            found.append(Migration(int(name[1]), entry.read_text(encoding="utf-8")))
    return tuple(sorted(found))


def migrate(connection: Connection, shown: str) -> None:
    """Brings a database to the newest layout; an empty one is set up.

    Args:
        connection: In autocommit mode.
        shown: The store's URL without passwords, for messages.

    Raises:
        SchemaMismatch: A newer ARGUS wrote it.
        StoreCorrupt: Tables of another program stand where ours would.
        StorageError: Its server or encoding is one that ARGUS cannot use.
        psycopg.Error: It cannot be read or written.
    """
    _check_server(connection, shown)
    if _layout(connection, shown) == migrations()[-1].number:
        return
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        layout = _layout(connection, shown)  # another process may have been faster
        for migration in migrations():
            if migration.number > layout:
                connection.execute(migration.script.encode())
        connection.execute("CREATE TABLE IF NOT EXISTS argus_layout (version integer NOT NULL)")
        connection.execute("DELETE FROM argus_layout")
        connection.execute("INSERT INTO argus_layout VALUES (%s)", (migrations()[-1].number,))


def _layout(connection: Connection, shown: str) -> int:
    """The number of the last migration applied; 0 for an empty database."""
    newest = migrations()[-1].number
    tables = {name for (name,) in connection.execute(_TABLES)}
    if "argus_layout" not in tables:
        if "traces" in tables:
            raise StoreCorrupt(
                f"the database {shown} has a table named traces that is not ARGUS's; configure another database,"
                " or another schema with ?options=-csearch_path%3Dargus"
            )
        return 0
    found = connection.execute("SELECT max(version) FROM argus_layout").fetchone()
    version = int(found[0] or 0) if found else 0
    if version > newest:
        raise SchemaMismatch(
            f"the trace store {shown} has layout {version}, and this ARGUS knows layouts up to {newest}; "
            "upgrade ARGUS (`pip install -U arguslabs`) or configure another storage.url"
        )
    return version


def _check_server(connection: Connection, shown: str) -> None:
    info = connection.info
    if info.server_version < _OLDEST_SERVER:
        raise StorageError(f"the server of {shown} is PostgreSQL {info.server_version // 10000}; 12 or newer is needed")
    encoding = info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise StorageError(
            f"the database {shown} keeps text as {encoding}, which cannot hold every text;"
            " make one with `createdb --encoding UTF8 --template template0 NAME`"
        )
