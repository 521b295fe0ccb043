"""Runs every detector over a finished trace.

The detectors stand in lanes, one for each layer, and the lanes run side by side, each on its own thread, so that a
detector that raises, hangs or hands back nonsense costs its own findings only. Built-in detectors on a short trace run
on the calling thread instead: starting and switching threads would cost more than it saves (``bench/detection.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from argus.config.settings import DetectionSettings
from argus.detectors.acceptance import accept
from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.findings import Found, arrange
from argus.detectors.lanes import Outcome, run_in_lanes, run_inline
from argus.detectors.opened import opened
from argus.model.detection import Detection
from argus.model.record import Record
from argus.model.trace import Trace

__all__ = ["DetectorFailure", "EngineResult", "detect", "is_enabled"]

SHORT = 200
"""Steps up to which built-in detectors run on the calling thread."""


class DetectorFailure(Record, frozen=True, kw_only=True):
    """A detector whose findings are missing, and why.

    Attributes:
        detector: Its code, or its name where it has none.
        layer: Its layer.
        reason: ``raised``, ``over_budget`` or ``bad_result``.
        message: What happened, in one line.
    """

    detector: str
    layer: str
    reason: Literal["raised", "over_budget", "bad_result"]
    message: str


class EngineResult(Record, frozen=True, kw_only=True):
    """What all detectors say about one run.

    Attributes:
        detections: With ids; those that count first, the gravest first, then by step and code.
        failures: Detectors that failed, by layer and name; never empty silence.
    """

    detections: tuple[Detection, ...] = ()
    failures: tuple[DetectorFailure, ...] = ()


def detect(trace: Trace, detectors: Sequence[BaseDetector], context: DetectorContext) -> EngineResult:
    """Looks for every fault in one trace. Never raises for what a detector does.

    The order of ``detectors`` changes nothing. Thread-safe.

    Args:
        trace: A finished run; its own detections are not looked at.
        detectors: From :func:`argus.detectors.registry.load_detectors`.
        context: Settings and ports; the memo is replaced by a fresh one.
    """
    context = replace(context, memo={})
    wanted = [one for one in {id(one): one for one in detectors}.values() if is_enabled(one, context.settings)]

    view = opened(trace)

    def work(index: int) -> object:  # by index: strangers' detectors need not be hashable
        return wanted[index].run(view if _sees_fields(wanted[index]) else trace, context)

    budget_s = context.settings.budget_s
    short = len(trace.steps) <= SHORT
    inline = [index for index, one in enumerate(wanted) if short and _comes_back(one, context)]
    outcomes = run_inline(inline, work, budget_s)
    lanes: dict[tuple[str, bool], list[int]] = {}
    for index, one in enumerate(wanted):
        if index not in outcomes:
            lanes.setdefault((one.layer, _is_builtin(one)), []).append(index)
    outcomes.update(run_in_lanes(list(lanes.values()), work, budget_s))
    return _gathered(trace, [(wanted[index], outcome) for index, outcome in outcomes.items()], context)


def is_enabled(detector: BaseDetector, settings: DetectionSettings) -> bool:
    """Whether the layer of a detector is switched on; layers without a switch always are.

    Args:
        detector: Any detector.
        settings: The ``detection`` section.
    """
    if detector.code.startswith("SIG"):
        return settings.signatures.enabled
    switches = {
        "statistical": settings.statistical.enabled,
        "semantic": settings.semantic.enabled,
        "behavioral": settings.behavioral.enabled,
        "structural": settings.structural.enabled,
    }
    return switches.get(detector.layer, True)


def _gathered(trace: Trace, outcomes: Sequence[tuple[BaseDetector, Outcome]], context: DetectorContext) -> EngineResult:
    step_ids = {step.id for step in trace.steps}
    found: list[Found] = []
    failures: list[DetectorFailure] = []
    for detector, outcome in outcomes:
        if outcome.late:
            failures.append(_failure(detector, "over_budget", f"took longer than {context.settings.budget_s:g} s"))
        elif outcome.error is not None:
            failures.append(_failure(detector, "raised", _said(outcome.error)))
        else:
            findings, complaints = accept(outcome.value, detector, step_ids)
            found += (Found(one, detector.fault or one.code or one.message) for one in findings)
            failures += (_failure(detector, "bad_result", complaint) for complaint in complaints)
    failures.sort(key=lambda one: (one.layer, one.detector, one.reason, one.message))
    return EngineResult(detections=arrange(trace, found, context.settings.ignore), failures=tuple(failures))


def _is_builtin(detector: BaseDetector) -> bool:
    return type(detector).__module__.startswith("argus.detectors.")


def _sees_fields(detector: BaseDetector) -> bool:
    """Whether a detector looks at fields, of a state that is one dict at its keys; figures are about whole updates."""
    return _is_builtin(detector) and not detector.calls_validators and detector.layer != "statistical"


def _comes_back(detector: BaseDetector, context: DetectorContext) -> bool:
    """Whether a detector runs no code of strangers."""
    return _is_builtin(detector) and not (detector.calls_validators and context.validators)


def _failure(
    detector: BaseDetector, reason: Literal["raised", "over_budget", "bad_result"], message: str
) -> DetectorFailure:
    name = detector.code or detector.name or type(detector).__qualname__
    return DetectorFailure(detector=name, layer=detector.layer, reason=reason, message=message)


def _said(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - the message belongs to a stranger's exception
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
