"""Vectors from a server that speaks OpenAI's embeddings protocol."""

from __future__ import annotations

import http.client
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from argus.errors import NotAvailable
from argus.judges.embedding import sample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["EndpointEmbedder"]

_BATCH: Final = 64
_LARGEST: Final = 64 * 1024 * 1024
_PAUSE_S: Final = 0.1
_LATER: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""Answers after which it is worth asking again."""


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
        for attempt in range(self._retries + 1):
            try:
                return _vectors(self._ask(texts), len(texts))
            except _TryLater as error:
                if attempt == self._retries:
                    raise NotAvailable(f"no embeddings from {self.url}: {error}") from error
                self._pause(_PAUSE_S * 2**attempt)
            except (ValueError, KeyError, TypeError) as error:
                raise NotAvailable(f"{self.url} answered something else than embeddings: {error}") from error
        raise NotAvailable(f"no embeddings from {self.url}")

    def _ask(self, texts: list[str]) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        key = self._key or os.environ.get("OPENAI_API_KEY")
        if key:
            headers["Authorization"] = f"Bearer {key}"
        body = json.dumps({"model": self._model, "input": texts, "encoding_format": "float"}).encode()
        try:
            request = urllib.request.Request(self.url, data=body, headers=headers, method="POST")  # noqa: S310 - http(s) only, see embedders.py
            with _opener().open(request, timeout=self._timeout_s) as response:
                answer: bytes = response.read(_LARGEST)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in _LATER:
                raise _TryLater(f"HTTP {error.code}") from error
            raise NotAvailable(f"{self.url} refuses: HTTP {error.code}") from error
        except (OSError, http.client.HTTPException) as error:
            raise _TryLater(f"{type(error).__name__}: {error}") from error
        return answer


class _TryLater(Exception):
    """A failure that may be gone at the next attempt."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would carry texts and key to a host that nobody configured."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirects())


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
