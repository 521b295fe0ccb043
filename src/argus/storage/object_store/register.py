"""A document that several writers change: each change is a new object with the next number, which only one can make."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

import msgspec

from argus.errors import StoreUnavailable
from argus.model.record import Record
from argus.storage.object_store.bucket import Bucket
from argus.storage.object_store.names import random_name
from argus.storage.object_store.packing import pack, unpack

__all__ = ["Document", "Register"]


class Document(Record, frozen=True, kw_only=True):
    """What a register holds.

    Attributes:
        change: Random: two writers whose documents say the same can tell whose was taken.
    """

    change: str = ""


R = TypeVar("R", bound=Document)

_TRIES: Final = 12
_LONGEST_PAUSE_S: Final = 0.5
_KEPT: Final = 4
"""Numbers that stay behind for those who were about to read them."""


class Register(Generic[R]):
    """One such document.

    Args:
        bucket: Where it is.
        folder: The folder of its numbered objects.
        kind: What it holds.
    """

    def __init__(self, bucket: Bucket, folder: str, kind: type[R]) -> None:
        self._bucket = bucket
        self._folder = folder
        self._kind = kind

    def read(self) -> R | None:
        """The document as it is now; None when there is none."""
        return self._newest()[1]

    def change(self, work: Callable[[R | None], R]) -> None:
        """Changes the document; done again, on what is there then, when somebody else was faster.

        Args:
            work: From what is there to what shall be there.

        Raises:
            StoreUnavailable: Others were faster every time.
        """
        for attempt in range(_TRIES):
            numbers, known = self._newest()
            number = numbers[-1] + 1 if numbers else 1
            changed = msgspec.structs.replace(work(known), change=random_name())
            if self._bucket.create(self._name(number), pack(changed)):
                self._bucket.delete([self._name(old) for old in numbers[:-_KEPT]])
                return
            pause = min(_LONGEST_PAUSE_S, 0.01 * 2**attempt)
            time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - so that those who collided do not do so again
        raise StoreUnavailable(f"{self._folder} in {self._bucket.address.shown} was changed by others all the time")

    def _newest(self) -> tuple[list[int], R | None]:
        for _ in range(_TRIES):
            found = (one.name.rpartition("/")[2].partition(".")[0] for one in self._bucket.list(self._folder))
            numbers = sorted(int(name) for name in found if name.isdecimal())
            if not numbers:
                return [], None
            name = self._name(numbers[-1])
            body = self._bucket.get(name)
            if body is not None:  # otherwise several newer ones were made meanwhile
                return numbers, unpack(body, self._kind, f"{name} in {self._bucket.address.shown}")
        raise StoreUnavailable(f"{self._folder} in {self._bucket.address.shown} was changed by others all the time")

    def _name(self, number: int) -> str:
        return f"{self._folder}/{number:010d}.json.gz"
