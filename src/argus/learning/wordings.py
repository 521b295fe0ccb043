"""Short facts about a text: the formats it has, its shape, its language."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

from argus._internal.languages import language_of

__all__ = ["SHAPE_LENGTH", "format_of", "shape_of", "summarised", "told_language"]

SHAPE_LENGTH: Final = 48
"""Longer texts have no shape."""

_FORMAT_LENGTH: Final = 2_000
_JSON_LENGTH: Final = 4_000
_LANGUAGE_FROM: Final = 40
_LANGUAGE_READ: Final = 400

_FORMATS: Final = (
    ("date", re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")),
    ("datetime", re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s?(Z|[+-]\d\d:?\d\d)?")),
    ("time", re.compile(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?")),
    ("uuid", re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
    ("number", re.compile(r"[+-]?(\d+([.,]\d+)*|\.\d+)([eE][+-]?\d+)?")),
    ("email", re.compile(r"[^\s@<>]{1,80}@[^\s@<>.]{1,80}(\.[^\s@<>.]{1,80}){1,6}")),
    ("url", re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{1,15}://[^\s<>\"]+")),
)
_CURRENCIES: Final = Path(__file__).with_name("currencies.txt")
_RUNS: Final = re.compile(r"A{2,}|a{2,}|9{2,}")


def format_of(text: str) -> str | None:
    """The format of a text that has one.

    Args:
        text: Without white space around it; texts beyond 2,000 characters have none but ``json``.

    Returns:
        ``date`` (ISO 8601), ``datetime``, ``time``, ``uuid``, ``number``, ``email``, ``url``, ``currency`` (ISO 4217),
        ``json`` (an object or a list), or None.
    """
    if text[:1] in ("{", "[") and text[-1:] in ("}", "]"):
        return "json" if _is_json(text) else None
    if len(text) > _FORMAT_LENGTH:
        return None
    if len(text) == 3 and text in _currencies():
        return "currency"
    return next((name for name, pattern in _FORMATS if pattern.fullmatch(text)), None)


def shape_of(text: str) -> str | None:
    """The shape of a text: ``AB-1234`` is ``AA-9999``; None with white space inside, or beyond 48 characters.

    Args:
        text: Any text.
    """
    if len(text) > SHAPE_LENGTH or not text or any(map(str.isspace, text)):
        return None
    return "".join(map(_mark_of, text))


def summarised(shape: str) -> str:
    """A shape in which one mark stands for a number of the same: ``AA-9999`` becomes ``A-9``.

    Args:
        shape: From :func:`shape_of`.
    """
    return _RUNS.sub(lambda found: found[0][0], shape)


def told_language(text: str) -> str | None:
    """The language of a text of some length, or None; its beginning is read.

    Args:
        text: Any text.
    """
    return language_of(text[:_LANGUAGE_READ]) if len(text) >= _LANGUAGE_FROM else None


def _mark_of(character: str) -> str:
    if character.isdigit():
        return "9"
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return character


def _is_json(text: str) -> bool:
    if len(text) > _JSON_LENGTH:
        return True
    try:
        msgspec.json.decode(text)
    except (ValueError, RecursionError):  # covers msgspec's own and lone surrogates
        return False
    return True


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    lines = _CURRENCIES.read_text(encoding="utf-8").splitlines()
    return frozenset(code for line in lines if not line.startswith("#") for code in line.split())
