"""The crash-safe file: each frame is on its way to the disk before the node goes on.

One file for each recorder and process, ``<folder>/<pid>-<random>.journal``, made when the first run begins. It begins
with :data:`MAGIC` and the number of its generation; each frame follows as ``[length: u32][crc32: u32][frame]`` in one
write, so that the death of the process tears at most the last one. While the process lives it holds a lock on the file:
a file without one is an orphan (:mod:`argus.recording.recovery`). A run whose trace is stored is *folded*; a file whose
runs are all folded is emptied, or removed when a newer one took its place or the process ends.

The disk's blocks are taken ahead, 256 KB at a time: a write into them costs half of one that makes the file longer.
What follows the last frame is zeros, or frames of an earlier generation: a file is emptied by counting its generation
up, which goes into every checksum, so that no older frame is valid any more.

Nothing here raises: a full disk, a folder that went away or is read-only costs frames, which are counted.
"""

from __future__ import annotations

import atexit
import errno
import logging
import os
import struct
import sys
import threading
import weakref
from pathlib import Path
from typing import Final, Literal
from zlib import crc32

from argus._internal.private_files import open_private, private_folder
from argus.errors import StorageError
from argus.model.codec import encode
from argus.model.graph import GraphSpec
from argus.recording.frames import Folded, Graph, encode_frame

__all__ = ["GENERATION", "HEADER", "MAGIC", "SUFFIX", "Journal", "RunJournal"]

MAGIC: Final = b"ARGUSJ2\n"
GENERATION: Final = struct.Struct("<I")
HEADER: Final = struct.Struct("<II")
SUFFIX: Final = ".journal"

_START: Final = len(MAGIC) + GENERATION.size
_AHEAD: Final = 256 << 10
_KEPT: Final = 1 << 20

_LARGE: Final = 16 << 20
_MANY_GRAPHS: Final = 64
_log = logging.getLogger(__name__)

FsyncPolicy = Literal["off", "step", "run"]


class _File:
    """One journal file of this process; thread-safe."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor
        self.size = _START
        self.lock = threading.RLock()  # a signal handler of the host's may run a graph in the middle of a write
        self.unfolded: set[str] = set()
        self.retired = False
        self.foreign = False
        self.broken = False
        self._generation = 0
        self._reserved = _START
        self._graphs: dict[int, tuple[int, GraphSpec]] = {}
        self._last_graph = 0
        _files.add(self)

    def write(self, frame: bytes) -> bool:
        """Appends a frame.

        Returns:
            Whether it is whole in the file.
        """
        with self.lock:  # until it is written: nobody could read what stands behind a gap
            if self.broken or self.descriptor < 0:
                return False
            data = HEADER.pack(len(frame), crc32(frame, self._generation)) + frame
            place = self.size
            self.size = end = place + len(data)
            if end > self._reserved:
                self._reserve(end)
            try:
                if os.pwrite(self.descriptor, data, place) == len(data):
                    return True
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            except OSError as error:
                self._complain(error)
                return False

    def _reserve(self, end: int) -> None:
        """Takes blocks of the disk ahead; where that is not possible, each write takes its own from now on."""
        try:
            os.posix_fallocate(self.descriptor, self._reserved, end + _AHEAD - self._reserved)
            self._reserved = end + _AHEAD
        except (OSError, AttributeError):
            self._reserved = sys.maxsize

    def graph_key(self, graph: GraphSpec) -> int:
        """The number of a graph in this file; writes it down when it is new."""
        with self.lock:
            known = self._graphs.get(id(graph))
            if known is not None and known[1] is graph:
                return known[0]
            self._last_graph += 1
            if len(self._graphs) >= _MANY_GRAPHS:
                self._graphs.clear()
            self._graphs[id(graph)] = (self._last_graph, graph)
            key = self._last_graph
        self.write(encode_frame(Graph(key, encode(graph))))
        return key

    def sync(self) -> None:
        """Forces what was written to the disk."""
        if self.descriptor >= 0:
            try:
                getattr(os, "fdatasync", os.fsync)(self.descriptor)
            except OSError as error:
                self._complain(error)

    def fold(self, run: str) -> None:
        """The journal may forget a run."""
        with self.lock:
            self.unfolded.discard(run)
            idle = not self.unfolded
        if self.foreign:
            return
        if not idle:
            self.write(encode_frame(Folded(run)))
        elif self.retired:
            self.remove()
        else:
            self._empty()

    def retire(self) -> None:
        """No further run begins in this file; it goes with its last run."""
        self.retired = True
        if not self.unfolded and not self.foreign:
            self.remove()

    def remove(self) -> None:
        """Deletes the file."""
        with self.lock:
            if self.descriptor >= 0:
                self.path.unlink(missing_ok=True)
                self._close()

    def leave_to_parent(self) -> None:
        """After a fork, in the child: the file and its lock belong to the parent alone."""
        self.lock = threading.RLock()
        self.foreign = True
        self._close()

    def is_where_it_was(self) -> bool:
        """Whether the path still leads to the open file."""
        try:
            there, here = os.lstat(self.path), os.fstat(self.descriptor)
        except OSError:
            return False
        return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)

    def _empty(self) -> None:
        with self.lock:
            if self.descriptor < 0 or self.unfolded:
                return
            self._generation += 1
            end = self.size if self._reserved == sys.maxsize else self._reserved
            try:
                os.pwrite(self.descriptor, GENERATION.pack(self._generation), len(MAGIC))
                if end > _KEPT:
                    os.ftruncate(self.descriptor, _START)
                    self._reserved = _START
            except OSError as error:
                self._complain(error)
                return
            self.size = _START
            self._graphs.clear()

    def _close(self) -> None:
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            try:
                os.close(descriptor)
            except OSError as error:
                self._complain(error)

    def _complain(self, error: OSError) -> None:
        if not self.broken:
            _log.warning("journal_not_written file=%s reason=%s; runs are kept in memory only", self.path, error)
        self.broken = True


class RunJournal:
    """Where one run is written down.

    Args:
        file: The file.
        run: The run's id.
        fsync: When the file is forced to the disk.

    Attributes:
        write: Appends a frame; says whether it is whole in the file.
        syncs_steps: Whether :meth:`sync` is to be called after each step.
        lost: Frames that are not in the file; counted by the caller.
    """

    def __init__(self, file: _File, run: str, fsync: FsyncPolicy) -> None:
        self._file = file
        self._run = run
        self._fsync = fsync
        self.write = file.write
        self.syncs_steps = fsync == "step"
        self.lost = 0

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    def graph_key(self, graph: GraphSpec) -> int:
        """The number of a graph in the file; writes it down when it is new.

        Args:
            graph: The graph.
        """
        return self._file.graph_key(graph)

    def sync(self) -> None:
        """Forces what was written to the disk."""
        self._file.sync()

    def run_ended(self) -> None:
        """The run's last frame is written."""
        if self._fsync != "off":
            self._file.sync()

    def folded(self) -> None:
        """The run's trace is stored elsewhere."""
        self._file.fold(self._run)


