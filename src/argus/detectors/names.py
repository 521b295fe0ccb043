"""Names of fields and nodes: the words in them, and which of several is meant by a slip."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

__all__ = ["CLOSE", "closeness", "nearest", "words_of"]

CLOSE: Final = 0.7
"""The closeness from which one name passes for a slip of the other."""

_LONGEST: Final = 64
_HUMPS = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORDS = re.compile(r"[^\W\d_]+|\d+")


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, in lower case and without an English plural: ``retrievedDocs`` gives ``retrieved doc``.

    Args:
        name: In snake case, camel case or any mixture, in any script.
    """
    return tuple(_singular(part.lower()) for part in _WORDS.findall(_HUMPS.sub(" ", name[:_LONGEST])))


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def closeness(name: str, other: str) -> float:
    """How likely one name was written for the other, from 0 to 1.

    The same words count 1, an abbreviated word 0.9, one name within the other 0.8; otherwise the share of letters in
    common order counts.

    Args:
        name: A name.
        other: Another one.
    """
    mine, others = words_of(name), words_of(other)
    if not mine or not others:
        return 0.0
    if mine == others or "".join(mine) == "".join(others):
        return 1.0
    if len(mine) == len(others) and all(_short_for(a, b) for a, b in zip(mine, others, strict=True)):
        return 0.9
    if set(mine) < set(others) or set(others) < set(mine):
        return 0.8
    letters = SequenceMatcher(None, "".join(mine), "".join(others), autojunk=False).ratio()
    return letters if letters >= 0.5 else 0.0


def _short_for(a: str, b: str) -> bool:
    return a == b or (min(len(a), len(b)) >= 3 and (a.startswith(b) or b.startswith(a)))


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that was most likely meant, or None when none comes close.

    Args:
        name: What was written.
        candidates: What could have been meant.
    """
    best = max(((closeness(name, one), one) for one in sorted(candidates)), default=(0.0, ""), key=lambda pair: pair[0])
    return best[1] if best[0] >= CLOSE else None
