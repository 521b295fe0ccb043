"""The steps whose code is running here, whichever framework they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from argus.recording.run import OpenStep, Run

__all__ = ["current_steps", "told_by"]

F = TypeVar("F", bound="Callable[[], Iterable[tuple[Run, OpenStep]]]")

_finders: list[Callable[[], Iterable[tuple[Run, OpenStep]]]] = []


def told_by(finder: F) -> F:
    """Adds a framework.

    Args:
        finder: Gives the runs and steps that the current context belongs to; fast, never raises.

    Returns:
        The same.
    """
    _finders.append(finder)
    return finder


def current_steps() -> list[tuple[Run, OpenStep]]:
    """The runs that record the current code, each with the innermost step; empty outside of any."""
    found: dict[str, tuple[Run, OpenStep]] = {}
    for finder in _finders:
        for run, step in finder():
            known = found.get(run.id)
            if known is None or known[1].number < step.number:  # an inner step begins later
                found[run.id] = (run, step)
    return list(found.values())
