"""The first analysis of a process, in which most of ARGUS is imported: no thread may fork in its middle."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TypeVar

from argus._internal.forks import no_fork

__all__ = ["while_warming"]

R = TypeVar("R")

_SELDOM_USED = ("argus.recording.recovery", "argus.analysis.recover", "argus.forensics.analyzer")
"""Imported on the way too, although the first run may not need them."""


class _State:
    warm = False


def while_warming(work: Callable[[], R]) -> R:
    """Does a piece of analysis; while it may still import modules, no thread can fork.

    Args:
        work: What to do.
    """
    if _State.warm:
        return work()
    with no_fork():
        for name in _SELDOM_USED:
            importlib.import_module(name)
        done = work()
        _State.warm = True
        return done
