"""The doors to LangGraph: watch a graph, watch every graph, stop watching."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final, TypeVar

from argus.errors import InstrumentationError, NotAvailable, UnsupportedVersion
from argus.recording.recorder import RunSink

__all__ = ["OLDEST_LANGGRAPH", "attach", "attach_all", "detach"]

OLDEST_LANGGRAPH: Final = (1, 0)
"""The oldest supported version of LangGraph."""

_MAX_LAYERS: Final = 20

_log = logging.getLogger(__name__)
_warned = False

G = TypeVar("G")


def attach(graph: G, sink: RunSink) -> G:
    """Has the runs of a graph recorded. The graph behaves exactly as before.

    Args:
        graph: A ``StateGraph`` (nodes added later are covered too), a compiled graph, or a runnable bound to one.
        sink: Who records; attaching the same one twice records once.

    Returns:
        The same object.

    Raises:
        InstrumentationError: The object is no graph that can be watched.
        NotAvailable: LangGraph is not installed.
        UnsupportedVersion: LangGraph is too old.
    """
    _require_langgraph()
    kind, target = _target(graph)
    if _degraded():
        from argus.instrumentation.langgraph import fallback

        fallback.observe(target, sink)
        return graph
    from argus.instrumentation.langgraph import lookout, observing

    if kind == "builder":
        observing.observe_builder(target, sink)
    else:
        observing.observe_graph(target, sink)
    lookout.look_out((id(target), id(sink)))
    return graph


def detach(graph: object, sink: RunSink) -> None:
    """Ends :func:`attach`: the graph runs unwatched again, and so does the rest of a run that is going on.

    Args:
        graph: As passed to :func:`attach`; one that is not attached is passed over.
        sink: Who recorded.
    """
    _require_langgraph()
    kind, target = _target(graph)
    if _degraded():
        from argus.instrumentation.langgraph import fallback

        fallback.unobserve(target, sink)
        return
    from argus.instrumentation.langgraph import lookout, observing

    if kind == "builder":
        observing.unobserve_builder(target, sink)
    else:
        observing.unobserve_graph(target, sink)
    lookout.stop_looking_out((id(target), id(sink)))


def attach_all(sink: RunSink, *, gives_way: bool = False) -> Callable[[], None]:
    """Has the top-level runs of every LangGraph graph in this process recorded from now on, in any module.

    Args:
        sink: Who records.
        gives_way: Whether graphs that somebody else records are left out.

    Returns:
        A function that ends it; calling it twice is harmless.

    Raises:
        NotAvailable: LangGraph is not installed.
        UnsupportedVersion: LangGraph is too old.
    """
    _require_langgraph()
    if _degraded():
        from argus.instrumentation.langgraph import fallback

        return fallback.observe_everything(sink, gives_way=gives_way)
    from argus.instrumentation.langgraph import lookout

    lookout.look_out(id(sink), sink, gives_way=gives_way)
    return lambda: lookout.stop_looking_out(id(sink), sink)


def _degraded() -> bool:
    """Whether inner parts of LangGraph have moved, so that only callbacks are left; says so once."""
    global _warned
    from argus.instrumentation.langgraph.probe import missing_parts

    missing = missing_parts()
    if missing and not _warned:
        _warned = True
        _log.warning(
            "langgraph_degraded missing=%s; nodes are recorded through callbacks, without merged states and without "
            "model and tool calls; look for a newer version of arguslabs",
            "; ".join(missing),
        )
    return bool(missing)


def _target(graph: object) -> tuple[str, Any]:
    from langgraph.graph import StateGraph
    from langgraph.pregel import Pregel

    inner = graph
    for _ in range(_MAX_LAYERS):
        if isinstance(inner, StateGraph | Pregel):
            return ("builder" if isinstance(inner, StateGraph) else "graph"), inner
        inner = getattr(inner, "bound", None)  # a runnable made by with_retry, bind and the like
    raise InstrumentationError(
        f"cannot watch a {type(graph).__module__}.{type(graph).__qualname__}: pass a langgraph StateGraph or a compiled"
        " graph; for any other Python pipeline use argus.ArgusSession"
    )


def _require_langgraph() -> None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version("langgraph")
    except PackageNotFoundError as missing:
        raise NotAvailable(
            'watching a graph needs LangGraph, which is not installed: pip install "arguslabs[langgraph]"'
        ) from missing
    numbers = tuple(int(part) for part in found.split(".")[:2] if part.isdigit())
    if numbers < OLDEST_LANGGRAPH:
        oldest = ".".join(map(str, OLDEST_LANGGRAPH))
        raise UnsupportedVersion(
            f"langgraph {found} is installed, but the oldest supported version is {oldest}: "
            f'pip install "langgraph>={oldest}"'
        )
