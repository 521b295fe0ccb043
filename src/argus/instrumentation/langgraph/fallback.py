"""Recording through callbacks alone, for a LangGraph whose inner parts have moved.

It sees less: what each node was given and returned, no merged state, no reasons for what ran next, no model and tool
calls. It uses nothing but what LangGraph and LangChain document.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextvars import ContextVar
from time import perf_counter_ns
from typing import Any, NamedTuple
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler, BaseCallbackManager
from langgraph.errors import GraphBubbleUp
from langgraph.pregel import Pregel

from argus._internal.guard import Guard
from argus.recording.recorder import RunSink
from argus.recording.run import UNSET, OpenStep, Run

__all__ = ["observe", "observe_everything", "unobserve"]

_guard = Guard("langgraph.fallback")
_lock = threading.RLock()
_watched: weakref.WeakKeyDictionary[Any, list[RunSink]] = weakref.WeakKeyDictionary()
_everywhere: list[RunSink] = []
_giving_way: set[int] = set()
_inside: ContextVar[bool] = ContextVar("argus_inside", default=False)
_installed = False


def observe(graph: Any, sink: RunSink) -> None:
    """Has the top-level calls of a graph recorded.

    Args:
        graph: A compiled graph or a builder.
        sink: Who records.
    """
    with _lock:
        _install()
        sinks = _watched.setdefault(graph, [])
        if not any(one is sink for one in sinks):
            sinks.append(sink)


def unobserve(graph: Any, sink: RunSink) -> None:
    """Undoes :func:`observe`.

    Args:
        graph: A compiled graph or a builder.
        sink: Who recorded.
    """
    with _lock:
        _watched[graph] = [one for one in _watched.get(graph, ()) if one is not sink]


def observe_everything(sink: RunSink, *, gives_way: bool = False) -> Callable[[], None]:
    """Has the top-level calls of every graph recorded.

    Args:
        sink: Who records.
        gives_way: Whether graphs that somebody else records are left out.

    Returns:
        A function that ends it.
    """
    with _lock:
        _install()
        _everywhere.append(sink)
        if gives_way:
            _giving_way.add(id(sink))

    def undo() -> None:
        with _lock:
            _everywhere[:] = [one for one in _everywhere if one is not sink]
            _giving_way.discard(id(sink))

    return undo


def _sinks(graph: Any) -> list[RunSink]:
    if _inside.get():
        return []
    with _lock:
        own = list(_watched.get(graph, ()))
        builder = getattr(graph, "builder", None)
        if builder is not None:
            own += _watched.get(builder, ())
        found = [*own, *(sink for sink in _everywhere if not (own and id(sink) in _giving_way))]
    return list({id(sink): sink for sink in found}.values())


def _install() -> None:
    global _installed
    if not _installed:
        _installed = True
        parts: Any = Pregel
        parts.stream, parts.astream = _relaying(Pregel.stream), _relaying_async(Pregel.astream)


def _relaying(original: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    def stream(self: Any, input: Any, config: Any = None, **kwargs: Any) -> Iterator[Any]:
        calls = _opened(self, input)
        if not calls:
            yield from original(self, input, config, **kwargs)
            return
        chunks: Any = original(self, input, _listening(config, calls), **kwargs)
        failed: BaseException | None = None
        try:
            while True:
                token = _inside.set(True)
                try:
                    chunk = next(chunks)
                except StopIteration:
                    break
                finally:
                    _inside.reset(token)
                yield chunk
        except BaseException as error:
            failed = error
            raise
        finally:
            chunks.close()
            _close(calls, failed)

    return stream


def _relaying_async(original: Callable[..., AsyncIterator[Any]]) -> Callable[..., AsyncIterator[Any]]:
    async def astream(self: Any, input: Any, config: Any = None, **kwargs: Any) -> AsyncIterator[Any]:
        calls = _opened(self, input)
        chunks: Any = original(self, input, _listening(config, calls) if calls else config, **kwargs)
        failed: BaseException | None = None
        try:
            while True:
                token = _inside.set(bool(calls) or _inside.get())
                try:
                    chunk = await chunks.__anext__()
                except StopAsyncIteration:
                    break
                finally:
                    _inside.reset(token)
                yield chunk
        except BaseException as error:
            failed = error
            raise
        finally:
            await chunks.aclose()
            _close(calls, failed)

    return astream


class _Call(NamedTuple):
    run: Run
    sink: RunSink
    listener: NodeListener


def _opened(graph: Any, value: Any) -> list[_Call]:
    calls: list[_Call] = []
    with _guard:
        for sink in _sinks(graph):
            from argus.instrumentation.langgraph.spec import graph_spec

            run = sink.open_run(graph=graph_spec(graph), value=value, metadata={"recorded_by": "callbacks"})
            if run is not None:
                calls.append(_Call(run, sink, NodeListener(run)))
    return calls


def _listening(config: Any, calls: list[_Call]) -> Any:
    listeners: list[Any] = [call.listener for call in calls]
    given = (config or {}).get("callbacks")
    if isinstance(given, BaseCallbackManager):
        callbacks: Any = given.copy()
        for listener in listeners:
            callbacks.add_handler(listener, inherit=True)
    else:
        callbacks = [*(given or ()), *listeners]
    return {**(config or {}), "callbacks": callbacks}


def _close(calls: list[_Call], error: BaseException | None) -> None:
    for call in calls:
        with _guard:
            if isinstance(error, GeneratorExit):
                outcome = "abandoned"
            elif error is not None:
                outcome = "error" if isinstance(error, Exception) else "cancelled"
            else:
                outcome = "interrupted" if call.listener.interrupted else "completed"
            output = call.listener.output if outcome in ("completed", "interrupted") else UNSET
            call.run.close(outcome, output=output, error=error if outcome == "error" else None)
            call.sink.run_closed(call.run)


class _Node(NamedTuple):
    step: OpenStep
    began: int


class NodeListener(BaseCallbackHandler):
    """Records nodes from the events of one run; thread-safe.

    Args:
        run: What is recorded into.

    Attributes:
        interrupted: Whether a node waits to be resumed.
        output: What the outermost graph returned, or ``UNSET``.
    """

    run_inline = True

    def __init__(self, run: Run) -> None:
        self.interrupted = False
        self.output: Any = UNSET
        self._run = run
        self._nodes: dict[UUID, _Node] = {}
        self._parents: dict[UUID, UUID | None] = {}

    def on_chain_start(
        self, serialized: Any, inputs: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: Any
    ) -> None:
        """Something runs; a node when LangGraph says so."""
        with _guard:
            self._parents[run_id] = parent_run_id
            facts = kwargs.get("metadata") or {}
            name = facts.get("langgraph_node")
            steps = any(tag.startswith("graph:step") for tag in kwargs.get("tags") or ())
            if not steps or name is None or kwargs.get("name") != name or name == "__start__":
                return
            step = self._run.start_step(
                name, scope=self._scope(facts), superstep=facts.get("langgraph_step"), given=inputs,
                parent=self._outer(parent_run_id), triggers=list(facts.get("langgraph_triggers") or ()),
            )  # fmt: skip
            self._nodes[run_id] = _Node(step, perf_counter_ns())

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """Something has run."""
        with _guard:
            if self._parents.pop(run_id, None) is None:
                self.output = outputs
            node = self._nodes.pop(run_id, None)
            if node is not None:
                update = outputs if isinstance(outputs, Mapping) else None
                took = perf_counter_ns() - node.began
                self._run.finish_step(node.step, outcome="ok", returned=outputs, update=update, wall_ns=took)

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Something has failed or stopped."""
        with _guard:
            self._parents.pop(run_id, None)
            node = self._nodes.pop(run_id, None)
            if node is None:
                return
            stopped = isinstance(error, GraphBubbleUp)
            self.interrupted = self.interrupted or stopped
            self._run.finish_step(
                node.step,
                outcome="interrupted" if stopped else "error" if isinstance(error, Exception) else "cancelled",
                error=None if stopped or not isinstance(error, Exception) else error,
                wall_ns=perf_counter_ns() - node.began,
            )

    def _outer(self, run_id: UUID | None) -> OpenStep | None:
        while run_id is not None:
            if run_id in self._nodes:
                return self._nodes[run_id].step
            run_id = self._parents.get(run_id)
        return None

    def _scope(self, facts: Mapping[str, Any]) -> str:
        return str(facts.get("langgraph_checkpoint_ns", "")).rpartition("|")[0]
