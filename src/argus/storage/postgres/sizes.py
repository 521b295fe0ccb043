"""What the tables take: on the disk, and without what deleted rows left behind."""

from __future__ import annotations

from typing import Final

from argus.storage.postgres.driver import Connection

__all__ = ["TABLES", "sampled_bytes", "size_on_disk"]

TABLES: Final = (
    "traces", "graphs", "steps", "trace_values", "calls",
    "series", "measurements", "detections", "forensics", "profiles",
)  # fmt: skip

_ON_DISK: Final = "SELECT sum(pg_total_relation_size(to_regclass(name))) FROM unnest(%s::text[]) AS name"
_READ_WHOLE: Final = 32 << 20
"""Tables up to this size are read as a whole, of larger ones about as much."""


def size_on_disk(connection: Connection) -> int:
    """What tables and indexes take on the disk, in bytes.

    Args:
        connection: In a transaction.
    """
    found = connection.execute(_ON_DISK, ([*TABLES],)).fetchone()
    return 0 if found is None else int(found[0] or 0)


def sampled_bytes(connection: Connection) -> int:
    """What the rows need, in bytes; exact for small tables.

    Args:
        connection: In a transaction.
    """
    total = 0.0
    for table in TABLES:
        size = connection.execute("SELECT pg_relation_size(to_regclass(%s))", (table,)).fetchone()
        percent = 100.0 if not size or not size[0] else min(100.0, 100 * _READ_WHOLE / size[0])
        sample = f"TABLESAMPLE SYSTEM ({percent:.6f}) REPEATABLE (1)" if percent < 100 else ""
        read = f"SELECT coalesce(sum(pg_column_size(t.*)), 0) FROM {table} AS t {sample}"  # noqa: S608 - fixed names
        found = connection.execute(read.encode()).fetchone()
        total += int(found[0]) * 100 / percent if found else 0
    return round(total)
