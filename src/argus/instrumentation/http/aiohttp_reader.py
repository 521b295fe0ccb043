"""aiohttp's reader of a body, watched: reads are handed on and told, all else is the original's."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

from argus.instrumentation.http.calling import Call

__all__ = ["watched_reader"]

_READING: Final = ("read", "readany", "readline", "readuntil", "readexactly")
_BY_READING: Final = frozenset({"iter_any", "iter_chunked", "iter_chunks", "readchunk", "read_nowait", *_READING})


@functools.cache
def watched_reader(base: type) -> Callable[[Any, Call], Any]:
    """The class of watched readers.

    Args:
        base: aiohttp's ``StreamReader``.
    """

    def begin(self: Any, inner: Any, call: Call) -> None:
        self.argus_inner = inner
        self.argus_call = call

    def missing(self: Any, name: str) -> Any:
        return getattr(self.argus_inner, name)

    members: dict[str, Any] = {
        "__slots__": ("argus_call", "argus_inner"),
        "__init__": begin,
        "__getattr__": missing,
        "__repr__": lambda self: repr(self.argus_inner),
        "__module__": base.__module__,
        "readchunk": _reading_chunk,
        "read_nowait": _reading_nowait,
    }
    members.update((name, _reading(name)) for name in _READING if hasattr(base, name))
    for name in dir(base):
        if not name.startswith("__") and name not in _BY_READING and callable(getattr(base, name)):
            members[name] = _handed_on(name)
    for name in ("total_raw_bytes",):
        if hasattr(base, name):
            members[name] = property(functools.partial(_attribute, name))
    return type(base.__name__, (base,), members)


def _attribute(name: str, self: Any) -> Any:
    return getattr(self.argus_inner, name)


def _handed_on(name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(self.argus_inner, name)(*args, **kwargs)

    method.__name__ = name
    return method


def _reading(name: str) -> Callable[..., Any]:
    async def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            data = await getattr(self.argus_inner, name)(*args, **kwargs)
        except Exception as error:
            _failed(self, error)
            raise
        _read(self, data)
        return data

    method.__name__ = name
    return method


async def _reading_chunk(self: Any) -> Any:
    try:
        data, whole = await self.argus_inner.readchunk()
    except Exception as error:
        self.argus_call.failed(error)
        raise
    _read(self, data)
    return data, whole


def _reading_nowait(self: Any, n: int = -1) -> Any:
    data = self.argus_inner.read_nowait(n)
    _read(self, data)
    return data


def _read(self: Any, data: bytes) -> None:
    call = self.argus_call
    if data:
        call.piece(data)
    if self.argus_inner.at_eof():
        call.end()


def _failed(self: Any, error: Exception) -> None:
    partial = getattr(error, "partial", None)
    if isinstance(partial, bytes):  # IncompleteReadError: the end came before as much as was asked for
        _read(self, partial)
        return
    self.argus_call.failed(error)
