"""A document that several writers change: each change is a new object with the next number, which only one can make."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import msgspec

from argus._internal.clock import SystemClock
from argus.errors import StoreUnavailable
from argus.model.record import Record
from argus.storage.object_store.names import random_name
from argus.storage.object_store.objects import Found, Objects
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
_OLD_S: Final = 60.0
"""How long numbers stay behind for those who are about to read them, or to make the next one."""

_TIDIED_EVERY: Final = 8

_clock = SystemClock()


@dataclass(frozen=True)
class _State(Generic[R]):
    """A document as somebody last saw it."""

    number: int
    document: R | None


class Register(Generic[R]):
    """One such document. Thread-safe: what is remembered is replaced, never changed.

    Args:
        objects: Where it is.
        folder: The folder of its numbered objects.
        kind: What it holds.
    """

    def __init__(self, objects: Objects, folder: str, kind: type[R]) -> None:
        self._objects = objects
        self._folder = folder
        self._kind = kind
        self._known: _State[R] = _State(0, None)

    def read(self) -> R | None:
        """The document as it is now; None when there is none."""
        return self._newest().document

    def change(self, work: Callable[[R | None], R]) -> None:
        """Changes the document; done again, on what is there then, when somebody else was faster.

        Args:
            work: From what is there to what shall be there.

        Raises:
            StoreUnavailable: Others were faster every time.
        """
        for attempt in range(_TRIES):
            began = _clock.monotonic()
            known = self._newest()
            changed = msgspec.structs.replace(work(known.document), change=random_name())
            number = known.number + 1
            made = self._objects.create(self._name(number), pack(changed))
            # After so long others may have made this number, and more, and deleted it as old.
            if made and _clock.monotonic() - began < _OLD_S / 2:
                self._known = _State(number, changed)
                if number % _TIDIED_EVERY == 0:
                    self._tidy()
                return
            pause = min(_LONGEST_PAUSE_S, 0.01 * 2**attempt)
            time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - so that those who collided do not do so again
        raise StoreUnavailable(f"{self._folder} in {self._objects.shown} was changed by others all the time")

    def _newest(self) -> _State[R]:
        for _ in range(_TRIES):
            number = max((number for number, _ in self._numbered()), default=0)
            known = self._known
            if number == known.number:
                return known
            body = self._objects.get(self._name(number))
            if body is not None:  # otherwise several newer ones were made meanwhile
                document = unpack(body, self._kind, f"{self._name(number)} in {self._objects.shown}")
                self._known = _State(number, document)
                return self._known
        raise StoreUnavailable(f"{self._folder} in {self._objects.shown} was changed by others all the time")

    def _tidy(self) -> None:
        found = list(self._numbered())
        newest = max(found)[1].modified_at
        self._objects.delete(one.name for _, one in found if (newest - one.modified_at).total_seconds() > _OLD_S)

    def _numbered(self) -> Iterator[tuple[int, Found]]:
        for one in self._objects.list(self._folder):
            name = one.name.rpartition("/")[2].partition(".")[0]
            if name.isdecimal():
                yield int(name), one

    def _name(self, number: int) -> str:
        return f"{self._folder}/{number:010d}.json.gz"
