"""How runs went over time, in equal parts of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from argus.model.record import Record
from argus.views.trace_list import Listed

__all__ = ["TrendBucket", "nearest_rank", "trend"]


class TrendBucket(Record, frozen=True, kw_only=True):
    """The runs that started in one part of the time.

    Attributes:
        start: When the part begins, aware UTC.
        runs: How many.
        failed: How many of them failed or are incomplete.
        warning: How many of them have warnings only.
        p50_ms: Half of them took no longer; None without any.
        p95_ms: 95 of 100 took no longer; None without any.
        tokens: Their tokens, or None when none told them or not all of them were looked into.
        findings_per_100: Findings that count, for every hundred runs.
    """

    start: datetime
    runs: int = 0
    failed: int = 0
    warning: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None
    tokens: int | None = None
    findings_per_100: float = 0.0


def trend(
    listed: Sequence[Listed], *, start: datetime, end: datetime, buckets: int, tokens: Mapping[str, int | None]
) -> tuple[TrendBucket, ...]:
    """The parts, in order of time; runs outside of it are left out.

    Args:
        listed: The runs.
        start: Where the first part begins.
        end: Where the last part ends.
        buckets: How many parts, at least 1.
        tokens: Tokens by run, of those that were looked into.
    """
    width = max((end - start) / buckets, timedelta(microseconds=1))
    parts: list[list[Listed]] = [[] for _ in range(buckets)]
    for one in listed:
        place = int((one.created_at - start) / width)
        if 0 <= place <= buckets:
            parts[min(place, buckets - 1)].append(one)
    return tuple(_bucket(start + width * index, part, tokens) for index, part in enumerate(parts))


def nearest_rank(sorted_values: Sequence[float], percent: int) -> float | None:
    """The value of the nearest rank, or None without any.

    Args:
        sorted_values: In ascending order.
        percent: From 1 to 100.
    """
    return sorted_values[(len(sorted_values) * percent + 99) // 100 - 1] if sorted_values else None


def _bucket(start: datetime, part: Sequence[Listed], tokens: Mapping[str, int | None]) -> TrendBucket:
    durations = sorted(one.duration_ms for one in part)
    told = [tokens[one.id] for one in part if one.id in tokens]
    known = [number for number in told if number is not None]
    return TrendBucket(
        start=start,
        runs=len(part),
        failed=sum(1 for one in part if one.status in ("failed", "incomplete")),
        warning=sum(1 for one in part if one.status == "warning"),
        p50_ms=nearest_rank(durations, 50),
        p95_ms=nearest_rank(durations, 95),
        tokens=sum(known) if known and len(told) == len(part) else None,
        findings_per_100=round(100 * sum(one.detection_count for one in part) / len(part), 2) if part else 0.0,
    )
