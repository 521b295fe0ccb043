"""The words of a text that say what it is about, cut down so that their forms can be compared, in any script.

Two texts about the same thing share some of them, whoever wrote the second one. That needs no vectors, so it holds for
languages that the embedding does not know.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from argus._internal.languages import function_words, languages

__all__ = ["telling_words"]

_COURTESIES: Final = Path(__file__).with_name("courtesies.txt")
_WORD: Final = re.compile(r"[^\W_]+")
_DENSE: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\u30a0-\u30ff\uac00-\ud7af]+|[\u0e00-\u0e7f]+")
"""Scripts without blanks between words, where pairs of characters stand for words; hiragana is mostly grammar."""
_HAS_DENSE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_ARABIC: Final = re.compile(r"[\u0620-\u064a]")
_ARTICLES: Final = ("وال", "بال", "كال", "فال", "لل", "ال")
_STEM: Final = 4
_SHORTEST: Final = 3
_READ: Final = 50_000


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
