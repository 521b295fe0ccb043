"""``ScriptWatcher``: watches every graph that a script compiles, whatever module does it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from argus.analysis.collector import Collector
from argus.analysis.observer import Observer

if TYPE_CHECKING:
    from argus.config.settings import Settings
    from argus.model.trace import Trace

__all__ = ["ScriptWatcher"]


class ScriptWatcher:
    """Watches all graphs that this process compiles between :meth:`start` and :meth:`finish`.

    Args:
        strict: Overrides ``watcher.strict``; only read back, the caller decides what to do about it.
        persist_state: Overrides ``watcher.persist_state``.
        config: A configuration file.
        storage: A store's URL or path.

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
    ) -> None:
        self._observer = Observer(strict=strict, persist_state=persist_state, config=config, storage=storage)
        self._collector = Collector(self._observer)
        self._undo: Callable[[], None] | None = None

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

        self._undo = attach_all(self._collector)

    def finish(self) -> list[Trace]:
        """Ends the watching and analyses what was recorded.

        Returns:
            The traces in order of start, stored already.
        """
        if self._undo is not None:
            self._undo()
            self._undo = None
        traces = self._collector.finish()
        self._observer.close()
        return traces
