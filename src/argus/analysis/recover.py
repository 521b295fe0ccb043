"""What dead processes left in their journals becomes traces."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from argus._internal.guard import Guard
from argus.analysis.finalize import is_stored, may_be_stored_later
from argus.errors import StorageError
from argus.model.trace import Trace
from argus.recording.recovery import discard, orphans, read_journal

__all__ = ["recover"]

_log = logging.getLogger(__name__)
_guard = Guard("recover")


def recover(folder: Path, finalizer: Callable[[Trace], Trace]) -> Iterator[Trace]:
    """Finalizes and stores the runs in every journal whose process is gone, one at a time, then deletes the journal.

    A run that its process did not end gets the status ``incomplete``. A journal that cannot be read, or one of whose
    runs cannot be stored, stays where it is; a store that is away ends the recovery. Two processes that recover at once
    store the same traces under the same ids.

    Args:
        folder: The journal folder; it need not exist.
        finalizer: Detects, explains and stores; never raises.

    Yields:
        The recovered traces.
    """
    try:
        paths = orphans(folder)
    except (StorageError, OSError) as error:  # a journal may vanish while the folder is looked at
        _log.warning("journals_not_recovered folder=%s: %s", folder, error)
        return
    for path in paths:
        runs = _runs(path)
        stored = runs is not None
        for trace in runs or ():
            done = finalizer(trace)
            stored = stored and is_stored(done)
            yield done
            if may_be_stored_later(done):
                return
        if stored:
            _discard(path)


def _runs(path: Path) -> list[Trace] | None:
    with _guard:  # what one journal holds must not keep the others from being read
        try:
            return read_journal(path)
        except StorageError as error:
            _log.warning("journal_not_recovered path=%s: %s", path, error)
    return None


def _discard(path: Path) -> None:
    try:
        discard(path)
    except StorageError as error:
        _log.warning("journal_not_deleted path=%s: %s", path, error)
