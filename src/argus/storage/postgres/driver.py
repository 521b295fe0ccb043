"""The driver, or what to say when it is missing."""

from __future__ import annotations

from typing import Any, TypeAlias

from argus.errors import NotAvailable

try:
    import psycopg
except ImportError as error:  # the package, or the C library under it
    raise NotAvailable(
        f"PostgreSQL stores need the driver psycopg; install it with `pip install 'arguslabs[postgres]'` ({error})"
    ) from error

__all__ = ["Connection", "psycopg"]

Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"
"""A connection whose rows are tuples."""
