"""The words of a text in a form in which an inflected word equals its base, in scripts with and without spaces."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator
from typing import Final

__all__ = ["KEY_LENGTH", "fingerprint", "is_dense", "plain", "word_key", "words_in"]

KEY_LENGTH: Final = 6
"""Letters by which a word is known: enough to tell words apart, few enough to pass over most endings."""

_DENSE: Final = r"\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD: Final = re.compile(rf"[{_DENSE}]+|(?:(?![{_DENSE}])[^\W_])+")
_IS_DENSE: Final = re.compile(rf"[{_DENSE}]")


def words_in(text: str) -> Iterator[tuple[str, int]]:
    """The words of a text and where they begin: runs of letters or digits, of scripts without spaces pairs of signs.

    Args:
        text: Any text.
    """
    for match in _WORD.finditer(text):
        run, at = match[0], match.start()
        if len(run) > 2 and _IS_DENSE.match(run):
            for offset in range(len(run) - 1):
                yield run[offset : offset + 2], at + offset
        else:
            yield run, at


def is_dense(word: str) -> bool:
    """Whether a word is a pair of signs of a script without spaces.

    Args:
        word: From :func:`words_in`.
    """
    return _IS_DENSE.match(word) is not None


def word_key(word: str) -> str:
    """The first letters of a word without case and accents; a number as it is.

    Args:
        word: From :func:`words_in`.
    """
    if word.isdecimal():
        return word
    return plain(word)[:KEY_LENGTH]


def plain(text: str) -> str:
    """A text without case and accents.

    Args:
        text: Any text.
    """
    if not text.isascii():
        text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return text.casefold()


def fingerprint(key: str) -> int:
    """A number of 32 bits that stands for a word, so that a source's words need not be kept themselves.

    Args:
        key: From :func:`word_key`.
    """
    return zlib.crc32(key.encode("utf-8", "surrogatepass"))
