"""``ScriptWatcher``: watches every graph that a script compiles, whatever module does it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from argus._internal.forks import renew_after_fork
from argus.analysis.observer import Observer
from argus.analysis.service import Service
from argus.analysis.worker import worker

if TYPE_CHECKING:
    from argus.config.settings import Settings
    from argus.model.trace import Trace

__all__ = ["ScriptWatcher", "Tally"]

FIRST_UNCLEAN = 5
"""Traces with findings that a tally keeps."""


@dataclass
class Tally:
    """What the runs of a script came to; its size does not grow with their number.

    Attributes:
        runs: All of them.
        unclean: Those with findings of severity warning or worse.
        not_stored: Those that the store did not accept.
        first_unclean: The first few traces with findings.
        first_not_stored: The first trace that the store did not accept.
    """

    runs: int = 0
    unclean: int = 0
    not_stored: int = 0
    first_unclean: tuple[Trace, ...] = ()
    first_not_stored: Trace | None = None

    def add(self, trace: Trace) -> None:
        """Counts a finished run.

        Args:
            trace: Its trace.
        """
        self.runs += 1
        if not trace.is_clean:
            self.unclean += 1
            self.first_unclean = (*self.first_unclean, trace)[:FIRST_UNCLEAN]
        if "store_error" in trace.metadata:
            self.not_stored += 1
            self.first_not_stored = self.first_not_stored or trace


class ScriptWatcher:
    """Watches all graphs that this process compiles between :meth:`start` and :meth:`finish`.

    Ended runs are analysed while the script lives, in the moments when no watched graph runs.

    Args:
        strict: Overrides ``watcher.strict``; only read back, the caller decides what to do about it.
        persist_state: Overrides ``watcher.persist_state``.
        config: A configuration file.
        storage: A store's URL or path.
        on_trace: Called with each finished trace as it appears, one at a time, on another thread.

    Raises:
        ConfigError: An option is wrong.
    """

    def __init__(
        self,
        *,
        strict: bool | None = None,
        persist_state: bool | None = None,
        config: str | Path | None = None,
        storage: str | Path | None = None,
        on_trace: Callable[[Trace], None] | None = None,
    ) -> None:
        self._observer = Observer(strict=strict, persist_state=persist_state, config=config, storage=storage)
        self._on_trace = on_trace
        self.after_fork()
        renew_after_fork(self)
        self._service = Service(self._observer, self._take, on_recovered=lambda trace: None)
        self._undo: Callable[[], None] | None = None

    def after_fork(self) -> None:
        """What was counted before the fork is the parent's to tell."""
        self._lock = threading.Lock()
        self._tally = Tally()

    @property
    def settings(self) -> Settings:
        """The effective options."""
        return self._observer.settings

    def start(self) -> None:
        """Begins to watch.

        Raises:
            NotAvailable: LangGraph is not installed.
        """
        from argus.instrumentation.langgraph.attach import attach_all

        self._undo = attach_all(self._service)

    def finish(self) -> Tally:
        """Ends the watching and analyses what is left; calls that are open count as abandoned.

        Runs of child processes that ended without a word are stored too, but not counted.
        """
        if self._undo is not None:
            self._undo()
            self._undo = None
        self._service.stopped = True
        self._service.close_open_runs()
        if not worker().flush():
            for trace in self._service.unstored():
                self._take(trace)
        self._observer.recover()
        self._observer.close()
        return self._tally

    def _take(self, trace: Trace) -> None:
        with self._lock:
            self._tally.add(trace)
            if self._on_trace is not None:
                self._on_trace(trace)
