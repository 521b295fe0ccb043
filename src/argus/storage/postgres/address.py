"""Where the server is: the URL that a user wrote, checked, and filled up with what makes a lost network show."""

from __future__ import annotations

from typing import NamedTuple

from argus.errors import ConfigError
from argus.storage.masking import mask_url
from argus.storage.postgres.driver import psycopg

__all__ = ["Address", "address_of"]

_DEFAULTS: dict[str, str] = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
    "fallback_application_name": "argus",
}
"""Parameters of libpq that hold unless the URL says otherwise; a cut network shows after a minute, not two hours."""


class Address(NamedTuple):
    """A database.

    Attributes:
        shown: Its URL without passwords.
        conninfo: All parameters, for the driver; never to be shown.
        user: Who connects, as far as the URL tells.
        database: Its name, as far as the URL tells.
    """

    shown: str
    conninfo: str
    user: str
    database: str


def address_of(url: str) -> Address:
    """The database that a URL names.

    Args:
        url: ``postgresql://user:password@host:port/database?parameter=value``; every part may be left out, and every
            parameter of libpq may be given (``sslmode``, ``sslrootcert``, ``options`` …).

    Raises:
        ConfigError: It cannot be read.
    """
    shown = mask_url(url)
    try:
        given = psycopg.conninfo.conninfo_to_dict(url)
        conninfo = psycopg.conninfo.make_conninfo("", **{**_DEFAULTS, **given, "client_encoding": "UTF8"})
    except (psycopg.Error, UnicodeError, ValueError):
        # the driver's message may quote the password
        raise ConfigError(
            f"{shown!r} is no PostgreSQL URL; write postgresql://USER:PASSWORD@HOST:PORT/DATABASE and percent-encode"
            " characters such as @, / and % in the password"
        ) from None
    return Address(shown, conninfo, str(given.get("user") or ""), str(given.get("dbname") or ""))
