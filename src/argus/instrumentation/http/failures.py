"""Exceptions of HTTP libraries, written down and made again.

An exception is made again only from the classes of the library that carries the request, from Python's own and from
asyncio's: a recorded name is looked up there, and never imported.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from argus.errors import TapeMiss
from argus.model.exchange import HttpFailure

__all__ = ["failure_of", "found_class", "simply_made"]


def failure_of(error: Exception) -> HttpFailure:
    """What is written down of an exception.

    Args:
        error: As the library raised it.
    """
    reason = getattr(error, "reason", None)
    if not isinstance(reason, Exception):
        reason = getattr(error, "os_error", None)
    status = getattr(error, "status", None)
    message = getattr(error, "message", None)
    return HttpFailure(
        type=_name(error),
        message=message if isinstance(message, str) and message else _text(error),
        cause=_name(reason) if isinstance(reason, Exception) else None,
        cause_message=_text(reason) if isinstance(reason, Exception) else "",
        status=status if isinstance(status, int) else None,
    )


def found_class(name: str, modules: Iterable[ModuleType]) -> type[Exception] | None:
    """The exception class of this name among those that may be raised; None when there is none.

    Args:
        name: Module and class, as recorded.
        modules: Where it is looked up; Python's own exceptions are always looked through.
    """
    _, _, last = name.rpartition(".")
    for module in (*modules, builtins):
        found = vars(module).get(last)
        if isinstance(found, type) and issubclass(found, Exception):
            return found
    return None


def simply_made(
    failure: HttpFailure, modules: Iterable[ModuleType], *ways: Callable[[Any, str], Exception]
) -> Exception:
    """The recorded exception again.

    Args:
        failure: As recorded.
        modules: Where its class is looked up.
        *ways: How to call a class with a message, in the order in which to try; at last, with the message alone.

    Raises:
        TapeMiss: The library has no such exception any more.
    """
    kind = found_class(failure.type, modules)
    if kind is None:
        asked = f"an exception {failure.type}"
        raise TapeMiss(f"{asked} was recorded, and the installed library has no such class", asked)
    for way in (*ways, _with_message):
        try:
            return way(kind, failure.message)
        except TypeError:  # another signature
            continue
    error = kind.__new__(kind, failure.message)
    error.args = (failure.message,)
    return error


def _with_message(kind: Any, message: str) -> Exception:
    made: Exception = kind(message)
    return made


def _name(error: Exception) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _text(error: Exception) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - the exception class is not ours
        return ""
