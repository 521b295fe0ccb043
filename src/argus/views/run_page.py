"""All that the page of one run shows at first: verdict, chain, suspects, findings and graph; no values but previews."""

from __future__ import annotations

from collections.abc import Iterator

from argus.model.detection import Detection, Severity
from argus.model.forensics import Suggestion
from argus.model.record import Record
from argus.model.trace import ErrorInfo, Trace, TraceStep
from argus.model.values import JsonValue
from argus.views.chain import story
from argus.views.facts import gaps
from argus.views.run_graph import RunGraph, run_graph
from argus.views.run_row import RunRow
from argus.views.shown import Shown, shown
from argus.views.timeline import Role, offset_ms
from argus.views.usual import Usual
from argus.views.verdict import Verdict, verdict

__all__ = [
    "ChainLink", "Command", "Finding", "FindingEvidence", "RunPage", "RunSuspect", "finding_views",
    "run_page",
]  # fmt: skip


class ChainLink(Record, frozen=True, kw_only=True):
    """A step on the way from cause to symptom.

    Attributes:
        step_number: The step, or None if the run does not hold it.
        node: Its node.
        role: ``cause``, ``path`` or ``symptom``.
        why: What happened there, one clause.
        field: The field that carried the fault on, or None.
        carried: What the field held after this step, in one line; empty when unknown.
        file: The source file concerned, or None.
        line: The line in it, or None.
        elapsed_ms: Milliseconds from the start of the cause to the start of this step, or None.
    """

    step_number: int | None
    node: str
    role: Role
    why: str = ""
    field: str | None = None
    carried: str = ""
    file: str | None = None
    line: int | None = None
    elapsed_ms: float | None = None


class RunSuspect(Record, frozen=True, kw_only=True):
    """A step that may be the cause.

    Attributes:
        step_number: Its number, or None if the run does not hold it.
        node: Its node.
        score: From 0 to 1.
        reasons: One clause each.
    """

    step_number: int | None
    node: str
    score: float
    reasons: tuple[str, ...] = ()


class FindingEvidence(Record, frozen=True, kw_only=True):
    """One fact that a finding rests on.

    Attributes:
        step_number: The step where it can be seen, or None if the run does not hold it.
        node: Its node; empty if the run does not hold it.
        field: The field or dotted path, if it is about one.
        note: What is to be seen there.
        value: The value, or an excerpt.
    """

    step_number: int | None
    node: str = ""
    field: str | None = None
    note: str = ""
    value: Shown | None = None


class Finding(Record, frozen=True, kw_only=True):
    """Something a detector found.

    Attributes:
        id: Its id.
        step_number: The step where the fault is seen, or None if the run does not hold it.
        node: Its node; empty if the run does not hold it.
        code: Its stable code; empty for detectors without one.
        name: The rule's name, in words.
        layer: Its layer.
        severity: Its severity.
        message: One sentence.
        field: The field or dotted path concerned.
        confidence: From 0 to 1.
        suppressed: Why configuration silences it, or None.
        evidence: What it rests on.
        details: Facts for machines.
    """

    id: str
    step_number: int | None
    node: str
    code: str
    name: str
    layer: str
    severity: Severity
    message: str
    field: str | None = None
    confidence: float = 1.0
    suppressed: str | None = None
    evidence: tuple[FindingEvidence, ...] = ()
    details: dict[str, JsonValue] = {}


class Command(Record, frozen=True, kw_only=True):
    """A command line that shows the same, or does what a button does.

    Attributes:
        name: What it is for, such as ``show`` or ``replay``.
        line: The line, ready to paste.
    """

    name: str
    line: str


