"""Ended runs that wait for their analysis: in memory up to a limit, beyond it in the journal."""

from __future__ import annotations

import threading
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argus.recording.journal import RunJournal
    from argus.recording.run import Run

__all__ = ["MAX_WAITING_BYTES", "Backlog"]

MAX_WAITING_BYTES: Final = 64 << 20
"""Recorded bytes of ended runs that wait in memory, beside the limit on their number."""


class Backlog:
    """Counts what waits, and keeps hold of what is in the journal only or has to be tried again; thread-safe.

    Args:
        max_runs: Ended runs that may wait in memory.

    Attributes:
        lost: Runs that found no room: neither in the journal nor in memory.
    """

    def __init__(self, max_runs: int) -> None:
        self._max_runs = max_runs
        self._lock = threading.RLock()
        self._sizes: dict[str, int] = {}
        self._bytes = 0
        self._places: dict[Path, dict[str, RunJournal]] = {}
        self._in_work: dict[str, RunJournal] = {}
        self._kept: deque[Run] = deque()
        self.lost = 0

    def __len__(self) -> int:
        with self._lock:
            return len(self._sizes) + len(self._in_work) + self._left_over()

    @property
    def has_left_over(self) -> bool:
        """Whether runs stand in the journal only, or are kept to be tried again."""
        with self._lock:
            return self._left_over() > 0

    def admit(self, run: Run) -> bool:
        """Whether there is room in memory for a run; if so it is counted until :meth:`release`.

        Args:
            run: Closed.
        """
        size = sum(map(len, run.frames))
        with self._lock:
            if len(self._sizes) >= self._max_runs or self._bytes + size > MAX_WAITING_BYTES:
                return False
            self._sizes[run.id] = size
            self._bytes += size
            return True

    def release(self, run: Run) -> None:
        """A run that was admitted waits no more.

        Args:
            run: The run.
        """
        with self._lock:
            self._bytes -= self._sizes.pop(run.id, 0)

    def leave(self, run: Run) -> None:
        """Lets a run go: it stands in the journal. One that is not whole there is kept while there is room.

        Args:
            run: Closed.
        """
        place = run.journal
        with self._lock:
            if place is not None and not place.lost:
                self._places.setdefault(place.path, {})[run.id] = place
            elif len(self._kept) < self._max_runs:
                self._kept.append(run)
            else:
                self.lost += 1

    def take_journal(self) -> tuple[Path, dict[str, RunJournal]] | None:
        """A journal with the runs to read from it, or None.

        The caller takes out of them what is done, and gives the rest back with :meth:`put_back`.
        """
        with self._lock:
            if not self._places:
                return None
            path, self._in_work = self._places.popitem()
            return path, self._in_work

    def put_back(self, path: Path, runs: dict[str, RunJournal]) -> None:
        """Gives back runs that were taken.

        Args:
            path: The journal.
            runs: Those still to be analysed.
        """
        with self._lock:
            self._in_work = {}
            if runs:
                self._places[path] = {**runs, **self._places.get(path, {})}

    def take_kept(self) -> Run | None:
        """A run that is kept in memory to be tried again, which is the caller's from now on; None without one."""
        with self._lock:
            return self._kept.popleft() if self._kept else None

    def _left_over(self) -> int:
        return sum(map(len, self._places.values())) + len(self._kept)
