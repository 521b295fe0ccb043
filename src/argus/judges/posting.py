"""Requests to servers that speak OpenAI's protocols: JSON over HTTP, timed, and tried again when that may help."""

from __future__ import annotations

import http.client
import json
import math
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, Final

from argus.errors import NotAvailable

__all__ = ["post_json"]

_LARGEST: Final = 64 * 1024 * 1024
_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 30.0
_LATER: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""Answers after which it is worth asking again."""


def post_json(
    url: str,
    body: Any,
    *,
    key: str | None,
    timeout_s: float,
    retries: int,
    pause: Callable[[float], None] = time.sleep,
) -> bytes:
    """What a server answers.

    Refused and cut connections, time-outs and answers such as 429 and 503 are tried again, each time after twice the
    pause; a ``Retry-After`` of up to 30 seconds is kept to.

    Args:
        url: An http or https address.
        body: Anything that is JSON.
        key: Sent as bearer token; None sends none.
        timeout_s: Seconds that one request may wait for the server.
        retries: How often a failed request is repeated.
        pause: Waits so many seconds; tests replace it.

    Raises:
        NotAvailable: The server cannot be reached or refuses.
    """
    data = json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    attempt = 0
    while True:
        try:
            return _posted(url, data, headers, timeout_s)
        except _TryLater as error:
            if attempt >= retries:
                raise NotAvailable(f"no answer from {url}: {error}") from error
            pause(min(error.wait_s or _PAUSE_S * 2**attempt, _LONGEST_PAUSE_S))
            attempt += 1


def _posted(url: str, data: bytes, headers: dict[str, str], timeout_s: float) -> bytes:
    try:
        request = urllib.request.Request(url, data=data, headers=headers, method="POST")  # noqa: S310 - http(s) only, checked where it is configured
        with _opener().open(request, timeout=timeout_s) as response:
            answer: bytes = response.read(_LARGEST)
            if getattr(response, "length", None):  # reading a bounded part of it does not complain by itself
                raise _TryLater("the answer was cut short or is larger than 64 MB")
    except urllib.error.HTTPError as error:
        wait_s = _seconds(error.headers.get("Retry-After"))
        error.close()
        if error.code in _LATER:
            raise _TryLater(f"HTTP {error.code}", wait_s) from error
        raise NotAvailable(f"{url} refuses: HTTP {error.code}") from error
    except (OSError, http.client.HTTPException) as error:
        raise _TryLater(f"{type(error).__name__}: {error}") from error
    return answer


class _TryLater(Exception):
    """A failure that may be gone at the next attempt."""

    def __init__(self, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would carry texts and key to a host that nobody configured."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirects())


def _seconds(header: str | None) -> float | None:
    try:
        seconds = float(header or "")
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None
