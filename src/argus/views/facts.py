"""What is known of a run or a row beside its name, as short texts in the order they are read."""

from __future__ import annotations

from argus.model.trace import Trace
from argus.views.amounts import count, duration
from argus.views.chain import Story
from argus.views.timeline import TimelineRow
from argus.views.words import OUTCOME_WORDS

__all__ = ["gaps", "row_facts", "run_facts", "telling_code"]


def run_facts(trace: Trace) -> list[str]:
    """Duration, steps, tokens, findings, and how the run ended if that is unusual.

    Args:
        trace: The run.
    """
    known = [duration(trace.duration_ms), count(len(trace.steps), "step")]
    totals = [step.token_usage.total_tokens for step in trace.steps if step.token_usage]
    tokens = sum(total for total in totals if total is not None)
    known += [count(tokens, "token")] if tokens else []
    known += [count(trace.detection_count, "finding")] if trace.detection_count else []
    resumed = trace.metadata.get("resumes")
    known += [f"resumes {resumed[:8]}"] if isinstance(resumed, str) else []
    outcome = trace.metadata.get("outcome")
    known += [outcome] if outcome in ("interrupted", "cancelled", "abandoned") else []
    return known


def gaps(trace: Trace) -> list[str]:
    """What the trace does not know or could not keep: cut-off nodes, lost data, failed detectors, a failed store.

    Args:
        trace: The run.
    """
    known = []
    running = trace.metadata.get("running")
    if isinstance(running, list) and running:
        known.append(f"Running when the process ended: {', '.join(map(str, running))}.")
    failures = trace.metadata.get("detector_failures")
    if isinstance(failures, list):
        known += [_failure(failure) for failure in failures]
    if trace.metadata.get("losses"):
        known.append(f"Not recorded: {_said(trace.metadata['losses'])}.")
    if trace.metadata.get("store_error"):
        known.append(f"This run was not stored: {_said(trace.metadata['store_error'])}.")
    if trace.metadata.get("states") == "not persisted":
        known.append("States were not kept for this run.")
    return known


def row_facts(row: TimelineRow) -> list[str]:
    """Branches, round, attempt, outcome and inner steps of a row of the timeline.

    Args:
        row: The row.
    """
    if row.kind == "fold":
        return [f"rounds {row.round} to {row.rounds}", count(row.steps, "step")]
    parts = [f"×{row.steps}"] if row.kind == "fan" else []
    parts += [f"round {row.round} of {row.rounds}"] if row.round else []
    parts += [f"attempt {row.attempt}"] if row.attempt > 1 else []
    parts += [f"raised {row.error.rpartition('.')[2]}" if row.error else OUTCOME_WORDS[row.outcome]]
    parts += [f"{row.inside:,} inside"] if row.inside else []
    return [part for part in parts if part]


def telling_code(trace: Trace, told: Story) -> str:
    """The code worth explaining first: of a finding at the cause, else of the gravest one; empty without any.

    Args:
        trace: The run.
        told: Its story.
    """
    coded = [finding for finding in trace.detections if finding.code and finding.suppressed is None]
    at_cause = [finding for finding in coded if told.cause is not None and finding.step_id == told.cause.step_id]
    return next((finding.code for finding in (*at_cause, *coded)), "")


def _failure(failure: object) -> str:
    if isinstance(failure, dict) and {"detector", "message"} <= failure.keys():
        return f"{failure['detector']} gave no answer: {failure['message']}."
    return f"A detector gave no answer: {_said(failure)}."


def _said(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    return str(value)
