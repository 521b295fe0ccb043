"""What the gate says of one run or many: which findings fail it, which are known, suppressed or too mild to count."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Literal, NamedTuple

from argus.model.detection import SEVERITIES, Detection, Severity
from argus.model.record import Record
from argus.model.status import FailOn, is_incomplete, passes, shortfall, status_of
from argus.model.trace import Status, Trace, TraceStep

__all__ = ["Gate", "GateFinding", "GateGroup", "GateRun", "Standing", "fingerprint", "gate_of", "judge_run"]

Standing = Literal["fails", "mild", "known", "suppressed"]
"""``fails`` the gate; too ``mild`` to fail it; ``known`` from the baseline file; ``suppressed`` by configuration."""

_ORDER: tuple[Standing, ...] = ("fails", "mild", "known", "suppressed")
_INDEX = re.compile(r"\[\d+\]")
_VARIABLE = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|[0-9a-fA-F]{8,}|\d+(?:[.,]\d+)*")
_FINGERPRINT_LENGTH = 16


class GateFinding(Record, frozen=True, kw_only=True):
    """A finding as the gate sees it.

    Attributes:
        fingerprint: The same in every run for the same fault at the same place.
        standing: What it means for the gate.
        code: The detector's code; empty for custom detectors without one.
        layer: The detector's layer.
        severity: How grave it is.
        message: One sentence.
        pipeline_name: The pipeline.
        node_name: The node where it shows, inner ones behind those they run in (``outer/inner``); empty when unknown.
        field: The state field concerned, or None.
        confidence: From 0 to 1.
        trace_id: The run.
        step_number: The step, 1-based; None when it is not recorded.
        file: The node's source file, or None when unknown.
        line: The 1-based line of its definition, or None.
        suppressed: Why configuration silences it, or None.
    """

    fingerprint: str
    standing: Standing
    code: str
    layer: str
    severity: Severity
    message: str
    pipeline_name: str
    node_name: str
    field: str | None = None
    confidence: float = 1.0
    trace_id: str = ""
    step_number: int | None = None
    file: str | None = None
    line: int | None = None
    suppressed: str | None = None

    @property
    def rule(self) -> str:
        """The code, or the layer of a finding without one."""
        return self.code or self.layer


class GateRun(Record, frozen=True, kw_only=True):
    """A run as the gate sees it.

    Attributes:
        trace_id: The run.
        pipeline_name: Its pipeline.
        created_at: When it started, aware UTC.
        duration_ms: Wall time.
        status: The status that the findings which count give it; known ones do not count.
        passed: Whether it passes.
        shortfall: Why it cannot pass whatever was found, as the rest of a sentence about it; or None.
        summary: One sentence.
        findings: All of them, as stored.
    """

    trace_id: str
    pipeline_name: str
    created_at: datetime
    duration_ms: float
    status: Status
    passed: bool
    shortfall: str | None
    summary: str
    findings: tuple[GateFinding, ...] = ()


class GateGroup(NamedTuple):
    """The same finding in all the runs that have it.

    Attributes:
        finding: The newest of them.
        times: How often it was found.
        runs: In how many runs.
    """

    finding: GateFinding
    times: int
    runs: int


class Gate(Record, frozen=True, kw_only=True):
    """The gate's answer.

    Attributes:
        passed: Whether every run passes.
        fail_on: The mildest severity that fails a run.
        runs: Those that were looked at, newest first.
    """

    passed: bool
    fail_on: FailOn
    runs: tuple[GateRun, ...]

    @property
    def failed_runs(self) -> int:
        """How many runs do not pass."""
        return sum(not run.passed for run in self.runs)

    def groups(self) -> tuple[GateGroup, ...]:
        """Every finding once, those that fail the gate first, then the gravest."""
        found: dict[tuple[str, Standing], list[GateFinding]] = {}
        for run in self.runs:
            for finding in run.findings:
                found.setdefault((finding.fingerprint, finding.standing), []).append(finding)
        groups = [GateGroup(same[0], len(same), len({one.trace_id for one in same})) for same in found.values()]
        return tuple(sorted(groups, key=_rank))

    def count(self, standing: Standing) -> int:
        """How many different findings stand so."""
        return len({f.fingerprint for run in self.runs for f in run.findings if f.standing == standing})


def gate_of(runs: Iterable[GateRun], fail_on: FailOn) -> Gate:
    """The answer for several runs.

    Args:
        runs: As :func:`judge_run` gives them.
        fail_on: The mildest severity that fails a run.
    """
    judged = tuple(runs)
    return Gate(passed=all(run.passed for run in judged), fail_on=fail_on, runs=judged)


def judge_run(trace: Trace, fail_on: FailOn = "warning", known: Collection[str] = ()) -> GateRun:
    """What the gate says of a run.

    Args:
        trace: A finalized trace.
        fail_on: The mildest severity that fails it.
        known: Fingerprints of findings that do not count.
    """
    prints = [fingerprint(trace, detection) for detection in trace.detections]
    counting = [one for one, own in zip(trace.detections, prints, strict=True) if own not in known]
    short = shortfall(trace)
    status = status_of(counting, incomplete=trace.status == "incomplete" or is_incomplete(trace))
    return GateRun(
        trace_id=trace.id,
        pipeline_name=trace.pipeline_name,
        created_at=trace.created_at,
        duration_ms=trace.duration_ms,
        status=status,
        passed=passes(status, fail_on) and short is None,
        shortfall=short,
        summary=trace.summary,
        findings=tuple(
            _finding(trace, one, own, _standing(one, fail_on, own in known))
            for one, own in zip(trace.detections, prints, strict=True)
        ),
    )


def fingerprint(trace: Trace, detection: Detection) -> str:
    """What identifies a fault in every run: pipeline, node, code and field, never ids, times or values.

    An exception's type counts too; without a code, layer and wording do, names and figures in it taken out.

    Args:
        trace: The run.
        detection: One of its findings.
    """
    step = trace.step(detection.step_id)
    what = detection.code or f"{detection.layer} {_VARIABLE.sub('', detection.message)}"
    raised = detection.details.get("exception")
    place = _node_path(trace, step) if step is not None else ""
    parts = (trace.pipeline_name, place, what, _INDEX.sub("[]", detection.field or ""), str(raised or ""))
    text = "\0".join(parts).encode("utf-8", "backslashreplace")
    return hashlib.sha256(text).hexdigest()[:_FINGERPRINT_LENGTH]


def _standing(detection: Detection, fail_on: FailOn, known: bool) -> Standing:
    if detection.suppressed is not None:
        return "suppressed"
    if passes(status_of([detection]), fail_on):
        return "mild"
    return "known" if known else "fails"


def _finding(trace: Trace, detection: Detection, own: str, standing: Standing) -> GateFinding:
    step = trace.step(detection.step_id)
    file, line = _source(trace, step) if step is not None else (None, None)
    return GateFinding(
        fingerprint=own,
        standing=standing,
        code=detection.code,
        layer=detection.layer,
        severity=detection.severity,
        message=detection.message,
        pipeline_name=trace.pipeline_name,
        node_name=_node_path(trace, step) if step is not None else "",
        field=detection.field,
        confidence=detection.confidence,
        trace_id=trace.id,
        step_number=step.step_number if step is not None else None,
        file=file,
        line=line,
        suppressed=detection.suppressed,
    )


def _source(trace: Trace, step: TraceStep) -> tuple[str | None, int | None]:
    spec = trace.node_spec(step)
    if spec is not None and spec.file is not None:
        return spec.file, spec.line
    return (step.error.file, step.error.line) if step.error is not None else (None, None)


def _node_path(trace: Trace, step: TraceStep) -> str:
    names, seen = [step.node_name], {step.id}
    while step.parent_id is not None and step.parent_id not in seen:  # an import may hold any ids
        parent = trace.step(step.parent_id)
        if parent is None:
            break
        names.append(parent.node_name)
        seen.add(parent.id)
        step = parent
    return "/".join(reversed(names))


def _rank(group: GateGroup) -> tuple[int, int, str, str, str]:
    found = group.finding
    grave = len(SEVERITIES) - SEVERITIES.index(found.severity)
    return _ORDER.index(found.standing), grave, found.pipeline_name, found.node_name, found.rule
