"""Whether the store and the journal can be read and written, by their owner only, and how large they are."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

from argus.cli.health.base import Check, bytes_text
from argus.cli.project import Project
from argus.errors import ArgusError

__all__ = ["checks"]

_LARGE_BYTES = 1_000_000_000
_LITTLE_ROOM_BYTES = 200_000_000
_OTHERS = 0o077


def checks(project: Project) -> Iterator[Check]:
    """Store, size, folder, permissions, journal, room on the disk.

    Args:
        project: The call at hand, whose configuration is known to be right.
    """
    yield _store(project)
    yield _size(project)
    yield _folder(project)
    yield _permissions(project)
    yield _journal(project)
    yield _room(project)


def _store(project: Project) -> Check:
    file = project.configuration.sqlite_file
    try:
        if not project.has_store():
            return Check(
                name="store", status="ok", message=f"{file} does not exist yet; the first watched run makes it"
            )
        store = project.store()
        newest = store.list(limit=1).rows
    except ArgusError as error:
        cure = "mend what the message names, or set storage.url to another store; until then runs wait in the journal"
        return Check(name="store", status="failed", message=str(error), cure=cure)
    last = f", last run {newest[0].created_at:%Y-%m-%d %H:%M} UTC" if newest else ", empty"
    return Check(name="store", status="ok", message=f"{store.url}{last}")


def _size(project: Project) -> Check:
    file = project.configuration.sqlite_file
    if file is not None:
        size = sum(_bytes(Path(f"{file}{suffix}")) for suffix in ("", "-wal"))
    else:
        try:
            size = project.store().size_bytes() or 0
        except ArgusError:  # the check of the store says why
            size = 0
    if size > _LARGE_BYTES:
        cure = "set storage.retention.days or storage.retention.max_size"
        return Check(name="size", status="warning", message=f"{bytes_text(size)} of runs", cure=cure)
    return Check(name="size", status="ok", message=f"{bytes_text(size)} of runs")


def _folder(project: Project) -> Check:
    folder, existing = _folders(project)
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        cure = "change its permissions, or set storage.path to a folder of your own"
        return Check(name="folder", status="failed", message=f"{existing} cannot be written", cure=cure)
    if existing == folder and folder.name == ".argus" and _open_to_others(folder):
        message = f"{folder} can be read by other users"
        return Check(name="folder", status="warning", message=message, cure=_line("chmod", "700", folder))
    return Check(name="folder", status="ok", message=f"{folder} can be written")


def _permissions(project: Project) -> Check:
    file = project.configuration.sqlite_file
    files = [path for path in _files(project) if path.exists()]
    if hasattr(os, "getuid"):
        foreign = [path for path in files if path.lstat().st_uid != os.getuid()]
        if foreign:
            cure = f"{_line('chown', str(os.getuid()), foreign[0])}, or set storage.path to a folder of your own"
            message = f"{foreign[0]} belongs to another user"
            return Check(name="permissions", status="failed", message=message, cure=cure)
    locked = [path for path in files if not os.access(path, os.R_OK | os.W_OK)]
    if locked:
        message = f"{locked[0]} cannot be read and written"
        return Check(name="permissions", status="failed", message=message, cure=_line("chmod", "600", locked[0]))
    readable = [path for path in files if _open_to_others(path)]
    if readable:
        message = f"{readable[0]} can be read by other users"
        return Check(name="permissions", status="warning", message=message, cure=_line("chmod", "600", readable[0]))
    message = "runs can be read by you alone" if files else "nothing is stored in files here"
    return Check(name="permissions", status="ok", message=message if file or files else "the store is not a file")


def _journal(project: Project) -> Check:
    from argus.recording.recovery import orphans

    configuration = project.configuration
    folder = configuration.journal_folder
    if not configuration.settings.journal.enabled:
        cure = "set journal.enabled, unless runs that a crash cuts off may be lost"
        return Check(name="journal", status="warning", message="switched off", cure=cure)
    try:
        left = orphans(folder)
        size = sum(map(_bytes, folder.glob("*.journal"))) if folder.is_dir() else 0
    except (ArgusError, OSError) as error:
        cure = _line("chmod", "700", folder)
        return Check(name="journal", status="failed", message=str(error), cure=cure)
    if left:
        message = f"{left[0]} was left by a process that ended, and cannot be taken into the store"
        cure = f"open it with the version of ARGUS that wrote it, or give its runs up: {_line('rm', left[0])}"
        return Check(name="journal", status="warning", message=message, cure=cure)
    if size > _LARGE_BYTES:
        cure = "make the store writable again, or end the process whose runs never end"
        return Check(name="journal", status="warning", message=f"{bytes_text(size)} of runs wait in it", cure=cure)
    waiting = f"{bytes_text(size)} in use by running processes" if size else "no run waits in it"
    return Check(name="journal", status="ok", message=f"{folder}, {waiting}")


def _room(project: Project) -> Check:
    _, existing = _folders(project)
    free = shutil.disk_usage(existing).free
    if free < _LITTLE_ROOM_BYTES:
        cure = "delete old runs, or set storage.path to another disk"
        return Check(name="disk", status="warning", message=f"only {bytes_text(free)} are free", cure=cure)
    return Check(name="disk", status="ok", message=f"{bytes_text(free)} are free")


def _folders(project: Project) -> tuple[Path, Path]:
    """The folder of the store, and the nearest one that exists."""
    file = project.configuration.sqlite_file
    folder = file.parent if file is not None else project.configuration.base_folder / ".argus"
    return folder, next(one for one in (folder, *folder.absolute().parents) if one.exists())


def _files(project: Project) -> list[Path]:
    file = project.configuration.sqlite_file
    stored = [] if file is None else [Path(f"{file}{suffix}") for suffix in ("", "-wal", "-shm")]
    folder = project.configuration.journal_folder
    return [*stored, *(folder.glob("*.journal") if os.access(folder, os.R_OK | os.X_OK) else [])]


def _line(*words: str | Path) -> str:
    """A command line that can be pasted, whatever a folder is named."""
    return shlex.join(map(str, words))


def _open_to_others(path: Path) -> bool:
    return os.name == "posix" and bool(path.stat().st_mode & _OTHERS)


def _bytes(path: Path) -> int:
    """What a file takes on the disk; blocks that are only reserved count too."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
