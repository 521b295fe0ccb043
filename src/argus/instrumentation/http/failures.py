"""Exceptions of HTTP libraries, written down and made again.

An exception is made again only from the classes of the library that carries the request, from Python's own and from
asyncio's: a recorded name is looked up there, and never imported.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import suppress
from types import ModuleType
from typing import Any, Final

from argus.errors import TapeMiss
from argus.instrumentation.http.serving import Stopped
from argus.model.exchange import HttpFailure

__all__ = ["cannot_be_made", "class_of", "failure_of", "found_class", "made_without_init"]


_STANDARD: Final = ("builtins", "asyncio", "ssl", "socket", "http.client")


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
        modules: The library's, where the class is looked up if it is none of Python's own.
    """
    root, _, _ = name.partition(".")
    _, _, last = name.rpartition(".")
    of_library = list(modules)
    standard = [sys.modules[one] for one in _STANDARD if one in sys.modules and one.partition(".")[0] == root]
    for module in (*standard, *of_library):
        found = vars(module).get(last)
        if isinstance(found, type) and issubclass(found, Exception):
            return found
    return None


def class_of(name: str, modules: Iterable[ModuleType]) -> type[Exception]:
    """Like :func:`found_class`, for exceptions that must be there.

    Args:
        name: Module and class, as recorded.
        modules: Where it is looked up.

    Raises:
        Stopped: The installed library has no such exception.
    """
    kind = found_class(name, modules)
    if kind is None:
        raise cannot_be_made(name)
    return kind


def cannot_be_made(name: str) -> Stopped:
    """What is raised in place of an exception that cannot be made again.

    Args:
        name: Module and class, as recorded.
    """
    asked = f"an exception {name}"
    return Stopped(TapeMiss(f"{asked} was recorded, and there is no such class here that could be raised", asked))


def made_without_init(name: str, message: str, modules: Iterable[ModuleType], **attributes: Any) -> Exception:
    """An exception with a message, whatever its constructor asks for.

    Args:
        name: Module and class, as recorded.
        message: The whole message.
        modules: Where its class is looked up.
        **attributes: Put on it, where it takes them.

    Raises:
        Stopped: The installed library has no such exception.
    """
    kind = class_of(name, modules)
    try:
        error = kind.__new__(kind, message)
        Exception.__init__(error, message)
    except TypeError as wrong:  # such as a group of exceptions
        raise cannot_be_made(name) from wrong
    for attribute, value in attributes.items():
        with suppress(AttributeError):  # a property without a setter
            setattr(error, attribute, value)
    return error


def _name(error: Exception) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _text(error: Exception) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - the exception class is not ours
        return ""
