"""The node's own code within its task: timed, its raw return noted, its model and tool calls listened to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from time import perf_counter_ns, thread_time_ns
from typing import Any

from langchain_core.runnables import Runnable
from langgraph.pregel.protocol import PregelProtocol

from argus._internal.guard import Guard
from argus.instrumentation.langgraph.listening import listen
from argus.instrumentation.langgraph.nodes import NodeFacts
from argus.instrumentation.langgraph.running import TaskFrame, here
from argus.instrumentation.langgraph.stopwatch import Stopwatch
from argus.recording.run import UNSET

__all__ = ["ObservedStep"]

_guard = Guard("langgraph.step")


class ObservedStep(Runnable[Any, Any]):
    """Stands in for the host's runnable and hands everything on to it; outside a recorded task it does nothing else.

    Args:
        inner: The host's runnable.
        facts: What is known of the node.
    """

    def __init__(self, inner: Any, facts: NodeFacts) -> None:
        self.argus_original = inner
        self.argus_facts = facts
        self.name = inner.name if isinstance(getattr(inner, "name", None), str) else None
        # A graph, and a function that is awaited in a thread, do their work where this thread's clock cannot see it.
        self._clocked = not isinstance(inner, PregelProtocol)
        self._clocked_awaiting = self._clocked and not _awaits_a_thread(inner)

    def __getattr__(self, name: str) -> Any:
        if name == "argus_original":  # not set yet while being copied
            raise AttributeError(name)
        return getattr(self.argus_original, name)

    def _entered(self, config: Any) -> TaskFrame | None:
        frame = here.get()
        if type(frame) is not TaskFrame or frame.node is not self.argus_facts:
            return None
        frame.ran = True
        try:
            listen(frame, config)
        except Exception as error:  # noqa: BLE001 - ours: the host's code has not run yet
            _guard.absorb(error)
        return frame

    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        """Runs the host's runnable."""
        frame = self._entered(config)
        if frame is None:
            return self.argus_original.invoke(input, config, **kwargs)
        wall, cpu = perf_counter_ns(), thread_time_ns()
        try:
            result = frame.returned = self.argus_original.invoke(input, config, **kwargs)
        finally:
            spent = thread_time_ns() - cpu
            frame.wall_ns += perf_counter_ns() - wall
            frame.cpu_ns = frame.cpu_ns + spent if self._clocked and frame.cpu_ns is not None else None
        return result

    async def ainvoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        """Runs the host's runnable."""
        frame = self._entered(config)
        running = self.argus_original.ainvoke(input, config, **kwargs)
        if frame is None:
            return await running
        clocked = self._clocked_awaiting and hasattr(running, "send")
        wall = perf_counter_ns()
        try:
            result = await (Stopwatch(running, frame) if clocked else running)
        finally:
            frame.spent(perf_counter_ns() - wall, 0 if clocked else None)
        frame.returned = result
        return result

    def stream(self, input: Any, config: Any = None, **kwargs: Any) -> Iterator[Any]:
        """Streams the host's runnable."""
        frame = self._entered(config)
        chunks = self.argus_original.stream(input, config, **kwargs)
        return chunks if frame is None else _noted(frame, chunks)

    def astream(self, input: Any, config: Any = None, **kwargs: Any) -> AsyncIterator[Any]:
        """Streams the host's runnable."""
        frame = self._entered(config)
        chunks = self.argus_original.astream(input, config, **kwargs)
        return chunks if frame is None else _anoted(frame, chunks)

    def transform(self, input: Iterator[Any], config: Any = None, **kwargs: Any) -> Iterator[Any]:
        """Streams the host's runnable over a stream."""
        frame = self._entered(config)
        chunks = self.argus_original.transform(input, config, **kwargs)
        return chunks if frame is None else _noted(frame, chunks)

    def atransform(self, input: AsyncIterator[Any], config: Any = None, **kwargs: Any) -> AsyncIterator[Any]:
        """Streams the host's runnable over a stream."""
        frame = self._entered(config)
        chunks = self.argus_original.atransform(input, config, **kwargs)
        return chunks if frame is None else _anoted(frame, chunks)


def _awaits_a_thread(inner: Any) -> bool:
    afunc = getattr(inner, "afunc", None)
    return isinstance(afunc, partial) and getattr(afunc.func, "__name__", "") == "run_in_executor"


class _Note:
    """What a stream amounts to: its only chunk; unknown when there are several, for joining them is the host's code."""

    def __init__(self, frame: TaskFrame) -> None:
        self._frame = frame
        self._chunks = 0
        self._began = perf_counter_ns()

    def see(self, chunk: Any) -> None:
        self._chunks += 1
        self._frame.returned = chunk if self._chunks == 1 else UNSET

    def end(self) -> None:
        self._frame.spent(perf_counter_ns() - self._began, None)


def _noted(frame: TaskFrame, chunks: Iterator[Any]) -> Iterator[Any]:
    note = _Note(frame)
    try:
        for chunk in chunks:
            note.see(chunk)
            yield chunk
    finally:
        note.end()


async def _anoted(frame: TaskFrame, chunks: AsyncIterator[Any]) -> AsyncIterator[Any]:
    note = _Note(frame)
    try:
        async for chunk in chunks:
            note.see(chunk)
            yield chunk
    finally:
        note.end()
