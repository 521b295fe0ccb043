"""Methods of other people's classes replaced, and put back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["Patch", "Replaced", "is_gone", "put_back", "replaced"]


class Patch(NamedTuple):
    """One method to be replaced.

    Attributes:
        owner: The class.
        name: The method.
        around: Makes the replacement from the original.
    """

    owner: type
    name: str
    around: Callable[[Callable[..., Any]], Callable[..., Any]]


class Replaced(NamedTuple):
    """One method that is replaced.

    Attributes:
        owner: The class.
        name: The method.
        original: What was there.
        replacement: What is there now.
    """

    owner: type
    name: str
    original: Callable[..., Any]
    replacement: Callable[..., Any]


def replaced(patch: Patch) -> Replaced:
    """Replaces a method.

    Args:
        patch: Which, and by what.

    Raises:
        KeyError: The class has no such method of its own.
    """
    original = vars(patch.owner)[patch.name]
    replacement = patch.around(original)
    setattr(patch.owner, patch.name, replacement)
    return Replaced(patch.owner, patch.name, original, replacement)


def is_gone(done: Replaced) -> bool:
    """Whether somebody else has put the original back.

    Args:
        done: From :func:`replaced`.
    """
    return vars(done.owner).get(done.name) is done.original


def put_back(done: Replaced) -> bool:
    """Puts the original back, unless somebody has replaced the method again meanwhile: then all stays as it is.

    Args:
        done: From :func:`replaced`.

    Returns:
        Whether the original is back.
    """
    if vars(done.owner).get(done.name) is not done.replacement:
        return is_gone(done)
    setattr(done.owner, done.name, done.original)
    return True
