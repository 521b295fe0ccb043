"""When and where finished runs are analysed: on one background thread that keeps out of the way of running nodes.

Measured (docs/adr/0005): Python work on another thread more than doubles the time of a run beside it, because both want
the interpreter lock. So the thread works only while no watched call is open and none was for a moment (``QUIET_S``). A
process that is never quiet is given the rest of its backlog in slices: once a run has waited longer than its lag, the
thread works at most ``SHARE`` of the time, which leaves the median and the 95th percentile of the runs where they are.
"""

from __future__ import annotations

import heapq
import threading
from collections import deque
from collections.abc import Callable
from itertools import count
from time import monotonic
from typing import Final, NamedTuple

from argus._internal.forks import renew_after_fork
from argus._internal.guard import Guard

__all__ = ["AGAIN", "QUIET_S", "SHARE", "Worker", "worker"]

_guard = Guard("analysis.worker")

QUIET_S = 0.02
"""Seconds without an open call before the thread begins: longer than the gap between two back-to-back runs."""

SHARE = 0.04
"""The share of time that the thread may take from a process that is never quiet; below one run in twenty."""

AGAIN: Final = object()
"""What a job returns that wants to be called again, for its next slice."""

Work = Callable[[], object]


class _Job(NamedTuple):
    work: Work
    deadline: float


class _Delayed(NamedTuple):
    due: float
    number: int
    job: _Job


class Worker:
    """Runs jobs one after another on a daemon thread; thread-safe, and empty again in a forked child.

    The thread is started by the first job, and anew should it ever die. At the end of the interpreter, when no thread
    can be started any more, :meth:`flush` works on the calling thread.

    Args:
        quiet_s: Seconds without an open call before work begins.
        share: The share of time for overdue work while calls are open, in (0, 1].
    """

    def __init__(self, *, quiet_s: float = QUIET_S, share: float = SHARE) -> None:
        self._quiet_s = quiet_s
        self._share = share
        self._numbers = count()
        self.after_fork()
        renew_after_fork(self)

    def after_fork(self) -> None:
        """Forgets the thread, the calls and the jobs: what waits is the parent's to do."""
        # reentrant: a signal handler or a finalizer may come in while this very thread is inside
        self._wake = threading.Condition(threading.RLock())
        self._jobs: deque[_Job] = deque()
        self._later: list[_Delayed] = []
        self._busy = False
        self._hurried = 0
        self._thread: threading.Thread | None = None
        self._open_calls = 0
        self._last_call = 0.0
        self._next_slice = 0.0

    @property
    def backlog(self) -> int:
        """Jobs that wait or run; those put off are not counted."""
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

    def submit(self, work: Work, *, lag_s: float, delay_s: float = 0.0) -> None:
        """Queues a job; never waits and never raises.

        Args:
            work: What to do, or its next slice, if it returns :data:`AGAIN`; what it raises is counted and logged once.
            lag_s: Seconds after which it may run beside open calls.
            delay_s: Seconds for which it is put off; a flush does it at once.
        """
        with self._wake:
            now = monotonic()
            job = _Job(work, now + delay_s + lag_s)
            if delay_s > 0:
                heapq.heappush(self._later, _Delayed(now + delay_s, next(self._numbers), job))
            else:
                self._jobs.append(job)
            if len(self._jobs) <= 1:  # otherwise the thread is awake already
                self._wake.notify_all()
            self._has_thread()

    def flush(self, timeout: float | None = None) -> bool:
        """Waits until the jobs of this moment are done, letting them run beside open calls.

        Jobs that were put off get one try. What others submit meanwhile is not waited for.

        Args:
            timeout: Seconds at most; None waits as long as it takes.

        Returns:
            Whether everything was done in time and nothing was put off again.
        """
        if threading.current_thread() is self._thread:
            return False  # a job that waits for itself
        deadline = None if timeout is None else monotonic() + timeout
        with self._wake:
            self._take_up(float("inf"))
            self._hurried += 1
        try:
            # the second round is for jobs that those of the first one submitted
            return self._reaches_end(deadline) and self._reaches_end(deadline) and not self._later
        finally:
            with self._wake:
                self._hurried -= 1

    def _reaches_end(self, deadline: float | None) -> bool:
        """Whether every job that is queued now is done before the deadline."""
        reached = threading.Event()
        with self._wake:
            if not self._jobs and not self._busy:
                return True
            self._jobs.append(_Job(reached.set, 0.0))
            self._wake.notify_all()
        while not reached.is_set():
            left = 1.0 if deadline is None else min(1.0, deadline - monotonic())
            if left <= 0:
                return False
            with self._wake:
                alone = not self._has_thread()
                job = self._jobs.popleft() if alone and self._jobs else None
            if job is not None:
                self._do(job)
            else:
                reached.wait(left)
        return True

    def _has_thread(self) -> bool:
        """Whether the thread lives, starting it if need be."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name="argus-analysis", daemon=True)
            try:
                self._thread.start()
            except RuntimeError:  # the interpreter is ending, or the process may have no more threads
                self._thread = None
        return self._thread is not None

    def _work(self) -> None:
        while True:
            job = self._next()
            began = monotonic()
            try:
                self._do(job)
            finally:
                del job  # the run it holds must not live until the next one comes
                took = monotonic() - began
                with self._wake:
                    self._busy = False
                    self._next_slice = monotonic() + took * (1 / self._share - 1)
                    self._wake.notify_all()

    def _do(self, job: _Job) -> None:
        answer: object = None
        with _guard:
            try:
                answer = job.work()
            except (SystemExit, KeyboardInterrupt) as error:  # on a thread of ours it ends nothing
                raise RuntimeError(f"{type(error).__name__} in the analysis of a run") from error
        if answer is AGAIN:
            with self._wake:
                self._jobs.appendleft(job)

    def _next(self) -> _Job:
        with self._wake:
            while True:
                self._take_up(monotonic())
                if not self._jobs:
                    self._wake.wait(self._later[0].due - monotonic() if self._later else None)
                    continue
                pause = self._pause()
                if pause <= 0:
                    self._busy = True
                    return self._jobs.popleft()
                self._wake.wait(pause)

    def _take_up(self, now: float) -> None:
        while self._later and self._later[0].due <= now:
            self._jobs.append(heapq.heappop(self._later).job)

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
