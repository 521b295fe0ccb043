"""The words of a text that say what it is about, cut down so that their forms can be compared, in any script.

Two texts about the same thing share some of them, whoever wrote the second one. That needs no vectors, so it holds for
languages that the embedding does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from argus._internal.languages import function_words, languages
from argus.model.values import JsonValue, is_mark

__all__ = ["leaves", "telling_words"]

_COURTESIES: Final = Path(__file__).parents[1] / "vocabulary" / "courtesies.txt"
_WORD: Final = re.compile(r"[^\W_]+")
_DENSE: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\u30a0-\u30ff\uac00-\ud7af]+|[\u0e00-\u0e7f]+")
"""Scripts without blanks between words, where pairs of characters stand for words; hiragana is mostly grammar."""
_HAS_DENSE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_ARABIC: Final = re.compile(r"[\u0620-\u064a]")
_ARTICLES: Final = ("وال", "بال", "كال", "فال", "لل", "ال")
_STEM: Final = 4
_SHORTEST: Final = 3
_READ: Final = 50_000
_MOST_LEAVES: Final = 400


@lru_cache(maxsize=2048)
def telling_words(text: str) -> frozenset[str]:
    """The beginnings of a text's content words, its numbers of two digits and more, and its identifiers.

    Function words and courtesies of many languages do not count. Of a word the first four letters do, so that its
    forms agree; of Chinese, Japanese, Korean and Thai every pair of characters.

    Args:
        text: Its first 50,000 characters are read.
    """
    found: set[str] = set()
    empty, polite = _function_words(), _courtesies()
    for match in _WORD.finditer(text[:_READ].lower()):
        word = match.group()
        if _HAS_DENSE.search(word):
            for run in _DENSE.findall(word):
                found.update(run[at : at + 2] for at in range(len(run) - 1))
        elif word.isdecimal():
            if len(word) > 1 and word.strip("0"):
                found.add(word)
        elif any(letter.isdecimal() for letter in word):
            found.add(word)
        elif len(word) >= _SHORTEST and word not in empty:
            stem = _stem(word)
            if stem not in polite:
                found.add(stem)
    return frozenset(found)


def leaves(value: JsonValue, depth: int = 8, most: int = _MOST_LEAVES) -> Iterator[str]:
    """The texts and numbers in a recorded value, numbers as text, in order.

    Args:
        value: A recorded value.
        depth: How deep containers are opened.
        most: Items of one container that are looked at.
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield f"{value:g}" if isinstance(value, float) and value.is_integer() else repr(value)
    elif depth and isinstance(value, list | dict) and not is_mark(value):
        items = list(value.values()) if isinstance(value, dict) else value
        for item in items[:most]:
            yield from leaves(item, depth - 1, most)


def _stem(word: str) -> str:
    if _ARABIC.match(word):
        for article in _ARTICLES:
            if word.startswith(article) and len(word) - len(article) >= _SHORTEST:
                word = word[len(article) :]
                break
        return word[:_SHORTEST]
    return word[:_STEM]


@lru_cache(maxsize=1)
def _function_words() -> frozenset[str]:
    return frozenset().union(*map(function_words, languages()))


@lru_cache(maxsize=1)
def _courtesies() -> frozenset[str]:
    lines = _COURTESIES.read_text(encoding="utf-8").splitlines()
    return frozenset(_stem(word) for line in lines if not line.startswith("#") for word in line.lower().split())
