"""Errors as problem documents (RFC 9457)."""

from __future__ import annotations

import http
import logging
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from argus.errors import AmbiguousTraceId, ArgusError, ConfigError, StorageError, StoreUnavailable, TraceNotFound
from argus.server.resources.lists import Problem

__all__ = ["PROBLEM_JSON", "Refused", "handlers", "problem_bytes"]

PROBLEM_JSON = "application/problem+json"

_log = logging.getLogger("argus.server")


class Refused(Exception):
    """A request that cannot be answered.

    Args:
        status: The HTTP status.
        detail: What is wrong.
        hint: What to do about it.
    """

    def __init__(self, status: int, detail: str, hint: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.hint = hint


def problem_bytes(status: int, detail: str, hint: str | None = None) -> bytes:
    """A problem document.

    Args:
        status: The HTTP status.
        detail: What is wrong.
        hint: What to do about it.
    """
    title = http.HTTPStatus(status).phrase if status in {one.value for one in http.HTTPStatus} else "Error"
    safe = detail.encode("utf-8", "replace").decode()
    return msgspec.json.encode(Problem(type="about:blank", title=title, status=status, detail=safe, hint=hint))


def _answer(status: int, detail: str, hint: str | None = None) -> Response[bytes]:
    return Response(problem_bytes(status, detail, hint), status_code=status, media_type=PROBLEM_JSON)


def _refused(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    assert isinstance(error, Refused)
    return _answer(error.status, str(error), error.hint)


def _http(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    assert isinstance(error, HTTPException)
    told = error.extra if isinstance(error.extra, list) else []
    parts = [f"{one['key']}: {one['message']}" for one in told if isinstance(one, dict) and "key" in one]
    return _answer(error.status_code, "; ".join(parts) or error.detail)


def _ours(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    if isinstance(error, TraceNotFound):
        return _answer(404, _sentence(error))
    if isinstance(error, AmbiguousTraceId):
        return _answer(409, _sentence(error), "Type more of the id.")
    if isinstance(error, StoreUnavailable):
        return _answer(503, _sentence(error), "Trying again may help.")
    if isinstance(error, StorageError) and type(error) is StorageError:
        return _answer(400, _sentence(error))
    if isinstance(error, ConfigError):
        return _answer(409, _sentence(error))
    _log.warning("%s", error)
    return _answer(503, _sentence(error))


def _unforeseen(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    _log.error("an answer could not be made", exc_info=error)
    return _answer(500, "The server could not make this answer; its log says why.")


def _sentence(error: Exception) -> str:
    text = str(error)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?")) else ".")


handlers: dict[int | type[Exception], Any] = {
    Refused: _refused,
    HTTPException: _http,
    ArgusError: _ours,
    Exception: _unforeseen,
}
"""What the application does with each kind of error."""
