"""Which names the server answers to, so that a page of another site cannot reach it under a name of its own."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable

__all__ = ["Origins"]

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class Origins:
    """The server's own addresses.

    Args:
        host: What it is bound to.
        port: The port.
        names: More names that it is reached under, such as one of a proxy.
    """

    def __init__(self, host: str, port: int, names: Iterable[str] = ()) -> None:
        self.port = port
        address = _address(host)
        self._any_address = address is not None and address.is_unspecified
        known = {_written(host), *map(_written, names)}
        if address is None or address.is_loopback or address.is_unspecified:
            known |= set(_LOOPBACK)
        if self._any_address:
            known.add(socket.gethostname().lower())
        self._names = {name.lower() for name in known}

    def is_host(self, host: str) -> bool:
        """Whether a ``Host`` header names this server.

        Args:
            host: The header's value.
        """
        name, port = _split(host.strip().lower())
        if port != str(self.port) and not (port == "" and self.port == 80):
            return False
        # Bound to every address, it cannot know them all; a name of another site never is an address.
        return name in self._names or (self._any_address and _address(name) is not None)

    def is_origin(self, origin: str) -> bool:
        """Whether an ``Origin`` header names a page of this server.

        Args:
            origin: The header's value.
        """
        scheme, separator, host = origin.strip().partition("://")
        return separator != "" and scheme.lower() == "http" and self.is_host(host)


def _split(host: str) -> tuple[str, str]:
    if host.startswith("["):
        name, bracket, rest = host.partition("]")
        if rest and not rest.startswith(":"):
            return "", ""
        return name + bracket, rest[1:]
    name, _, port = host.partition(":")
    return name, port


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def _written(name: str) -> str:
    return f"[{name}]" if ":" in name and not name.startswith("[") else name
