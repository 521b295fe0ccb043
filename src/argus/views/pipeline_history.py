"""The runs of one pipeline over time: findings by layer, durations against what is usual, graph versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from argus.model.detection import Severity
from argus.model.record import Record
from argus.model.trace import Trace
from argus.views.amounts import moment
from argus.views.run_row import RunRow, ShownStatus
from argus.views.trend import nearest_rank

__all__ = [
    "HistoryBand",
    "HistoryFinding",
    "HistoryPoint",
    "PipelineHistory",
    "VersionMark",
    "history",
    "history_points",
]

_LOW, _MIDDLE, _HIGH = 10, 50, 90


class HistoryFinding(Record, frozen=True, kw_only=True):
    """A finding of a run.

    Attributes:
        layer: Its layer.
        code: Its code; empty without one.
        severity: Its severity.
    """

    layer: str
    code: str
    severity: Severity


class HistoryPoint(Record, frozen=True, kw_only=True):
    """One run.

    Attributes:
        id: Its full id.
        short_id: Its beginning.
        created_at: When it started.
        status: Its status.
        duration_ms: Wall time.
        output_characters: Characters of what its steps wrote, or None when unknown.
        tokens: Its tokens, or None.
        findings: Findings that count, gravest first.
        version: The version of its graph, or None.
        headline: What it comes down to.
    """

    id: str
    short_id: str
    created_at: datetime
    status: ShownStatus
    duration_ms: float
    output_characters: int | None
    tokens: int | None
    findings: tuple[HistoryFinding, ...]
    version: str | None
    headline: str


class HistoryBand(Record, frozen=True, kw_only=True):
    """Where durations usually lie.

    Attributes:
        median_ms: Half of the healthy runs took no longer.
        low_ms: One of ten healthy runs took no longer.
        high_ms: Nine of ten healthy runs took no longer.
        runs: Healthy runs behind it.
    """

    median_ms: float
    low_ms: float
    high_ms: float
    runs: int


class VersionMark(Record, frozen=True, kw_only=True):
    """A version of the graph and when it first ran among these runs.

    Attributes:
        version: The version, or None for runs without one.
        first_at: When its first run here started.
        runs: How many runs here had it.
    """

    version: str | None
    first_at: datetime
    runs: int


class PipelineHistory(Record, frozen=True, kw_only=True):
    """The runs of one pipeline in a span of time.

    Attributes:
        pipeline: The pipeline.
        sentence: What changed.
        points: In order of start.
        band: Where durations usually lie; None without healthy runs.
        versions: In order of first run.
        of_runs: Runs in the span; when there are more than points, the newest are shown.
    """

    pipeline: str
    sentence: str
    points: tuple[HistoryPoint, ...]
    band: HistoryBand | None
    versions: tuple[VersionMark, ...]
    of_runs: int


def history_points(runs: Sequence[tuple[RunRow, Trace]]) -> tuple[HistoryPoint, ...]:
    """Runs as points, in order of start.

    Args:
        runs: Each as a row and without its values.
    """
    return tuple(
        HistoryPoint(
            id=row.id,
            short_id=row.short_id,
            created_at=row.created_at,
            status=row.status,
            duration_ms=row.duration_ms,
            output_characters=None,
            tokens=row.tokens,
            findings=tuple(_findings(trace)),
            version=row.graph_version,
            headline=row.headline,
        )
        for row, trace in sorted(runs, key=lambda one: (one[0].created_at, one[0].id))
    )


def history(pipeline: str, points: Sequence[HistoryPoint], of_runs: int) -> PipelineHistory:
    """What is told of a pipeline.

    Args:
        pipeline: Its name.
        points: Its runs, in order of start.
        of_runs: How many there are in the span.
    """
    healthy = sorted(point.duration_ms for point in points if point.status == "ok")
    low, middle, high = (nearest_rank(healthy, percent) for percent in (_LOW, _MIDDLE, _HIGH))
    band = None
    if low is not None and middle is not None and high is not None:
        band = HistoryBand(median_ms=middle, low_ms=low, high_ms=high, runs=len(healthy))
    marks: dict[str | None, list[HistoryPoint]] = {}
    for point in points:
        marks.setdefault(point.version, []).append(point)
    return PipelineHistory(
        pipeline=pipeline,
        sentence=_sentence(points, marks),
        points=tuple(points),
        band=band,
        versions=tuple(
            VersionMark(version=version, first_at=own[0].created_at, runs=len(own)) for version, own in marks.items()
        ),
        of_runs=of_runs,
    )


def _findings(trace: Trace) -> Iterator[HistoryFinding]:
    for found in trace.detections:
        if found.suppressed is None:
            yield HistoryFinding(layer=found.layer, code=found.code, severity=found.severity)


def _sentence(points: Sequence[HistoryPoint], marks: dict[str | None, list[HistoryPoint]]) -> str:
    """What began when; a graph version is named when a finding came with its first runs."""
    if not points:
        return "No runs in this time."
    began: dict[str, HistoryPoint] = {}
    for point in points:
        for found in point.findings:
            if found.code and found.severity != "info":
                began.setdefault(found.code, point)
    if not began:
        return f"No warnings in {len(points):,} runs." if len(points) > 1 else "No warnings in one run."
    code, first = max(began.items(), key=lambda one: one[1].created_at)
    if first is points[0]:
        return f"{code} was there from the first run shown."
    if len(marks) > 1 and first.version is not None and first is marks[first.version][0]:
        return f"{code} began with version {first.version[:8]}."
    return f"{code} began at {moment(first.created_at)}."
