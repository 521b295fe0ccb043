"""What a forked child must not share with its parent: locks that another thread may hold, queues, half-done imports.

Only the thread that forked lives on in the child. An object that keeps locks or work of other threads registers here
and is told in the child, before any other code runs there. A module that another thread was importing stays half
imported in the child for ever; :func:`no_fork` stands around such work.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

__all__ = ["Renewable", "no_fork", "renew_after_fork"]

_LONGEST_WAIT_S: Final = 5.0
"""A fork that waited so long goes ahead: the host is never stopped."""


class Renewable(Protocol):
    """Something that starts anew in a forked child."""

    def after_fork(self) -> None:
        """Called once in each forked child, while no other thread runs."""
        ...


class _Gate:
    """Held by whoever forks, and by whoever must not be forked in the middle."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.taken = False

    def before_fork(self) -> None:
        self.taken = self.lock.acquire(timeout=_LONGEST_WAIT_S)

    def after_in_parent(self) -> None:
        if self.taken:
            self.lock.release()

    def after_in_child(self) -> None:
        self.lock = threading.RLock()
        for one in list(_registered):
            one.after_fork()


_registered: weakref.WeakSet[Renewable] = weakref.WeakSet()
_gate = _Gate()


def renew_after_fork(one: Renewable) -> None:
    """Has an object told in every child that is forked from now on, for as long as it lives.

    Args:
        one: Kept alive by others.
    """
    _registered.add(one)


@contextmanager
def no_fork() -> Iterator[None]:
    """A block in whose middle no other thread forks; a fork waits for its end, though never longer than 5 s."""
    with _gate.lock:
        yield


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_gate.before_fork, after_in_parent=_gate.after_in_parent, after_in_child=_gate.after_in_child
    )
