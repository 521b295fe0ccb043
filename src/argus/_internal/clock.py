"""The clock seam: the only place that reads the time."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Protocol

__all__ = ["Clock", "CounterClock", "SystemClock"]


class Clock(Protocol):
    """Where the time comes from; tests inject a counter."""

    def now(self) -> datetime:
        """The wall-clock time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never goes backwards."""
        ...


class SystemClock:
    """The machine's clocks."""

    monotonic = staticmethod(time.perf_counter)  # read twice a step: a frame of our own would cost more than the clock

    def now(self) -> datetime:
        """The wall-clock time, aware, in UTC."""
        return datetime.now(timezone.utc)


class CounterClock:
    """A clock for tests: each reading advances by a fixed step.

    Args:
        start: The first reading, aware UTC.
        step_ms: Milliseconds between two readings.
    """

    def __init__(self, start: datetime | None = None, step_ms: float = 1.0) -> None:
        self._start = start or datetime(2026, 1, 1, tzinfo=timezone.utc)
        self._step_ms = step_ms
        self._readings = 0

    def now(self) -> datetime:
        """The next reading as wall-clock time."""
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """The next reading in seconds since the start."""
        self._readings += 1
        return self._readings * self._step_ms / 1000
