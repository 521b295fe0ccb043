"""Full-text search over the handbook: Okapi BM25, written out."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from importlib.resources import files
from typing import TypedDict

__all__ = ["HANDBOOK", "STOP_WORDS", "Index", "Passage", "parse_handbook", "stem", "words"]

_ENGLISH = """
    a about am an and any are as at be been by can could did do does for from get give had has have how i if in into
    is it its many may me mean much must my no not of on or our per should so take than thank thanks that the their
    them there they this to too up us was we what when where which while who whom why will with would yes you your
"""
_GERMAN = """
    aber als am an auf bei bin das dass dem den der des die du ein eine einem einen er es für habe hast hat ich im
    in ist kann man mein meine mich mir mit muss nach nicht oder sich sie sind und viel viele vom von was wenn wie
    wieviel wir zu zum zur
"""
_FRENCH = """
    ai au aux avec ce ces combien comment dans de des du elle en est et il je la le les leur ma mes mon nous par pas
    peut pour puis quand que quel quelle qui sa se ses son sont sur un une vous à
"""

STOP_WORDS: Mapping[str, frozenset[str]] = {
    "en": frozenset(_ENGLISH.split()),
    "de": frozenset(_GERMAN.split()),
    "fr": frozenset(_FRENCH.split()),
}
"""The words of each language that carry no meaning of their own."""

_SILENT = frozenset().union(*STOP_WORDS.values())

K1 = 1.5
"""How soon further occurrences of a word stop counting (Robertson and Zaragoza 2009, section 3.4)."""
B = 0.75
"""How strongly long passages are discounted (same source)."""

_HEADING = re.compile(r"^(?P<level>#{1,2}) (?P<title>.+?)(?: \((?P<language>[a-z]{2})\))?$")


class Passage(TypedDict):
    """One passage of the handbook; ``score`` is 0 until it has been searched for, and at most 1."""

    id: str
    section: str
    title: str
    language: str
    text: str
    score: float


def words(text: str) -> list[str]:
    """The words that carry meaning, in lower case and with the commonest English endings taken off.

    Args:
        text: In any language.
    """
    found = re.findall(r"[^\W_]+", text.lower())
    return [stem(word) for word in found if word not in _SILENT]


def stem(word: str) -> str:
    """A word without its commonest English ending; words of other languages mostly stay as they are.

    Args:
        word: In lower case.
    """
    for ending, rest in (("ies", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""), ("e", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + rest
    return word


def parse_handbook(markdown: str) -> list[Passage]:
    """Cuts a handbook into passages.

    Args:
        markdown: Sections under ``# Name (language)``, passages under ``## Title``.
    """
    passages: list[Passage] = []
    section = language = ""
    for line in filter(None, map(str.strip, markdown.splitlines())):
        heading = _HEADING.match(line)
        if heading is None:
            passages[-1]["text"] = f"{passages[-1]['text']} {line}".strip()
        elif heading["level"] == "#":
            section, language = heading["title"], heading["language"]
        else:
            title = heading["title"]
            slug = "-".join(re.findall(r"[^\W_]+", title.lower()))
            passages.append(
                Passage(id=slug, section=section, title=title, language=language, text="", score=0.0),
            )
    return passages


class Index:
    """A searchable set of passages; immutable once built, so threads may share it."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self.passages: Sequence[Passage] = tuple(passages)
        self._counts = [Counter(words(f"{p['title']} {p['title']} {p['text']}")) for p in self.passages]
        self._lengths = [sum(counts.values()) for counts in self._counts]
        self._spread = Counter(word for counts in self._counts for word in counts)

    @cached_property
    def _mean_length(self) -> float:
        return sum(self._lengths) / len(self._lengths)

    def weight(self, word: str) -> float:
        """How much a word tells (its inverse document frequency); the rarer, the more.

        Args:
            word: As :func:`words` gives it.
        """
        holding = self._spread[word]
        return math.log(1 + (len(self.passages) - holding + 0.5) / (holding + 0.5))

    def knows(self, word: str) -> bool:
        """Whether any passage holds the word.

        Args:
            word: As :func:`words` gives it.
        """
        return word in self._spread

    def search(self, query: str, *, language: str, limit: int = 6) -> list[Passage]:
        """The best passages in one language, best first.

        Args:
            query: Words; a word that is there twice counts twice.
            language: Two letters.
            limit: Passages at most.

        Returns:
            Copies that carry their score: BM25 as a share of the highest score that this query could reach.
        """
        wanted = Counter(words(query))
        ceiling = sum(self.weight(word) * (K1 + 1) * times for word, times in wanted.items()) or 1.0
        hits: list[Passage] = []
        for number, passage in enumerate(self.passages):
            score = self._score(number, wanted) / ceiling
            if score > 0 and passage["language"] == language:
                hits.append({**passage, "score": round(score, 4)})
        hits.sort(key=lambda hit: hit["score"], reverse=True)
        return hits[:limit]

    def overview(self, language: str) -> list[Passage]:
        """The first passage of each section in one language.

        Args:
            language: Two letters.
        """
        sections: dict[str, Passage] = {}
        for passage in self.passages:
            if passage["language"] == language:
                sections.setdefault(passage["section"], passage)
        return list(sections.values())

    def _score(self, number: int, wanted: Counter[str]) -> float:
        counts = self._counts[number]
        damping = K1 * (1 - B + B * self._lengths[number] / self._mean_length)
        return sum(
            self.weight(word) * times * counts[word] * (K1 + 1) / (counts[word] + damping)
            for word, times in wanted.items()
            if word in counts
        )


HANDBOOK = Index(parse_handbook(files(__package__).joinpath("handbook.md").read_text(encoding="utf-8")))
"""The handbook of Marlow & Finch, an invented maker of garden tools."""
