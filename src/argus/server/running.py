"""The server as it runs: a free port, the printed address, a clean end."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Callable
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import uvicorn

from argus.errors import ConfigError
from argus.server.application import make_application
from argus.server.desk import Desk
from argus.server.security.gate import Gate
from argus.server.security.origins import Origins
from argus.server.security.tokens import Token
from argus.server.sources import Sources

__all__ = ["DEFAULT_PORT", "Listening", "Server", "listen"]

DEFAULT_PORT: Final = 8484
_TRIED: Final = 20
_PATIENCE_S: Final = 2


class Listening(NamedTuple):
    """A bound socket.

    Attributes:
        socket: It, not yet accepting.
        host: What was asked for.
        port: The port it got.
    """

    socket: socket.socket
    host: str
    port: int

    @property
    def address(self) -> str:
        """The address to open on this machine."""
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 - named, not bound to
        return f"http://{f'[{shown}]' if ':' in shown and not shown.startswith('[') else shown}:{self.port}"


def listen(host: str, port: int | None) -> Listening:
    """Takes a port.

    Args:
        host: Where to listen.
        port: The port, or 0 for any free one; None means the usual one or, when it is taken, one of the next.

    Raises:
        ConfigError: It is taken, or there is no such host.
    """
    tried = range(DEFAULT_PORT, DEFAULT_PORT + _TRIED) if port is None else (port,)
    for one in tried:
        try:
            bound = _bind(host, one)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and port is None:
                continue
            raise ConfigError(_refusal(host, one, error)) from error
        return Listening(bound, host, bound.getsockname()[1])
    raise ConfigError(f"the ports {tried[0]} to {tried[-1]} are all taken; name a free one with --port, or 0 for any")


class Server:
    """One server.

    Args:
        sources: What it answers from.
        listening: Where it listens.
        token: The secret.
    """

    def __init__(self, sources: Sources, listening: Listening, token: Token) -> None:
        self._listening = listening
        self._token = token
        self.desk = Desk(sources)
        gate = Gate(make_application(self.desk), token, Origins(listening.host, listening.port))
        self._uvicorn = _Uvicorn(
            uvicorn.Config(
                gate,
                log_level="warning",
                access_log=False,
                server_header=False,
                lifespan="on",
                ws="none",
                timeout_graceful_shutdown=_PATIENCE_S,
                timeout_keep_alive=30,
            ),
            self._ending,
        )

    @property
    def address(self) -> str:
        """The address without the secret."""
        return self._listening.address

    @property
    def opening(self) -> str:
        """The address that lets a browser in."""
        return f"{self._listening.address}/?token={quote(self._token.secret, safe='')}"

    def run(self) -> None:
        """Answers until it is interrupted or :meth:`stop` is called."""
        try:
            with contextlib.suppress(KeyboardInterrupt):
                self._uvicorn.run(sockets=[self._listening.socket])
        finally:
            self._ending()
            self._listening.socket.close()

    def stop(self) -> None:
        """Makes :meth:`run` return soon; may be called from any thread."""
        self._ending()
        self._uvicorn.should_exit = True

    def _ending(self) -> None:
        """Lets go of whoever is waiting for events; answers that go on for ever would hold up the end."""
        self.desk.close()


class _Uvicorn(uvicorn.Server):
    """Tells us first when it is to end, since answers that go on for ever would hold it up."""

    def __init__(self, config: uvicorn.Config, ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = ending

    def handle_exit(self, sig: int, frame: Any) -> None:
        """A signal has come."""
        self._tell()
        super().handle_exit(sig, frame)


def _bind(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(128)
    except BaseException:
        made.close()
        raise
    return made


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is taken; name another with --port, or 0 for any free one"
    if error.errno == errno.EACCES:
        return f"port {port} may not be used by this user; name one above 1023 with --port"
    return f"cannot listen on {host} port {port}: {error.strerror or error}"
