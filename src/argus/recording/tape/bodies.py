"""Bodies: collected while they pass, and turned into what is kept of them."""

from __future__ import annotations

import codecs
import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from argus.model.exchange import HttpBody
from argus.recording.tape.hiding import Hider, Unsearchable
from argus.recording.tape.unpacking import Damaged, Packed, unpacked

__all__ = ["Collector", "MediaType", "body_of", "media_type_of", "value_of"]

_EVENT: Final = re.compile(r".*?(?:\r\n\r\n|\n\n|\r\r|\Z)", re.DOTALL)


class MediaType(NamedTuple):
    """What ``Content-Type`` says.

    Attributes:
        name: Such as ``application/json``, lower case; empty when it is not said.
        charset: The text encoding, or None.
        boundary: What stands between the parts of a multipart body, or None.
    """

    name: str
    charset: str | None
    boundary: str | None


def media_type_of(headers: Iterable[tuple[str, str]]) -> MediaType:
    """The media type that headers tell.

    Args:
        headers: Names and values.
    """
    said = value_of(headers, "content-type")
    if not said:
        return MediaType("", None, None)
    name, *parameters = said.split(";")
    told = {
        key.strip().lower(): value.strip().strip('"') for key, _, value in (one.partition("=") for one in parameters)
    }
    return MediaType(name.strip().lower(), told.get("charset"), told.get("boundary"))


def value_of(headers: Iterable[tuple[str, str]], name: str) -> str:
    """The values of a header, joined by commas; empty without it.

    Args:
        headers: Names and values.
        name: The header, lower case.
    """
    return ", ".join(value for key, value in headers if key.lower() == name)


class Collector:
    """Takes in the pieces of one body as they pass; one thread at a time.

    Args:
        limit: Bytes beyond which the body is not held, only hashed.

    Attributes:
        pieces: What has passed; None once that is more than the limit.
        length: Bytes so far.
    """

    def __init__(self, limit: int) -> None:
        self.pieces: list[bytes] | None = []
        self.length = 0
        self.limit = limit
        self._hash: object = None

    def add(self, piece: bytes) -> None:
        """A piece passes.

        Args:
            piece: Its bytes.
        """
        if not piece:
            return
        self.length += len(piece)
        if self.pieces is not None:
            if self.length <= self.limit:
                self.pieces.append(bytes(piece))
                return
            held, self.pieces = self.pieces, None
            self._hash = _hash_of(held)
        self._hash.update(piece)  # type: ignore[attr-defined]  # hashlib has no public class for it

    def digest(self) -> str:
        """The BLAKE2b-128 of everything that passed, hex."""
        hashed = self._hash if self.pieces is None else _hash_of(self.pieces)
        return str(hashed.hexdigest())  # type: ignore[attr-defined]  # the same


def _hash_of(pieces: Sequence[bytes]) -> object:
    from hashlib import blake2b  # loads OpenSSL, which most recordings do without

    hashed = blake2b(digest_size=16)
    for piece in pieces:
        hashed.update(piece)
    return hashed


def body_of(
    collected: Collector, headers: Sequence[tuple[str, str]], hider: Hider, *, ended: bool, packed: bool = True
) -> HttpBody:
    """What is kept of a body.

    Args:
        collected: What passed.
        headers: They tell the media type and the content encoding.
        hider: Hides its secrets.
        ended: Whether it was read to its end.
        packed: Whether the content encoding is still on; if not, what is no text is looked at all the same.
    """
    pieces = collected.pieces
    if pieces is None:
        return _left_out(collected, f"longer than {collected.limit:,} bytes", ended)
    encoding = value_of(headers, "content-encoding").strip()
    try:
        if encoding and pieces:
            pieces = _without_encoding(pieces, encoding, collected.limit, packed=packed)
        data = b"".join(pieces)
        media_type = media_type_of(headers)
        charset = _charset_of(data, media_type.charset)
        text = data.decode(charset or "latin-1")
        hidden = hider.body(text, media_type.name, media_type.boundary) if charset else hider.plain(text)
    except (Packed, Unsearchable) as error:
        return _left_out(collected, str(error), ended)
    sizes = tuple(map(len, pieces)) if len(pieces) > 1 else ()
    changed = hidden != text
    if charset is None:
        content = b64encode(hidden.encode("latin-1", "replace")).decode()
        sizes = () if changed else sizes
    else:
        content = hidden
        if changed:
            sizes = _sizes_of_events(hidden, charset) if media_type.name == "text/event-stream" else ()
    return HttpBody(
        content=content,
        form="text" if charset else "base64",
        charset=charset or "utf-8",
        length=len(data),
        chunks=sizes,
        ended=ended,
        redacted=changed,
        unpacked=encoding or None,
    )


def _without_encoding(pieces: list[bytes], encoding: str, limit: int, *, packed: bool) -> list[bytes]:
    try:
        if packed or _charset_of(b"".join(pieces), None) is None:
            return [piece for piece in unpacked(pieces, encoding, limit) if piece]
    except Damaged:
        if packed:
            raise
    return pieces


def _left_out(collected: Collector, why: str, ended: bool) -> HttpBody:
    return HttpBody(length=collected.length, ended=ended, missing=why, digest=collected.digest())


def _charset_of(data: bytes, declared: str | None) -> str | None:
    """The encoding in which the data is text and from which it comes back the same; None for what is no text."""
    for name in (declared, "utf-8"):
        if name is None:
            continue
        try:
            kind = codecs.lookup(name).name
            if data.decode(kind).encode(kind) == data:
                return kind
        except (LookupError, ValueError, TypeError, AttributeError):  # such as `charset=hex`, which is no text encoding
            continue
    return None


def _sizes_of_events(text: str, charset: str) -> tuple[int, ...]:
    sizes = [len(event.encode(charset)) for event in _EVENT.findall(text) if event]
    return tuple(sizes) if len(sizes) > 1 else ()
