"""How good a run was: what status, gate, strict mode and exit code all follow.

Findings give a status (:func:`status_of`), a status passes or not (:func:`passes`), and a run of which too little is
known never does (:func:`shortfall`). Nothing else decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from argus.model.detection import Detection, worst

if TYPE_CHECKING:
    from argus.model.trace import Status, Trace

__all__ = ["FailOn", "is_incomplete", "passes", "shortfall", "status_of"]

FailOn = Literal["warning", "critical"]
"""The mildest severity that fails a run."""


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


def passes(status: Status, fail_on: FailOn = "warning") -> bool:
    """Whether a run of this status is good enough.

    Args:
        status: As :func:`status_of` gives it.
        fail_on: The mildest severity that fails it.

    Returns:
        False for ``failed`` and ``incomplete``, for ``warning`` unless only critical findings count; True for ``ok``.
    """
    return status == "ok" or (status == "warning" and fail_on == "critical")


def shortfall(trace: Trace) -> str | None:
    """Why a run cannot pass whatever was found in it, as the rest of a sentence about it; None if it can.

    Args:
        trace: A finalized trace.
    """
    if trace.status == "incomplete" or is_incomplete(trace):
        return "is incomplete: its process ended before it did"
    error = trace.metadata.get("analysis_error")
    return None if error is None else f"could not be analysed: {error}"
