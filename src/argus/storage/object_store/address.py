"""Where the objects are: the URL that a user wrote, checked, and the client that reaches it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from argus._internal.private_files import private_folder
from argus.errors import ConfigError
from argus.storage.masking import mask_url
from argus.storage.object_store.driver import exceptions
from argus.storage.object_store.driver import store as clients

if TYPE_CHECKING:
    from obstore.store import ObjectStore as Client

__all__ = ["Address", "address_of", "client_of"]

_CLIENT_OPTIONS = ("allow_http", "allow_invalid_certificates", "proxy_url", "user_agent")
_CONNECT_S, _REQUEST_S = 5, 20
_RETRIES, _RETRYING_S = 3, 8
"""A store that is away shows after seconds, not after the three minutes that the driver tries by default."""

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 2


class Address(NamedTuple):
    """A place for objects.

    Attributes:
        shown: Its URL without passwords.
        url: Its URL with everything, for another process; never to be shown.
        bucket: The bucket; None for a folder.
        path: The prefix within the bucket without slashes at its ends, or the folder.
        options: What the URL adds, by lower-case name.
    """

    shown: str
    url: str
    bucket: str | None
    path: str
    options: dict[str, str]

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
        return self.bucket is None


def address_of(url: str) -> Address:
    """The place that a URL names.

    Args:
        url: ``s3://bucket/prefix?endpoint=…&region=…`` or ``file:///absolute/folder``.

    Raises:
        ConfigError: It cannot be read.
    """
    shown = mask_url(url)
    scheme, _, rest = url.partition("://")
    place, _, query = rest.partition("?")
    if scheme == "file":
        path = unquote(place)
        if not path.startswith("/") or path == "/" or "\0" in path or query:
            raise ConfigError(f"{shown!r} names no folder; write file:///absolute/path")
        return Address(shown, url, None, path, {})
    bucket, _, prefix = place.partition("/")
    if not bucket or "@" in bucket or ":" in bucket:
        raise ConfigError(
            f"{shown!r} names no bucket; write s3://BUCKET/PREFIX, and keys as AWS_ACCESS_KEY_ID and"
            " AWS_SECRET_ACCESS_KEY in the environment"
        )
    options = {name.lower(): value for name, value in parse_qsl(query, keep_blank_values=True)}
    if options.get("endpoint", "").startswith("http://") and not _is_true(options.get("allow_http", "")):
        raise ConfigError(f"{shown!r} reaches its endpoint unencrypted; add allow_http=true if that is meant")
    return Address(shown, url, bucket, unquote(prefix).strip("/"), options)


def client_of(address: Address) -> Client:
    """What reads and writes there.

    Args:
        address: The place; a folder is made when missing, private to its owner.

    Raises:
        ConfigError: An option is unknown or wrong.
        StoreUnavailable: The folder cannot be made, or is another user's.
    """
    if address.bucket is None:
        return clients.LocalStore(private_folder(Path(address.path)), automatic_cleanup=False)
    config: dict[str, Any] = {name: text for name, text in address.options.items() if name not in _CLIENT_OPTIONS}
    client: dict[str, Any] = {
        name: _is_true(text) if name.startswith("allow_") else text
        for name, text in address.options.items()
        if name in _CLIENT_OPTIONS
    }
    client |= {"connect_timeout": timedelta(seconds=_CONNECT_S), "timeout": timedelta(seconds=_REQUEST_S)}
    try:
        return clients.S3Store(
            address.bucket,
            prefix=address.path or None,
            config=config,  # type: ignore[arg-type]  # the driver checks the names
            client_options=client,  # type: ignore[arg-type]  # checked like the others
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


def _is_true(text: str) -> bool:
    return text.strip().lower() in ("true", "1", "yes", "on")
