"""Questions in SQL that people type, in a transaction that can change nothing."""

from __future__ import annotations

from datetime import date, datetime, time, timezone
from typing import Any

from argus.storage.answers import Answer, Cell
from argus.storage.exact_json import to_json
from argus.storage.moments import to_text
from argus.storage.postgres.driver import Connection

__all__ = ["ask"]


def ask(connection: Connection, statement: str, *, timeout_s: float, most: int) -> Answer:
    """The rows that a statement selects.

    Args:
        connection: In a transaction that only reads.
        statement: One SELECT; it becomes the body of a cursor, which takes nothing else.
        timeout_s: Seconds it may take.
        most: Rows at most.
    """
    connection.execute(f"SET LOCAL statement_timeout = {max(1, int(timeout_s * 1000))}".encode())
    with connection.cursor(name="argus_sql") as cursor:
        cursor.execute(statement.strip().rstrip(";").encode())
        rows = cursor.fetchmany(most + 1)
        columns = tuple(column.name for column in cursor.description or ())
    return Answer(columns, [tuple(map(_cell, row)) for row in rows[:most]], len(rows) > most)


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, datetime):
        return to_text(value) if value.tzinfo is not None else to_text(value.replace(tzinfo=timezone.utc))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, (list, dict, tuple)):
        return to_json(value)
    return value.isoformat() if isinstance(value, (date, time)) else str(value)
