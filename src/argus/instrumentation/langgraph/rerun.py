"""Runs a graph once more: from a copy that keeps nothing, with the input that was recorded."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import StateGraph
from langgraph.pregel import Pregel
from langgraph.types import Command

from argus.errors import ReplayError
from argus.instrumentation.langgraph.observing import observe_graph, unobserve_graph
from argus.instrumentation.langgraph.rebuilding import Problem, Rebuilder, declared_types
from argus.instrumentation.langgraph.spec import graph_spec
from argus.model.graph import GraphSpec
from argus.model.values import ROOT_FIELD, JsonValue
from argus.recording.recorder import RunSink

__all__ = ["Rerun", "compiled"]

_COMMAND: Final = frozenset({"graph", "update", "resume", "goto"})
_LAYERS: Final = 20

T = TypeVar("T")


def compiled(app: object) -> Any:
    """The compiled graph that an object is, or stands for.

    Args:
        app: A compiled graph, a ``StateGraph``, or a runnable bound to a graph.

    Raises:
        ReplayError: It is none of these.
    """
    inner = app
    for _ in range(_LAYERS):
        if isinstance(inner, StateGraph):
            return inner.compile()
        if isinstance(inner, Pregel):
            return inner
        inner = getattr(inner, "bound", None)
    raise ReplayError(
        f"the application is a {type(app).__module__}.{type(app).__qualname__}, not a LangGraph graph: "
        "give a StateGraph, a compiled graph, or a function without arguments that returns one"
    )


class Rerun:
    """A graph that can be run again without a trace in what the application keeps.

    Checkpoints go to memory, answers of its node cache are not used. What nodes themselves do to the outside world they
    do again.

    Args:
        app: As for :func:`compiled`.
    """

    def __init__(self, app: object) -> None:
        self._graph = compiled(app)
        own = self._graph.checkpointer
        saver = InMemorySaver(serde=own.serde) if isinstance(own, BaseCheckpointSaver) else own
        update: dict[str, Any] = {"cache": None, "checkpointer": saver}
        self._copy = self._graph.copy(update)

    def spec(self) -> GraphSpec:
        """The graph's shape."""
        return graph_spec(self._graph)

    @property
    def keeps_checkpoints(self) -> bool:
        """Whether it can be interrupted and resumed."""
        return isinstance(self._copy.checkpointer, BaseCheckpointSaver)

    def with_checkpoints(self) -> None:
        """Has it keep checkpoints in memory, for an application that was given its checkpointer elsewhere."""
        if not self.keeps_checkpoints:
            self._copy = self._copy.copy({"checkpointer": InMemorySaver()})

    def needs_async(self) -> bool:
        """Whether a node can only be awaited."""
        return any(_only_awaited(graph) for graph in _graphs(self._graph))

    def run(
        self, value: JsonValue, sink: RunSink, *, config: Mapping[str, Any], context: object, asynchronous: bool
    ) -> BaseException | None:
        """Runs the graph, told to a sink.

        Args:
            value: The recorded input.
            sink: Who records.
            config: For LangGraph.
            context: The run's context, or None for none.
            asynchronous: Whether to await it.

        Returns:
            What it raised, or None.
        """
        given = _input(self._copy, value)
        options = {} if context is None else {"context": context}
        with _quiet_savers(self._graph):
            observe_graph(self._copy, sink)
            try:
                if asynchronous:
                    _awaited(lambda: self._copy.ainvoke(given, dict(config), **options))
                else:
                    self._copy.invoke(given, dict(config), **options)
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:  # noqa: BLE001 - whatever the application raises belongs to its run
                return error
            finally:
                unobserve_graph(self._copy, sink)
        return None


def _input(graph: Any, value: JsonValue) -> Any:
    if value is None:
        return None
    if isinstance(value, dict) and value.keys() == _COMMAND and not _COMMAND & graph.channels.keys():
        goto = value["goto"] or ()
        return Command(resume=_loose(value["resume"]), update=_update(graph, value["update"]), goto=goto)
    if isinstance(value, dict) and value.keys() == {ROOT_FIELD}:
        return _update(graph, value)[ROOT_FIELD]
    return _update(graph, value)


def _update(graph: Any, value: JsonValue) -> Any:
    if not isinstance(value, dict):
        return value
    types = declared_types(graph)
    rebuilder = Rebuilder([])  # what is missing matters only where the state is set, and is told there
    whole = types.get("__start__", Any) if ROOT_FIELD in value else Any
    return {name: rebuilder.build(types.get(name, whole), item, name) for name, item in value.items()}


def _loose(value: JsonValue) -> Any:
    problems: list[Problem] = []
    built = Rebuilder(problems).build(Any, value, "resume")
    if problems:
        raise ReplayError(
            f"the answer that resumed the run cannot be given again: `{problems[0].path}` {problems[0].reason}"
        )
    return built


def _graphs(graph: Any) -> Iterator[Any]:
    waiting, seen = [graph], set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        for node in one.nodes.values():
            waiting.extend(inner for inner in node.subgraphs if isinstance(inner, Pregel))


def _only_awaited(graph: Any) -> bool:
    parts = [node.bound for node in graph.nodes.values()]
    builder = getattr(graph, "builder", None)
    parts += [branch.path for named in getattr(builder, "branches", {}).values() for branch in named.values()]
    return any(getattr(part, "func", True) is None and getattr(part, "afunc", None) is not None for part in parts)


@contextmanager
def _quiet_savers(graph: Any) -> Iterator[None]:
    """Graphs inside that were given a checkpointer of their own keep theirs out of it, too."""
    held = []
    for inner in _graphs(graph):
        if inner is not graph and isinstance(inner.checkpointer, BaseCheckpointSaver):
            held.append((inner, inner.checkpointer))
            inner.checkpointer = InMemorySaver(serde=inner.checkpointer.serde)
    try:
        yield
    finally:
        for inner, saver in held:
            inner.checkpointer = saver


def _awaited(start: Callable[[], Any]) -> None:
    """Awaits something on a loop of its own, wherever it is called from."""

    async def main() -> None:
        await start()

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(main())
        return
    raised: list[BaseException] = []

    def in_thread() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001 - handed over to the thread that waits
            raised.append(error)

    thread = threading.Thread(target=in_thread, name="argus-replay")
    thread.start()
    thread.join()
    if raised:
        raise raised[0]
