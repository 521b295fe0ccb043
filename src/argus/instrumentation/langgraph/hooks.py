"""The hook on each task: LangGraph's sequence of node and writers, observed from within.

What LangGraph looks at when it inspects a graph (``PregelNode.bound``) is never touched, so signatures, injected
arguments, cache keys, subgraph discovery and drawing stay as they are.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from copy import copy
from typing import Any

from langgraph._internal._runnable import RunnableSeq

from argus.instrumentation.langgraph.nodes import NodeFacts
from argus.instrumentation.langgraph.running import here, leave
from argus.instrumentation.langgraph.steps import ObservedStep
from argus.instrumentation.langgraph.tasks import begin_task, end_task

__all__ = ["observe_node", "restore_node"]


def observe_node(node: Any, facts: NodeFacts, watch: object) -> None:
    """Has a node's tasks observed from now on.

    Args:
        node: A ``PregelNode``.
        facts: What is known of it.
        watch: On whose behalf; copies of a graph share their nodes.
    """
    current = node.node
    if _is_observed(current):
        current.argus_watches.add(id(watch))
    elif current is not None:
        node.__dict__["node"] = observed = _observed(node, current, facts)  # where LangGraph caches the property
        observed.argus_watches = {id(watch)}


def _observed(node: Any, current: Any, facts: NodeFacts) -> Any:
    if type(current) is not RunnableSeq:
        return ObservedTask(current, facts)
    own = len(current.steps) - len(node.flat_writers)
    observed: Any = copy(current)
    observed.__class__ = ObservedSequence
    observed.argus_original = current
    observed.argus_facts = facts
    observed.steps = [*(ObservedStep(step, facts) for step in current.steps[:own]), *current.steps[own:]]
    return observed


def restore_node(node: Any, watch: object) -> None:
    """Undoes :func:`observe_node`, unless others still watch.

    Args:
        node: A ``PregelNode``.
        watch: On whose behalf it was observed.
    """
    current = node.__dict__.get("node")
    if _is_observed(current):
        current.argus_watches.discard(id(watch))
        if not current.argus_watches:
            node.__dict__["node"] = current.argus_original


def _is_observed(task: object) -> bool:
    return isinstance(task, ObservedSequence | ObservedTask)


def _observing(base: Any) -> Any:
    """A class whose tasks tell the recordings when they begin and end, around what the base class does."""

    class Observed(base):  # type: ignore[misc]  # a direct subclass, or an instance could not change to it
        argus_facts: NodeFacts
        argus_original: Any
        argus_watches: set[int]

        def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
            """Runs the task."""
            frame = begin_task(self.argus_facts, input, config)
            if frame is None:
                return super().invoke(input, config, **kwargs)
            token = here.set(frame)
            try:
                if frame.call.replay is None:
                    result = super().invoke(input, config, **kwargs)
                else:
                    result = frame.call.replay.invoke(frame, self, input, config, super().invoke)
            except BaseException as error:
                end_task(frame, error)
                raise
            finally:
                here.reset(token)
            end_task(frame, None)
            return result

        async def ainvoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
            """Runs the task."""
            frame = begin_task(self.argus_facts, input, config)
            if frame is None:
                return await super().ainvoke(input, config, **kwargs)
            token = here.set(frame)
            try:
                if frame.call.replay is None:
                    result = await super().ainvoke(input, config, **kwargs)
                else:
                    result = await frame.call.replay.ainvoke(frame, self, input, config, super().ainvoke)
            except BaseException as error:
                end_task(frame, error)
                raise
            finally:
                leave(token)
            end_task(frame, None)
            return result

        def stream(self, input: Any, config: Any = None, **kwargs: Any) -> Iterator[Any]:
            """Runs the task, chunk by chunk."""
            frame = begin_task(self.argus_facts, input, config)
            if frame is None:
                yield from super().stream(input, config, **kwargs)
                return
            outer = here.get()
            here.set(frame)  # a generator may end in another context, where a token would not be valid
            try:
                yield from super().stream(input, config, **kwargs)
            except BaseException as error:
                end_task(frame, error)
                raise
            finally:
                here.set(outer)
            end_task(frame, None)

        async def astream(self, input: Any, config: Any = None, **kwargs: Any) -> AsyncIterator[Any]:
            """Runs the task, chunk by chunk."""
            frame = begin_task(self.argus_facts, input, config)
            outer = here.get()
            if frame is not None:
                here.set(frame)
            try:
                chunks: Any = super().astream(input, config, **kwargs)
                async with aclosing(chunks):
                    async for chunk in chunks:
                        yield chunk
            except BaseException as error:
                if frame is not None:
                    end_task(frame, error)
                raise
            finally:
                here.set(outer)
            if frame is not None:
                end_task(frame, None)

    Observed.__name__ = Observed.__qualname__ = base.__name__  # shown by LangGraph as the name of a run without one
    return Observed


ObservedSequence = _observing(RunnableSeq)
"""A node and its writers."""

ObservedTask = _observing(ObservedStep)
"""A task that is no such sequence, for example a raw node that writes by itself."""