class Journal:
    """The journal of one recorder; thread-safe.

    Args:
        folder: Holds the files; made private when it does not exist.
        fsync: When a file is forced to the disk: never, after each ``step``, or after each ``run``.
    """

    def __init__(self, folder: Path, fsync: FsyncPolicy = "off") -> None:
        self._folder = folder
        self._fsync = fsync
        self._lock = threading.Lock()
        self._file: _File | None = None
        self._complained = False
        _journals.add(self)

    def open_run(self, run: str) -> RunJournal | None:
        """Where a run that begins is written down; None when there is no writing.

        Args:
            run: The run's id.
        """
        with self._lock:
            file = self._file
            if file is not None and (file.broken or file.size > _LARGE or not file.is_where_it_was()):
                file.retire()
                file = None
            if file is None:
                file = self._file = self._make()
            if file is None:
                return None
            file.unfolded.add(run)
            return RunJournal(file, run, self._fsync)

    def close(self) -> None:
        """No further run begins; the file goes with its last run."""
        with self._lock:
            file, self._file = self._file, None
        if file is not None:
            file.retire()

    def _make(self) -> _File | None:
        try:
            private_folder(self._folder)
            path = self._folder / f"{os.getpid()}-{os.urandom(6).hex()}{SUFFIX}"
            unlocked = path.with_suffix(".new")
            descriptor = open_private(unlocked, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
            try:
                _lock_file(descriptor)
                os.write(descriptor, MAGIC + GENERATION.pack(0))
                unlocked.rename(path)  # under its own name it was never seen without its lock
            except BaseException:
                os.close(descriptor)
                unlocked.unlink(missing_ok=True)
                raise
        except (OSError, StorageError) as error:
            if not self._complained:
                _log.warning(
                    "journal_not_opened folder=%s reason=%s; runs are kept in memory only", self._folder, error
                )
            self._complained = True
            return None
        return _File(path, descriptor)

    def leave_to_parent(self) -> None:
        """After a fork, in the child: the next run opens a file of its own."""
        self._lock = threading.Lock()
        self._file = None


def _lock_file(descriptor: int) -> None:
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_files: weakref.WeakSet[_File] = weakref.WeakSet()
_journals: weakref.WeakSet[Journal] = weakref.WeakSet()


def _leave_all_to_parent() -> None:
    for journal in list(_journals):
        journal.leave_to_parent()
    for file in list(_files):
        file.leave_to_parent()


def _retire_all() -> None:
    for file in list(_files):
        file.retire()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_all_to_parent)
atexit.register(_retire_all)
