"""``ArgusWatcher``: watches the runs of one graph until it is finalized."""

from __future__ import annotations

import atexit
import re
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from argus._internal.guard import Guard
from argus.analysis.collector import Collector
from argus.analysis.notice import notice
from argus.analysis.observer import Observer
from argus.errors import DetectionError, TraceNotFound, WatcherStateError

if TYPE_CHECKING:
    from argus.config.settings import Settings
    from argus.detectors.base import BaseDetector, Validator
    from argus.model.trace import Trace
    from argus.storage.base import BaseStore

__all__ = ["ArgusWatcher", "WatcherState"]

G = TypeVar("G")
WatcherState = Literal["created", "watching", "recording", "finalized"]


class ArgusWatcher:
    """Watches a LangGraph graph, records each top-level call as a trace and says what went wrong in it.

    The pipeline behaves exactly as it would without: same results, exceptions and streams. A watcher is used once:
    created → watching → recording → finalized. One that is never finalized is finalized when the interpreter exits.
    Thread-safe. Every parameter is optional; None leaves the decision to environment, ``argus.yaml`` and defaults.

    Args:
        graph: Watched at once, as by :meth:`watch`.
        strict: :meth:`finalize` raises :class:`~argus.errors.DetectionError` after storing when a trace is not clean
            (default False).
        investigate: Forensics when there are findings; ``"always"`` also without; False never (default True).
        max_field_size: Characters; a longer string is cut and says so (default 50,000).
        redact_keys: Keys, globs and dotted paths whose values are never recorded (default: common names of secrets;
            ``[]`` for none).
        redact_values: Patterns redacted inside any string, or a function from string to string (default: common kinds
            of secrets; ``[]`` for none).
        validators: A field, dotted path, ``node:<name>/field``, ``node:<name>`` or ``*``, each to a function
            ``value -> bool`` or ``value -> (bool, message)``.
        persist_state: Whether states are kept with the steps (default True).
        record_http: Whether HTTP exchanges are recorded (default False).
        semantic_judge: Whether a language model judges doubtful findings (default False).
        judge_model: An OpenAI-compatible model's name, or a function (default ``"gpt-4o"``).
        detectors: Your own detectors, instances or classes, beside the built-in ones.
        storage: A store or its URL (default: ``.argus/traces.db``).
        config: A configuration file or ready settings, in place of the ``argus.yaml`` found from the working folder.
        pipeline_name: Groups runs (default: the graph's name).
        metadata: Put into every trace.

    Raises:
        ConfigError: An option is wrong.
        NotAvailable: An option needs a part that is not built yet or not installed.
    """

    def __init__(
        self,
        graph: Any = None,
        *,
        strict: bool | None = None,
        investigate: bool | Literal["always"] | None = None,
        max_field_size: int | None = None,
        redact_keys: Sequence[str] | None = None,
        redact_values: Sequence[str | re.Pattern[str]] | Callable[[str], str] | None = None,
        validators: Mapping[str, Validator] | None = None,
        persist_state: bool | None = None,
        record_http: bool | None = None,
        semantic_judge: bool | None = None,
        judge_model: str | Callable[..., Any] | None = None,
        detectors: Sequence[BaseDetector | type[BaseDetector]] | None = None,
        storage: BaseStore | str | Path | None = None,
        config: str | Path | Settings | None = None,
        pipeline_name: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        self._observer = Observer(
            strict=strict,
            investigate=investigate,
            max_field_size=max_field_size,
            redact_keys=redact_keys,
            redact_values=redact_values,
            validators=validators,
            persist_state=persist_state,
            record_http=record_http,
            semantic_judge=semantic_judge,
            judge_model=judge_model,
            detectors=detectors,
            storage=storage,
            config=config,
            pipeline_name=pipeline_name,
            metadata=metadata,
        )
        self._collector = Collector(self._observer)
        self._lock = threading.RLock()
        self._finalized = False
        self._traces: tuple[Trace, ...] = ()
        self._watched: list[object] = []
        if graph is not None:
            self.watch(graph)

    @property
    def state(self) -> WatcherState:
        """Where in its life the watcher is."""
        if self._finalized:
            return "finalized"
        if self._collector.recorded:
            return "recording"
        return "watching" if self._watched else "created"

    @property
    def settings(self) -> Settings:
        """The effective options."""
        return self._observer.settings

    @property
    def traces(self) -> tuple[Trace, ...]:
        """All finalized traces, in order of start; empty before :meth:`finalize`."""
        return self._traces

    def watch(self, graph: G) -> G:
        """Watches a graph.

        Args:
            graph: A ``StateGraph`` (nodes added later are covered too) or a compiled graph.

        Returns:
            The same object.

        Raises:
            WatcherStateError: The watcher is finalized.
            InstrumentationError: The object is no graph that can be watched.
            NotAvailable: LangGraph is not installed.
        """
        from argus.instrumentation.langgraph.attach import attach

        with self._lock:
            if self._finalized:
                raise WatcherStateError("cannot watch: this watcher is finalized; make a new ArgusWatcher")
            attach(graph, self._collector)
            self._watched.append(graph)
        atexit.register(self._finalize_at_exit)
        return graph

    def finalize(self) -> Trace:
        """Ends the watching, runs detection and forensics over what was recorded, and stores it.

        Open runs are closed. Afterwards the graph runs unwatched. Calling it again returns the same trace.

        Returns:
            The last trace; :attr:`traces` has all.

        Raises:
            WatcherStateError: No run was recorded.
            DetectionError: The watcher is strict and a trace is not clean; raised after storing.
        """
        with self._lock:
            if not self._collector.recorded:
                todo = "run the watched graph" if self._watched else "call watch(graph) and run the graph"
                raise WatcherStateError(f"nothing was recorded yet: {todo} before finalize()")
            if not self._finalized:
                self._end()
        if self.settings.watcher.strict:
            unclean = [trace for trace in self._traces if not trace.is_clean]
            if unclean:
                raise DetectionError(unclean[-1].summary, unclean[-1])
        return self._traces[-1]

    def get_trace(self) -> Trace:
        """The finalized trace; on a watcher that has not watched anything yet, the most recent stored one.

        Raises:
            WatcherStateError: Runs are being recorded; finalize first.
            TraceNotFound: Nothing is stored.
            StorageError: The store cannot be read.
        """
        with self._lock:
            if self._finalized:
                return self._traces[-1]
            if self._watched:
                raise WatcherStateError("the trace is not finished: call finalize() first")
        store = self._observer.open_store()
        rows = store.list(limit=1).rows
        if not rows:
            raise TraceNotFound(f"the store {store.url} holds no trace yet; run a watched pipeline first")
        return store.get(rows[0].id)

    def _end(self) -> None:
        from argus.instrumentation.langgraph.attach import detach

        self._traces = tuple(self._collector.finish())
        self._finalized = True
        for graph in self._watched:
            with Guard("watcher.detach"):
                detach(graph, self._collector)
        self._watched.clear()
        self._observer.close()
        atexit.unregister(self._finalize_at_exit)

    def _finalize_at_exit(self) -> None:
        with Guard("watcher.exit"), self._lock:
            if self._finalized or not self._collector.recorded:
                return
            self._end()
            if not self.settings.watcher.quiet:
                sys.stderr.write("".join(notice(trace) for trace in self._traces))
