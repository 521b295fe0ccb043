"""The door: every request passes here before anything of the application sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, quote, urlencode

from argus.server.plain_pages import locked_page
from argus.server.problem_answers import PROBLEM_JSON, problem_bytes
from argus.server.security.headers import HEADERS
from argus.server.security.origins import Origins
from argus.server.security.tokens import Token

__all__ = ["Gate"]

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Any]]
Send: TypeAlias = Callable[[Any], Awaitable[None]]
Application: TypeAlias = Callable[[Any, Receive, Send], Awaitable[None]]

_METHODS: Final = ("GET", "HEAD", "POST", "DELETE")
_LONGEST_QUERY: Final = 8_000
_LONGEST_PATH: Final = 2_000
_LARGEST_BODY: Final = 1_000_000


class Gate:
    """Lets through who knows the secret and asks this server from a page of its own.

    Args:
        application: What answers.
        token: The secret.
        origins: The server's own addresses.
    """

    def __init__(self, application: Application, token: Token, origins: Origins) -> None:
        self._application = application
        self._token = token
        self._origins = origins
        self._cookie = f"argus_{origins.port}"

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answers one connection."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        request = _Asked(scope)
        refused = self._refused(request)
        if refused is not None:
            await _refuse(send, request, *refused)
        elif (secret := request.query_token()) is not None:
            await self._trade(send, request, secret)
        elif not self._is_known(request):
            await self._turn_away(send, request)
        else:
            await self._application(scope, receive, _with_headers(send))

    def _refused(self, request: _Asked) -> tuple[int, str] | None:
        hosts = request.all("host")
        if len(hosts) != 1 or not self._origins.is_host(hosts[0]):
            return 403, "This server answers to its own address only."
        origins = request.all("origin")
        if len(origins) > 1 or (origins and not self._origins.is_origin(origins[0])):
            return 403, "Pages of other sites may not ask this server."
        navigates = request.method == "GET" and request.one("sec-fetch-mode") == "navigate"
        if request.one("sec-fetch-site") in ("cross-site", "same-site") and not navigates:
            return 403, "Pages of other sites may not ask this server."
        if request.method not in _METHODS:
            return 405, f"There is no {request.method[:20]} here."
        if len(request.path) > _LONGEST_PATH or len(request.query) > _LONGEST_QUERY:
            return 414, f"The address is too long; a query has {_LONGEST_QUERY:,} characters at most."
        if request.all("transfer-encoding"):
            return 411, "Say how long the body is, with Content-Length."
        length = request.one("content-length")
        if length and (not length.isdecimal() or int(length) > _LARGEST_BODY):
            return 413, f"The body is too large; it has {_LARGEST_BODY:,} bytes at most."
        kind = request.one("content-type").partition(";")[0].strip().lower()
        if request.method == "POST" and kind != "application/json":
            return 415, "Send JSON, as application/json."
        return None

    def _is_known(self, request: _Asked) -> bool:
        scheme, _, secret = request.one("authorization").partition(" ")
        if scheme.lower() == "bearer":
            return self._token.is_secret(secret.strip())
        return any(self._token.is_cookie(value) for value in request.cookies(self._cookie))

    async def _trade(self, send: Send, request: _Asked, secret: str) -> None:
        """A browser that brings the secret in the address gets a cookie for it and an address without it."""
        if request.method not in ("GET", "HEAD") or not self._token.is_secret(secret):
            await self._turn_away(send, request)
            return
        cookie = f"{self._cookie}={self._token.cookie}; Path=/; HttpOnly; SameSite=Strict"
        headers = [(b"location", request.without_token().encode("ascii")), (b"set-cookie", cookie.encode("ascii"))]
        await _answer(send, 303, b"", b"text/plain; charset=utf-8", headers)

    async def _turn_away(self, send: Send, request: _Asked) -> None:
        challenge = [(b"www-authenticate", b'Bearer realm="argus"')]
        if "text/html" in request.one("accept") and not request.path.startswith("/api/"):
            await _answer(send, 401, locked_page(), b"text/html; charset=utf-8", challenge, request.method)
            return
        await _refuse(send, request, 401, "This needs the token that was printed when the server started.", challenge)


class _Asked:
    """A request as it came in; nothing in it is believed."""

    def __init__(self, scope: Message) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: str = scope["query_string"].decode("latin-1")
        self._headers: list[tuple[bytes, bytes]] = list(scope["headers"])

    def all(self, name: str) -> list[str]:
        """All values of a header."""
        wanted = name.encode("ascii")
        return [value.decode("latin-1") for key, value in self._headers if key.lower() == wanted]

    def one(self, name: str) -> str:
        """The first value of a header; empty without one."""
        return next(iter(self.all(name)), "")

    def query_token(self) -> str | None:
        """The secret in the address, or None."""
        if "token=" not in self.query:
            return None
        return next((value for key, value in self._parameters() if key == "token"), None)

    def without_token(self) -> str:
        """The same address without the secret, never one of another server."""
        rest = urlencode([(key, value) for key, value in self._parameters() if key != "token"])
        path = quote("/" + self.path.lstrip("/\\"), safe="/~:@!$&'()*+,;=-._")
        return f"{path}?{rest}" if rest else path

    def cookies(self, name: str) -> list[str]:
        """The values of a cookie."""
        found = []
        for header in self.all("cookie"):
            try:
                jar: SimpleCookie = SimpleCookie(header)
            except CookieError:
                continue
            if name in jar:
                found.append(jar[name].value)
        return found

    def _parameters(self) -> list[tuple[str, str]]:
        try:
            return parse_qsl(self.query, keep_blank_values=True, max_num_fields=100)
        except ValueError:
            return []


def _with_headers(send: Send) -> Send:
    """Puts on what every answer carries."""

    async def sent(message: Any) -> None:
        if message["type"] == "http.response.start":
            kept = {key for key, _ in HEADERS}
            own = [(key, value) for key, value in message.get("headers", ()) if key.lower() not in kept]
            message = {**message, "headers": [*own, *HEADERS]}
        await send(message)

    return sent


async def _refuse(
    send: Send, request: _Asked, status: int, detail: str, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    await _answer(send, status, problem_bytes(status, detail), PROBLEM_JSON.encode(), headers or [], request.method)


async def _answer(
    send: Send, status: int, body: bytes, kind: bytes, headers: list[tuple[bytes, bytes]], method: str = "GET"
) -> None:
    length = str(len(body)).encode()
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", kind), (b"content-length", length), *headers, *HEADERS],
        }
    )
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})
