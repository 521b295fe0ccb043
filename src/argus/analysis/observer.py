"""One configuration put to work: recorder, detectors, forensics and store, wired together.

Every front door (watcher, session, attach, command line) observes through this.
"""

from __future__ import annotations

import re
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argus._internal.forks import renew_after_fork
from argus.analysis.finalize import Finalizer, is_stored
from argus.config.settings import Settings
from argus.config.sources import Configuration, load
from argus.errors import ConfigError
from argus.instrumentation.caller import called_from

if TYPE_CHECKING:
    from argus._internal.clock import Clock
    from argus._internal.ids import IdSource
    from argus.detectors.base import BaseDetector, Validator
    from argus.detectors.signatures.signature import SignatureSet
    from argus.learning.frozen_file import FrozenBaselines
    from argus.model.graph import GraphSpec
    from argus.model.ports import Embedder, Judge
    from argus.model.trace import Trace
    from argus.recording.journal import RunJournal
    from argus.recording.run import Run
    from argus.storage.base import BaseStore

__all__ = ["Observer"]


class Observer:
    """Records runs and turns them into stored, explained traces; thread-safe.

    Args:
        strict: Overrides ``watcher.strict``.
        investigate: Overrides ``watcher.investigate``.
        max_field_size: Overrides ``watcher.max_field_size``, in characters.
        redact_keys: Overrides ``security.redact_keys``.
        redact_values: Overrides ``security.redact_values``, or a function from string to string.
        validators: Field, dotted path, ``node:<name>/field``, ``node:<name>`` or ``*`` to a check.
        persist_state: Overrides ``watcher.persist_state``.
        record_http: Overrides ``watcher.record_http``.
        semantic_judge: Overrides ``detection.semantic.judge``.
        judge_model: Overrides ``detection.semantic.judge_model``, or a function.
        detectors: More detectors: instances or classes.
        storage: A store, a URL, or False to keep traces in memory only.
        config: A configuration file, or ready settings.
        pipeline_name: Overrides ``watcher.pipeline_name``.
        metadata: Put into every trace.
        clock: Where time comes from.
        ids: Where ids come from.
        trusted: Whether code that configuration and installed packages name may be loaded; False where a trace is
            only looked at.

    Raises:
        ConfigError: An option is wrong.
        DetectorError: A detector cannot be loaded.
        NotAvailable: An option needs a part that this version does not have.
    """

    def __init__(
        self,
        *,
        strict: bool | None = None,
        investigate: bool | str | None = None,
        max_field_size: int | None = None,
        redact_keys: Sequence[str] | None = None,
        redact_values: Sequence[str | re.Pattern[str]] | Callable[[str], str] | None = None,
        validators: Mapping[str, Validator] | None = None,
        persist_state: bool | None = None,
        record_http: bool | None = None,
        semantic_judge: bool | None = None,
        judge_model: str | Callable[..., Any] | None = None,
        detectors: Sequence[BaseDetector | type[BaseDetector]] | None = None,
        storage: BaseStore | str | Path | bool | None = None,
        config: str | Path | Settings | None = None,
        pipeline_name: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        clock: Clock | None = None,
        ids: IdSource | None = None,
        trusted: bool = True,
    ) -> None:
        from argus.detectors.registry import load_detectors
        from argus.recording.recorder import Recorder
        from argus.storage.locate import require_backend, store_url

        self.configuration: Configuration = load(
            config,
            {
                "watcher.strict": strict,
                "watcher.investigate": investigate,
                "watcher.max_field_size": max_field_size,
                "watcher.persist_state": persist_state,
                "watcher.record_http": record_http,
                "watcher.pipeline_name": pipeline_name,
                "security.redact_keys": _listed("redact_keys", redact_keys),
                "security.redact_values": None if callable(redact_values) else _patterns(redact_values),
                "detection.semantic.judge": semantic_judge,
                "detection.semantic.judge_model": judge_model if isinstance(judge_model, str) else None,
                "storage.url": store_url(storage) if isinstance(storage, str | Path) else None,
            },
        )
        settings = self.configuration.settings
        self._store: BaseStore | None = storage if _is_store(storage) else None  # type: ignore[assignment]
        self._owns_store = self._store is None
        if self._owns_store:
            require_backend(settings.storage)
        self._lock = threading.Lock()
        keeps = storage is not False
        self.journal_folder = self.configuration.journal_folder if keeps and settings.journal.enabled else None
        self.recorder = Recorder(
            settings=settings,
            redact=redact_values if callable(redact_values) else None,
            journal_folder=self.journal_folder,
            pipeline_name=settings.watcher.pipeline_name,
            metadata=metadata,
            clock=clock,
            ids=ids,
        )
        self.finalizer = Finalizer(
            settings,
            load_detectors(detectors or (), settings.detection.custom if trusted else (), plugins=trusted),
            self.open_store if keeps else None,
            _checked_validators(validators),
            _signatures(self.configuration),
            _embedder(settings, trusted=trusted),
            _judge(settings, judge_model if callable(judge_model) else None) if trusted else None,
            _frozen(self.configuration),
        )
        weakref.finalize(self, self.recorder.close).atexit = False  # the journal's file goes with the last who uses it
        renew_after_fork(self)

    def after_fork(self) -> None:
        """Another thread of the parent may have held the lock; the store itself knows that it was forked."""
        self._lock = threading.Lock()

    @property
    def settings(self) -> Settings:
        """The effective options."""
        return self.configuration.settings

    def open_store(self) -> BaseStore:
        """The store, opened on first use.

        Raises:
            StorageError: It cannot be opened.
        """
        with self._lock:
            if self._store is None:
                from argus.storage.locate import open_configured

                self._store = open_configured(self.settings.storage, self.configuration.base_folder)
            return self._store

    def open_run(
        self, *, graph: GraphSpec | None, value: object = None, metadata: Mapping[str, object] | None = None
    ) -> Run:
        """Begins the recording of one top-level call.

        Args:
            graph: What is about to run.
            value: The caller's input.
            metadata: Put into this trace.
        """
        run = self.recorder.open_run(graph=graph, value=value, metadata={**called_from(), **(metadata or {})})
        if run.tape is not None:
            from argus.instrumentation.http.hooks import hold_hooks

            run.tape.released = release = hold_hooks()
            weakref.finalize(run, release).atexit = False  # a run that nobody closed
        return run

    def finish(self, run: Run) -> Trace:
        """The finished, explained and stored trace of a closed run; a run that was not stored stays in the journal.

        Args:
            run: Closed.
        """
        from argus.recording.assemble import assemble

        trace = self.finalizer(assemble(run))
        if is_stored(trace):
            run.folded()
        return trace

    def finish_from_journal(self, path: Path, runs: Mapping[str, RunJournal]) -> Iterator[Trace]:
        """Like :meth:`finish`, for closed runs that were let go of and stand in a journal of this process.

        Args:
            path: The journal.
            runs: Their places in it, by run id.

        Raises:
            StorageError: The journal cannot be read.
        """
        from argus.recording.recovery import read_closed

        for trace in read_closed(path, tuple(runs)):
            done = self.finalizer(trace)
            if is_stored(done):
                runs[trace.id].folded()
            yield done

    def look_at(self, run: Run, *, reason: str) -> Trace:
        """The explained trace of a closed run, without storing it.

        Args:
            run: Closed.
            reason: Why it is not stored.
        """
        from argus.recording.assemble import assemble

        return self.finalizer.analyse(assemble(run), store_error=reason)

    def look_into_journal(self, path: Path, runs: Mapping[str, RunJournal], *, reason: str) -> Iterator[Trace]:
        """Like :meth:`look_at`, for closed runs that stand in a journal of this process.

        Args:
            path: The journal.
            runs: Their places in it, by run id.
            reason: Why they are not stored.

        Raises:
            StorageError: The journal cannot be read.
        """
        from argus.recording.recovery import read_closed

        for trace in read_closed(path, tuple(runs)):
            yield self.finalizer.analyse(trace, store_error=reason)

    def recover(self) -> list[Trace]:
        """Stores what dead processes left in the journal folder, all at once."""
        return list(self.recovering())

    def recovering(self) -> Iterator[Trace]:
        """Stores what dead processes left in the journal folder; see :func:`argus.analysis.recover.recover`."""
        from argus.analysis.recover import recover

        return iter(()) if self.journal_folder is None else recover(self.journal_folder, self.finalizer)

    def close(self) -> None:
        """Ends the journal, and closes a store that was opened here; one that was passed in stays open."""
        self.recorder.close()
        with self._lock:
            if self._store is not None and self._owns_store:
                self._store.close()
                self._store = None


