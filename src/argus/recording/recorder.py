"""Makes runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from argus._internal.clock import Clock, SystemClock
from argus._internal.ids import IdSource, RandomIds
from argus.capture.encode import Encoder
from argus.capture.redact import Redactor
from argus.config.settings import Settings
from argus.model.graph import GraphSpec
from argus.recording.journal import Journal
from argus.recording.run import UNSET, Run

if TYPE_CHECKING:
    from argus.recording.tape.run_tape import RunTape

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
        redactor = Redactor(settings.security, redact)
        self._encoder = Encoder.of(settings, redactor)
        self._redactor = redactor
        self._tape: Callable[[], RunTape] | None = None
        if settings.watcher.record_http:
            self.record_http()
        self._pipeline_name = pipeline_name or settings.watcher.pipeline_name
        self._metadata = dict(metadata or {})
        self._clock = clock or SystemClock()
        self._ids = ids or RandomIds()
        self._journal = (
            Journal(journal_folder, settings.journal.fsync)
            if journal_folder is not None and settings.journal.enabled
            else None
        )

    def open_run(
        self, *, graph: GraphSpec | None, value: object = UNSET, metadata: Mapping[str, object] | None = None
    ) -> Run:
        """Begins to record one top-level call.

        Args:
            graph: The graph that runs, or None when unknown.
            value: What the caller passed in.
            metadata: Added to the trace, over the recorder's own.
        """
        run_id = self._ids.trace_id()
        run = Run(
            run_id=run_id,
            pipeline_name=self._pipeline_name or (graph.name if graph else "pipeline"),
            graph=graph,
            value=value,
            metadata={**self._metadata, **(metadata or {})},
            encoder=self._encoder,
            clock=self._clock,
            journal=self._journal.open_run(run_id) if self._journal is not None else None,
            journal_values=self._settings.watcher.persist_state,
        )
        if self._tape is not None:
            run.tape = self._tape()
        return run

    def record_http(self) -> None:
        """Has the runs that begin from now on record HTTP exchanges, whatever the settings say."""
        self._tape = _tapes(self._redactor, self._settings.watcher.http_max_body)

    def close(self) -> None:
        """No further run begins; the journal's file goes when its last run is folded."""
        if self._journal is not None:
            self._journal.close()


def _tapes(redactor: Redactor, limit: int) -> Callable[[], RunTape]:
    from argus.recording.tape.hiding import Hider  # most recordings do without HTTP
    from argus.recording.tape.run_tape import RunTape

    hider = Hider(redactor)
    return lambda: RunTape(hider, limit)
