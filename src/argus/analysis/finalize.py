"""One trace through detection, forensics and the store."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from argus._internal.guard import Guard
from argus.analysis.retention import Retention
from argus.config.settings import Settings
from argus.detectors.base import BaseDetector, DetectorContext, Validator
from argus.errors import StorageError
from argus.model.status import is_incomplete, status_of
from argus.model.trace import Trace

if TYPE_CHECKING:
    from argus.detectors.signatures.signature import SignatureSet
    from argus.learning.frozen_file import FrozenBaselines
    from argus.model.ports import Embedder, History, Judge
    from argus.storage.base import BaseStore

__all__ = ["Finalizer", "is_stored", "may_be_stored_later"]

_log = logging.getLogger(__name__)
_guard = Guard("analysis")


class Finalizer:
    """Detects, investigates and stores; one per watcher, used from any thread.

    Args:
        settings: All options.
        detectors: What looks for faults, built-in and custom.
        open_store: Opens the store on first use; None keeps traces in memory only.
        validators: The user's validators by target.
        signatures: The bundled signatures with the user's own, or None for the bundled ones alone.
        embedder: The user's own, or None for the built-in one.
        judge: Reads each run with findings' meaning in mind, or None for none.
        frozen: Baselines that count instead of what the store has learned, or None for none.
    """

    def __init__(
        self,
        settings: Settings,
        detectors: Sequence[BaseDetector],
        open_store: Callable[[], BaseStore] | None,
        validators: Mapping[str, Validator] | None = None,
        signatures: SignatureSet | None = None,
        embedder: Embedder | None = None,
        judge: Judge | None = None,
        frozen: FrozenBaselines | None = None,
    ) -> None:
        self._settings = settings
        self._detectors = tuple(detectors)
        self._open_store = open_store
        self._validators = dict(validators or {})
        self._signatures = signatures
        self._embedder: Embedder | None = embedder
        self._judge = judge
        self._frozen = frozen
        self._retention = Retention(settings.storage.retention)
        self._overrulable = frozenset(one.code for one in self._detectors if one.code and one.overrulable)

    def __call__(self, trace: Trace) -> Trace:
        """The trace with findings, forensics, status and summary; stored if there is a store.

        Never raises: an analysis that fails is logged and named in ``metadata.analysis_error``, a store that fails in
        ``metadata.store_error``; the trace is stored, or returned, all the same.

        Args:
            trace: As assembled from the recording.
        """
        return self.store(self.analyse(trace))

    def analyse(self, trace: Trace, **metadata: Any) -> Trace:
        """The trace with findings, forensics, status and summary; never raises.

        Args:
            trace: As assembled from the recording.
            **metadata: Added to the trace.
        """
        analysed = trace
        with _guard:
            try:
                analysed = self.explain(self.detect(trace))
            except Exception as error:
                metadata["analysis_error"] = f"{type(error).__name__}: {error}"
                raise
        return _with_metadata(analysed, **metadata) if metadata else analysed

    def detect(self, trace: Trace) -> Trace:
        """The trace with findings and status.

        Args:
            trace: As assembled from the recording.
        """
        from argus.detectors.engine import detect

        failed_before = getattr(self._embedder, "failures", 0)
        context = self._context(trace)
        found = detect(trace, self._detectors, context)
        metadata = trace.metadata
        if getattr(self._embedder, "failures", 0) > failed_before:
            metadata = {**metadata, "embedder_error": f"{getattr(self._embedder, 'reason', '')}; built-in vectors used"}
        if found.failures:
            metadata = {**metadata, "detector_failures": [msgspec.to_builtins(one) for one in found.failures]}
        detections = found.detections
        if self._judge is not None and trace.steps:
            from argus.analysis.judging import judge_run

            seen = msgspec.structs.replace(trace, detections=detections)
            with Guard("judge"):
                detections, facts = judge_run(seen, self._judge, self._overrulable, context)
                metadata = {**metadata, "judge": facts}
        return msgspec.structs.replace(
            trace,
            detections=detections,
            status=status_of(detections, incomplete=is_incomplete(trace)),
            metadata=metadata,
        )

    def explain(self, trace: Trace) -> Trace:
        """The trace with forensics, where there is something to explain, and a summary.

        Args:
            trace: With its findings.
        """
        from argus.forensics.analyzer import investigate
        from argus.forensics.explain import summary

        wanted = self._settings.watcher.investigate
        if wanted and (trace.detection_count or wanted == "always"):
            with Guard("forensics"):
                trace = msgspec.structs.replace(trace, forensics=investigate(trace, near_misses=wanted == "always"))
        return msgspec.structs.replace(trace, summary=summary(trace))

    def store(self, trace: Trace) -> Trace:
        """Stores the trace, without states if they are not to be kept.

        Args:
            trace: Finished.

        Returns:
            The trace, with ``metadata.store_error`` if storing failed.
        """
        if self._open_store is None or not self._is_sampled(trace):
            return trace
        try:
            store = self._open_store()
            store.save(trace if self._settings.watcher.persist_state else without_states(trace))
            self._retention.saved(store)
        except StorageError as error:
            _log.warning("trace_not_stored id=%s: %s", trace.id, error)
            return _with_metadata(trace, store_error=str(error))
        except Exception as error:  # noqa: BLE001 - a store of strangers, or a trace that it cannot hold
            _guard.record(error)
            return _with_metadata(trace, store_error=f"{type(error).__name__}: {error}", store_again=False)
        return trace

    def _is_sampled(self, trace: Trace) -> bool:
        """Runs with findings always are; of clean ones the share asked for, chosen by the random part of their ids."""
        rate = self._settings.watcher.sample_rate
        return rate >= 1 or not trace.is_clean or zlib.crc32(trace.id.encode()) / 2**32 < rate

    def _context(self, trace: Trace) -> DetectorContext:
        return DetectorContext(
            settings=self._settings.detection,
            history=self._history(trace),
            embedder=self._embedding(),
            validators=self._validators,
            signatures=self._signatures,
        )

    def _history(self, trace: Trace) -> History | None:
        version = trace.graph.version if trace.graph else None
        stored = self._stored_history(trace, version)
        profile = self._frozen.profile(trace.pipeline_name, version) if self._frozen is not None else None
        if profile is None:
            return stored
        from argus.learning.frozen_history import FrozenHistory

        return FrozenHistory(profile, stored)

    def _stored_history(self, trace: Trace, version: str | None) -> History | None:
        if self._open_store is None:
            return None
        try:
            return self._open_store().history(trace.pipeline_name, version, before=trace.created_at)
        except StorageError as error:
            _log.warning("history_not_available pipeline=%s: %s", trace.pipeline_name, error)
            return None

    def _embedding(self) -> Embedder | None:
        if not self._settings.detection.semantic.enabled:
            return None
        if self._embedder is None:
            from argus.judges.embedding import StaticEmbedder

            self._embedder = StaticEmbedder()
        return self._embedder


def is_stored(trace: Trace) -> bool:
    """Whether nothing more has to be done to keep a finalized trace: it is stored, or not meant to be.

    Args:
        trace: As :class:`Finalizer` returned it.
    """
    return "store_error" not in trace.metadata


def may_be_stored_later(trace: Trace) -> bool:
    """Whether a trace that is not stored should be tried again: the store is at fault, not the trace.

    Args:
        trace: As :class:`Finalizer` returned it.
    """
    return not is_stored(trace) and trace.metadata.get("store_again") is not False


def _with_metadata(trace: Trace, **metadata: Any) -> Trace:
    return msgspec.structs.replace(trace, metadata={**trace.metadata, **metadata})


def without_states(trace: Trace) -> Trace:
    """The trace with every state, input, output and call content taken out.

    Args:
        trace: Any trace.
    """
    empty: dict[str, Any] = {"input_state": {}, "output_state": {}, "state_after": {}}
    steps = tuple(
        msgspec.structs.replace(
            step,
            **empty,
            tool_calls=tuple(msgspec.structs.replace(call, arguments=None, result=None) for call in step.tool_calls),
            llm_calls=tuple(msgspec.structs.replace(call, messages=None, response=None) for call in step.llm_calls),
            http_exchanges=tuple(exchange.without_content() for exchange in step.http_exchanges),
        )
        for step in trace.steps
    )
    metadata = {**trace.metadata, "states": "not persisted"}
    return msgspec.structs.replace(trace, steps=steps, input=None, output=None, metadata=metadata)
