"""JSON Lines from a file, plain or gzipped, one record at a time and within limits."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

from argus.errors import InterchangeError
from argus.interchange.limits import ImportLimits, check

__all__ = ["read_records"]

_GZIP: Final = b"\x1f\x8b"


def read_records(path: Path, limits: ImportLimits | None = None) -> Iterator[tuple[int, dict[str, Any]]]:
    """The records of a file, each with the number of its line.

    Args:
        path: One JSON object a line; gzip is told by its first bytes.
        limits: What the file may hold; the usual limits when None.

    Raises:
        InterchangeError: The file cannot be read, is no JSON Lines, or goes beyond a limit. Records before that have
            been given already.
    """
    limits = limits or ImportLimits()
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == _GZIP
            raw.seek(0)
            if zipped:
                with gzip.GzipFile(fileobj=raw) as unzipped:
                    yield from _records(unzipped, path.name, limits)
            else:
                yield from _records(raw, path.name, limits)
    except (OSError, EOFError, zlib.error) as error:
        raise InterchangeError(f"{path}: it cannot be read: {error}") from error


def _records(
    stream: IO[bytes] | gzip.GzipFile, name: str, limits: ImportLimits
) -> Iterator[tuple[int, dict[str, Any]]]:
    read = number = records = 0
    while line := stream.readline(limits.max_record_bytes + 1):
        number += 1
        read += len(line)
        where = f"{name}, line {number}"
        if len(line) > limits.max_record_bytes:
            raise InterchangeError(f"{where}: a record has more than {limits.max_record_bytes:,} bytes")
        if read > limits.max_bytes:
            raise InterchangeError(f"{name}: it has more than {limits.max_bytes:,} bytes when unpacked")
        if not line.strip():
            continue
        records += 1
        if records > limits.max_records:
            raise InterchangeError(f"{name}: it has more than {limits.max_records:,} records")
        yield number, _record(line, where, limits)


def _record(line: bytes, where: str, limits: ImportLimits) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except RecursionError as error:
        raise InterchangeError(f"{where}: it is nested deeper than {limits.max_depth} levels") from error
    except ValueError as error:
        raise InterchangeError(f"{where}: it is not JSON: {error}") from error
    if not isinstance(record, dict):
        raise InterchangeError(f"{where}: a record is a JSON object, not a {type(record).__name__}")
    check(record, limits, where)
    return record
