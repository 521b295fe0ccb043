"""When and where finished runs are analysed: on one background thread that keeps out of the way of running nodes.

Measured (docs/adr/0005): Python work on another thread more than doubles the time of a run beside it, because both want
the interpreter lock. So the thread works only while no watched call is open and none was for a moment (``QUIET_S``). A
process that is never quiet is given the rest of its backlog in slices: once a run has waited longer than its lag, the
thread works at most ``SHARE`` of the time, which leaves the median and the 95th percentile of the runs where they are.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import NamedTuple

from argus._internal.guard import Guard

__all__ = ["QUIET_S", "SHARE", "Worker", "worker"]

_log = logging.getLogger(__name__)
_guard = Guard("analysis.worker")

QUIET_S = 0.02
"""Seconds without an open call before the thread begins: longer than the gap between two back-to-back runs."""

SHARE = 0.04
"""The share of time that the thread may take from a process that is never quiet; below one run in twenty."""


class _Job(NamedTuple):
    work: Callable[[], None]
    deadline: float


class Worker:
    """Runs jobs one after another on a daemon thread; thread-safe, and empty again in a forked child.

    The thread is started by the first job and started again should it ever die.

    Args:
        quiet_s: Seconds without an open call before work begins.
        share: The share of time for overdue work while calls are open, in (0, 1].
    """

    def __init__(self, *, quiet_s: float = QUIET_S, share: float = SHARE) -> None:
        self._quiet_s = quiet_s
        self._share = share
        self._reset()

    def _reset(self) -> None:
        self._wake = threading.Condition(threading.Lock())
        self._jobs: deque[_Job] = deque()
        self._busy = False
        self._hurried = 0
        self._thread: threading.Thread | None = None
        self._open_calls = 0
        self._last_call = 0.0
        self._next_slice = 0.0

    @property
    def backlog(self) -> int:
        """Jobs that wait or run."""
        with self._wake:
            return len(self._jobs) + self._busy

    def call_opened(self) -> None:
        """A watched call begins: the thread lets it run alone."""
        with self._wake:
            self._open_calls += 1

    def call_closed(self) -> None:
        """A watched call has ended."""
        with self._wake:
            self._open_calls -= 1
            self._last_call = monotonic()

    def submit(self, work: Callable[[], None], *, lag_s: float) -> None:
        """Queues a job; never waits.

        Args:
            work: What to do; whatever it raises is counted and logged once.
            lag_s: Seconds after which it may run beside open calls.
        """
        with self._wake:
            self._jobs.append(_Job(work, monotonic() + lag_s))
            if len(self._jobs) == 1:  # otherwise the thread is awake already
                self._wake.notify_all()
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="argus-analysis", daemon=True)
                self._thread.start()

    def flush(self, timeout: float | None = None) -> bool:
        """Waits until all jobs are done, letting them run beside open calls.

        Args:
            timeout: Seconds at most; None waits as long as it takes.

        Returns:
            Whether everything was done in time.
        """
        if threading.current_thread() is self._thread:
            return False  # a job that waits for itself
        deadline = None if timeout is None else monotonic() + timeout
        with self._wake:
            self._hurried += 1
            self._wake.notify_all()
            try:
                while self._jobs or self._busy:
                    left = None if deadline is None else deadline - monotonic()
                    if (left is not None and left <= 0) or self._thread is None or not self._thread.is_alive():
                        return False
                    self._wake.wait(min(left, 1.0) if left is not None else 1.0)
                return True
            finally:
                self._hurried -= 1

    def _work(self) -> None:
        while True:
            job = self._next()
            began = monotonic()
            with _guard:
                job.work()
            del job  # the run it holds must not live until the next one comes
            took = monotonic() - began
            with self._wake:
                self._busy = False
                self._next_slice = monotonic() + took * (1 / self._share - 1)
                self._wake.notify_all()

    def _next(self) -> _Job:
        with self._wake:
            while True:
                while not self._jobs:
                    self._wake.wait()
                pause = self._pause()
                if pause <= 0:
                    self._busy = True
                    return self._jobs.popleft()
                self._wake.wait(pause)

    def _pause(self) -> float:
        """Seconds until it is worth looking again; 0 when the first job may run now."""
        now = monotonic()
        if self._hurried:
            return 0.0
        if not self._open_calls and now - self._last_call >= self._quiet_s:
            return 0.0
        overdue = max(self._jobs[0].deadline, self._next_slice)
        return min(self._quiet_s, overdue - now) if overdue > now else 0.0


_shared = Worker()


def worker() -> Worker:
    """The process's one worker."""
    return _shared


if hasattr(os, "register_at_fork"):
    # the child has neither the thread nor the calls; the runs that wait are the parent's to analyse
    os.register_at_fork(after_in_child=_shared._reset)
