"""What ``argus doctor`` looks at, one function each."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from argus._version import __version__
from argus.cli.project import Project
from argus.errors import ArgusError, ConfigError
from argus.model.record import Record

__all__ = ["Check", "examine"]

_SUPPORTED_LANGGRAPH = 1
_LARGE_BYTES = 1_000_000_000


class Check(Record, frozen=True, kw_only=True):
    """One thing that was looked at.

    Attributes:
        name: What.
        status: ``ok``, ``warning`` or ``failed``.
        message: What was seen.
        cure: What to do about it; empty when nothing.
    """

    name: str
    status: Literal["ok", "warning", "failed"]
    message: str
    cure: str = ""


def examine(project: Project) -> Iterator[Check]:
    """Looks at everything; nothing is made or changed.

    Args:
        project: The call at hand.
    """
    yield Check(name="argus", status="ok", message=f"{__version__} at {Path(__file__).parents[1]}")
    yield Check(name="python", status="ok", message=f"{platform.python_version()} at {sys.executable}")
    yield _langgraph()
    try:
        configuration = project.configuration
    except ConfigError as error:
        yield Check(
            name="configuration", status="failed", message="; ".join(error.problems), cure="mend the lines named"
        )
        return
    file = configuration.file
    yield Check(name="configuration", status="ok", message=str(file) if file else "no argus.yaml; defaults apply")
    yield _store(project)
    yield _folder(project)


def _langgraph() -> Check:
    try:
        version = importlib.metadata.version("langgraph")
    except importlib.metadata.PackageNotFoundError:
        return Check(
            name="langgraph",
            status="warning",
            message="not installed; only ArgusSession can be used",
            cure='pip install "arguslabs[langgraph]"',
        )
    major = version.partition(".")[0]
    if major.isdecimal() and int(major) == _SUPPORTED_LANGGRAPH:
        return Check(name="langgraph", status="ok", message=version)
    cure = 'pip install "langgraph>=1.0,<2"'
    return Check(name="langgraph", status="failed", message=f"{version} is not supported", cure=cure)


def _store(project: Project) -> Check:
    file = project.configuration.sqlite_file
    if file is not None and not file.exists():
        return Check(name="store", status="ok", message=f"{file} does not exist yet; the first watched run makes it")
    try:
        store = project.store()
        newest = store.list(limit=1).rows
    except ArgusError as error:
        return Check(name="store", status="failed", message=str(error), cure="see the message; no run can be stored")
    last = f", last run {newest[0].created_at:%Y-%m-%d %H:%M} UTC" if newest else ", empty"
    size = file.stat().st_size if file is not None else 0
    note = f", {size / 1e6:,.1f} MB" if file is not None else ""
    if size > _LARGE_BYTES:
        cure = "set storage.retention.days or storage.retention.max_size"
        return Check(name="store", status="warning", message=f"{store.url}{last}{note}", cure=cure)
    return Check(name="store", status="ok", message=f"{store.url}{last}{note}")


def _folder(project: Project) -> Check:
    file = project.configuration.sqlite_file
    folder = file.parent if file is not None else project.configuration.base_folder / ".argus"
    existing = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        cure = "change its permissions, or set storage.path to a folder of your own"
        return Check(name="folder", status="failed", message=f"{existing} cannot be written", cure=cure)
    if existing == folder and os.name == "posix" and folder.name == ".argus" and folder.stat().st_mode & 0o077:
        message = f"{folder} can be read by other users"
        return Check(name="folder", status="warning", message=message, cure=f"chmod 700 {folder}")
    return Check(name="folder", status="ok", message=f"{folder} can be written")
