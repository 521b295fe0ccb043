"""Makes runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from argus._internal.clock import Clock, SystemClock
from argus._internal.ids import IdSource, RandomIds
from argus.config.settings import Settings
from argus.model.graph import GraphSpec
from argus.recording.run import UNSET, Run

__all__ = ["Recorder", "RunSink"]


class RunSink(Protocol):
    """What instrumentation reports top-level calls to."""

    def open_run(self, *, graph: GraphSpec | None, value: object, metadata: Mapping[str, object]) -> Run | None:
        """One top-level call begins.

        Args:
            graph: The graph that runs, or None when unknown.
            value: What the caller passed in.
            metadata: What is known of the call.

        Returns:
            The run to record into, or None when this call is not to be recorded.
        """
        ...

    def run_closed(self, run: Run) -> None:
        """Called once, after ``run.close()``.

        Args:
            run: The closed run.
        """
        ...


class Recorder:
    """Makes runs that share one configuration; thread-safe.

    Args:
        settings: All options.
        redact: The user's own redaction of strings, in place of the default patterns.
        journal_folder: The folder of the crash-safe files; None records in memory only.
        pipeline_name: A name for the pipeline; None takes the graph's.
        metadata: Added to every trace.
        clock: Where the time comes from.
        ids: Where trace ids come from.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        redact: Callable[[str], str] | None = None,
        journal_folder: Path | None = None,
        pipeline_name: str | None = None,
        metadata: Mapping[str, object] | None = None,
        clock: Clock | None = None,
        ids: IdSource | None = None,
    ) -> None:
        self._settings = settings
        self._pipeline_name = pipeline_name or settings.watcher.pipeline_name
        self._metadata = dict(metadata or {})
        self._clock = clock or SystemClock()
        self._ids = ids or RandomIds()

    def open_run(
        self, *, graph: GraphSpec | None, value: object = UNSET, metadata: Mapping[str, object] | None = None
    ) -> Run:
        """Begins to record one top-level call.

        Args:
            graph: The graph that runs, or None when unknown.
            value: What the caller passed in.
            metadata: Added to the trace, over the recorder's own.
        """
        return Run(
            run_id=self._ids.trace_id(),
            pipeline_name=self._pipeline_name or (graph.name if graph else "pipeline"),
            graph=graph,
            value=value,
            metadata={**self._metadata, **(metadata or {})},
            clock=self._clock,
        )
