"""Objects by name, wherever they are: what the rest of the store is built on."""

from __future__ import annotations

import builtins
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

__all__ = ["Found", "Objects"]

T = TypeVar("T")
R = TypeVar("R")


class Found(NamedTuple):
    """An object in a listing.

    Attributes:
        name: Its name below the store's prefix.
        size_bytes: Its size.
        modified_at: When it was written, by the clock of the server.
    """

    name: str
    size_bytes: int
    modified_at: datetime


class Objects(ABC):
    """The objects of one store. Thread-safe; every method raises :class:`argus.errors.StorageError` on failure.

    Attributes:
        shown: The store's URL without passwords.
    """

    shown: str

    @abstractmethod
    def get(self, name: str) -> bytes | None:
        """An object's contents; None when there is no such object.

        Args:
            name: Its name.
        """

    @abstractmethod
    def put(self, name: str, body: bytes) -> None:
        """Writes an object.

        Args:
            name: Its name; no other writer uses it.
            body: Its contents.
        """

    @abstractmethod
    def create(self, name: str, body: bytes) -> bool:
        """Writes an object that must not exist yet.

        Args:
            name: Its name, for which several writers may compete.
            body: Its contents; those of two writers differ.

        Returns:
            Whether it is there now with these contents.
        """

    @abstractmethod
    def list(self, folder: str, *, after: str | None = None) -> Iterator[Found]:
        """The objects of a folder and the folders below it, in order of name.

        Args:
            folder: The folder.
            after: Only names behind this one.
        """

    @abstractmethod
    def delete(self, names: Iterable[str]) -> None:
        """Removes objects; those that are gone already do no harm.

        Args:
            names: Their names.
        """

    def at_once(self, work: Callable[[T], R], items: Sequence[T]) -> builtins.list[R]:
        """Does the same to several things, at the same time where that is faster; raises what the first failure raised.

        Args:
            work: What to do.
            items: What to do it to.
        """
        return [work(item) for item in items]

    @abstractmethod
    def close(self) -> None:
        """Releases everything."""
