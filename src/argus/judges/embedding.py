"""The always-on embedding: static word vectors, offline, without a model server or a download.

The vectors are those of the package ``wordllama`` (256 numbers for each of 32,000 tokens). They are read by this module
alone: importing the package would load far more and configure logging. A text is the mean of its tokens: enough
to tell unrelated texts from related ones, not enough to tell a right answer from a wrong one.

All texts of one language lean the same way in these vectors, which would make any two German texts look related. So a
text's function words do not count, and the direction of its language's function words is taken out of its row.
"""

from __future__ import annotations

import functools
import importlib.util
import re
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from argus._internal.languages import function_words, language_of, languages
from argus.errors import NotAvailable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DIMENSIONS", "RELEVANCE_CUT", "SAMPLE_LENGTH", "StaticEmbedder", "sample"]

DIMENSIONS: Final = 256

RELEVANCE_CUT: Final = 0.105
"""The cosine that stands for 0.7 on the normalised scale.

From ``bench/semantic_calibration.py`` over ``bench/data/relevance.jsonl``: the cut that best separates searches that
hit from searches that missed.
"""

SAMPLE_LENGTH: Final = 4_000
"""Characters of a text that are embedded; of a longer one an evenly spread sample."""

_WINDOWS: Final = 8
_FIRST_WORD: Final = 259
"""Token ids below stand for markers and single bytes, not for words."""
_TINY: Final = 1e-6
_WORD: Final = re.compile(r"\w+")


def sample(text: str, length: int = SAMPLE_LENGTH) -> str:
    """A text of bounded length that stands for a longer one: windows spread evenly from its beginning to its end.

    Args:
        text: Any text.
        length: Characters at most.
    """
    if len(text) <= length:
        return text
    size = max(1, length // _WINDOWS - 1)
    last = len(text) - size
    starts = (last * number // (_WINDOWS - 1) for number in range(_WINDOWS))
    return " ".join(text[start : start + size] for start in starts)


class StaticEmbedder:
    """Texts as the mean of their tokens' vectors; an :class:`~argus.model.ports.Embedder`.

    Nothing is loaded before the first call (about 0.1 s and 60 MB); all embedders of a process share what is loaded.
    Thread-safe; deterministic.

    Attributes:
        relevance_cut: The cosine below which two texts count as unrelated.
    """

    relevance_cut: float = RELEVANCE_CUT

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: _Model | None = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of unit length for each text; a text without known words gives a row of zeros.

        Args:
            texts: Any strings; of one longer than :data:`SAMPLE_LENGTH` a sample counts.

        Returns:
            An array of shape (len(texts), 256).

        Raises:
            NotAvailable: The package with the vectors is missing or damaged.
        """
        import numpy as np

        with self._lock:
            if self._model is None:
                self._model = _loaded(_package_folder())
        rows = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[:] = self._model.row(sample(text))
        return rows


class _Model:
    """The loaded vectors."""

    def __init__(self, folder: Path) -> None:
        from safetensors import safe_open
        from tokenizers import Tokenizer

        weights = folder / "weights" / "l2_supercat_256.safetensors"
        vocabulary = folder / "tokenizers" / "l2_supercat_tokenizer_config.json"
        try:
            self._tokenizer = Tokenizer.from_file(str(vocabulary))
            with safe_open(str(weights), "numpy") as archive:
                self._vectors: NDArray[np.float16] = archive.get_tensor("embedding.weight")
        except Exception as error:
            raise NotAvailable(
                f"the word vectors in {folder} cannot be read ({error}); "
                "install them again with 'pip install --force-reinstall wordllama==0.2.2.post0'"
            ) from error
        if self._vectors.ndim != 2 or self._vectors.shape[1] != DIMENSIONS:
            raise NotAvailable(f"the vectors in {weights} have the shape {self._vectors.shape}, not (…, {DIMENSIONS})")
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._bare_space = self._tokenizer.token_to_id("▁")
        self._leanings = {code: self._mean(" ".join(sorted(function_words(code)))) for code in languages()}

    def row(self, text: str) -> NDArray[np.float32]:
        """A text's unit vector, without the leaning of its language; zeros when nothing of it is known."""
        text = text.encode("utf-8", "replace").decode("utf-8")  # the tokenizer refuses lone surrogates
        language = language_of(text)
        leaning = self._leanings.get(language) if language else None
        if language is None or leaning is None:
            return self._mean(text)
        empty_words = function_words(language)
        said = " ".join(word for word in _WORD.findall(text) if word.lower() not in empty_words)
        mean = self._mean(said)
        return _unit(mean - leaning * (mean @ leaning))

    def _mean(self, text: str) -> NDArray[np.float32]:
        import numpy as np

        # One text at a time: the batch call starts threads, which warn on stderr when the host forks later.
        ids = self._tokenizer.encode(" ".join(text.split()), add_special_tokens=False).ids
        words = [one for one in ids if one >= _FIRST_WORD and one != self._bare_space]
        if not words:
            return np.zeros(DIMENSIONS, dtype=np.float32)
        return _unit(self._vectors[words].mean(axis=0, dtype=np.float32))


@functools.lru_cache(maxsize=1)
def _loaded(folder: Path) -> _Model:
    return _Model(folder)


def _unit(row: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    length = float(np.linalg.norm(row))
    return (row / length).astype(np.float32) if length > _TINY else np.zeros_like(row)


def _package_folder() -> Path:
    spec = importlib.util.find_spec("wordllama")
    places: Iterable[str] = (spec.submodule_search_locations or ()) if spec else ()
    for place in places:
        return Path(place)
    raise NotAvailable(
        "the word vectors are missing: install them with 'pip install wordllama==0.2.2.post0', "
        "or switch the layer off with detection.semantic.enabled: false"
    )
