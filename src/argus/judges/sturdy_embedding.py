"""An embedder of the user's own, with the built-in one behind it for when it fails."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from argus._internal.clock import Clock, SystemClock
from argus.judges.embedding import RELEVANCE_CUT, StaticEmbedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from argus.model.ports import Embedder

__all__ = ["SturdyEmbedder"]

_log = logging.getLogger(__name__)
_KEPT: Final = 2_000
_TINY: Final = 1e-6
_PATIENCE: Final = 3
_REST_S: Final = 30.0


class SturdyEmbedder:
    """Asks one embedder, checks what it answers, and falls back to another; an :class:`~argus.model.ports.Embedder`.

    A failure is counted and said once in the log. After three in a row the own embedder is left alone for 30 seconds.
    Answers are kept for the newest 2,000 texts. Thread-safe; never raises for what the own embedder does.

    Args:
        own: The user's.
        name: How to call it in messages.
        cut: The cosine that stands for 0.7 with it; None takes its ``relevance_cut``, or that of the built-in one.
        fallback: Used when it fails; None is the built-in one.
        clock: Where the time comes from.

    Attributes:
        failures: How often it failed.
        reason: What it failed with last, or an empty text.
    """

    def __init__(
        self,
        own: Embedder,
        name: str,
        *,
        cut: float | None = None,
        fallback: Embedder | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._own = own
        self._name = name
        told = getattr(own, "relevance_cut", None)
        self._cut = cut if cut is not None else told if isinstance(told, float) and 0 < told < 1 else RELEVANCE_CUT
        self._fallback: Embedder = fallback if fallback is not None else StaticEmbedder()
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._known: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._width: int | None = None
        self._in_a_row = 0
        self._rests_until: float | None = None
        self._served = threading.local()
        self.failures = 0
        self.reason = ""

    @property
    def relevance_cut(self) -> float:
        """The cosine that stands for 0.7 with the embedder that served this thread last."""
        cut: float = getattr(self._served, "cut", self._cut)
        return cut

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of unit length for each text, all from the same embedder.

        Args:
            texts: Any strings.
        """
        rows = self._own_rows(list(texts))
        if rows is not None:
            self._served.cut = self._cut
            return rows
        self._served.cut = getattr(self._fallback, "relevance_cut", RELEVANCE_CUT)
        return self._fallback.embed(texts)

    def _own_rows(self, texts: list[str]) -> NDArray[np.float32] | None:
        import numpy as np

        with self._lock:
            if self._rests_until is not None and self._clock.monotonic() < self._rests_until:
                return None
            known = {text: self._known[text] for text in texts if text in self._known}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            try:
                made = _checked(self._own.embed(missing), len(missing), self._width)
            except Exception as error:  # noqa: BLE001 - a stranger's embedder may raise anything
                self._failed(error)
                return None
            self._learned(missing, made)
            known.update(zip(missing, made, strict=True))
        if not texts:
            return np.zeros((0, self._width or 1), dtype=np.float32)
        return np.stack([known[text] for text in texts])

    def _learned(self, texts: list[str], rows: NDArray[np.float32]) -> None:
        with self._lock:
            self._width = rows.shape[1]
            self._in_a_row, self._rests_until = 0, None
            for text, row in zip(texts, rows, strict=True):
                self._known[text] = row
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)

    def _failed(self, error: Exception) -> None:
        with self._lock:
            self.failures += 1
            self.reason = _said(error)
            self._in_a_row += 1
            if self._in_a_row >= _PATIENCE:
                self._rests_until = self._clock.monotonic() + _REST_S
            first = self.failures == 1
        if first:
            _log.warning("embedder_failed name=%s: %s; the built-in one stands in", self._name, self.reason)


def _checked(answer: Any, count: int, width: int | None) -> NDArray[np.float32]:
    """Rows of unit length.

    Raises:
        ValueError: They are not one finite row for each text, of the same width as before.
    """
    import numpy as np

    rows = np.asarray(answer, dtype=np.float32)
    if rows.ndim != 2 or rows.shape[0] != count or not rows.shape[1]:
        raise ValueError(f"it returned the shape {rows.shape} for {count} texts")
    if width is not None and rows.shape[1] != width:
        raise ValueError(f"its vectors have {rows.shape[1]} numbers, and had {width} before")
    if not np.isfinite(rows).all():
        raise ValueError("its vectors hold NaN or infinity")
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    return (rows / np.where(lengths > _TINY, lengths, 1.0)).astype(np.float32)


def _said(error: Exception) -> str:
    try:
        text = " ".join(str(error).split())[:300]
    except Exception:  # noqa: BLE001 - the message belongs to a stranger's exception
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
