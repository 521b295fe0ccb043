"""Connections that go around the HTTP libraries: refused while a tape answers and nothing may reach the network."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any, Final

__all__ = ["refuse_connections"]

_NETWORK: Final = (socket.AF_INET, socket.AF_INET6)
_METHODS: Final = ("connect", "connect_ex")


class _Guarded:
    """Who refuses connections now; thread-safe."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.refusing: list[Callable[[str], None]] = []


_guarded = _Guarded()


def refuse_connections(refuse: Callable[[str], None]) -> Callable[[], None]:
    """Refuses connections of this process over the network; those within the machine's kernel are let through.

    Args:
        refuse: Called with the address; raises.

    Returns:
        To be called once, to end it.
    """
    with _guarded.lock:
        if not _guarded.refusing:
            for name in _METHODS:
                setattr(socket.socket, name, _around(name))
        _guarded.refusing.append(refuse)

    def allow() -> None:
        with _guarded.lock:
            _guarded.refusing.remove(refuse)
            if not _guarded.refusing:
                for name in _METHODS:
                    delattr(socket.socket, name)  # what it inherits is there again

    return allow


def _around(name: str) -> Callable[..., Any]:
    original = getattr(socket.socket, name)

    def connect(self: socket.socket, address: Any, /) -> Any:
        if self.family in _NETWORK and _guarded.refusing:
            try:
                _guarded.refusing[-1](_shown(address))
            except BaseException:
                self.close()  # its owner expects errors of the system only
                raise
        return original(self, address)

    connect.__name__ = connect.__qualname__ = name
    return connect


def _shown(address: Any) -> str:
    return ":".join(map(str, address[:2])) if isinstance(address, tuple) else str(address)
