"""Runs something in a child process with a time limit, so that it can hang or die without harm."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from argus.errors import ReplayError

__all__ = ["Died", "TimedOut", "can_isolate", "isolated"]

_PIECE: Final = 1 << 16
_DONE: Final = b"\x01"
_RAISED: Final = b"\x02"


class TimedOut(ReplayError):
    """The child did not come to an end in time."""


class Died(ReplayError):
    """The child was killed, or ended itself."""


def can_isolate() -> bool:
    """Whether this system can run a copy of the process."""
    return hasattr(os, "fork")


def isolated(work: Callable[[], bytes], seconds: float) -> bytes:
    """What some work gives, done in a copy of this process.

    Args:
        work: What is done.
        seconds: How long it may take.

    Raises:
        TimedOut: It took longer; it is over now.
        Died: The copy ended before the work was done.
        ReplayError: The work raised one; its message.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of the application are not needed in the copy
        child = os.fork()
    if child == 0:
        os.close(reader)
        _work(work, writer)
    os.close(writer)
    data = None
    try:
        data = _read(reader, time.monotonic() + seconds)
    finally:
        os.close(reader)
        if data is None:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if data is None:
        raise TimedOut(f"the steps that ran again did not come to an end within {seconds:g} seconds")
    if data[:1] == _RAISED:
        raise ReplayError(data[1:].decode("utf-8", "replace"))
    if data[:1] != _DONE:
        raise Died(f"the steps that ran again ended the process{_how(status)}")
    return data[1:]


def _work(work: Callable[[], bytes], writer: int) -> None:
    """The child's whole life; what it prints goes to standard error, for standard output may be somebody's JSON."""
    code = 1
    try:
        os.dup2(2, 1)
        try:
            data = _DONE + work()
        except ReplayError as error:
            data = _RAISED + str(error).encode("utf-8", "replace")
        with os.fdopen(writer, "wb") as stream:
            stream.write(data)
        code = 0
    finally:
        os._exit(code)


def _read(reader: int, until: float) -> bytes | None:
    pieces: list[bytes] = []
    while True:
        left = until - time.monotonic()
        ready = left > 0 and select.select([reader], [], [], left)[0]
        if not ready:
            return None
        piece = os.read(reader, _PIECE)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


def _how(status: int) -> str:
    return f" by signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else ""
