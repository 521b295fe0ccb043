"""What the API answers from: configuration, store, journals and clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from argus._internal.clock import Clock, SystemClock
from argus.errors import ArgusError
from argus.storage.base import BaseStore

if TYPE_CHECKING:
    from argus.config.sources import Configuration

__all__ = ["Sources", "StoreHandle"]


class Sources(NamedTuple):
    """What a server is given.

    Attributes:
        configuration: The options in force.
        store: The runs.
        command: Makes a command line that a person can paste, from the words behind ``argus``.
        recover: Takes in what processes that died left behind.
        options: The same as options that any command of ours understands, for processes that the server starts.
        environment: What these find in their environment beside.
        app: What replays run, as ``module:attribute`` or ``file.py:attribute``; None switches replays off.
        clock: The time.
    """

    configuration: Configuration
    store: StoreHandle
    command: Callable[..., str]
    recover: Callable[[], None]
    options: tuple[str, ...] = ()
    environment: Mapping[str, str] = {}
    app: str | None = None
    clock: Clock = SystemClock()

    @property
    def journal_folder(self) -> Path:
        """Where runs are written down as they happen."""
        return self.configuration.journal_folder


class StoreHandle:
    """The store, which need not exist yet: looking never makes one, and it is found as soon as somebody else did.

    Args:
        exists: Whether there is one.
        open_it: Opens it.
        url: Where it is or will be, without passwords.
    """

    def __init__(self, exists: Callable[[], bool], open_it: Callable[[], BaseStore], url: str) -> None:
        self._exists = exists
        self._open = open_it
        self._lock = threading.Lock()
        self._store: BaseStore | None = None
        self._empty: BaseStore | None = None
        self.url = url

    def get(self) -> BaseStore:
        """The store, or an empty one while there is none.

        Raises:
            StorageError: It cannot be opened.
        """
        with self._lock:
            if self._store is None and self._exists():
                self._store = self._open()
                self.url = self._store.url
            if self._store is not None:
                return self._store
            if self._empty is None:
                from argus.storage.memory import MemoryStore

                self._empty = MemoryStore()
            return self._empty

    def problem(self) -> str | None:
        """Why the store cannot be read, or None when it can."""
        try:
            self.get().list(limit=1)
        except ArgusError as error:
            return str(error)
        return None

    def close(self) -> None:
        """Releases the store."""
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None
