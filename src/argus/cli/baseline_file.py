"""The file of accepted findings: reading and writing it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec

from argus.errors import ReportError
from argus.model.codec import decode
from argus.model.known_findings import FORMAT, KnownFinding, KnownFindings
from argus.views.json_text import json_text
from argus.views.neutral import neutral

__all__ = ["read_baseline", "write_baseline_file"]

_LARGEST_BYTES = 50_000_000
_REMEDY = "make a new one with: argus check --write-baseline"


def read_baseline(path: Path) -> KnownFindings:
    """The findings in a file.

    Args:
        path: Written by :func:`write_baseline_file`, perhaps shortened by hand.

    Raises:
        ReportError: It cannot be read, or is no such file.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ReportError(f"the baseline file {path} is larger than 50 MB; {_REMEDY} {path}")
        found = decode(path.read_bytes(), KnownFindings)
    except OSError as error:
        raise ReportError(
            f"the baseline file {path} cannot be read: {error.strerror or error}; {_REMEDY} {path}"
        ) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise ReportError(f"{path} is no baseline file: {error}; {_REMEDY} {path}") from error
    if found.version != FORMAT:
        raise ReportError(
            f"the baseline file {path} has version {found.version}, this ARGUS reads {FORMAT}; "
            f"update ARGUS, or {_REMEDY} {path}"
        )
    return found


def write_baseline_file(path: Path, findings: KnownFindings) -> None:
    """Writes the file, whole or not at all.

    Args:
        path: Where.
        findings: What to accept.

    Raises:
        ReportError: It cannot be written.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        beside.write_text(json_text(_readable(findings)), encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise ReportError(
            f"the baseline file {path} cannot be written: {error.strerror or error}; "
            "name a file in a folder that exists and can be written"
        ) from error


def _readable(findings: KnownFindings) -> KnownFindings:
    """The same with nothing in it that a reviewer could not see, or a strict reader of JSON would refuse."""
    entries = (
        {name: neutral(value) for name, value in msgspec.structs.asdict(entry).items() if value is not None}
        for entry in findings.findings
    )
    return KnownFindings(findings=tuple(KnownFinding(**entry) for entry in entries))
