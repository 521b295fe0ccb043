"""Where the objects are: the URL that a user wrote, checked."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

from argus.errors import ConfigError
from argus.storage.masking import mask_url

__all__ = ["Address", "address_of", "is_true"]


class Address(NamedTuple):
    """A place for objects.

    Attributes:
        shown: Its URL without passwords.
        bucket: The bucket; None for a folder.
        path: The prefix within the bucket without slashes at its ends, or the folder.
        options: What the URL adds, by lower-case name.
    """

    shown: str
    bucket: str | None
    path: str
    options: dict[str, str]


def address_of(url: str) -> Address:
    """The place that a URL names.

    Args:
        url: ``s3://bucket/prefix?endpoint=…&region=…`` or ``file:///absolute/folder``.

    Raises:
        ConfigError: It cannot be read.
    """
    shown = mask_url(url)
    _, _, rest = url.partition("://")
    place, _, query = rest.partition("?")
    if url.startswith("file:"):
        path = unquote(place)
        if not path.startswith("/") or path == "/" or "\0" in path or query:
            raise ConfigError(f"{shown!r} names no folder; write file:///absolute/path")
        return Address(shown, None, path, {})
    bucket, _, prefix = place.partition("/")
    if not bucket or "@" in bucket or ":" in bucket:
        raise ConfigError(
            f"{shown!r} names no bucket; write s3://BUCKET/PREFIX, and keys as AWS_ACCESS_KEY_ID and"
            " AWS_SECRET_ACCESS_KEY in the environment"
        )
    options = {name.lower(): value for name, value in parse_qsl(query, keep_blank_values=True)}
    if options.get("endpoint", "").startswith("http://") and not is_true(options.get("allow_http", "")):
        raise ConfigError(f"{shown!r} reaches its endpoint unencrypted; add allow_http=true if that is meant")
    return Address(shown, bucket, unquote(prefix).strip("/"), options)


def is_true(text: str) -> bool:
    """Whether an option is switched on.

    Args:
        text: Its value.
    """
    return text.strip().lower() in ("true", "1", "yes", "on")
