"""The PostgreSQL backend."""

from argus.storage.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
