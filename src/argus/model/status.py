"""How good a run was: the one function that status, gate, strict mode and exit code follow."""

from __future__ import annotations

from collections.abc import Sequence

from argus.model.detection import Detection, worst
from argus.model.trace import Status, Trace

__all__ = ["status_of"]


def status_of(detections: Sequence[Detection], *, incomplete: bool = False) -> Status:
    """The status that findings give a run.

    Args:
        detections: All findings; suppressed ones count for nothing.
        incomplete: Whether the process died before the run ended.

    Returns:
        ``incomplete``, then ``failed`` with a critical finding, ``warning``, ``ok``; info changes nothing.
    """
    if incomplete:
        return "incomplete"
    severity = worst(list(detections))
    return "failed" if severity == "critical" else "warning" if severity == "warning" else "ok"


def is_incomplete(trace: Trace) -> bool:
    """Whether the process that ran it died."""
    return trace.metadata.get("outcome") == "incomplete"
