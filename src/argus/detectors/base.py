"""What a detector is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from argus.config.settings import DetectionSettings
from argus.detectors.signatures.signature import SignatureSet
from argus.model.detection import Detection
from argus.model.judgement import Verdict
from argus.model.ports import Embedder, History
from argus.model.trace import Trace

__all__ = ["BaseDetector", "Detection", "DetectorContext", "Validator"]

Validator = Callable[[Any], Any]
"""A user's check: value -> bool or (bool, message)."""


@dataclass(frozen=True)
class DetectorContext:
    """What a detector may use beside the trace.

    Attributes:
        settings: The ``detection`` section.
        history: Earlier healthy runs of the same pipeline and graph version, or None when there is no store.
        embedder: Text to vectors, or None when the semantic layer is off; loading it is deferred to its first use.
        validators: The user's validators by target.
        signatures: What texts that look like a failure are matched against, or None for the bundled signatures.
        verdict: What a judge said of the run, once it was asked; None before.
        memo: What the detectors of one run share, such as an index of its steps; the engine gives each run its own.
    """

    settings: DetectionSettings = field(default_factory=DetectionSettings)
    history: History | None = None
    embedder: Embedder | None = None
    validators: Mapping[str, Validator] = field(default_factory=dict)
    signatures: SignatureSet | None = None
    verdict: Verdict | None = None
    memo: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


class BaseDetector:
    """Finds one kind of fault. Subclass it and implement :meth:`detect`, or :meth:`run` to use the context.

    A detector is pure: no clock, no I/O but the context's ports, no state between runs; the same trace and context give
    the same findings in the same order, in time linear in the size of the trace. An instance may be used by several
    threads at once.

    Attributes:
        code: Stable and unique, such as ``STR401``; empty for detectors that do not claim one.
        name: The slug, such as ``missing_field``; the class name when empty.
        layer: ``statistical``, ``semantic``, ``behavioral``, ``structural`` or any other word.
        calls_validators: Whether it calls the user's validators, which may hang; it then never runs on the engine's own
            thread.
        overrulable: Whether it rests on wording or similarity alone, so that a judge may overrule it.
        fault: The kind of fault, where several detectors can see the same one: their findings about the same step and
            field become one. Empty: the code stands for the fault.
    """

    code: ClassVar[str] = ""
    name: ClassVar[str] = ""
    layer: ClassVar[str] = "custom"
    fault: ClassVar[str] = ""
    calls_validators: ClassVar[bool] = False
    overrulable: ClassVar[bool] = False

    def detect(self, trace: Trace) -> list[Detection]:
        """Looks for the fault in one finished trace.

        Args:
            trace: The trace; never changed.

        Returns:
            The findings; ids are filled in by the engine.
        """
        raise NotImplementedError(f"{type(self).__name__} must implement detect() or run()")

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Called by the engine; the default ignores the context.

        Args:
            trace: The trace; never changed.
            context: Settings, history, embedder and validators.

        Returns:
            The findings; ids are filled in by the engine.
        """
        return self.detect(trace)
