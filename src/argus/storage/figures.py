"""Figures over many runs: how they are ordered, and how they are gathered where no database counts them."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from argus.model.figures import CodeFigures, DayFigures, Figures, NodeFigures, PipelineFigures
from argus.model.trace import Trace
from argus.storage.moments import to_text

__all__ = ["FindingFacts", "RunFacts", "StepFacts", "count_runs", "gather", "in_order"]

_MEDIAN, _TAIL = 50, 95


class StepFacts(NamedTuple):
    """What is counted of a step."""

    node_name: str
    duration_ms: float
    failed: bool
    tokens: int


class FindingFacts(NamedTuple):
    """What is counted of a finding that is not suppressed."""

    code: str
    layer: str
    severity: str
    message: str


class RunFacts(NamedTuple):
    """What is counted of a run."""

    trace_id: str
    pipeline_name: str
    created_at: datetime
    status: str
    duration_ms: float
    detection_count: int
    steps: Iterable[StepFacts]
    findings: Iterable[FindingFacts]


def in_order(
    *,
    first_at: str | None,
    last_at: str | None,
    pipelines: Iterable[PipelineFigures],
    codes: Iterable[CodeFigures],
    nodes: Iterable[NodeFigures],
    days: Iterable[DayFigures],
) -> Figures:
    """The figures, each list in its order.

    Args:
        first_at: When the earliest run started.
        last_at: When the latest run started.
        pipelines: In any order, as all that follow.
        codes: Findings by pipeline and code.
        nodes: Steps by pipeline and node.
        days: Runs by day.
    """
    return Figures(
        first_at=first_at,
        last_at=last_at,
        pipelines=tuple(sorted(pipelines, key=lambda one: (-one.runs, one.pipeline_name))),
        codes=tuple(sorted(codes, key=lambda one: (-one.runs, -one.findings, one.code, one.layer, one.pipeline_name))),
        nodes=tuple(sorted(nodes, key=lambda one: (-(one.p95_ms or 0.0), one.node_name, one.pipeline_name))),
        days=tuple(sorted(days, key=lambda one: one.day)),
    )


def gather(traces: Iterable[Trace]) -> Figures:
    """Counts traces one by one.

    Args:
        traces: Any order; none twice.
    """
    return count_runs(map(_facts, traces))


def count_runs(runs: Iterable[RunFacts]) -> Figures:
    """Counts runs one by one; of each run and step only the duration is kept, in eight bytes.

    Args:
        runs: Any order; none twice.
    """
    pipelines: dict[str, _Pipeline] = {}
    days: dict[str, _Day] = {}
    first: datetime | None = None
    last: datetime | None = None
    for run in runs:
        pipelines.setdefault(run.pipeline_name, _Pipeline()).add(run)
        days.setdefault(to_text(run.created_at)[:10], _Day()).add(run)
        first = run.created_at if first is None else min(first, run.created_at)
        last = run.created_at if last is None else max(last, run.created_at)
    return in_order(
        first_at=None if first is None else to_text(first),
        last_at=None if last is None else to_text(last),
        pipelines=[pipeline.figures(name) for name, pipeline in pipelines.items()],
        codes=[
            figures
            for name, pipeline in pipelines.items()
            for key, code in pipeline.codes.items()
            for figures in code.figures(name, key)
        ],
        nodes=[
            node.figures(name, node_name)
            for name, pipeline in pipelines.items()
            for node_name, node in pipeline.nodes.items()
        ],
        days=[DayFigures(day=day, statuses=dict(one.statuses), findings=one.findings) for day, one in days.items()],
    )


def _facts(trace: Trace) -> RunFacts:
    return RunFacts(
        trace.id,
        trace.pipeline_name,
        trace.created_at,
        trace.status,
        trace.duration_ms,
        trace.detection_count,
        (
            StepFacts(
                step.node_name,
                step.duration_ms,
                step.outcome == "error",
                (step.token_usage.total_tokens or 0) if step.token_usage else 0,
            )
            for step in trace.steps
        ),
        (
            FindingFacts(found.code, found.layer, found.severity, found.message)
            for found in trace.detections
            if found.suppressed is None
        ),
    )


def _rank(durations: Sequence[float], percent: int) -> float | None:
    """The value of the nearest rank among sorted ones."""
    return durations[(len(durations) * percent + 99) // 100 - 1] if durations else None


class _Day:
    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.findings = 0

    def add(self, run: RunFacts) -> None:
        self.statuses[run.status] += 1
        self.findings += run.detection_count


class _Pipeline(_Day):
    def __init__(self) -> None:
        super().__init__()
        self.durations = array("d")
        self.codes: dict[tuple[str, str], _Code] = {}
        self.nodes: dict[str, _Node] = {}

    def add(self, run: RunFacts) -> None:
        super().add(run)
        self.durations.append(run.duration_ms)
        for step in run.steps:
            node = self.nodes.setdefault(step.node_name, _Node())
            node.durations.append(step.duration_ms)
            node.failed += step.failed
            node.tokens += step.tokens
        for found in run.findings:
            key = (found.code, "" if found.code else found.layer)
            self.codes.setdefault(key, _Code()).add(run, found)

    def figures(self, name: str) -> PipelineFigures:
        durations = sorted(self.durations)
        return PipelineFigures(
            pipeline_name=name,
            runs=len(durations),
            statuses=dict(self.statuses),
            findings=self.findings,
            steps=sum(len(node.durations) for node in self.nodes.values()),
            failed_steps=sum(node.failed for node in self.nodes.values()),
            total_tokens=sum(node.tokens for node in self.nodes.values()),
            p50_ms=_rank(durations, _MEDIAN),
            p95_ms=_rank(durations, _TAIL),
        )


class _Node:
    def __init__(self) -> None:
        self.durations = array("d")
        self.failed = 0
        self.tokens = 0

    def figures(self, pipeline: str, name: str) -> NodeFigures:
        durations = sorted(self.durations)
        return NodeFigures(
            pipeline_name=pipeline,
            node_name=name,
            steps=len(durations),
            failed_steps=self.failed,
            total_tokens=self.tokens,
            p50_ms=_rank(durations, _MEDIAN),
            p95_ms=_rank(durations, _TAIL),
        )


class _Code:
    def __init__(self) -> None:
        self.severities: Counter[str] = Counter()
        self.runs = 0
        self._newest: tuple[datetime, str, FindingFacts] | None = None
        self._last = ""

    def add(self, run: RunFacts, found: FindingFacts) -> None:
        self.severities[found.severity] += 1
        self.runs += run.trace_id != self._last
        self._last = run.trace_id
        if self._newest is None or run.created_at > self._newest[0]:
            self._newest = (run.created_at, run.trace_id, found)

    def figures(self, pipeline: str, key: tuple[str, str]) -> Iterator[CodeFigures]:
        if self._newest is None:
            return
        _, trace_id, found = self._newest
        yield CodeFigures(
            pipeline_name=pipeline,
            code=key[0],
            layer=found.layer,
            findings=sum(self.severities.values()),
            runs=self.runs,
            critical=self.severities["critical"],
            warning=self.severities["warning"],
            message=found.message,
            trace_id=trace_id,
        )
