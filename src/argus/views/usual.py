"""What is usual for a pipeline, so that a figure can stand beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from statistics import median

from argus.model.record import Record

__all__ = ["RunName", "Usual", "usual_of"]


class RunName(Record, frozen=True, kw_only=True):
    """A run, to link to.

    Attributes:
        id: Its full id.
        short_id: Its beginning.
        created_at: When it started, aware UTC.
    """

    id: str
    short_id: str
    created_at: datetime


class Usual(Record, frozen=True, kw_only=True):
    """What earlier healthy runs of the same pipeline and graph version took.

    Attributes:
        healthy_runs: How many of them are known, counted up to a bound.
        run_ms: The median of their durations, or None.
        node_ms: The median duration of a step, by node.
        last_good: The newest of them, or None.
    """

    healthy_runs: int = 0
    run_ms: float | None = None
    node_ms: Mapping[str, float] = {}
    last_good: RunName | None = None


def usual_of(samples: Sequence[float]) -> float | None:
    """The middle of some durations, or None without any.

    Args:
        samples: Milliseconds.
    """
    return round(median(samples), 3) if samples else None
