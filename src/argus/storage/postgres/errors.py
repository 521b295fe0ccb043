"""What PostgreSQL's errors mean to the user, and which of them pass by themselves."""

from __future__ import annotations

from argus.errors import StorageError, StoreCorrupt, StoreUnavailable
from argus.storage.postgres.driver import psycopg

__all__ = ["cannot_connect", "is_conflict", "is_lost", "is_starting", "translate"]

_CONFLICTS = ("40001", "40P01", "23505")
"""Serialisation failure, deadlock, and the same id saved by two writers at once: the same again succeeds."""

_LOST = ("57P01", "57P02", "57P03", "57P05", "25P03")
"""The server or an administrator ended the session."""

_MEANINGS: tuple[tuple[str, type[StorageError], str], ...] = (
    ("53100", StoreUnavailable, "is out of disk space; free some on the server and try again"),
    ("53300", StoreUnavailable, "has no free connections; close some, raise max_connections, or use a pooler"),
    ("53", StoreUnavailable, "is short of resources; try again, or look at the server's log"),
    ("55P03", StoreUnavailable, "is locked by another session; try again, or see pg_stat_activity"),
    ("57014", StoreUnavailable, "took longer than its statement_timeout allows; raise it for this role"),
    ("57P", StoreUnavailable, "was shut down; try again when it is up"),
    ("08", StoreUnavailable, "lost the connection; check the network and whether the server runs"),
    ("25006", StoreUnavailable, "is read-only; name the primary server in storage.url, not a standby"),
    ("42501", StoreUnavailable, "does not permit this to the role; grant it as docs/how-to/postgres.md shows"),
    ("3F000", StoreUnavailable, "has no schema to make tables in; create it, or set search_path for the role"),
    ("42P01", StoreCorrupt, "lacks a table; restore it, or configure an empty database or schema"),
    ("42703", StoreCorrupt, "lacks a column; restore it, or configure an empty database or schema"),
    ("40", StoreUnavailable, "was too busy with others writing the same; try again"),
    ("23505", StoreUnavailable, "was too busy with others writing the same; try again"),
    ("XX", StoreCorrupt, "reports damaged data; look at the server's log"),
    ("54000", StorageError, "cannot hold this: an id is longer than an index takes (about 2,600 bytes)"),
)  # fmt: skip
"""The beginning of the error's code, what to raise, what to say."""

_REFUSALS: tuple[tuple[str, str], ...] = (
    ("password authentication failed", "refuses the password; check user and password in storage.url (or PGPASSWORD)"),
    ("no password supplied", "wants a password; put it into storage.url, PGPASSWORD or ~/.pgpass"),
    ("no pg_hba.conf entry", "does not let this user, host or kind of connection in; see pg_hba.conf on the server"),
    ("authentication failed", "refuses this user; check storage.url and pg_hba.conf on the server"),
    ("too many clients", "has no free connections; close some, raise max_connections, or use a pooler"),
    ("remaining connection slots", "has no free connections; close some, raise max_connections, or use a pooler"),
    ("too many connections", "has no free connections for this role or database; close some, or raise the limit"),
    ("starting up", "is starting up; try again in a moment"),
    ("shutting down", "is shutting down; try again when it is up"),
    ("role", "does not know this user; create it, or check the user in storage.url"),
    ("database", "has no such database; create it (`createdb NAME`) or check storage.url"),
    ("certificate", "could not be trusted; check sslmode, sslrootcert and the name of the host"),
    ("ssl", "and this client do not agree on TLS; check sslmode in storage.url"),
    ("connection refused", "does not answer; check that the server runs and that host and port are right"),
    ("no such file", "does not answer on its socket; check that the server runs and that the host is right"),
    ("could not translate host", "has a host name that nobody knows; check storage.url"),
    ("failed to resolve", "has a host name that nobody knows; check storage.url"),
    ("timeout", "does not answer in time; check the network, the host and the port"),
)
"""A part of the message in lower case, what to say: libpq gives no codes for connections that fail."""


def is_conflict(error: Exception) -> bool:
    """Whether the same transaction succeeds when it is done again.

    Args:
        error: What the driver raised.
    """
    return isinstance(error, psycopg.Error) and error.sqlstate in _CONFLICTS


def is_lost(error: Exception) -> bool:
    """Whether the server ended the session, so that another connection may do.

    Args:
        error: What the driver raised.
    """
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    return state is not None and (state in _LOST or state.startswith("08"))


def is_starting(error: Exception) -> bool:
    """Whether a connection failed only because the server is on its way up or down.

    Args:
        error: What the driver raised.
    """
    message = str(error).lower()
    return "starting up" in message or "shutting down" in message or "recovery" in message


def cannot_connect(error: Exception, shown: str) -> StoreUnavailable:
    """The error to raise when there is no connection to be had.

    Args:
        error: What the driver raised.
        shown: The store's URL without passwords.
    """
    message = str(error).lower()
    for part, meaning in _REFUSALS:
        if part in message:
            return StoreUnavailable(f"the trace store {shown} {meaning} ({_short(error)})")
    return StoreUnavailable(f"the trace store {shown} cannot be reached; check storage.url ({_short(error)})")


def translate(error: Exception, shown: str) -> StorageError:
    """The error to raise in place of one from the driver.

    Args:
        error: What the driver raised.
        shown: The store's URL without passwords.
    """
    state = (error.sqlstate if isinstance(error, psycopg.Error) else None) or ""
    for code, kind, meaning in _MEANINGS:
        if state.startswith(code):
            return kind(f"the trace store {shown} {meaning} ({_short(error)})")
    if not state and isinstance(error, psycopg.OperationalError):
        return StoreUnavailable(
            f"the trace store {shown} lost the connection; check the network and whether the server runs"
            f" ({_short(error)})"
        )
    return StorageError(f"the trace store {shown} refused: {type(error).__name__}: {_short(error)}")


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
