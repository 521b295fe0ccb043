"""Old runs make room for new ones: a few at a time, after a run was stored, never while a node runs on this thread."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from argus._internal.clock import Clock, SystemClock
from argus._internal.guard import Guard
from argus.config.settings import RetentionSettings
from argus.errors import StorageError

if TYPE_CHECKING:
    from argus.storage.base import BaseStore

__all__ = ["Retention"]

_log = logging.getLogger(__name__)
_guard = Guard("retention")

_EVERY: Final = 20
"""Stored runs between two looks, so that what it costs is small beside storing them."""

_MOST: Final = 100
"""Runs that go at one look: five times as many as come between two."""


class Retention:
    """Applies ``storage.retention`` for one watcher.

    Args:
        settings: When runs go.
        clock: Tells how old a run is.
    """

    def __init__(self, settings: RetentionSettings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._stored = 0

    def saved(self, store: BaseStore) -> None:
        """Counts a run that was stored; looks at the first and at every twentieth. Never raises.

        Args:
            store: Where it was stored.
        """
        days, size = self._settings.days, self._settings.max_size
        if days is None and size is None:
            return
        self._stored += 1
        if self._stored % _EVERY != 1:
            return
        from argus.storage.retention import Rules, sweep

        before = None if days is None else self._clock.now() - timedelta(days=days)
        with _guard:
            try:
                gone = sweep(store, Rules(before=before, max_bytes=size), most=_MOST)
            except StorageError as error:
                _log.warning("retention_not_applied: %s", error)
            else:
                _log.debug("retention_applied traces=%s", gone.traces)
