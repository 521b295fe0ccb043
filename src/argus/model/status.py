"""How good a run was: what status, gate, strict mode and exit code all follow.

Findings give a status (:func:`status_of`), a status passes or not (:func:`passes`). Nothing else decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from argus.model.detection import Detection, worst

if TYPE_CHECKING:
    from argus.model.trace import Status, Trace

__all__ = ["FailOn", "is_incomplete", "passes", "status_of"]

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
