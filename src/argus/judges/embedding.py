"""The always-on embedding: static word vectors, offline, without a model server or a download.

The vectors are those of the package ``wordllama`` (256 numbers for each of 32,000 tokens). They are read by this module
alone: importing the package would load far more and configure logging. A text is the mean of its tokens: enough
to tell unrelated texts from related ones, not enough to tell a right answer from a wrong one.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from argus.errors import NotAvailable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DIMENSIONS", "RELEVANCE_CUT", "SAMPLE_LENGTH", "StaticEmbedder", "sample"]

DIMENSIONS: Final = 256

RELEVANCE_CUT: Final = 0.13
"""The cosine that stands for 0.7 on the normalised scale.

From ``bench/semantic_calibration.py`` over ``bench/data/relevance.jsonl``: the cut that best separates questions with
their passages from questions with other passages.
"""

SAMPLE_LENGTH: Final = 4_000
"""Characters of a text that are embedded; of a longer one an evenly spread sample."""

_WINDOWS: Final = 8
_FIRST_WORD: Final = 259
"""Token ids below stand for markers and single bytes, not for words."""
_BARE_SPACE: Final = "▁"


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

    Nothing is loaded before the first call (about 0.1 s and 60 MB). Thread-safe; deterministic.

    Attributes:
        relevance_cut: The cosine below which two texts count as unrelated.
    """

    relevance_cut: float = RELEVANCE_CUT

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: tuple[Any, NDArray[np.float16], int] | None = None

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

        tokenizer, vectors, space = self._model()
        rows = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            # One text at a time: the batch call starts threads, which warn on stderr when the host forks later.
            ids = tokenizer.encode(_clean(sample(text)), add_special_tokens=False).ids
            words = [one for one in ids if one >= _FIRST_WORD and one != space]
            if words:
                mean = vectors[words].mean(axis=0, dtype=np.float32)
                length = float(np.linalg.norm(mean))
                if length > 0:
                    row[:] = mean / length
        return rows

    def _model(self) -> tuple[Any, NDArray[np.float16], int]:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(_package_folder())
            return self._loaded


def _clean(text: str) -> str:
    """Without lone surrogates, which the tokenizer refuses."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _package_folder() -> Path:
    spec = importlib.util.find_spec("wordllama")
    places: Iterable[str] = (spec.submodule_search_locations or ()) if spec else ()
    for place in places:
        return Path(place)
    raise NotAvailable(
        "the word vectors are missing: install them with 'pip install wordllama==0.2.2.post0', "
        "or switch the layer off with detection.semantic.enabled: false"
    )


def _load(folder: Path) -> tuple[Any, NDArray[np.float16], int]:
    from safetensors import safe_open
    from tokenizers import Tokenizer

    weights = folder / "weights" / "l2_supercat_256.safetensors"
    vocabulary = folder / "tokenizers" / "l2_supercat_tokenizer_config.json"
    try:
        tokenizer = Tokenizer.from_file(str(vocabulary))
        with safe_open(str(weights), "numpy") as archive:
            vectors: NDArray[np.float16] = archive.get_tensor("embedding.weight")
    except Exception as error:
        raise NotAvailable(
            f"the word vectors in {folder} cannot be read ({error}); "
            "install them again with 'pip install --force-reinstall wordllama==0.2.2.post0'"
        ) from error
    if vectors.ndim != 2 or vectors.shape[1] != DIMENSIONS:
        raise NotAvailable(f"the word vectors in {weights} have the shape {vectors.shape}, not (…, {DIMENSIONS})")
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer, vectors, tokenizer.token_to_id(_BARE_SPACE) or -1
