"""The end of the process: what waits is analysed, for as long as the process may wait."""

from __future__ import annotations

import atexit

from argus._internal.guard import Guard
from argus.analysis.notice import tell
from argus.analysis.service import services
from argus.analysis.worker import worker
from argus.config.settings import Settings

__all__ = ["flush_at_exit"]


class _Patience:
    """How long the process waits at its end, in seconds; the longest wait that anyone asked for."""

    longest_s: float | None = None


def flush_at_exit(settings: Settings) -> None:
    """Has the background work flushed when the interpreter ends.

    Args:
        settings: With ``watcher.flush_at_exit``.
    """
    if _Patience.longest_s is None:
        atexit.register(_flush)
    _Patience.longest_s = max(_Patience.longest_s or 0.0, settings.watcher.flush_at_exit)


def _flush() -> None:
    with Guard("exit"):
        worker().flush(_Patience.longest_s)
        kept = sum(service.pending for service in services())
        lost = sum(service.lost for service in services())
        if kept:
            tell(f"argus: {kept} runs are not stored yet; the journal keeps them, `argus doctor` stores them\n")
        if lost:
            tell(f"argus: {lost} runs are lost: neither the store nor the journal could hold them\n")
