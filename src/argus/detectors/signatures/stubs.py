"""Whether a short text is made of nothing but the words that stubs are made of, in any of many languages."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

__all__ = ["is_stub"]

_FILE: Final = Path(__file__).with_name("bundled") / "stub_words.txt"
_WORD: Final = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
_BARE: Final = re.compile(r"[\w\s.,:;!…()\[\]{}<>*_/#'’\"“”„«»-]+")
_LONGEST: Final = 80
_MOST_WORDS: Final = 9
_SURE: Final = (("things", "later"), ("things", "here"), ("mock", "here"), ("mock", "later"), ("give", "here"))
_LIKELY: Final = (("things", "give"), ("things", "mock"))
"""Also what people do (`write report`) and have (`test results`)."""
_FRAMES: Final = ("[]", "<>", "{}", "()", "**", "--", "__", "«»")


def is_stub(text: str, *, awaited: bool) -> bool:
    """Whether a text says that content is missing, comes later, or goes here, and nothing else.

    Two words of different groups are needed, such as a missing thing and a word for later; in brackets one is enough
    that is no mere name for content.

    Args:
        text: Without surrounding blanks.
        awaited: Whether a reader waits for content here, so that a thing beside a verb or a word for samples counts.
    """
    if len(text) > _LONGEST or not _BARE.fullmatch(text) or any(one.isdigit() for one in text):
        return False
    words = _WORD.findall(text.lower().replace("_", " "))
    if not 0 < len(words) <= _MOST_WORDS:
        return False
    groups = [_groups().get(word, frozenset()) for word in words]
    if not all(groups):
        return False
    told = frozenset().union(*groups)
    framed = len(text) > 2 and text[0] + text[-1] in _FRAMES
    if framed and told & {"later", "gone", "give", "mock"}:
        return True
    return any(_meet(groups, first, second) for first, second in (*_SURE, *(_LIKELY if awaited else ())))


def _meet(groups: list[frozenset[str]], first: str, second: str) -> bool:
    """Whether two groups are there in two different words."""
    return any(
        first in one and second in other and at != number
        for at, one in enumerate(groups)
        for number, other in enumerate(groups)
    )


@lru_cache(maxsize=1)
def _groups() -> dict[str, frozenset[str]]:
    """The groups of each word."""
    found: dict[str, set[str]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            group, _, words = line.partition(":")
            for word in words.split():
                found.setdefault(word, set()).add(group)
    return {word: frozenset(groups) for word, groups in found.items()}
