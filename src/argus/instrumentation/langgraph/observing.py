"""Turns graphs into observed ones, and back."""

from __future__ import annotations

import weakref
from typing import Any

from langgraph.pregel import Pregel

from argus._internal.guard import Guard
from argus.instrumentation.langgraph.boundary import disguised, observed_class
from argus.instrumentation.langgraph.hooks import observe_node, restore_node
from argus.instrumentation.langgraph.nodes import facts_of_nodes
from argus.instrumentation.langgraph.watches import LastRuns, Watch, watch_of
from argus.recording.recorder import RunSink

__all__ = ["observe_builder", "observe_graph", "unobserve_builder", "unobserve_graph"]

_guard = Guard("langgraph.compile")


def observe_graph(graph: Any, sink: RunSink | None = None, last_runs: LastRuns | None = None) -> Watch:
    """Has a compiled graph observed, and the graphs inside it.

    Args:
        graph: The compiled graph; its class is replaced by a subclass of it.
        sink: Who records its top-level calls; None when only its calls inside other graphs matter.
        last_runs: Shared with other graphs of the same builder.
    """
    watch = watch_of(graph)
    if watch is None or not watch.owns(graph):
        watch = _watched(graph, watch, last_runs)
    if sink is not None:
        watch.add(sink)
        watch.spec(graph)  # now, for reading sources takes longer than a node may be held up
    return watch


def _watched(graph: Any, copied: Watch | None, last_runs: LastRuns | None) -> Watch:
    if copied is not None:
        graph.__class__ = copied.base
    watch = Watch(graph, last_runs or (copied.last_runs if copied is not None else None))
    if copied is not None:
        watch.sinks = copied.sinks
    for facts in facts_of_nodes(graph):
        observe_node(graph.nodes[facts.name], facts, watch)
    graph.__class__ = observed_class(watch.base, watch)
    for inner in _inner_graphs(graph):
        observe_graph(inner).outer.add(id(watch))
    return watch


def _inner_graphs(graph: Any) -> list[Any]:
    return [inner for node in graph.nodes.values() for inner in node.subgraphs if isinstance(inner, Pregel)]


def unobserve_graph(graph: Any, sink: RunSink | None) -> None:
    """Undoes :func:`observe_graph`; the graph is restored when nobody watches it any more.

    Args:
        graph: The compiled graph.
        sink: Who recorded.
    """
    watch = watch_of(graph)
    if watch is None:
        return
    if sink is not None:
        watch.remove(sink)
    if watch.sinks or watch.outer or not watch.owns(graph):
        return
    graph.__class__ = watch.base
    for node in graph.nodes.values():
        restore_node(node, watch)
    for inner in _inner_graphs(graph):
        held = watch_of(inner)
        if held is not None:
            held.outer.discard(id(watch))
            unobserve_graph(inner, None)


class _BuilderWatch:
    """What is asked of a builder."""

    def __init__(self, base: Any) -> None:
        self.base = base
        self.sinks: list[RunSink] = []
        self.compiled: weakref.WeakSet[Any] = weakref.WeakSet()
        self.last_runs = LastRuns()


def _builder_watch(builder: Any) -> _BuilderWatch | None:
    return getattr(type(builder), "argus_builder_watch", None)


def _observed_builder_class(base: Any) -> Any:
    watch = _BuilderWatch(base)

    class Observed(base):  # type: ignore[misc]  # a direct subclass, or an instance could not change to it
        argus_builder_watch = watch

        def compile(self, *args: Any, **kwargs: Any) -> Any:
            """Compiles the graph; what comes out is watched, nodes added later included."""
            graph = super().compile(*args, **kwargs)
            with _guard:
                for sink in watch.sinks:
                    observe_graph(graph, sink, watch.last_runs)
                watch.compiled.add(graph)
            return graph

    return disguised(Observed, base)


def observe_builder(builder: Any, sink: RunSink) -> None:
    """Has every graph observed that is compiled from a builder from now on.

    Args:
        builder: A ``StateGraph``; its class is replaced by a subclass of it.
        sink: Who records.
    """
    watch = _builder_watch(builder)
    if watch is None:
        builder.__class__ = _observed_builder_class(type(builder))
        watch = builder.argus_builder_watch
    if not any(one is sink for one in watch.sinks):
        watch.sinks.append(sink)


def unobserve_builder(builder: Any, sink: RunSink) -> None:
    """Undoes :func:`observe_builder`, for the graphs compiled meanwhile too.

    Args:
        builder: A ``StateGraph``.
        sink: Who recorded.
    """
    watch = _builder_watch(builder)
    if watch is None:
        return
    watch.sinks[:] = [one for one in watch.sinks if one is not sink]
    for graph in list(watch.compiled):
        unobserve_graph(graph, sink)
    if not watch.sinks:
        builder.__class__ = watch.base
