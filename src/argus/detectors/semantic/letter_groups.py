"""Closeness by letters, for languages whose words the embedding does not know.

A text stands as its groups of three letters within content words; in Chinese, Japanese and Korean as its characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from argus._internal.languages import function_words, languages

__all__ = ["is_dense", "letter_groups", "shared_groups"]

_WORD: Final = re.compile(r"[^\W\d_]+")
_IDEOGRAPH: Final = re.compile(r"[\u3400-\u9fff\uac00-\ud7af]")
_KATAKANA: Final = re.compile(r"[\u30a0-\u30ff]{2,}")
_GRAMMAR: Final = frozenset(
    "的一是了不在有我他这個个們们为為和你也就那要以會会可么麼都没沒能还還什怎吗嗎呢吧被把从從到与與及或请請您多少何如"
)
"""Characters that stand in Chinese texts whatever they are about."""
_GROUP: Final = 3
_READ: Final = 20_000


def is_dense(text: str) -> bool:
    """Whether a text is written in a script without letters, where one character says as much as a syllable or word.

    Args:
        text: Its first 400 characters are read.
    """
    opening = text[:400]
    return len(_IDEOGRAPH.findall(opening)) >= 3 or bool(_KATAKANA.search(opening))


@lru_cache(maxsize=1024)
def letter_groups(text: str) -> frozenset[str]:
    """The letter groups of a text's content words.

    Args:
        text: Its first 20,000 characters are read.
    """
    found: set[str] = set()
    empty = _empty_words()
    for word in _WORD.findall(text[:_READ].lower()):
        if _IDEOGRAPH.search(word) or _KATAKANA.search(word):
            found.update(one for one in word if _IDEOGRAPH.match(one) and one not in _GRAMMAR)
            for name in _KATAKANA.findall(word):
                found.update(name[at : at + 2] for at in range(len(name) - 1))
        elif word not in empty and len(word) >= _GROUP:
            bare = word[2:] if word.startswith("ال") and len(word) > 4 else word
            found.update(bare[at : at + _GROUP] for at in range(len(bare) - _GROUP + 1))
    return frozenset(found)


def shared_groups(texts: Iterable[str], others: Iterable[str]) -> float:
    """The largest share of a text's letter groups that one of some others has too, from 0 to 1.

    Args:
        texts: Whose groups are looked for.
        others: Where they are looked for.
    """
    mine = [groups for groups in map(letter_groups, texts) if groups]
    theirs = list(map(letter_groups, others))
    return max((len(one & other) / len(one) for one in mine for other in theirs), default=0.0)


@lru_cache(maxsize=1)
def _empty_words() -> frozenset[str]:
    return frozenset().union(*map(function_words, languages()))
