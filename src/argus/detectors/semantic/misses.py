"""Whether a search missed: the documents against the question, as far as language and embedder allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from argus._internal.languages import language_of
from argus._internal.telling_words import telling_words
from argus.detectors.semantic.documents import Document
from argus.detectors.semantic.letter_groups import is_dense, letter_groups, shared_groups
from argus.detectors.semantic.retrievals import Retrieval
from argus.detectors.semantic.similarity import CALIBRATED, Relatedness

__all__ = ["Miss", "miss_of"]

_BEST: Final = "en"
_CAUTION: Final = 0.75
_SAME_LETTERS: Final = 0.05
_SOME_LETTERS: Final = 0.1
_TITLES: Final = 0.75
_NEAR: Final = 1.08
"""Up to this part of the threshold a text may come close to the question by chance, when it fits nothing else."""
_DOUBT: Final = 0.5
_FEWEST_GROUPS: Final = 12
_FEWEST_CHARACTERS: Final = 3


@dataclass(frozen=True)
class Miss:
    """How a search missed.

    Attributes:
        kind: By ``meaning``; by ``letters`` alone; or ``titles`` fit and texts do not.
        scores: How close each judged document came, on the normalised scale.
        closest: The place of the closest document.
        threshold: What they had to reach.
        confidence: From 0 to 1.
        is_faint: Whether it is worth no more than a hint.
    """

    kind: Literal["meaning", "letters", "titles"]
    scores: tuple[float, ...]
    closest: int
    threshold: float
    confidence: float
    is_faint: bool = False


def miss_of(search: Retrieval, relatedness: Relatedness, threshold: float) -> Miss | None:
    """How a search missed, or None when it hit or nothing can be told.

    Args:
        search: The search.
        relatedness: Compares texts.
        threshold: On the normalised scale, for English.
    """
    if threshold <= 0:
        return None
    asked, own = _own_language(search)
    if not own:
        return None
    if asked is not None and asked not in CALIBRATED:
        return _by_letters(search, threshold)
    places = [place for place, one in enumerate(search.documents) if place in own]
    documents = [search.documents[place] for place in places]
    known = relatedness.between(search.queries, [one.text for one in documents])
    scores = [score for score in known if score is not None]
    if len(scores) < len(known):
        return None
    limit = threshold * _factor(asked, search, documents)
    closest = places[scores.index(max(scores))]
    strangers = [one for place, one in enumerate(search.documents) if place not in own]
    if max(scores) < limit and not _share(search, strangers):
        confidence = round(0.6 + 0.35 * (1 - max(scores) / max(limit, 0.01)), 2)
        return Miss("meaning", tuple(scores), closest, limit, confidence)
    return _under_titles(search, relatedness, threshold)


def _own_language(search: Retrieval) -> tuple[str | None, frozenset[int]]:
    """The language of a question, and the places of the documents that are in it."""
    asked = language_of(" ".join(search.queries))
    told = [language_of(one.body[:600]) for one in search.documents]
    if asked is None:
        plain = all(query.isascii() for query in search.queries)
        same = {language for language in told if language is not None}
        if not plain and len(same) == 1:
            asked = next(iter(same))
        elif plain and same:
            # a few content words ask without function words: the most frequent language is taken for theirs
            asked = max(sorted(same, key=lambda one: one != _BEST), key=told.count)
    own = frozenset(place for place, language in enumerate(told) if language is None or language == asked)
    if asked is None and not any(told):
        return _BEST, own
    return asked, own


def _factor(asked: str | None, search: Retrieval, documents: Sequence[Document]) -> float:
    """The part of the threshold that counts where the vectors tell less: other languages, questions of one word."""
    few = len(search.documents) < 2
    if len(search.asked_words) <= 1:
        return 0.0 if few else _DOUBT
    if asked == _BEST:
        return 1.0
    letters = shared_groups(search.queries, [one.text for one in documents])
    if few or letters > _SOME_LETTERS:
        return 0.0
    return _CAUTION if letters <= _SAME_LETTERS else _DOUBT


def _share(search: Retrieval, documents: Sequence[Document]) -> bool:
    return any(search.asked_words & telling_words(one.text) for one in documents)


def _by_letters(search: Retrieval, threshold: float) -> Miss | None:
    if len(search.documents) < 2:
        return None
    dense = is_dense(search.queries[0])
    fewest = _FEWEST_CHARACTERS if dense else _FEWEST_GROUPS
    if max(len(letter_groups(query)) for query in search.queries) < fewest:
        return None
    if shared_groups(search.queries, [one.text for one in search.documents]) > 0 or _share(search, search.documents):
        return None
    return Miss("letters", (), 0, threshold, 0.65 if dense else 0.4, is_faint=not dense)


def _under_titles(search: Retrieval, relatedness: Relatedness, threshold: float) -> Miss | None:
    """Whether the titles fit the question while no text fits the question or its own title."""
    documents = search.documents
    asked = search.asked_words
    if not all(one.title for one in documents):
        return None
    titles = frozenset().union(*(telling_words(one.title) for one in documents))
    fitting = sum(bool(telling_words(one.title) & asked) for one in documents)
    chance = sum(len((titles | asked) & telling_words(one.body)) for one in documents)
    if 2 * fitting < len(documents) or chance > len(documents) // 3:
        return None
    languages = {language_of(one.body[:600]) for one in documents} - {None}
    if languages and not languages & set(CALIBRATED):
        return None
    beneath = [relatedness.between([one.title], [one.body])[0] or 0.0 for one in documents]
    scores = [score or 0.0 for score in relatedness.between(search.queries, [one.body for one in documents])]
    if _mean(beneath) >= threshold * _TITLES or _mean(scores) >= threshold * _NEAR:
        return None
    closest = scores.index(max(scores))
    return Miss("titles", tuple(scores), closest, threshold, round(0.9 - 0.4 * _mean(beneath), 2))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
