"""A run as one row of a page: status, sentence, cause and symptom, counts and ribbon; no values."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from argus.model.record import Record
from argus.model.trace import Status, Trace
from argus.views.ribbon import Ribbon, ribbon
from argus.views.timeline import roles_of
from argus.views.verdict import StepName, cause_of, symptom_of, verdict

__all__ = ["FindingCounts", "RunRow", "ShownStatus", "finding_counts", "run_row", "tokens_of"]

ShownStatus: TypeAlias = Status | Literal["running"]
"""A stored run's status; ``running`` for one that is still being recorded."""


class FindingCounts(Record, frozen=True, kw_only=True):
    """Findings that count, by severity.

    Attributes:
        critical: How many are critical.
        warning: How many are warnings.
        info: How many only inform.
    """

    critical: int = 0
    warning: int = 0
    info: int = 0


class RunRow(Record, frozen=True, kw_only=True):
    """One row.

    Attributes:
        id: The run's full id.
        short_id: Its beginning, unique among the rows that come with it.
        pipeline: Its pipeline.
        created_at: When it started, aware UTC.
        status: Its status; ``running`` while it is being recorded.
        outcome: How the call ended, such as ``completed`` or ``error``; empty when unknown.
        duration_ms: Wall time; of a running one until now.
        node_count: Different nodes that ran.
        step_count: Steps recorded.
        headline: What it comes down to, in one sentence; never empty.
        cause: The step named as the cause, or None.
        symptom: The step where the failure showed, or None.
        counts: Findings that count, by severity.
        tokens: Tokens of all model calls, or None when none told them.
        graph_version: The version of the graph that ran, or None.
        replay_of: The id of the run that this one replays, or None.
        ribbon: Its steps as ticks; None without steps.
    """

    id: str
    short_id: str
    pipeline: str
    created_at: datetime
    status: ShownStatus
    outcome: str
    duration_ms: float
    node_count: int
    step_count: int
    headline: str
    cause: StepName | None = None
    symptom: StepName | None = None
    counts: FindingCounts
    tokens: int | None = None
    graph_version: str | None = None
    replay_of: str | None = None
    ribbon: Ribbon | None = None


def run_row(trace: Trace, *, short_id: str, graph_version: str | None = None, running: bool = False) -> RunRow:
    """The row of a run.

    Args:
        trace: The run; its values are not looked at.
        short_id: What it is called beside the others.
        graph_version: The version of its graph, when the trace at hand comes without one.
        running: Whether it is still being recorded.
    """
    outcome = trace.metadata.get("outcome")
    replayed = trace.metadata.get("replay_of")
    return RunRow(
        id=trace.id,
        short_id=short_id,
        pipeline=trace.pipeline_name,
        created_at=trace.created_at,
        status="running" if running else trace.status,
        outcome="running" if running else outcome if isinstance(outcome, str) else "",
        duration_ms=trace.duration_ms,
        node_count=trace.node_count,
        step_count=len(trace.steps),
        headline=_running_sentence(trace) if running else verdict(trace).sentence,
        cause=cause_of(trace),
        symptom=symptom_of(trace),
        counts=finding_counts(trace),
        tokens=tokens_of(trace),
        graph_version=trace.graph.version if trace.graph else graph_version,
        replay_of=replayed if isinstance(replayed, str) else None,
        ribbon=ribbon(trace.steps, roles_of(trace)),
    )


def finding_counts(trace: Trace) -> FindingCounts:
    """How many findings of each severity count.

    Args:
        trace: The run.
    """
    standing = [found.severity for found in trace.detections if found.suppressed is None]
    return FindingCounts(
        critical=standing.count("critical"), warning=standing.count("warning"), info=standing.count("info")
    )


def tokens_of(trace: Trace) -> int | None:
    """Tokens of all model calls, or None when none told them.

    Args:
        trace: The run.
    """
    told = [step.token_usage.total_tokens for step in trace.steps if step.token_usage is not None]
    known = [total for total in told if total is not None]
    return sum(known) if known else None


def _running_sentence(trace: Trace) -> str:
    current = [step for step in trace.steps if step.metadata.get("unfinished")]
    if current:
        return f"In `{current[-1].node_name}`, step {current[-1].step_number}."
    return f"Running; {len(trace.steps)} steps so far."
