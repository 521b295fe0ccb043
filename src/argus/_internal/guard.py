"""Host safety: nothing that fails inside ARGUS may reach the watched pipeline.

Every hook body runs inside :func:`guard`. It swallows ``Exception`` only: ``KeyboardInterrupt``,
``SystemExit``, ``CancelledError`` and ``GeneratorExit`` always pass, they are the host's. A cause is
logged once, every occurrence is counted.
"""

from __future__ import annotations

import logging
import threading
from types import TracebackType

__all__ = ["Guard", "losses", "reraise_in_tests"]

_log = logging.getLogger("argus")


class _Ledger:
    """Counts faults by cause; thread-safe."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.counts: dict[str, int] = {}
        self.reraise = False


_ledger = _Ledger()


class Guard:
    """A reusable context manager that keeps our faults away from the host.

    Args:
        where: The name under which faults are counted and logged, such as ``"recorder.finish"``.
    """

    __slots__ = ("where",)

    def __init__(self, where: str) -> None:
        self.where = where

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None or not isinstance(error, Exception):
            return False
        if _ledger.reraise:
            return False
        self.record(error)
        return True

    def absorb(self, error: Exception) -> None:
        """Takes a fault that was caught by hand, on paths where entering a context costs too much.

        Args:
            error: What was raised inside ARGUS.
        """
        if _ledger.reraise:
            raise error
        self.record(error)

    def record(self, error: Exception) -> None:
        """Counts a fault, and logs it the first time its cause is seen.

        Args:
            error: What was raised inside ARGUS.
        """
        cause = f"{self.where}: {type(error).__name__}"
        try:
            with _ledger.lock:
                seen = _ledger.counts.get(cause, 0)
                _ledger.counts[cause] = seen + 1
            if not seen:
                _log.error(
                    "argus_internal_error where=%s; the watched pipeline is not affected, the trace may lack data",
                    self.where,
                    exc_info=error,
                )
        except Exception:  # logging handlers belong to the host and may raise
            return


def losses() -> dict[str, int]:
    """How often each internal fault happened in this process, by cause."""
    with _ledger.lock:
        return dict(_ledger.counts)


class reraise_in_tests:  # noqa: N801 - reads as a statement
    """Lets internal faults escape while the block runs, so that tests see them."""

    def __enter__(self) -> None:
        _ledger.reraise = True

    def __exit__(self, *_: object) -> None:
        _ledger.reraise = False
