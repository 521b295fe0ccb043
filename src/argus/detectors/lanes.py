"""Runs detectors side by side, and goes on without one that does not come back."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from argus._internal.clock import Clock, SystemClock

__all__ = ["Outcome", "run_in_lanes", "run_inline"]

J = TypeVar("J", bound=Hashable)
Work = Callable[[J], object]


@dataclass(frozen=True)
class Outcome:
    """How one job ended.

    Attributes:
        value: What it returned.
        error: What it raised, or None.
        late: Whether it took longer than its budget; its value is dropped then.
    """

    value: object = None
    error: BaseException | None = None
    late: bool = False


def run_inline(jobs: Iterable[J], work: Work[J], budget_s: float, clock: Clock | None = None) -> dict[J, Outcome]:
    """Runs jobs one after the other on the calling thread.

    Only for jobs that are known to come back: a budget that is overrun is noticed afterwards.

    Args:
        jobs: What to work on.
        work: Called with each job.
        budget_s: Seconds a job may take.
        clock: Where the time comes from.
    """
    clock = clock or SystemClock()
    outcomes: dict[J, Outcome] = {}
    for job in jobs:
        begun = clock.monotonic()
        try:
            outcome = Outcome(value=work(job))
        except Exception as error:  # noqa: BLE001 - any failure of a detector becomes a visible outcome
            outcome = Outcome(error=error)
        outcomes[job] = Outcome(late=True) if clock.monotonic() - begun > budget_s else outcome
    return outcomes


def run_in_lanes(
    lanes: Sequence[Sequence[J]], work: Work[J], budget_s: float, clock: Clock | None = None
) -> dict[J, Outcome]:
    """Runs the lanes side by side, the jobs of a lane one after the other.

    A job over its budget is given up: its lane goes on with a fresh thread. Threads cannot be stopped from outside, so
    the abandoned one ends with its job, and never keeps the process alive.

    Args:
        lanes: The jobs, no job twice.
        work: Called with each job.
        budget_s: Seconds a job may take.
        clock: Where the time comes from.
    """
    clock = clock or SystemClock()
    done: SimpleQueue[tuple[_Lane[J], J, Outcome]] = SimpleQueue()
    outcomes: dict[J, Outcome] = {}
    try:
        open_lanes = [_Lane(jobs, work, done) for jobs in lanes if jobs]
    except RuntimeError:  # the interpreter is ending: Python 3.12 starts no thread any more
        return run_inline([job for jobs in lanes for job in jobs], work, budget_s, clock)
    for lane in open_lanes:
        lane.advance(clock.monotonic())
    while open_lanes:
        next_deadline = min(lane.begun for lane in open_lanes) + budget_s
        try:
            patience_s = min(max(0.0, next_deadline - clock.monotonic()), threading.TIMEOUT_MAX)
            lane, job, outcome = done.get(timeout=patience_s)
        except Empty:
            now = clock.monotonic()
            for lane in [one for one in open_lanes if now - one.begun >= budget_s]:
                outcomes[lane.job] = Outcome(late=True)
                lane.replace_thread()
                _advance(lane, open_lanes, now)
            continue
        if job in outcomes:
            continue  # given up before; what comes late is dropped
        outcomes[job] = outcome
        _advance(lane, open_lanes, clock.monotonic())
    return outcomes


def _advance(lane: _Lane[J], open_lanes: list[_Lane[J]], now: float) -> None:
    if not lane.advance(now):
        open_lanes.remove(lane)


class _Lane(Generic[J]):
    """A row of jobs and the thread that works on one of them."""

    def __init__(self, jobs: Iterable[J], work: Work[J], done: SimpleQueue[tuple[_Lane[J], J, Outcome]]) -> None:
        self._waiting = deque(jobs)
        self._work = work
        self._done = done
        self._inbox: SimpleQueue[J | None] = SimpleQueue()
        self.begun = 0.0
        self.job: J = self._waiting[0]
        self._start_thread()

    def advance(self, now: float) -> bool:
        """Hands the next job to the thread; False, and the thread ends, when none is left."""
        if not self._waiting:
            self._inbox.put(None)
            return False
        self.job = self._waiting.popleft()
        self.begun = now
        self._inbox.put(self.job)
        return True

    def replace_thread(self) -> None:
        """Leaves the thread to its job, to end with it, and takes a fresh one."""
        self._inbox.put(None)
        self._inbox = SimpleQueue()
        self._start_thread()

    def _start_thread(self) -> None:
        threading.Thread(target=self._serve, args=(self._inbox,), name="argus-detectors", daemon=True).start()

    def _serve(self, inbox: SimpleQueue[J | None]) -> None:
        while (job := inbox.get()) is not None:
            try:
                outcome = Outcome(value=self._work(job))
            except BaseException as error:  # noqa: BLE001 - a thread of ours: SystemExit from a detector ends nothing
                outcome = Outcome(error=error)
            self._done.put((self, job, outcome))
