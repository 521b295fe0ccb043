"""What the tests of replays share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from argus import ArgusWatcher, Trace
from argus.config.settings import JournalSettings, Settings, WatcherSettings
from argus.storage.memory import MemoryStore

SETTINGS = Settings(watcher=WatcherSettings(quiet=True), journal=JournalSettings(enabled=False))


@pytest.fixture
def store() -> MemoryStore:
    """Where recorded runs and replays go."""
    return MemoryStore()


@pytest.fixture
def record(store: MemoryStore) -> Callable[..., Trace]:
    """Runs a compiled graph watched and gives the trace of the last call; what it raises stays in the trace."""

    def run(app: Any, *inputs: Any, config: dict[str, Any] | None = None, **options: Any) -> Trace:
        watcher = ArgusWatcher(app, storage=store, config=SETTINGS, **options)
        for value in inputs:
            try:
                app.invoke(value, config)
            except Exception:  # it is in the trace
                break
        return watcher.finalize()

    return run
