"""What a process that died left behind: its journal, read back into traces."""

from __future__ import annotations

import os
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec

from argus._internal.private_files import open_private
from argus.errors import SchemaMismatch, StorageError, StoreUnavailable
from argus.model.codec import decode
from argus.model.graph import GraphSpec
from argus.model.trace import Trace
from argus.recording.assemble import Assembly
from argus.recording.frames import Close, Folded, Frame, Graph, Open, decode_frame
from argus.recording.journal import GENERATION, HEADER, MAGIC, SUFFIX

__all__ = ["discard", "orphans", "read_closed", "read_journal"]


def orphans(folder: Path) -> list[Path]:
    """The journals in a folder whose processes are gone, oldest first.

    Args:
        folder: The journal folder; it need not exist.

    Raises:
        StoreUnavailable: The folder cannot be read.
    """
    try:
        paths = [path for path in folder.iterdir() if path.suffix == SUFFIX]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreUnavailable(f"cannot read the folder {folder}: {error.strerror or error}") from error
    left = [(path.lstat().st_mtime, path) for path in paths if _is_left(path)]
    return [path for _, path in sorted(left)]


def read_journal(path: Path, *, runs: Collection[str] | None = None) -> list[Trace]:
    """The runs in a journal as traces without detections, in order of start.

    A run that was closed becomes an ordinary trace. One that was not becomes a trace of status ``incomplete``, with the
    nodes that were running in ``metadata.running``. Runs that were folded already are left out, and so is whatever
    follows a torn or damaged frame.

    Args:
        path: The journal.
        runs: Only these ids; None means all.

    Raises:
        SchemaMismatch: Another version of ARGUS wrote it.
        StorageError: It cannot be read.
    """
    graphs: dict[int, GraphSpec] = {}
    frames: dict[str, list[Frame]] = {}
    drawn: dict[str, int] = {}
    for frame in _frames(path):
        if isinstance(frame, Graph):
            graphs[frame.key] = decode(frame.spec, GraphSpec)
        elif isinstance(frame, Folded):
            frames.pop(frame.run, None)
        elif runs is None or frame.run in runs:
            frames.setdefault(frame.run, []).append(frame)
            if isinstance(frame, (Open, Close)) and frame.graph is not None:
                drawn[frame.run] = frame.graph
    assemblies = {run: Assembly(own) for run, own in frames.items()}
    return [
        assembly.trace(graphs.get(drawn[run]) if run in drawn else None)
        for run, assembly in assemblies.items()
        if assembly.begun
    ]


def read_closed(path: Path, runs: Collection[str]) -> Iterator[Trace]:
    """Closed runs of a living journal as traces without detections, one at a time, in order of end.

    Only the frames of runs that are not whole yet are held; ids that are not found are passed over.

    Args:
        path: The journal.
        runs: The ids.

    Raises:
        SchemaMismatch: Another version of ARGUS wrote it.
        StorageError: It cannot be read.
    """
    wanted = set(runs)
    graphs: dict[int, GraphSpec] = {}
    frames: dict[str, list[Frame]] = {}
    drawn: dict[str, int] = {}
    for frame in _frames(path):
        if isinstance(frame, Graph):
            graphs[frame.key] = decode(frame.spec, GraphSpec)
            continue
        if isinstance(frame, Folded) or frame.run not in wanted:
            continue
        frames.setdefault(frame.run, []).append(frame)
        if isinstance(frame, (Open, Close)) and frame.graph is not None:
            drawn[frame.run] = frame.graph
        if isinstance(frame, Close):
            wanted.discard(frame.run)
            assembly = Assembly(frames.pop(frame.run))
            if assembly.begun:
                yield assembly.trace(graphs.get(drawn.pop(frame.run, 0)))
            if not wanted:
                return


def discard(path: Path) -> None:
    """Deletes a journal whose runs are stored.

    Args:
        path: An orphan; one that is gone already is passed over.

    Raises:
        StorageError: A living process holds it, or it cannot be deleted.
    """
    if not path.exists():
        return
    if not _is_left(path):
        raise StorageError(f"{path} belongs to a process that is still running")
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"cannot delete {path}: {error.strerror or error}") from error


def _is_left(path: Path) -> bool:
    """Whether no living process holds the journal's lock."""
    import fcntl

    try:
        descriptor = open_private(path, os.O_RDONLY)
    except (OSError, StorageError):
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _frames(path: Path) -> Iterator[Frame]:
    try:
        with os.fdopen(open_private(path, os.O_RDONLY), "rb") as file:
            data = file.read()
    except OSError as error:
        raise StoreUnavailable(f"cannot read {path}: {error.strerror or error}") from error
    if not data.startswith(MAGIC):
        if MAGIC.startswith(data):
            return
        raise SchemaMismatch(f"{path} was not written by this version of ARGUS; open it with the one that wrote it")
    position = len(MAGIC) + GENERATION.size
    if len(data) < position:
        return
    (generation,) = GENERATION.unpack_from(data, len(MAGIC))
    while position + HEADER.size <= len(data):
        length, checksum = HEADER.unpack_from(data, position)
        position += HEADER.size
        frame = data[position : position + length]
        if not length or len(frame) < length or zlib.crc32(frame, generation) != checksum:
            return
        position += length
        try:
            yield decode_frame(frame)
        except msgspec.MsgspecError:
            return
