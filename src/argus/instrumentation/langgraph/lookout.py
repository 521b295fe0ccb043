"""Graphs that nobody attached: those called inside a recorded step, and all of them under ``argus watch``.

A graph that a node takes from a registry, or compiles itself, cannot be found by looking at the outer graph. So the
two methods that every run passes through look out for it, on the class itself, while anything is watched.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any

from langgraph.pregel import Pregel

from argus._internal.guard import Guard
from argus.instrumentation.langgraph.boundary import relay, relay_async
from argus.instrumentation.langgraph.observing import observe_graph, unobserve_graph
from argus.instrumentation.langgraph.running import TaskFrame, here
from argus.instrumentation.langgraph.watches import Watch, everywhere, giving_way, watch_of
from argus.recording.recorder import RunSink

__all__ = ["look_out", "stop_looking_out"]

_guard = Guard("langgraph.lookout")


class _Lookout:
    """Who is looking, and which graphs were found; thread-safe."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.reasons: set[object] = set()
        self.found: weakref.WeakSet[Any] = weakref.WeakSet()
        self.originals: tuple[Any, Any] | None = None


_state = _Lookout()


def look_out(reason: object, everything: RunSink | None = None, *, gives_way: bool = False) -> None:
    """Begins to look out.

    Args:
        reason: Why, as a hashable value to pass to :func:`stop_looking_out`.
        everything: Who records the top-level calls of every graph; None to find inner graphs only.
        gives_way: Whether it leaves out graphs that somebody else records.
    """
    with _state.lock:
        _state.reasons.add(reason)
        if everything is not None:
            everywhere.append(everything)
            if gives_way:
                giving_way.add(id(everything))
        if _state.originals is None:
            _state.originals = (Pregel.stream, Pregel.astream)
            Pregel.stream = _looking(Pregel.stream, relay)  # type: ignore[method-assign]  # undone when nobody looks
            Pregel.astream = _looking(Pregel.astream, relay_async)  # type: ignore[method-assign]  # the same


def stop_looking_out(reason: object, everything: RunSink | None = None) -> None:
    """Ends what :func:`look_out` began; the class is restored when there is no reason left.

    Args:
        reason: As passed to :func:`look_out`.
        everything: As passed to :func:`look_out`.
    """
    with _state.lock:
        _state.reasons.discard(reason)
        everywhere[:] = [one for one in everywhere if one is not everything]
        giving_way.discard(id(everything))
        if _state.reasons or _state.originals is None:
            return
        Pregel.stream, Pregel.astream = _state.originals  # type: ignore[method-assign]  # as they were
        _state.originals = None
        for graph in list(_state.found):
            watch = watch_of(graph)
            if watch is not None:
                watch.outer.discard(id(_state))
                unobserve_graph(graph, None)
        _state.found.clear()


def _looking(original: Callable[..., Any], relayed: Callable[..., Any]) -> Any:
    def stream(self: Any, input: Any, config: Any = None, **kwargs: Any) -> Any:
        watch = _found(self)
        if watch is not None:
            return relayed(watch, self, original.__get__(self), input, config, kwargs)
        return original(self, input, config, **kwargs)

    stream.__name__, stream.__qualname__, stream.__doc__ = original.__name__, original.__qualname__, original.__doc__
    stream.__wrapped__ = original  # type: ignore[attr-defined]  # so that its signature is shown
    return stream


def _found(graph: Any) -> Watch | None:
    """The watch on a graph that nobody watched so far and somebody wants to know of; else None."""
    with _guard:
        frame = here.get()
        if watch_of(graph) is None and (everywhere or (type(frame) is TaskFrame and frame.call.live)):
            with _state.lock:
                watch = observe_graph(graph)
                watch.outer.add(id(_state))
                _state.found.add(graph)
                return watch
    return None
