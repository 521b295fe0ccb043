"""The other half of the task hook: a task that is replayed gets its update from the record instead of from its node.

A served task writes what the record says, into the state and to the nodes that followed it; the node's code and its
conditional edges do not run.
"""

from __future__ import annotations

import builtins
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Final

from langchain_core.runnables.config import var_child_runnable_config
from langgraph._internal._typing import MISSING
from langgraph.errors import ParentCommand
from langgraph.pregel._write import ChannelWrite
from langgraph.types import Command, Send, interrupt

from argus.errors import ReplayError
from argus.instrumentation.langgraph.outcomes import outcome_of
from argus.instrumentation.langgraph.rebuilding import Problem, Rebuilder, declared_types
from argus.instrumentation.langgraph.running import TaskFrame
from argus.instrumentation.langgraph.served_tasks import with_served_tasks
from argus.model.ports import Replayer
from argus.model.served import TaskPlan
from argus.model.trace import ErrorInfo
from argus.model.values import ROOT_FIELD, State

__all__ = ["CallReplay", "RecordedError"]

_SEND: Final = "__pregel_send"
_TASKS: Final = "__pregel_tasks"
_END: Final = "__end__"
_MOST_INTERRUPTS: Final = 1000


class RecordedError(RuntimeError):
    """Stands for a recorded exception whose class is not one of Python's own."""