class RunPage(Record, frozen=True, kw_only=True):
    """One run without its values.

    Attributes:
        header: The run as a row.
        usual: What is usual for its pipeline.
        metadata: Free, from the user and the recorder.
        gaps: What the run does not know or could not keep, one sentence each.
        verdict: What it comes down to.
        chain: From cause to symptom; empty when no cause is named.
        suspects: Ranked; only when no cause is named.
        suggestions: What to change.
        detections: Findings, gravest first, suppressed ones included.
        graph: Its graph and what ran.
        error: The exception that left the graph, or None.
        input: What the caller passed in.
        output: What the caller got back; None when the run did not return.
        commands: Command lines that show the same.
    """

    header: RunRow
    usual: Usual
    metadata: dict[str, JsonValue]
    gaps: tuple[str, ...]
    verdict: Verdict
    chain: tuple[ChainLink, ...]
    suspects: tuple[RunSuspect, ...]
    suggestions: tuple[Suggestion, ...]
    detections: tuple[Finding, ...]
    graph: RunGraph
    error: ErrorInfo | None = None
    input: Shown | None = None
    output: Shown | None = None
    commands: tuple[Command, ...] = ()


def run_page(
    trace: Trace, header: RunRow, usual: Usual, *, rule_names: dict[str, str], commands: tuple[Command, ...] = ()
) -> RunPage:
    """The page of a run.

    Args:
        trace: The run.
        header: It as a row.
        usual: What is usual for its pipeline.
        rule_names: The names of rules by code.
        commands: Command lines that show the same.
    """
    told = story(trace)
    return RunPage(
        header=header,
        usual=usual,
        metadata=trace.metadata,
        gaps=tuple(gaps(trace)),
        verdict=verdict(trace),
        chain=tuple(_chain(trace)),
        suspects=tuple(
            RunSuspect(step_number=one.step_number, node=one.node_name, score=one.score, reasons=one.reasons)
            for one in told.suspects
        ),
        suggestions=told.suggestions,
        detections=finding_views(trace, trace.detections, rule_names),
        graph=run_graph(trace, usual),
        error=trace.error,
        input=shown(trace.input),
        output=None if trace.output is None else shown(trace.output),
        commands=commands,
    )


def finding_views(
    trace: Trace, detections: tuple[Detection, ...] | list[Detection], rule_names: dict[str, str]
) -> tuple[Finding, ...]:
    """Findings as they are shown.

    Args:
        trace: The run they are of.
        detections: Some or all of its findings.
        rule_names: The names of rules by code.
    """
    return tuple(_finding(trace, one, rule_names) for one in detections)


def _finding(trace: Trace, found: Detection, rule_names: dict[str, str]) -> Finding:
    step = trace.step(found.step_id)
    return Finding(
        id=found.id,
        step_number=step.step_number if step else None,
        node=step.node_name if step else "",
        code=found.code,
        name=rule_names.get(found.code, found.layer),
        layer=found.layer,
        severity=found.severity,
        message=found.message,
        field=found.field,
        confidence=found.confidence,
        suppressed=found.suppressed,
        evidence=tuple(_evidence(trace, found)),
        details=found.details,
    )


def _evidence(trace: Trace, found: Detection) -> Iterator[FindingEvidence]:
    for one in found.evidence:
        step = trace.step(one.step_id)
        yield FindingEvidence(
            step_number=step.step_number if step else None,
            node=step.node_name if step else "",
            field=one.field,
            note=one.note,
            value=None if one.value is None else shown(one.value),
        )


def _chain(trace: Trace) -> Iterator[ChainLink]:
    hops = story(trace).chain
    began = next((_start(trace, trace.step(hop.step_id)) for hop in hops if hop.role == "cause"), None)
    for hop in hops:
        start = _start(trace, trace.step(hop.step_id))
        yield ChainLink(
            step_number=hop.step_number,
            node=hop.node_name,
            role=hop.role,
            why=hop.why,
            field=hop.field,
            carried=hop.carried,
            file=hop.file,
            line=hop.line,
            elapsed_ms=None if start is None or began is None else round(start - began, 3),
        )


def _start(trace: Trace, step: TraceStep | None) -> float | None:
    return None if step is None else offset_ms(trace, step)
