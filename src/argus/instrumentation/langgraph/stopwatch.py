"""CPU time of a coroutine, counted over its own turns only.

While a coroutine waits, the thread runs others: reading the thread's clock before and after would count them too.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from time import thread_time_ns
from typing import Any

from argus.instrumentation.langgraph.running import TaskFrame

__all__ = ["Stopwatch"]


class Stopwatch:
    """Awaits a coroutine and adds the CPU time of each of its turns to a frame.

    Args:
        coroutine: The host's coroutine; results, exceptions and cancellation pass unchanged.
        frame: Where the time is added.
    """

    __slots__ = ("_coroutine", "_frame")

    def __init__(self, coroutine: Coroutine[Any, Any, Any], frame: TaskFrame) -> None:
        self._coroutine = coroutine
        self._frame = frame

    def __await__(self) -> Generator[Any, Any, Any]:
        coroutine, frame = self._coroutine, self._frame
        send, throw = coroutine.send, coroutine.throw
        value: Any = None
        thrown: BaseException | None = None
        while True:
            began = thread_time_ns()
            try:
                awaited = send(value) if thrown is None else throw(thrown)
            except StopIteration as stop:
                return stop.value
            finally:
                if frame.cpu_ns is not None:
                    frame.cpu_ns += thread_time_ns() - began
            try:
                value, thrown = (yield awaited), None
            except GeneratorExit:
                coroutine.close()
                raise
            except BaseException as error:  # noqa: BLE001 - the host's, handed on to where it belongs
                thrown = error
