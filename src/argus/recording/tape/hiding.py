"""What of an exchange is hidden: credentials in headers and addresses, and in bodies whatever the redactor knows.

What is hidden is decided by :mod:`argus.capture.redact`; here is where in a message to look for it. Hiding twice
changes nothing more, so that a request made today can be compared with a recorded one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import unquote_plus, urlsplit, urlunsplit

from argus.capture.redact import Redactor
from argus.model.exchange import Headers
from argus.model.values import REDACTED

__all__ = ["Hider", "Unsearchable"]

_SECRET_WORDS: Final = frozenset(
    [
        "apikey",
        "authorization",
        "cookie",
        "credential",
        "credentials",
        "jwt",
        "passwd",
        "password",
        "secret",
        "signature",
    ]
)
"""Words of names whose values let their holder in somewhere."""

_SECRET_NAMES: Final = frozenset(["auth", "code", "key", "session", "sessionid", "session_id", "sid", "sig"])
"""Whole names of such; as words of longer names (``country_code``) they mean other things."""

_HEADER_WORDS: Final = _SECRET_WORDS | frozenset(["auth", "cookie2", "key", "session", "sid", "token"])
"""For headers, which no request is recognised by, caution costs nothing."""

_KINDS_OF_KEYS: Final = frozenset(
    ["access", "account", "api", "auth", "client", "master", "private", "secret", "shared", "subscription"]
)
_HARMLESS_TOKENS: Final = frozenset(
    ["continuation", "count", "cursor", "max", "next", "page", "resume", "start", "sync"]
)

_ADDRESSES: Final = frozenset({"location", "content-location", "referer"})
"""Headers that hold an address."""

_WORDS: Final = re.compile(r"[^a-z0-9]+")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LINE: Final = re.compile(r"(\r\n|\n|\r)")
_JSON_LINE: Final = re.compile(r"(\s*(?:data:\s*)?)([{\[].*?[}\]])(\s*)\Z", re.DOTALL)
_PART: Final = re.compile(
    r'(?si)\A(.*?content-disposition:[^\r\n]*?\bname="([^"]*)"([^\r\n]*).*?\r?\n\r?\n)(.*?)(\r?\n)?\Z'
)
_NOTHING_TO_HIDE: Final = frozenset({bool, type(None)})


class Unsearchable(Exception):
    """A body cannot be searched for secrets, so nothing of it may be kept."""


class Hider:
    """Hides secrets in the parts of an exchange; thread-safe.

    Args:
        redactor: Decides what is a secret.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._fits = redactor.keys.fits
        self.plain: Callable[[str], str] = redactor.text
        """A text without the secrets that are known by their looks."""

    def url(self, url: str) -> str:
        """An address without user and password, secret values of its query hidden.

        Args:
            url: Any address.
        """
        try:
            parts = urlsplit(url)
            place = parts.netloc.rpartition("@")[2]
            bare = urlunsplit((parts.scheme, place, parts.path, self._pairs(parts.query), ""))
        except ValueError:
            bare = url
        return self.plain(bare)

    def headers(self, pairs: Iterable[tuple[str, str]]) -> Headers:
        """Headers, credentials hidden whatever the configuration says: no replay needs them.

        Args:
            pairs: Names and values.
        """
        return tuple((name, self._header(name, value)) for name, value in pairs)

    def body(self, text: str, media_type: str, boundary: str | None = None) -> str:
        """The text of a body; the very same one when there is nothing to hide.

        Args:
            text: The text.
            media_type: Such as ``application/json``; a text that looks like JSON is taken for it anyway.
            boundary: What stands between the parts of a multipart body.

        Raises:
            Unsearchable: It is nested too deep.
        """
        if not text:
            return text
        if media_type == "application/x-www-form-urlencoded":
            return self._pairs(text)
        if boundary is not None and media_type.startswith("multipart/"):
            return self._multipart(text, boundary)
        whole = self._json(text)
        if whole is not None:
            return whole
        hidden = "".join(map(self._line, _LINE.split(text)))
        return self.plain(hidden)

    def _header(self, name: str, value: str) -> str:
        if self._fits(name) or not _HEADER_WORDS.isdisjoint(_words(name)):
            return REDACTED
        return self.url(value) if name.lower() in _ADDRESSES else self.plain(value)

    def _is_secret(self, name: str) -> bool:
        if self._fits(name) or name.lower() in _SECRET_NAMES:
            return True
        words = _words(name)
        return (
            not _SECRET_WORDS.isdisjoint(words)
            or ("token" in words and _HARMLESS_TOKENS.isdisjoint(words))
            or ("key" in words and not _KINDS_OF_KEYS.isdisjoint(words))
        )

    def _pairs(self, query: str) -> str:
        """A query or form; without anything to hide it stays as it is written."""
        kept = []
        for pair in query.split("&"):
            name, equals, value = pair.partition("=")
            if equals and value and (self._is_secret(unquote_plus(name)) or self._hides(unquote_plus(value))):
                pair = f"{name}={REDACTED}"
            kept.append(pair)
        return "&".join(kept)

    def _hides(self, text: str) -> bool:
        return self.plain(text) != text

    def _multipart(self, text: str, boundary: str) -> str:
        between = f"--{boundary}"
        parts = text.split(between)
        return between.join([parts[0], *map(self._part, parts[1:])])

    def _part(self, text: str) -> str:
        found = _PART.match(text)
        if found is None:
            return self.plain(text)
        head, name, more, content, end = found.groups()
        if "filename" not in more.lower() and self._is_secret(name):
            return f"{head}{REDACTED}{end or ''}"
        return f"{head}{self.body(content, '')}{end or ''}"

    def _line(self, line: str) -> str:
        found = _JSON_LINE.match(line)
        if found is None:
            return line
        before, text, after = found.groups()
        hidden = self._json(text)
        return line if hidden is None else f"{before}{hidden}{after}"

    def _json(self, text: str) -> str | None:
        """JSON without secrets, None when it is no JSON."""
        if text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "[", '"'):
            return None
        try:
            value = json.loads(text.lstrip("\ufeff"))
            hidden = self._value(value, "")
            return text if hidden == value else json.dumps(hidden, ensure_ascii=False, separators=(",", ":"))
        except ValueError:
            return None
        except RecursionError as error:
            raise Unsearchable("nested too deep to be searched for secrets") from error

    def _value(self, value: Any, path: str) -> Any:
        kind = type(value)
        if kind is str:
            return self.plain(value)
        if kind is list:
            return [self._value(item, path) for item in value]
        if kind is dict:
            return {self.plain(key): self._under(key, item, path) for key, item in value.items()}
        return value

    def _under(self, key: str, item: Any, path: str) -> Any:
        if self._fits(key, path):
            return item if type(item) in _NOTHING_TO_HIDE else REDACTED
        return self._value(item, f"{path}.{key}" if path else key)


def _words(name: str) -> list[str]:
    return _WORDS.split(_CAMEL.sub("-", name).lower())