def _is_store(storage: object) -> bool:
    return storage is not None and not isinstance(storage, (str, Path, bool))


def _listed(name: str, values: Sequence[str] | None) -> list[str] | None:
    if isinstance(values, str):
        raise ConfigError(f"argument `{name}` must be a list of text, not one text; write [{values!r}]")
    return None if values is None else list(values)


def _patterns(values: Sequence[str | re.Pattern[str]] | None) -> list[str] | None:
    if isinstance(values, str):
        raise ConfigError(f"argument `redact_values` must be a list of patterns or a function; write [{values!r}]")
    return None if values is None else [one.pattern if isinstance(one, re.Pattern) else one for one in values]


def _embedder(settings: Settings, *, trusted: bool) -> Embedder | None:
    """The user's own embedder, or None for the built-in one, which is loaded when it is first needed."""
    if settings.detection.semantic.embedder is None:
        return None
    from argus.judges.embedders import chosen_embedder

    return chosen_embedder(settings.detection.semantic, trusted=trusted)


def _judge(settings: Settings, function: Callable[..., Any] | None) -> Judge | None:
    """The language-model judge, if one is asked for; a trace that is only looked at is never sent anywhere."""
    if not settings.detection.semantic.judge:
        return None
    from argus.judges.choice import chosen_judge

    return chosen_judge(settings.detection.semantic, function)


def _signatures(configuration: Configuration) -> SignatureSet | None:
    """The bundled signatures with those of ``detection.signatures.private``; None when there are no others."""
    chosen = configuration.settings.detection.signatures
    if chosen.private is None or not chosen.enabled:
        return None
    from argus.detectors.signatures.registry import with_private

    return with_private(configuration.base_folder / chosen.private)


def _frozen(configuration: Configuration) -> FrozenBaselines | None:
    """The baselines of ``detection.baseline``, or None when none is named."""
    named = configuration.settings.detection.baseline
    if named is None:
        return None
    from argus.learning.frozen_file import read_frozen

    try:
        return read_frozen(configuration.base_folder / named)
    except ConfigError as error:
        origin = configuration.origins.get("detection.baseline", "argument")
        raise ConfigError(f"`detection.baseline` ({origin}): {error}") from error


def _checked_validators(validators: Mapping[str, Validator] | None) -> dict[str, Validator]:
    for target, check in (validators or {}).items():
        if not isinstance(target, str) or not callable(check):
            raise ConfigError(
                f"argument `validators`: {target!r} must be a field, path, `node:<name>`, `node:<name>/field` or `*`, "
                f"and its check a function of one value"
            )
    return dict(validators or {})
