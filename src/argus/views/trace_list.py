"""Runs as rows of a listing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from argus.model.record import Record
from argus.model.trace import Status, Trace
from argus.views.amounts import count

__all__ = ["ListRow", "Listed", "row_of_trace", "rows", "short_ids"]

_SHORT_ID = 8


class Listed(Protocol):
    """What is known of a trace without loading it."""

    @property
    def id(self) -> str:
        """The trace's id."""

    @property
    def pipeline_name(self) -> str:
        """Its pipeline."""

    @property
    def created_at(self) -> datetime:
        """When the run started."""

    @property
    def status(self) -> Status:
        """Its status."""

    @property
    def duration_ms(self) -> float:
        """Wall time."""

    @property
    def step_count(self) -> int:
        """Steps recorded."""

    @property
    def detection_count(self) -> int:
        """Findings that count."""

    @property
    def summary(self) -> str:
        """One sentence."""


class ListRow(Record, frozen=True, kw_only=True):
    """One row.

    Attributes:
        id: The trace's full id.
        short_id: Its beginning, unique among the rows listed.
        status: Its status.
        sentence: What happened, never empty.
        pipeline_name: Its pipeline.
        created_at: When the run started, aware UTC.
        duration_ms: Wall time of the run.
        steps: Steps recorded.
        findings: Findings that count.
    """

    id: str
    short_id: str
    status: Status
    sentence: str
    pipeline_name: str
    created_at: datetime
    duration_ms: float
    steps: int
    findings: int


def rows(listed: Sequence[Listed]) -> tuple[ListRow, ...]:
    """The rows of a listing, in the order given.

    Args:
        listed: What is known of each trace.
    """
    short = short_ids([one.id for one in listed])
    return tuple(
        ListRow(
            id=one.id,
            short_id=short[one.id],
            status=one.status,
            sentence=one.summary or _sentence(one.detection_count),
            pipeline_name=one.pipeline_name,
            created_at=one.created_at,
            duration_ms=one.duration_ms,
            steps=one.step_count,
            findings=one.detection_count,
        )
        for one in listed
    )


def row_of_trace(trace: Trace) -> ListRow:
    """The row of one trace that is at hand.

    Args:
        trace: A finalized trace.
    """
    return ListRow(
        id=trace.id,
        short_id=trace.id[:_SHORT_ID],
        status=trace.status,
        sentence=trace.summary or _sentence(trace.detection_count),
        pipeline_name=trace.pipeline_name,
        created_at=trace.created_at,
        duration_ms=trace.duration_ms,
        steps=len(trace.steps),
        findings=trace.detection_count,
    )


def short_ids(ids: Sequence[str]) -> dict[str, str]:
    """For each id the shortest beginning, of at least 8 characters, that no other one here starts with.

    Args:
        ids: Full ids, in any order; the same one may come twice.
    """
    ordered = sorted(set(ids))
    shared = [0] * (len(ordered) + 1)  # characters that neighbours in order have in common
    for index in range(1, len(ordered)):
        shared[index] = _common(ordered[index - 1], ordered[index])
    return {one: one[: max(_SHORT_ID, shared[index] + 1, shared[index + 1] + 1)] for index, one in enumerate(ordered)}


def _common(one: str, other: str) -> int:
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length


def _sentence(findings: int) -> str:
    return count(findings, "finding") if findings else "No findings"
