"""The client that reaches a bucket, with limits on how long it tries."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from argus.errors import ConfigError
from argus.storage.object_store.address import Address, is_true
from argus.storage.object_store.driver import exceptions, store

if TYPE_CHECKING:
    from obstore.store import S3Store

__all__ = ["client_of"]

_CLIENT_OPTIONS: Final = ("allow_http", "allow_invalid_certificates", "proxy_url", "user_agent")
_CONNECT_S: Final = 5
_REQUEST_S: Final = 20
_LONGEST_REQUEST_S: Final = 30
_RETRIES: Final = 3
_RETRYING_S: Final = 8
"""A store that is away shows after seconds, not after the three minutes that the driver tries by default."""

_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 2


def client_of(address: Address) -> S3Store:
    """What reads and writes there.

    Args:
        address: A bucket.

    Raises:
        ConfigError: An option is unknown or wrong.
    """
    client: dict[str, Any] = {}
    config: dict[str, Any] = {}
    for name, text in address.options.items():
        if name in _CLIENT_OPTIONS:
            client[name] = is_true(text) if name.startswith("allow_") else text
        elif name != "timeout":
            config[name] = text
    client["connect_timeout"] = timedelta(seconds=_CONNECT_S)
    client["timeout"] = _seconds(address)
    try:
        return store.S3Store(
            address.bucket,
            prefix=address.path or None,
            config=config,  # type: ignore[arg-type]  # the driver checks the names
            client_options=client,  # type: ignore[arg-type]  # likewise
            retry_config={
                "max_retries": _RETRIES,
                "retry_timeout": timedelta(seconds=_RETRYING_S),
                "backoff": {
                    "init_backoff": timedelta(seconds=_FIRST_PAUSE_S),
                    "max_backoff": timedelta(seconds=_LONGEST_PAUSE_S),
                    "base": 2,
                },
            },
        )
    except (exceptions.BaseError, ValueError, TypeError) as error:
        what = str(error).partition("\n")[0]
        raise ConfigError(f"{address.shown!r} cannot be used: {what}; see docs/how-to/object-storage.md") from None


def _seconds(address: Address) -> timedelta:
    given = address.options.get("timeout", str(_REQUEST_S))
    try:
        seconds = float(given)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _LONGEST_REQUEST_S:
        raise ConfigError(f"{address.shown!r} has timeout={given!r}; give seconds, {_LONGEST_REQUEST_S} at most")
    return timedelta(seconds=seconds)
