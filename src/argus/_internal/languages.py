"""Which language a text is written in, told from its script and its function words."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

__all__ = ["function_words", "is_rather", "language_hits", "language_of", "languages", "script_language"]

_FILE: Final = Path(__file__).with_name("function_words.txt")
_WORD: Final = re.compile(r"[^\W\d_]+")
_READ: Final = 2_000
_HITS: Final = 2

_SCRIPTS: Final = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
)
_SCRIPT_SHARE: Final = 0.2


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of the language that a text is most likely written in, or None when that cannot be told.

    Languages with a script of their own are told by it; the others by their commonest function words, of which at least
    two must be there and more than of any other language. Short texts of content words give None.

    Args:
        text: Its first 2,000 characters are read.
    """
    scripted = script_language(text)
    if scripted is not None:
        return scripted
    hits = language_hits(text)
    ranked = sorted(hits.items(), key=lambda pair: (-pair[1], pair[0]))
    if not ranked or ranked[0][1] < _HITS or (len(ranked) > 1 and ranked[1][1] == ranked[0][1]):
        return None
    return ranked[0][0]


def script_language(text: str) -> str | None:
    """The language that a text's script belongs to, or None for Latin, Cyrillic and unknown letters.

    Args:
        text: Its first 2,000 characters are read.
    """
    text = text[:_READ]
    letters = sum(len(word) for word in _WORD.findall(text))
    if letters:
        for code, script in _SCRIPTS:
            if len(script.findall(text)) >= _SCRIPT_SHARE * letters:
                return code
    return None


def language_hits(text: str) -> dict[str, int]:
    """How many words of a text are function words of each language that has any.

    Args:
        text: Its first 2,000 characters are read.
    """
    hits: dict[str, int] = {}
    by_word = _by_word()
    for word in _WORD.findall(text[:_READ].lower()):
        for code in by_word.get(word, ()):
            hits[code] = hits.get(code, 0) + 1
    return hits


def is_rather(text: str, language: str, other: str) -> bool:
    """Whether a text is surely written in one language and not in another one; words that both have do not count.

    Args:
        text: Its first 2,000 characters are read.
        language: The one; a code of :func:`language_of`.
        other: The other.
    """
    scripted = script_language(text)
    if scripted is not None:
        return scripted == language != other
    mine, others = function_words(language), function_words(other)
    words = _WORD.findall(text[:_READ].lower())
    for_it = sum(word in mine and word not in others for word in words)
    against = sum(word in others and word not in mine for word in words)
    return for_it >= _HITS and 3 * against <= for_it


def languages() -> tuple[str, ...]:
    """The codes of the languages whose function words are known."""
    return tuple(_by_language())


def function_words(language: str) -> frozenset[str]:
    """A language's commonest function words in lower case; empty for an unknown one.

    Args:
        language: An ISO 639-1 code.
    """
    return _by_language().get(language, frozenset())


@lru_cache(maxsize=1)
def _by_language() -> dict[str, frozenset[str]]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    rows = (line.split() for line in lines if line and not line.startswith("#"))
    return {code: frozenset(words) for code, *words in rows}


@lru_cache(maxsize=1)
def _by_word() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for code, words in _by_language().items():
        for word in words:
            found.setdefault(word, []).append(code)
    return {word: tuple(codes) for word, codes in found.items()}
