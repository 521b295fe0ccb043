"""Which recorded step the current code runs in, whoever records it."""

from __future__ import annotations

import sys

from argus._internal.guard import Guard
from argus.instrumentation.functions import current_step

__all__ = ["called_from"]

_guard = Guard("caller")


def called_from() -> dict[str, object]:
    """What a run that begins here says of the step that began it: ``called_from``, or nothing when there is none."""
    with _guard:
        inside = current_step() or _langgraph_step()
        if inside is not None:
            return {"called_from": {"trace": inside[0], "step": inside[1]}}
    return {}


def _langgraph_step() -> tuple[str, str] | None:
    running = sys.modules.get("argus.instrumentation.langgraph.running")
    place = running.here.get() if running is not None else None
    if place is None or not hasattr(place, "steps"):
        return None
    recording = next(iter(place.call.recordings), None)
    step = next(iter(place.steps), None)
    return (recording.run.id, step.id) if recording is not None and step is not None else None
