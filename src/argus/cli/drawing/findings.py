"""Findings as lines."""

from __future__ import annotations

from collections.abc import Iterable

from argus.cli.drawing.ink import sentence, severity_sign, severity_style
from argus.cli.output.screen import Screen, Span
from argus.model.detection import Detection
from argus.model.trace import Trace
from argus.views.values import preview

__all__ = ["by_step", "draw_finding"]


def by_step(trace: Trace, *, suppressed: bool = False) -> dict[str, list[Detection]]:
    """The findings of a run by step id, in their order.

    Args:
        trace: The run.
        suppressed: Whether suppressed ones are told too.
    """
    found: dict[str, list[Detection]] = {}
    for finding in trace.detections:
        if suppressed or finding.suppressed is None:
            found.setdefault(finding.step_id, []).append(finding)
    return found


def draw_finding(screen: Screen, trace: Trace, finding: Detection, *, indent: int, verbose: bool) -> None:
    """Writes a finding: severity, code and message; on request all it rests on.

    Args:
        screen: Where to write.
        trace: The run.
        finding: One of its findings.
        indent: Cells to begin with.
        verbose: Whether field, confidence, evidence and details are told.
    """
    margin, hanging = (Span(" " * indent),), (Span(" " * (indent + 2)),)
    code = Span(f"{finding.code or finding.layer} ", severity_style(finding.severity))
    spans = [code, *sentence(screen, finding.message)]
    if finding.suppressed is not None:
        spans = [Span("suppressed: ", "dim"), *spans, Span(f" ({finding.suppressed})", "dim")]
    screen.paragraph(spans, first=(*margin, severity_sign(finding.severity), Span(" ")), rest=hanging)
    if not verbose:
        return
    known = [f"confidence {finding.confidence:.2f}", finding.layer]
    known += [f"field {finding.field}"] if finding.field else []
    screen.paragraph([Span(", ".join(known), "dim")], first=hanging, rest=hanging)
    for line in _evidence(trace, finding):
        screen.paragraph([Span(line, "dim")], first=hanging, rest=(Span(" " * (indent + 4)),))
    for name, value in finding.details.items():
        text = f"{name}: {preview(value, 200)}"
        screen.paragraph([Span(text, "dim")], first=hanging, rest=(Span(" " * (indent + 4)),))


def _evidence(trace: Trace, finding: Detection) -> Iterable[str]:
    for one in finding.evidence:
        step = trace.step(one.step_id)
        place = f"step {step.step_number} {step.node_name}" if step else "elsewhere"
        parts = [place, *([one.field] if one.field else []), *([one.note] if one.note else [])]
        shown = f": {preview(one.value, 200)}" if one.value is not None else ""
        yield f"evidence at {', '.join(parts)}{shown}"
