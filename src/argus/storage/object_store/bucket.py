"""Objects in a bucket of a server that speaks S3."""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, TypeVar

from argus.errors import StorageError, StoreUnavailable
from argus.storage.object_store.address import Address
from argus.storage.object_store.client import client_of
from argus.storage.object_store.driver import exceptions, obstore
from argus.storage.object_store.errors import translate
from argus.storage.object_store.objects import Found, Objects

__all__ = ["Bucket"]

T = TypeVar("T")
R = TypeVar("R")

_AT_ONCE: Final = 8
"""Requests of one call that are under way together."""

_TRIES: Final = 3
_PAGE: Final = 1000

_process: int | None = None
"""The process that has spoken to a server: the driver's threads stay behind in it when it forks."""


class Bucket(Objects):
    """The objects of one store. Thread-safe.

    Args:
        address: Where they are.
    """

    def __init__(self, address: Address) -> None:
        self.shown = address.shown
        self._client = client_of(address)
        self._pool: ThreadPoolExecutor | None = None
        self._closed = False

    def get(self, name: str) -> bytes | None:
        """An object's contents; None when there is no such object.

        Args:
            name: Its name.
        """
        with self._explained():
            for remaining in reversed(range(_TRIES)):
                try:
                    return obstore.get(self._client, name).bytes().to_bytes()
                except FileNotFoundError as error:
                    if "NoSuchBucket" in str(error):
                        raise
                    return None
                except exceptions.GenericError as error:
                    if not (remaining and _is_cut(error)):
                        raise
        return None

    def put(self, name: str, body: bytes) -> None:
        """Writes an object.

        Args:
            name: Its name; no other writer uses it.
            body: Its contents.
        """
        with self._explained():
            obstore.put(self._client, name, body, use_multipart=False)

    def create(self, name: str, body: bytes) -> bool:
        """Writes an object that must not exist yet.

        Args:
            name: Its name, for which several writers may compete.
            body: Its contents; those of two writers differ.

        Returns:
            Whether it is there now with these contents.
        """
        with self._explained():
            try:
                obstore.put(self._client, name, body, mode="create", use_multipart=False)
            except exceptions.AlreadyExistsError:
                # a request whose answer was lost is sent again by the driver, and then finds itself
                return self.get(name) == body
            return True

    def list(self, folder: str, *, after: str | None = None) -> Iterator[Found]:
        """The objects of a folder and the folders below it, in order of name.

        Args:
            folder: The folder.
            after: Only names behind this one.
        """
        with self._explained():
            for remaining in reversed(range(_TRIES)):
                try:
                    for batch in obstore.list(self._client, folder, offset=after, chunk_size=_PAGE):
                        for one in batch:
                            after = one["path"]
                            yield Found(after, one["size"], one["last_modified"])
                    return
                except exceptions.GenericError as error:
                    if not (remaining and _is_cut(error)):
                        raise

    def delete(self, names: Iterable[str]) -> None:
        """Removes objects; those that are gone already do no harm.

        Args:
            names: Their names.
        """
        wanted = [*names]
        with self._explained():
            if wanted:
                obstore.delete(self._client, wanted)

    def at_once(self, work: Callable[[T], R], items: Sequence[T]) -> builtins.list[R]:
        """Does the same to several things, some of them at the same time; raises what the first failure raised.

        Args:
            work: What to do.
            items: What to do it to.
        """
        if len(items) < 2:
            return [work(item) for item in items]
        try:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="argus-objects")
            pending = [self._pool.submit(work, item) for item in items]
        except RuntimeError:  # the interpreter is ending and starts no more threads
            return [work(item) for item in items]
        return [one.result() for one in pending]

    def close(self) -> None:
        """Gives the connections up."""
        self._closed = True
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        global _process
        if self._closed:
            raise StorageError(f"the trace store {self.shown} is closed; open it again")
        if _process not in (None, os.getpid()):
            raise StoreUnavailable(
                f"the trace store {self.shown} cannot be used in a process that was forked after another had used it;"
                " start processes by spawn, or fork before the first run ends"
            )
        _process = os.getpid()
        try:
            yield
        except StorageError:
            raise
        except (exceptions.BaseError, OSError, ValueError) as error:
            raise translate(error, self.shown) from error


def _is_cut(error: Exception) -> bool:
    """Whether an answer broke off in its middle, which the driver does not try again."""
    message = str(error)
    return "body error" in message or "kind: Interrupted" in message
