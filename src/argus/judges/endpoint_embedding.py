"""Vectors from a server that speaks OpenAI's embeddings protocol."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from argus.errors import NotAvailable
from argus.judges.embedding import sample
from argus.judges.posting import post_json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["EndpointEmbedder"]

_BATCH: Final = 64


class EndpointEmbedder:
    """Asks a server for vectors; an :class:`~argus.model.ports.Embedder`.

    Every request has a time limit; refused connections and answers such as 429 and 503 are tried again. Thread-safe.

    Args:
        url: The server's base URL (``https://host/v1``) or the whole address ending in ``/embeddings``.
        model: The model's name.
        timeout_s: Seconds that one request may take.
        retries: How often a failed request is repeated.
        key: The API key; None takes ``OPENAI_API_KEY``, and without one none is sent.
        pause: Waits between two attempts; tests replace it.
    """

    def __init__(
        self,
        url: str,
        model: str,
        *,
        timeout_s: float = 2.0,
        retries: int = 1,
        key: str | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        address = url.rstrip("/")
        self.url = address if address.endswith("/embeddings") else f"{address}/embeddings"
        self._model = model
        self._timeout_s = timeout_s
        self._retries = retries
        self._key = key
        self._pause = pause

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row for each text, as the server gives them; of a long text a sample of 4,000 characters is sent.

        Args:
            texts: Any strings.

        Raises:
            NotAvailable: The server cannot be reached, refuses, or answers something else.
        """
        import numpy as np

        rows: list[Any] = []
        for start in range(0, len(texts), _BATCH):
            rows += self._rows([_sendable(text) for text in texts[start : start + _BATCH]])
        try:
            return np.asarray(rows, dtype=np.float32)
        except (ValueError, TypeError, OverflowError) as error:
            raise NotAvailable(f"the embeddings of {self.url} are no table of numbers") from error

    def _rows(self, texts: list[str]) -> list[Any]:
        body = {"model": self._model, "input": texts, "encoding_format": "float"}
        key = self._key or os.environ.get("OPENAI_API_KEY")
        answer = post_json(self.url, body, key=key, timeout_s=self._timeout_s, retries=self._retries, pause=self._pause)
        try:
            return _vectors(answer, len(texts))
        except (ValueError, KeyError, TypeError) as error:
            raise NotAvailable(f"{self.url} answered something else than embeddings: {error}") from error


def _sendable(text: str) -> str:
    """What is sent for a text; servers refuse empty ones, and JSON has no lone surrogates."""
    return sample(text).encode("utf-8", "replace").decode() or " "


def _vectors(answer: bytes, count: int) -> list[Any]:
    data = json.loads(answer)["data"]
    if not isinstance(data, list) or len(data) != count:
        raise ValueError(f"{len(data) if isinstance(data, list) else 'no'} vectors for {count} texts")
    ordered: list[Any] = [None] * count
    for place, entry in enumerate(data):
        index = entry.get("index", place)
        if not isinstance(index, int) or not 0 <= index < count or ordered[index] is not None:
            raise ValueError("the indexes of its vectors are wrong")
        ordered[index] = entry["embedding"]
    return ordered
