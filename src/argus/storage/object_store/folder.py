"""Objects as files below a folder of this machine, or of a network drive."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from pathlib import Path

from argus._internal.private_files import open_private, private_folder
from argus.errors import StorageError, StoreUnavailable
from argus.storage.object_store.names import random_name
from argus.storage.object_store.objects import Found, Objects

__all__ = ["Folder"]

_UNDER_WAY = ".writing"
"""Files that begin so are not whole yet, or were never finished."""


class Folder(Objects):
    """Objects as files, each for its owner alone and whole or not there at all.

    Args:
        path: The folder, absolute; made when missing.
        shown: The store's URL.

    Raises:
        StoreUnavailable: It cannot be made, or belongs to another user.
    """

    def __init__(self, path: Path, shown: str) -> None:
        self.shown = shown
        self._path = private_folder(path)
        self._closed = False

    def get(self, name: str) -> bytes | None:
        """An object's contents; None when there is no such object.

        Args:
            name: Its name.
        """
        with self._explained():
            try:
                with os.fdopen(open_private(self._path / name, os.O_RDONLY), "rb") as file:
                    return file.read()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def put(self, name: str, body: bytes) -> None:
        """Writes an object.

        Args:
            name: Its name; no other writer uses it.
            body: Its contents.
        """
        with self._explained(), self._written(name, body) as beside:
            beside.replace(self._path / name)

    def create(self, name: str, body: bytes) -> bool:
        """Writes an object that must not exist yet.

        Args:
            name: Its name, for which several writers may compete.
            body: Its contents; those of two writers differ.

        Returns:
            Whether it is there now with these contents.
        """
        with self._explained(), self._written(name, body) as beside:
            try:
                os.link(beside, self._path / name)  # fails where a rename would replace
            except FileExistsError:
                return self.get(name) == body  # a network drive may have done what it reports as failed
            finally:
                beside.unlink()
        return True

    def list(self, folder: str, *, after: str | None = None) -> Iterator[Found]:
        """The objects of a folder and the folders below it, in order of name.

        Args:
            folder: The folder.
            after: Only names behind this one.
        """
        with self._explained():
            yield from self._below(folder, after or "")

    def delete(self, names: Iterable[str]) -> None:
        """Removes objects and folders that are empty then; those that are gone already do no harm.

        Args:
            names: Their names.
        """
        with self._explained():
            for name in names:
                path = self._path / name
                with contextlib.suppress(FileNotFoundError):
                    path.unlink()
                with contextlib.suppress(OSError):  # not empty
                    if path.parent != self._path:
                        path.parent.rmdir()

    def close(self) -> None:
        """Nothing is held open; later calls are refused."""
        self._closed = True

    def _below(self, folder: str, after: str) -> Iterator[Found]:
        try:
            with os.scandir(self._path / folder) as entries:
                # names are compared as a whole, in which a folder's goes on with a slash
                named = sorted((f"{folder}/{entry.name}{'/' * entry.is_dir()}", entry) for entry in entries)
        except (FileNotFoundError, NotADirectoryError):
            return
        for name, entry in named:
            if entry.name.startswith(_UNDER_WAY):
                continue
            if name.endswith("/"):
                if name > after or after.startswith(name):
                    yield from self._below(name[:-1], after)
            elif name > after:
                try:
                    facts = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                yield Found(name, facts.st_size, datetime.fromtimestamp(facts.st_mtime, timezone.utc))

    @contextlib.contextmanager
    def _written(self, name: str, body: bytes) -> Iterator[Path]:
        """A whole file beside the one that is to be."""
        path = self._path / name
        beside = path.with_name(f"{_UNDER_WAY}-{random_name()}")
        descriptor = self._opened(beside)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(body)
            yield beside
        except BaseException:
            beside.unlink(missing_ok=True)
            raise

    def _opened(self, path: Path) -> int:
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
        for _ in range(5):
            try:
                return open_private(path, flags)
            except FileNotFoundError:  # there is no such folder yet, or another one just removed it as empty
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return open_private(path, flags)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        if self._closed:
            raise StorageError(f"the trace store {self.shown} is closed; open it again")
        try:
            yield
        except OSError as error:
            what = error.strerror or str(error)
            raise StoreUnavailable(
                f"the trace store {self.shown} cannot be read or written: {what}; check the folder and its disk"
            ) from error
