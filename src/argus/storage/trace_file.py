"""Traces in a file: JSON Lines, written and read one at a time, back exactly as they were.

The first line says what the file is, each further line is a trace, the last one tells how many there are and their
checksum, so that a file that was cut short is known as such.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from argus._internal.private_files import open_private
from argus.errors import StorageError
from argus.model.decoding import decoder_of
from argus.model.record import Record
from argus.model.trace import Trace
from argus.storage.exact_json import record_from_json, to_json
from argus.storage.moving import Moved, Tally

__all__ = ["read_traces", "write_traces"]

_FORMAT: Final = 1
_LONGEST_LINE: Final = 1 << 30


class _Head(Record, frozen=True, kw_only=True):
    argus_traces: int


class _End(Record, frozen=True, kw_only=True):
    traces: int
    blake2b: str


def write_traces(path: Path, traces: Iterable[Trace]) -> Moved:
    """Writes traces into a file for its owner alone; the file is whole or not there at all.

    Args:
        path: Where; a file there is replaced.
        traces: Any number.

    Raises:
        StorageError: It cannot be written, or a trace cannot be read.
    """
    tally = Tally()
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with os.fdopen(open_private(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY), "wb") as stream:
            stream.write(to_json(_Head(argus_traces=_FORMAT)).encode() + b"\n")
            for trace in traces:
                line = to_json(trace).encode()
                tally.add(line)
                stream.write(line + b"\n")
            done = tally.moved()
            stream.write(to_json(_End(traces=done.traces, blake2b=done.checksum)).encode() + b"\n")
        beside.replace(path)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)
    return done


def read_traces(path: Path) -> Iterator[Trace]:
    """The traces of a file, one in memory at a time.

    Args:
        path: Written by :func:`write_traces`.

    Raises:
        StorageError: It cannot be read, is no such file, was changed or cut short; traces before that were given.
    """
    tally = Tally()
    try:
        with path.open("rb") as stream:
            _check_head(stream.readline(_LONGEST_LINE), path)
            number = 1
            while line := stream.readline(_LONGEST_LINE):
                number += 1
                text = line.rstrip(b"\n")
                if text.startswith(b'{"traces":'):
                    _check_end(text, tally.moved(), path)
                    return
                tally.add(text)
                yield _trace(text, f"{path}, line {number}")
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror or error}") from error
    raise StorageError(f"{path} was cut short after {tally.moved().traces} traces; export it again")


def _trace(text: bytes, where: str) -> Trace:
    try:
        return record_from_json(text.decode(), Trace)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
        raise StorageError(f"{where} is no trace: {error}") from error


def _check_head(line: bytes, path: Path) -> None:
    try:
        version = decoder_of(_Head).decode(line).argus_traces
    except (msgspec.MsgspecError, ValueError) as error:
        raise StorageError(f"{path} is no file that `argus export` wrote: {error}") from error
    if version != _FORMAT:
        raise StorageError(f"{path} has format {version}, this ARGUS reads {_FORMAT}; upgrade ARGUS")


def _check_end(text: bytes, found: Moved, path: Path) -> None:
    try:
        said = decoder_of(_End).decode(text)
    except (msgspec.MsgspecError, ValueError) as error:
        raise StorageError(f"{path} has a damaged last line: {error}; export it again") from error
    if (said.traces, said.blake2b) != (found.traces, found.checksum):
        raise StorageError(f"{path} was changed after it was written: its checksum does not fit; export it again")
