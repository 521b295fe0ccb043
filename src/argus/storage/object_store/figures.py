"""Figures over many runs, counted from the index."""

from __future__ import annotations

from collections.abc import Iterable

from argus.model.figures import Figures
from argus.storage.figures import FindingFacts, RunFacts, StepFacts, count_runs
from argus.storage.moments import from_text
from argus.storage.object_store.entries import Entry

__all__ = ["count_figures"]


def count_figures(entries: Iterable[Entry]) -> Figures:
    """Counts runs one by one.

    Args:
        entries: Any order; none twice.
    """
    return count_runs(map(_facts, entries))


def _facts(entry: Entry) -> RunFacts:
    steps, failed = entry.steps, set(entry.steps.failed)
    return RunFacts(
        entry.trace_id,
        entry.pipeline_name,
        from_text(entry.created_at),
        entry.status,
        entry.duration_ms,
        entry.detection_count,
        (
            StepFacts(entry.node_names[node], duration_ms, rank in failed, tokens)
            for rank, (node, duration_ms, tokens) in enumerate(
                zip(steps.nodes, steps.durations_ms, steps.tokens, strict=True)
            )
        ),
        (FindingFacts(found.code, found.layer, found.severity, found.message) for found in entry.findings),
    )
