"""Each step of a run, ready for a template: its row in the timeline and what can be unfolded below it."""

from __future__ import annotations

from argus.model.detection import Detection
from argus.model.trace import ErrorInfo, Trace, TraceStep
from argus.reports.parts import Block, CallLine, ChangeLine, FindingCard, RowView, StepDetails
from argus.reports.phrases import phrase
from argus.views.amounts import count, duration
from argus.views.facts import row_facts
from argus.views.neutral import neutral, shorten
from argus.views.state_diff import changes
from argus.views.timeline import TimelineRow
from argus.views.values import layout, preview
from argus.views.words import ROLE_SIGNS, SEVERITY_SIGNS

__all__ = ["StepBuilder", "finding_card"]

_STATE_CHARACTERS = 6_000
_ALL_STATES_CHARACTERS = 3_000_000
_CHANGE_CHARACTERS = 240


def finding_card(trace: Trace, finding: Detection) -> FindingCard:
    """A finding for a template.

    Args:
        trace: The run.
        finding: One of its findings.
    """
    sign = SEVERITY_SIGNS[finding.severity]
    step = trace.step(finding.step_id)
    evidence = []
    for one in finding.evidence:
        seen = trace.step(one.step_id)
        place = f"step {seen.step_number} {seen.node_name}" if seen else "elsewhere"
        value = f": {preview(one.value, 160)}" if one.value is not None else ""
        evidence.append(phrase(", ".join(filter(None, (place, one.field, one.note))) + value))
    return FindingCard(
        severity=finding.severity,
        glyph=sign.glyph,
        word=sign.word,
        code=neutral(shorten(finding.code or finding.layer, 40)),
        layer=neutral(shorten(finding.layer, 40)),
        message=phrase(finding.message),
        field=neutral(finding.field) if finding.field else None,
        confidence=finding.confidence,
        step_number=step.step_number if step else None,
        node_name=neutral(step.node_name) if step else "",
        evidence=tuple(evidence),
        suppressed=neutral(finding.suppressed) if finding.suppressed is not None else None,
    )


class StepBuilder:
    """Makes the rows of one run; states stop being written out when the document grows too large.

    Args:
        trace: The run.
        total_ms: The length of the time axis.
    """

    def __init__(self, trace: Trace, total_ms: float) -> None:
        self._trace = trace
        self._total_ms = total_ms or 1.0
        self._budget = _ALL_STATES_CHARACTERS
        self._findings: dict[str, list[Detection]] = {}
        for finding in trace.detections:
            self._findings.setdefault(finding.step_id, []).append(finding)

    def row(self, row: TimelineRow, *, threaded: bool) -> RowView:
        """A row of the timeline.

        Args:
            row: From the timeline view.
            threaded: Whether the thread of blame passes it.
        """
        step = self._trace.step(row.step_ids[0]) if row.kind == "step" else None
        start = min(998, max(0, int(row.start_ms / self._total_ms * 1000)))
        return RowView(
            kind=row.kind,
            number="" if row.kind == "fold" else str(row.numbers[0]),
            name=neutral(row.name),
            note=neutral(", ".join(row_facts(row))),
            depth=min(row.depth, 8),
            parallel=row.parallel,
            role=row.role,
            role_glyph=ROLE_SIGNS[row.role].glyph if row.role else "",
            threaded=threaded,
            marks=tuple((mark.severity, SEVERITY_SIGNS[mark.severity].glyph, neutral(mark.code)) for mark in row.marks),
            start=start,
            length=min(1000 - start, max(2, int(row.duration_ms / self._total_ms * 1000))),
            duration=duration(row.duration_ms),
            details=self._details(step) if step else None,
        )

    def _details(self, step: TraceStep) -> StepDetails:
        seen = changes(self._trace, step)
        return StepDetails(
            number=step.step_number,
            facts=self._facts(step),
            findings=tuple(finding_card(self._trace, finding) for finding in self._findings.get(step.id, ())),
            changed=tuple(
                ChangeLine(
                    mark=change.mark,
                    field=neutral(change.field),
                    text=change.text(_CHANGE_CHARACTERS),
                    faulty=change.mark in "!∅",
                )
                for change in seen.changed
            ),
            unchanged=seen.unchanged,
            calls=_calls(step),
            error=self._error(step.error) if step.error else None,
            blocks=tuple(
                block
                for title, state in (("Given", step.input_state), ("Returned", step.output_state))
                if (block := self._block(title, state, step)) is not None
            ),
        )

    def _facts(self, step: TraceStep) -> tuple[str, ...]:
        spec = self._trace.node_spec(step)
        parent = self._trace.step(step.parent_id) if step.parent_id else None
        usage = step.token_usage
        known = [
            f"{spec.file}:{spec.line}" if spec and spec.file else "",
            f"inside step {parent.step_number} {parent.node_name}" if parent else "",
            f"attempt {step.attempt}" if step.attempt > 1 else "",
            count(usage.total_tokens, "token") if usage and usage.total_tokens is not None else "",
            f"{duration(step.cpu_ms)} of CPU time" if step.cpu_ms is not None else "",
        ]
        return tuple(neutral(fact) for fact in known if fact)

    def _error(self, error: ErrorInfo) -> Block:
        text = error.traceback.rstrip("\n") or f"{error.type}: {error.message}"
        lines, left_out = layout(text, _STATE_CHARACTERS)
        note = f"{left_out:,} characters more" if left_out else ""
        return Block(
            title=neutral(f"{error.type}: {shorten(error.message, 300)}"), text="\n".join(lines), left_out=note
        )

    def _block(self, title: str, state: object, step: TraceStep) -> Block | None:
        if not state:
            return None
        command = f"argus trace {self._trace.id} --step {step.step_number} --verbose"
        if self._budget <= 0:
            return Block(title=title, text="", left_out=f"left out to keep this page small; {command}")
        lines, left_out = layout(state, min(_STATE_CHARACTERS, self._budget))
        text = "\n".join(lines)
        self._budget -= len(text)
        return Block(title=title, text=text, left_out=f"{left_out:,} characters more; {command}" if left_out else "")


def _calls(step: TraceStep) -> tuple[CallLine, ...]:
    lines = []
    for call in step.tool_calls:
        failed = f", failed: {call.error.type}" if call.error else ""
        lines.append(CallLine(kind="tool", name=neutral(call.name), facts=neutral(duration(call.duration_ms) + failed)))
    for model_call in step.llm_calls:
        usage = model_call.usage.total_tokens if model_call.usage else None
        tokens = f", {count(usage, 'token')}" if usage is not None else ""
        failed = f", failed: {model_call.error.type}" if model_call.error else ""
        facts = neutral(f"{duration(model_call.duration_ms)}{tokens}{failed}")
        lines.append(CallLine(kind="model", name=neutral(model_call.model or "model"), facts=facts))
    return tuple(lines)
