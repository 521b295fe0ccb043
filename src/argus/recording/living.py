"""Runs of living processes, followed through their journals while they are being written.

Nothing is locked and nothing is changed. A journal is emptied as soon as all its runs are stored, so a run that begins,
ends and is stored between two looks is never seen here: the store tells of it.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from argus._internal.private_files import open_private
from argus.errors import StorageError, StoreUnavailable
from argus.model.record import Record
from argus.recording.frames import Close, Finish, Folded, Frame, Open, Start, decode_frame
from argus.recording.journal import GENERATION, HEADER, MAGIC, SUFFIX

__all__ = ["LiveEvent", "LiveRuns", "RunEnded", "RunStarted", "StepEnded", "StepStarted"]

_HEAD: Final = len(MAGIC) + GENERATION.size
_DEEPEST: Final = 8


class RunStarted(Record, frozen=True, kw_only=True):
    """A run has begun.

    Attributes:
        run_id: The id that its trace will have.
        pipeline_name: Its pipeline.
        at: When, aware UTC.
    """

    run_id: str
    pipeline_name: str
    at: datetime


class StepStarted(Record, frozen=True, kw_only=True):
    """A step of a run has begun.

    Attributes:
        run_id: The run.
        pipeline_name: Its pipeline.
        at: When, aware UTC.
        step_number: The step, from 1.
        node_name: Its node.
        attempt: 1 for the first, counted up by retries.
        depth: How many steps it runs inside, 8 at most.
    """

    run_id: str
    pipeline_name: str
    at: datetime
    step_number: int
    node_name: str
    attempt: int
    depth: int


class StepEnded(Record, frozen=True, kw_only=True):
    """A step of a run has ended.

    Attributes:
        run_id: The run.
        pipeline_name: Its pipeline.
        at: When, aware UTC.
        step_number: The step, from 1.
        node_name: Its node.
        outcome: How it ended.
        error: The exception's type and message, or None.
        duration_ms: Wall time.
        attempt: 1 for the first, counted up by retries.
        depth: How many steps it runs inside, 8 at most.
    """

    run_id: str
    pipeline_name: str
    at: datetime
    step_number: int
    node_name: str
    outcome: str
    error: str | None
    duration_ms: float
    attempt: int
    depth: int


class RunEnded(Record, frozen=True, kw_only=True):
    """A run has ended; its findings are not known yet.

    Attributes:
        run_id: The run.
        pipeline_name: Its pipeline.
        at: When, aware UTC.
        outcome: ``completed``, ``error``, ``interrupted``, ``cancelled`` or ``abandoned``.
        duration_ms: Wall time.
    """

    run_id: str
    pipeline_name: str
    at: datetime
    outcome: str
    duration_ms: float


LiveEvent = RunStarted | StepStarted | StepEnded | RunEnded


class LiveRuns:
    """All journals of a folder, followed together; not thread-safe.

    Args:
        folder: The journal folder; it need not exist yet.
        starts: Whether the beginning of steps is told too.
    """

    def __init__(self, folder: Path, *, starts: bool = False) -> None:
        self._folder = folder
        self._starts = starts
        self._tails: dict[Path, _Tail] = {}

    def poll(self) -> Iterator[LiveEvent]:
        """What has happened since the last look; the first look tells of runs that are not stored yet.

        Raises:
            StoreUnavailable: The folder cannot be read.
        """
        try:
            paths = sorted(path for path in self._folder.iterdir() if path.suffix == SUFFIX)
        except FileNotFoundError:
            paths = []
        except OSError as error:
            raise StoreUnavailable(f"cannot read the folder {self._folder}: {error.strerror or error}") from error
        for gone in self._tails.keys() - set(paths):
            self._tails.pop(gone).close()
        for path in paths:
            tail = self._tails.get(path)
            if tail is None:
                tail = self._tails[path] = _Tail(path, self._starts)
                yield from tail.of_unstored_runs()
            else:
                yield from tail.poll()

    def close(self) -> None:
        """Lets go of all files."""
        for tail in self._tails.values():
            tail.close()
        self._tails.clear()


class _Open(NamedTuple):
    """A step that has not ended, without its values."""

    node: str
    at: float
    attempt: int
    depth: int


class _Run:
    """What has to be remembered of a run that has not ended.

    Args:
        opened: Its first frame.
    """

    def __init__(self, opened: Open) -> None:
        self.id = opened.run
        self.pipeline = opened.pipeline
        self.began = datetime.fromisoformat(opened.created_at)
        self.steps: dict[int, _Open] = {}

    def step_started(self, frame: Start) -> StepStarted:
        outer = self.steps.get(frame.parent) if frame.parent is not None else None
        depth = min(outer.depth + 1, _DEEPEST) if outer else 0
        self.steps[frame.number] = _Open(frame.node, frame.at, frame.attempt, depth)
        return StepStarted(
            run_id=self.id,
            pipeline_name=self.pipeline,
            at=self.began + timedelta(seconds=frame.at),
            step_number=frame.number,
            node_name=frame.node,
            attempt=frame.attempt,
            depth=depth,
        )

    def step_ended(self, frame: Finish) -> StepEnded | None:
        start = self.steps.pop(frame.number, None)
        if start is None:
            return None
        return StepEnded(
            run_id=self.id,
            pipeline_name=self.pipeline,
            at=self.began + timedelta(seconds=start.at, microseconds=frame.wall_ns / 1000),
            step_number=frame.number,
            node_name=start.node,
            outcome=frame.outcome,
            error=f"{frame.error.type}: {frame.error.message}" if frame.error else None,
            duration_ms=frame.wall_ns / 1e6,
            attempt=start.attempt,
            depth=start.depth,
        )


class _Tail:
    """One journal, read from where the last look ended."""

    def __init__(self, path: Path, starts: bool) -> None:
        self._path = path
        self._starts = starts
        self._descriptor = -1
        self._generation: int | None = None
        self._position = _HEAD
        self._runs: dict[str, _Run] = {}

    def of_unstored_runs(self) -> Iterator[LiveEvent]:
        """The first look: without the runs whose traces are stored already."""
        by_run: dict[str, list[LiveEvent]] = {}
        for frame in self._frames():
            if isinstance(frame, Folded):
                by_run.pop(frame.run, None)
            for event in self._told(frame):
                by_run.setdefault(event.run_id, []).append(event)
        for events in by_run.values():
            yield from events

    def poll(self) -> Iterator[LiveEvent]:
        """A further look."""
        for frame in self._frames():
            yield from self._told(frame)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _told(self, frame: Frame) -> Iterator[LiveEvent]:
        if isinstance(frame, Open):
            run = self._runs[frame.run] = _Run(frame)
            yield RunStarted(run_id=run.id, pipeline_name=run.pipeline, at=run.began)
            return
        known = self._runs.get(getattr(frame, "run", ""))
        if known is None:
            return
        if isinstance(frame, Start):
            started = known.step_started(frame)
            if self._starts:
                yield started
        elif isinstance(frame, Finish):
            ended = known.step_ended(frame)
            if ended is not None:
                yield ended
        elif isinstance(frame, Close):
            del self._runs[known.id]
            yield RunEnded(
                run_id=known.id,
                pipeline_name=known.pipeline,
                at=known.began + timedelta(seconds=frame.after),
                outcome=frame.outcome,
                duration_ms=frame.after * 1000,
            )

    def _frames(self) -> Iterator[Frame]:
        """Whole frames behind the last one that was read; one that is still being written is left for later."""
        try:
            if self._descriptor < 0:
                self._descriptor = open_private(self._path, os.O_RDONLY)
            head = os.pread(self._descriptor, _HEAD, 0)
            if len(head) < _HEAD or not head.startswith(MAGIC):  # not begun, or of another version of ARGUS
                return
            (generation,) = GENERATION.unpack_from(head, len(MAGIC))
            if generation != self._generation:  # emptied: all runs that were in it are stored
                self._generation, self._position = generation, _HEAD
                self._runs.clear()
            while True:
                frame = self._next(generation)
                if frame is None:
                    return
                yield frame
        except (OSError, StorageError):  # it went away, or is not ours
            return

    def _next(self, generation: int) -> Frame | None:
        header = os.pread(self._descriptor, HEADER.size, self._position)
        if len(header) < HEADER.size:
            return None
        length, checksum = HEADER.unpack(header)
        if not length or length > os.fstat(self._descriptor).st_size:  # an older frame's inside may say anything
            return None
        data = os.pread(self._descriptor, length, self._position + HEADER.size)
        if len(data) < length or zlib.crc32(data, generation) != checksum:
            return None
        try:
            frame = decode_frame(data)
        except msgspec.MsgspecError:
            return None
        self._position += HEADER.size + length
        return frame
