"""What dead processes left in their journals becomes traces."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from argus.analysis.finalize import is_stored
from argus.errors import StorageError
from argus.model.trace import Trace
from argus.recording.recovery import discard, orphans, read_journal

__all__ = ["recover"]

_log = logging.getLogger(__name__)


def recover(folder: Path, finalizer: Callable[[Trace], Trace]) -> list[Trace]:
    """Finalizes and stores the runs in every journal whose process is gone, then deletes the journal.

    A run that its process did not end gets the status ``incomplete``. A journal that cannot be read, or one of whose
    runs cannot be stored, stays where it is. Two processes that recover at once store the same traces under the same
    ids.

    Args:
        folder: The journal folder; it need not exist.
        finalizer: Detects, explains and stores.

    Returns:
        The recovered traces.
    """
    recovered: list[Trace] = []
    try:
        paths = orphans(folder)
    except StorageError as error:
        _log.warning("journals_not_recovered folder=%s: %s", folder, error)
        return recovered
    for path in paths:
        try:
            traces = [finalizer(trace) for trace in read_journal(path)]
            recovered += traces
            if all(map(is_stored, traces)):
                discard(path)
        except StorageError as error:
            _log.warning("journal_not_recovered path=%s: %s", path, error)
    return recovered