class CallReplay:
    """One call of a graph that is replayed.

    Args:
        player: Says what happens.
        place: What stands for the call, from ``player.enters``.
        graph: The graph that is called.
    """

    def __init__(self, player: Replayer, place: object, graph: Any) -> None:
        self.player = player
        self._place = place
        self._graph = graph
        self._types: dict[str, Any] | None = None
        self._lock = threading.Lock()
        self._entered: set[int] = set()

    def invoke(self, frame: TaskFrame, task: Any, value: Any, config: Any, run: Callable[[Any, Any], Any]) -> Any:
        """Runs or serves a task.

        Args:
            frame: The task.
            task: Its observed runnable.
            value: What LangGraph hands to it.
            config: Its configuration.
            run: Runs it.
        """
        plan = self._plan(frame)
        try:
            value = self._entering(plan, frame, value)
            if plan.action != "serve":
                result = run(value, self._config(plan, frame, config))
            else:
                for writer in self._serve(plan, frame, task, config):
                    writer.invoke(frame.returned, config)
                result = frame.returned
        except BaseException as error:
            self._ended(plan, frame, error)
            raise
        self._ended(plan, frame, None)
        return result

    async def ainvoke(
        self, frame: TaskFrame, task: Any, value: Any, config: Any, run: Callable[[Any, Any], Awaitable[Any]]
    ) -> Any:
        """Runs or serves a task.

        Args:
            frame: The task.
            task: Its observed runnable.
            value: What LangGraph hands to it.
            config: Its configuration.
            run: Runs it.
        """
        plan = self._plan(frame)
        try:
            value = self._entering(plan, frame, value)
            if plan.action != "serve":
                result = await run(value, self._config(plan, frame, config))
            else:
                for writer in self._serve(plan, frame, task, config):
                    await writer.ainvoke(frame.returned, config)
                result = frame.returned
        except BaseException as error:
            self._ended(plan, frame, error)
            raise
        self._ended(plan, frame, None)
        return result

    def _plan(self, frame: TaskFrame) -> TaskPlan:
        path = frame.task.path
        sent = path[1] if path[0] == "__pregel_push" and type(path[1]) is int else None
        superstep = frame.call.superstep or 0
        frame.plan = plan = self.player.plan(self._place, node=frame.node.name, superstep=superstep, sent=sent)
        return plan

    def _ended(self, plan: TaskPlan, frame: TaskFrame, error: BaseException | None) -> None:
        self.player.ended(
            plan,
            number=frame.steps[0].number if frame.steps else 0,
            node=frame.node.name,
            outcome="ok" if error is None else outcome_of(error),
            error=error,
            wall_ns=frame.wall_ns,
        )

    # into a task

    def _config(self, plan: TaskPlan, frame: TaskFrame, config: Any) -> Any:
        if plan.action != "enter" or not frame.node.functional:
            return config
        return with_served_tasks(config, self.player, plan)

    def _entering(self, plan: TaskPlan, frame: TaskFrame, value: Any) -> Any:
        if plan.entering is not None:
            with self._lock:
                if frame.call.superstep not in self._entered:
                    self._set_state(plan.entering, frame, whole=plan.whole)
                    self._entered.add(frame.call.superstep or 0)
            if plan.action != "serve" and frame.task.path[0] == "__pregel_pull":
                return self._input(frame)
        if plan.given is not None:
            return self._sent(frame.node.name, plan.given, tolerant=False)
        return value

    def _set_state(self, state: State, frame: TaskFrame, *, whole: bool) -> None:
        problems: list[Problem] = []
        values = self._built(state, problems)
        self._refuse([problem for problem in problems if self.player.needs(problem.path)])
        channels: Any = frame.call.channels
        for name in frame.call.names:
            if name in values:
                channels[name] = _holding(channels[name], values[name])
            elif whole and name in channels:
                channels[name] = channels[name].from_checkpoint(MISSING)

    def _input(self, frame: TaskFrame) -> Any:
        """What LangGraph would hand to the node now that the state is set."""
        node, channels = self._graph.nodes[frame.node.name], frame.call.channels or {}
        value: Any
        if isinstance(node.channels, str):
            value = channels[node.channels].get()
        else:
            value = {}
            for name in node.channels:
                if name in channels:
                    if channels[name].is_available():
                        value[name] = channels[name].get()
                elif name in frame.call.managed:
                    value[name] = frame.call.managed[name].get(frame.call.scratchpad)
        return value if node.mapper is None else node.mapper(value)

    def _sent(self, node: str, given: State, *, tolerant: bool) -> Any:
        """What a ``Send`` carries: by the schema that its node declares."""
        problems: list[Problem] = []
        if given.keys() == {ROOT_FIELD}:
            result = Rebuilder(problems).build(Any, given[ROOT_FIELD], node)
        else:
            builder = getattr(self._graph, "builder", None)
            spec = builder.nodes.get(node) if builder is not None else None
            schema = getattr(spec, "input_schema", None)
            if isinstance(schema, type) and not issubclass(schema, dict):
                result = Rebuilder(problems).build(schema, given, node)
            else:
                result = self._built(given, problems)
        if not tolerant:
            self._refuse(problems)
        return result

    # out of a served task

    def _serve(self, plan: TaskPlan, frame: TaskFrame, task: Any, config: Any) -> list[Any]:
        step = plan.step
        if step is None:
            raise ReplayError(f"node `{frame.node.name}` was to be served, but there is no record of it")
        frame.wall_ns = int(step.duration_ms * 1e6)
        outcome = step.outcome if plan.update is None else "ok"
        if outcome == "error":
            raise _again(step.error)
        if outcome == "interrupted":
            _interrupt_again(plan.interrupts, config)
        problems: list[Problem] = []
        fields = self._built(step.output_state if plan.update is None else plan.update, problems)
        if not plan.tolerant:
            self._refuse(problems)
        sends = [Send(sent.node, self._sent(sent.node, sent.given, tolerant=plan.tolerant)) for sent in plan.sends]
        if outcome == "parent_command":
            graph = config["configurable"]["checkpoint_ns"] if plan.addressed else Command.PARENT
            raise ParentCommand(Command(graph=graph, update=fields, goto=[*sends, *plan.goes_on]))
        frame.returned = fields.get(ROOT_FIELD) if frame.node.rooted else fields
        writers = [one for one in getattr(task, "steps", ()) if ChannelWrite.is_writer(one)]
        write = config["configurable"][_SEND]
        if not writers:
            write([(name, value) for name, value in fields.items() if name in frame.node.names])
            return []
        for writer in writers:
            if isinstance(writer, ChannelWrite):
                writer.invoke(frame.returned, config)
        write([(f"branch:to:{target}", None) for target in plan.goes_on if target != _END])
        write([(_TASKS, send) for send in sends])
        return [one for one in writers if not isinstance(one, ChannelWrite)] if plan.routes else []

    # values

    def _built(self, state: State, problems: list[Problem]) -> dict[str, Any]:
        if self._types is None:
            self._types = declared_types(self._graph)
        rebuilder = Rebuilder(problems)
        return {name: rebuilder.build(self._types.get(name, Any), value, name) for name, value in state.items()}

    def _refuse(self, problems: list[Problem]) -> None:
        if problems:
            raise ReplayError(told(problems))


def told(problems: list[Problem]) -> str:
    """What is wrong with values that a replay needs, and what to do.

    Args:
        problems: At least one.
    """
    first = problems[0]
    more = f" (and {len(problems) - 1} more like it)" if len(problems) > 1 else ""
    return (
        f"`{first.path}` {first.reason}{more}, and the steps that run again may read it: "
        f"give it a value with --set {first.path}=VALUE, or start after the last step that needs it"
    )


def _holding(channel: Any, value: Any) -> Any:
    """A channel like this one that holds a value, whatever its reducer would have made of it."""
    fresh = channel.from_checkpoint(value)
    if not fresh.is_available():
        fresh.update([value])  # some channels are never kept in checkpoints
    return fresh


def _again(error: ErrorInfo | None) -> Exception:
    """A recorded exception: of its own class if that is one of Python's."""
    name, message = (error.type, error.message) if error is not None else ("Exception", "")
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        try:
            return kind(message)
        except TypeError:
            pass
    return RecordedError(f"{name}: {message}")


def _interrupt_again(value: object, config: Any) -> None:
    """Interrupts at the same place again, answers that were given before passed over."""
    token = var_child_runnable_config.set(config)
    try:
        for _ in range(_MOST_INTERRUPTS):
            interrupt(value)
    finally:
        var_child_runnable_config.reset(token)
