"""Text and JSON in a form that every database holds and that comes back exactly.

Two things in Python strings fit no UTF-8 text column: lone surrogates, and NUL, at which C code stops reading. Such a
character is written as U+001A (the control character "substitute") followed by its code in four hex digits, and
U+001A itself likewise, so that nothing is ambiguous. Everything else stays as it is.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from argus.model.decoding import convert, decoder_of
from argus.model.record import Record
from argus.model.values import mark

__all__ = [
    "escape",
    "from_json",
    "from_optional_text",
    "optional_text",
    "record_from_json",
    "to_json",
    "unescape",
]

R = TypeVar("R")

_UNSAFE = re.compile("[\x00\x1a\ud800-\udfff]")
_ESCAPED = re.compile("\x1a([0-9a-f]{4})")
_EMPTY = "\x1a"
_ESCAPE_IN_JSON = "\\u001a"
_ESCAPE_IN_BYTES = _ESCAPE_IN_JSON.encode()
_DEEPEST = 200
"""Far beyond what capture records, and well within what parsers and SQLite's JSON functions accept."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


def escape(text: str) -> str:
    """Text without NUL and lone surrogates, from which :func:`unescape` restores the original.

    Args:
        text: Any text.
    """
    return _UNSAFE.sub(lambda found: f"\x1a{ord(found[0]):04x}", text) if _UNSAFE.search(text) else text


def unescape(text: str) -> str:
    """The original of an escaped text.

    Args:
        text: From :func:`escape`.
    """
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "\x1a" in text else text


def optional_text(text: str | None) -> str:
    """Text or nothing as text, for columns that hold no null.

    Args:
        text: Any text, or None.

    Returns:
        Escaped; None is empty, and empty text is a lone U+001A.
    """
    return "" if text is None else escape(text) if text else _EMPTY


def from_optional_text(stored: str) -> str | None:
    """What :func:`optional_text` was given.

    Args:
        stored: The column's text.
    """
    return None if not stored else "" if stored == _EMPTY else unescape(stored)


def to_json(value: Any) -> str:
    """A value as JSON text; what JSON cannot hold becomes a placeholder, as at capture.

    Args:
        value: JSON values, records, or anything made of them.
    """
    try:
        encoded = _encode(value)
    except (ValueError, TypeError, RecursionError, OverflowError):  # ValueError covers lone surrogates
        return _encode(_safe(value, 0)).decode()
    if _ESCAPE_IN_BYTES in encoded:
        encoded = _encode(_safe(value, 0))
    return encoded.decode()


def from_json(text: str) -> Any:
    """The value of a JSON text.

    Args:
        text: From :func:`to_json`.

    Raises:
        msgspec.DecodeError: It is not JSON.
    """
    value = _decode(text)
    return _restored(value) if _ESCAPE_IN_JSON in text else value


def record_from_json(text: str, kind: type[R]) -> R:
    """A record, or a tuple of records, from its JSON text.

    Args:
        text: From :func:`to_json`.
        kind: What to make.

    Raises:
        msgspec.DecodeError: It is not JSON.
        msgspec.ValidationError: It does not fit.
    """
    if _ESCAPE_IN_JSON in text:
        return convert(from_json(text), kind)
    return decoder_of(kind).decode(text)


def _safe(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return escape(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if depth >= _DEEPEST:
        return mark("deep", type=type(value).__name__)
    if isinstance(value, Record):
        is_array = value.__struct_config__.array_like
        return _safe((msgspec.structs.astuple if is_array else msgspec.structs.asdict)(value), depth)
    if isinstance(value, dict):
        return {
            escape(key if isinstance(key, str) else str(key)): _safe(item, depth + 1) for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_safe(item, depth + 1) for item in value]
    try:
        return _safe(_decode(_encode(value)), depth + 1)
    except Exception as error:  # noqa: BLE001 - a foreign object may raise anything while it is encoded
        return mark("object", type=type(value).__qualname__, error=type(error).__name__)


def _restored(value: Any) -> Any:
    if isinstance(value, str):
        return unescape(value)
    if isinstance(value, dict):
        return {unescape(key): _restored(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_restored(item) for item in value]
    return value
