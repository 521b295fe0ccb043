"""What each finding is about: a step's output, its input, the way on, its cost, or an exception."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from argus.dataflow.lineage import Lineage
from argus.dataflow.order import Scope
from argus.model.detection import SEVERITIES, Detection
from argus.model.trace import TraceStep
from argus.model.values import ROOT_FIELD

__all__ = ["Finding", "Findings", "Subject"]

Subject: TypeAlias = Literal["output", "input", "raised", "control", "cost"]

_WEIGHTS: Final = {"critical": 0.97, "warning": 0.88, "info": 0.35}
_COST_METRICS: Final = frozenset({"execution_time", "retry_count", "error_rate"})
_COST_CODES: Final = frozenset({"STA101"})


@dataclass(frozen=True)
class Finding:
    """A finding in its place.

    Attributes:
        detection: The finding.
        step: The step where it is seen.
        subject: What it is about.
        fields: The top-level fields that it concerns, wrongly spelled ones and the ones meant included.
    """

    detection: Detection
    step: TraceStep
    subject: Subject
    fields: frozenset[str]

    @property
    def path(self) -> str | None:
        """The field or dotted path it is about, if it is about one."""
        named = self.detection.field
        return None if named is None or named == ROOT_FIELD else named.removeprefix(f"{ROOT_FIELD}.")

    @property
    def weight(self) -> float:
        """How much it says that something is wrong here, from 0 to 1: by severity and confidence."""
        return _WEIGHTS[self.detection.severity] * (0.6 + 0.4 * self.detection.confidence)

    @property
    def rank(self) -> int:
        """Its severity as a number; higher is graver."""
        return SEVERITIES.index(self.detection.severity)


class Findings:
    """The findings of a trace that count, by step.

    Args:
        lineage: The run's data flow.
    """

    def __init__(self, lineage: Lineage) -> None:
        self._lineage = lineage
        self._by_step: dict[str, list[Finding]] = defaultdict(list)
        self._by_node: dict[tuple[Scope, str], list[Finding]] = defaultdict(list)
        self.all: list[Finding] = []
        for detection in lineage.trace.detections:
            if detection.suppressed is not None:
                continue
            step = lineage.order.step(detection.step_id) or next(iter(lineage.trace.steps[-1:]), None)
            if step is None:
                continue
            finding = Finding(detection, step, self._subject(detection, step), _fields(detection))
            self._by_step[step.id].append(finding)
            self._by_node[lineage.order.scope(step), step.node_name].append(finding)
            self.all.append(finding)

    def at(self, step: TraceStep) -> list[Finding]:
        """The findings seen at a step, in the order of the trace."""
        return self._by_step.get(step.id, [])

    def of_node(self, step: TraceStep) -> list[Finding]:
        """The findings seen at any run of a step's node in the same execution of the graph."""
        return self._by_node.get((self._lineage.order.scope(step), step.node_name), [])

    def _subject(self, detection: Detection, step: TraceStep) -> Subject:
        details = detection.details
        if detection.code in _COST_CODES or details.get("metric") in _COST_METRICS:
            return "cost"
        if step.outcome == "error" or "exception" in details:
            return "raised"
        if detection.field is None:
            return "control" if detection.layer == "behavioral" else "output"
        return self._side(detection, step)

    def _side(self, detection: Detection, step: TraceStep) -> Subject:
        """Whether a field is wrong where a step wrote it or where it read it."""
        spec = self._lineage.order.node(step)
        promised = spec.writes if spec is not None and spec.writes is not None else ()
        dropped = step.metadata.get("dropped")
        made = {*step.output_state, *promised, *(dropped if isinstance(dropped, list) else ())}
        if not _fields(detection).isdisjoint(made):
            return "output"
        top = _top(detection.field or "")
        read = {one.path.partition(".")[0] for one in self._lineage.reads(step) if one.how != "assumed"}
        return "input" if top in read or top in step.input_state else "output"


def _fields(detection: Detection) -> frozenset[str]:
    details = detection.details
    named = [detection.field, details.get("key"), details.get("nearest")]
    keys = details.get("keys")
    named += keys if isinstance(keys, list) else []
    return frozenset(_top(one) for one in named if isinstance(one, str) and one != ROOT_FIELD)


def _top(path: str) -> str:
    return path.removeprefix(f"{ROOT_FIELD}.").partition(".")[0]
