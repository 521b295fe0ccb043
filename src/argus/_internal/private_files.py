"""Folders and files that only their owner may read, opened without following links."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from argus.errors import StoreUnavailable

__all__ = ["check_private", "open_private", "private_folder"]


def private_folder(path: Path) -> Path:
    """A folder of ours, made with mode 0700 and its own ``.gitignore`` when it does not exist.

    Missing parents are made with the usual mode, except one named ``.argus``, which is always ours.

    Args:
        path: The folder.

    Raises:
        StoreUnavailable: It cannot be made, is a link or a file, or belongs to another user.
    """
    try:
        if path.parent.name == ".argus":
            private_folder(path.parent)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            created = False
        else:
            created = True
        _refuse_foreign(path, os.lstat(path), stat.S_ISDIR, "folder")
        if created:
            _write_private(path / ".gitignore", b"*\n")
    except OSError as error:
        raise StoreUnavailable(f"cannot make the folder {path}: {error.strerror or error}") from error
    return path


def open_private(path: Path, flags: int) -> int:
    """Opens a file of ours, making it with mode 0600 if ``flags`` say so.

    Args:
        path: The file.
        flags: As for :func:`os.open`.

    Returns:
        The descriptor; the caller closes it.

    Raises:
        OSError: It cannot be opened; a symbolic link is not followed.
        StoreUnavailable: It is no plain file or belongs to another user.
    """
    descriptor = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        _refuse_foreign(path, os.fstat(descriptor), stat.S_ISREG, "file")
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _write_private(path: Path, content: bytes) -> None:
    descriptor = open_private(path, os.O_WRONLY | os.O_CREAT)
    try:
        os.write(descriptor, content)
    finally:
        os.close(descriptor)


def _refuse_foreign(path: Path, facts: os.stat_result, is_kind: Callable[[int], bool], kind: str) -> None:
    if not is_kind(facts.st_mode):
        raise StoreUnavailable(f"{path} is not a plain {kind}; move it away or configure another storage.path")
    if hasattr(os, "getuid") and facts.st_uid != os.getuid():
        raise StoreUnavailable(
            f"{path} belongs to another user (uid {facts.st_uid}); configure storage.path in a folder of your own"
        )


def check_private(path: Path) -> bool:
    """Makes sure that a file is ours to open, without opening it.

    Args:
        path: The file.

    Returns:
        Whether it exists.

    Raises:
        StoreUnavailable: It is a link, no plain file, or belongs to another user.
    """
    try:
        facts = os.lstat(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreUnavailable(f"cannot look at {path}: {error.strerror or error}") from error
    _refuse_foreign(path, facts, stat.S_ISREG, "file")
    return True
