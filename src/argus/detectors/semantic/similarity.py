"""How much two texts have to do with each other, on one scale for every embedder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from argus._internal.languages import function_words, languages
from argus.model.ports import Embedder

__all__ = ["CALIBRATED", "FLOOR", "Relatedness", "normalised", "shared_words"]

FLOOR: Final = 0.7
"""Where the normalised scale separates unrelated texts from related ones, whatever the embedder."""

CALIBRATED: Final = ("en", "de", "fr", "es", "it", "pt", "nl")
"""The languages that the calibration set holds; of others the vectors say too little."""

_DEFAULT_CUT: Final = 0.105
"""For embedders that do not tell theirs; that of the built-in one."""
_SAME: Final = 0.6
"""The cosine that counts as 1."""
_WORD: Final = re.compile(r"[^\W_]+")
_STEM: Final = 5
_SHARE: Final = 0.25
_MOST_WORDS: Final = 400


def normalised(cosine: float, cut: float = _DEFAULT_CUT) -> float:
    """A cosine on the normalised scale: 0 at 0 and below, 0.7 at the embedder's cut, 1 at 0.6 and above.

    Args:
        cosine: From -1 to 1.
        cut: The cosine that best separates unrelated from related texts with this embedder.
    """
    if cosine <= 0:
        return 0.0
    if cosine < cut:
        return FLOOR * cosine / cut
    top = max(_SAME, cut + 0.1)
    return min(1.0, FLOOR + (1 - FLOOR) * (cosine - cut) / (top - cut))


def shared_words(text: str, other: str) -> float:
    """The share of a text's content words that another text has too, from 0 to 1; endings are not compared.

    Args:
        text: Whose words are looked for.
        other: Where they are looked for.
    """
    mine, others = _stems(text), _stems(other)
    return len(mine & others) / len(mine) if mine else 0.0


class Relatedness:
    """Compares texts with one embedder.

    Args:
        embedder: From the context; its ``relevance_cut`` is used where it has one.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def between(self, texts: Sequence[str], others: Sequence[str]) -> list[float | None]:
        """For each of the others, how related it is to the closest of the texts, on the normalised scale.

        Shared content words count too: vectors of single words say little about names and numbers, and where a quarter
        of a text's words come back, the two are related.

        Args:
            texts: At least one.
            others: What is compared with them.

        Returns:
            From 0 to 1; None where the embedder knows nothing of a text.
        """
        import numpy as np

        rows = np.nan_to_num(np.asarray(self._embedder.embed([*texts, *others]), dtype=np.float32))
        if rows.ndim != 2 or len(rows) != len(texts) + len(others):
            raise ValueError(f"the embedder returned the shape {rows.shape} for {len(texts) + len(others)} texts")
        cut = _cut_of(self._embedder)  # read after the call: another embedder may have stood in
        mine, theirs = rows[: len(texts)], rows[len(texts) :]
        known = mine.any(axis=1)
        cosines = theirs @ mine.T
        found: list[float | None] = []
        for number, other in enumerate(others):
            if not theirs[number].any() or not known.any():
                found.append(None)
                continue
            score = normalised(float(cosines[number][known].max()), cut)
            words = max(shared_words(text, other) for text in texts)
            found.append(max(score, FLOOR) if words >= _SHARE else score)
        return found


def _cut_of(embedder: Embedder) -> float:
    cut = getattr(embedder, "relevance_cut", _DEFAULT_CUT)
    return cut if isinstance(cut, float) and 0 < cut < 1 else _DEFAULT_CUT


def _stems(text: str) -> frozenset[str]:
    words = (word.lower() for word in _WORD.findall(text[: 10 * _MOST_WORDS]))
    return frozenset(word[:_STEM] for word in words if _is_telling(word))


def _is_telling(word: str) -> bool:
    if word.isdecimal():
        return len(word) >= 3
    return len(word) >= 4 and word not in _empty_words()


@lru_cache(maxsize=1)
def _empty_words() -> frozenset[str]:
    return frozenset().union(*map(function_words, languages()))
