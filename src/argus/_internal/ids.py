"""The identity seam: the only place that makes ids.

Trace ids are 16 random hex characters (64 bit), so that a short prefix names a trace. Everything inside
a trace is numbered, so that ids cost nothing and read well: ``8f2c1a…-s3`` is step 3, ``…-d1`` finding 1.
Randomness comes from the operating system, never from :mod:`random`, whose state belongs to the host.
"""

from __future__ import annotations

import os
from itertools import count
from typing import Protocol

__all__ = ["CounterIds", "IdSource", "RandomIds", "detection_id", "forensics_id", "step_id"]


class IdSource(Protocol):
    """Where trace ids come from; tests inject a counter."""

    def trace_id(self) -> str:
        """A new trace id: lower-case hex, unique within a store."""
        ...


class RandomIds:
    """64 random bits as hex."""

    def trace_id(self) -> str:
        """A new trace id of 16 hex characters."""
        return os.urandom(8).hex()


class CounterIds:
    """Ids for tests, counted up from ``0000000000000001``."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def trace_id(self) -> str:
        """The next number as 16 hex characters."""
        return f"{next(self._numbers):016x}"


def step_id(trace_id: str, step_number: int) -> str:
    """The id of a step, from its 1-based number within the trace."""
    return f"{trace_id}-s{step_number}"


def detection_id(trace_id: str, number: int) -> str:
    """The id of a finding, from its 1-based rank within the trace."""
    return f"{trace_id}-d{number}"


def forensics_id(trace_id: str) -> str:
    """The id of a trace's forensics."""
    return f"{trace_id}-f"
