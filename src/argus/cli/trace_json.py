"""The JSON documents of ``argus trace``."""

from __future__ import annotations

from typing import Any

from argus.model.trace import Trace, TraceStep
from argus.views.paths import MISSING, lookup
from argus.views.state_diff import changes, of_field

__all__ = ["diff_document", "field_document", "step_document"]


def step_document(trace: Trace, step: TraceStep) -> dict[str, Any]:
    """One step with its findings and changes."""
    return {
        "trace_id": trace.id,
        "step": step,
        "detections": [finding for finding in trace.detections if finding.step_id == step.id],
        "changes": changes(trace, step),
    }


def diff_document(trace: Trace, step: TraceStep | None, field: str | None) -> dict[str, Any]:
    """What each step, or one of them, changed; of one field only, without the steps that did not change it."""
    seen = [changes(trace, one) for one in ((step,) if step else trace.steps)]
    if field is not None:
        seen = [of for one in seen if (of := of_field(one, field)).changed]
    return {"trace_id": trace.id, "steps": seen}


def field_document(trace: Trace, step: TraceStep | None, path: str) -> dict[str, Any]:
    """A field at one step, or wherever it was written; what was absent is left out."""
    if step is not None:
        values = {
            "before": lookup(step.input_state, path),
            "returned": lookup(step.output_state, path),
            "after": lookup(step.state_after, path),
        }
        present = {name: value for name, value in values.items() if value is not MISSING}
        return {"trace_id": trace.id, "step_number": step.step_number, "field": path, **present}
    writes = [
        {"step_number": one.step_number, "node_name": one.node_name, "value": value}
        for one in trace.steps
        if (value := lookup(one.output_state, path)) is not MISSING
    ]
    return {"trace_id": trace.id, "field": path, "writes": writes}
