"""A finding."""

from __future__ import annotations

from typing import Literal

from argus.model.record import Record
from argus.model.values import JsonValue

__all__ = ["SEVERITIES", "Detection", "Evidence", "Severity", "worst"]

Severity = Literal["info", "warning", "critical"]

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")
"""From mild to grave."""


class Evidence(Record, frozen=True, kw_only=True):
    """One fact in the trace that a finding or a blame rests on.

    Attributes:
        step_id: The step where it can be seen.
        field: The state field or dotted path, if it is about one.
        note: What is to be seen there, in a few words.
        value: The value, or a short excerpt of it.
    """

    step_id: str
    field: str | None = None
    note: str = ""
    value: JsonValue = None


class Detection(Record, frozen=True, kw_only=True):
    """Something a detector found. Only layer, severity, message and step_id need be given.

    Attributes:
        layer: ``statistical``, ``semantic``, ``behavioral``, ``structural``, or any word from a custom detector.
        severity: ``info`` never changes a run's status; ``warning`` and ``critical`` do.
        message: One sentence.
        step_id: The step where the fault is seen.
        id: Filled in by the engine.
        details: Facts for machines, JSON-serialisable.
        code: The detector's stable code, such as ``STR401``; empty for custom detectors without one.
        field: The state field or dotted path concerned.
        confidence: From 0 to 1.
        evidence: The facts it rests on.
        suppressed: Why configuration silences this finding, or None; a suppressed finding counts for nothing.
    """

    layer: str
    severity: Severity
    message: str
    step_id: str
    id: str = ""
    details: dict[str, JsonValue] = {}
    code: str = ""
    field: str | None = None
    confidence: float = 1.0
    evidence: tuple[Evidence, ...] = ()
    suppressed: str | None = None


def worst(detections: tuple[Detection, ...] | list[Detection]) -> Severity | None:
    """The gravest severity among findings that are not suppressed, or None without any."""
    ranks = [SEVERITIES.index(d.severity) for d in detections if d.suppressed is None]
    return SEVERITIES[max(ranks)] if ranks else None
