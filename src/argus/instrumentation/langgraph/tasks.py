"""The beginning and the end of a task, told to the recordings."""

from __future__ import annotations

from typing import Any, Final

from langgraph.errors import ParentCommand

from argus._internal.guard import Guard
from argus.instrumentation.langgraph.nodes import NodeFacts
from argus.instrumentation.langgraph.outcomes import outcome_of
from argus.instrumentation.langgraph.running import GraphCall, TaskFrame, here, open_tasks
from argus.instrumentation.langgraph.updates import routing_of, update_of
from argus.model.trace import Outcome
from argus.recording.run import UNSET

__all__ = ["begin_task", "end_task"]

_READ: Final = "__pregel_read"
_TASK_ID: Final = "__pregel_task_id"
_RUNTIME: Final = "__pregel_runtime"
_PUSH: Final = "__pregel_push"

_guard_begin = Guard("langgraph.begin_task")
_guard_end = Guard("langgraph.end_task")


def begin_task(node: NodeFacts, value: Any, config: Any) -> TaskFrame | None:
    """A task begins.

    Args:
        node: Its node.
        value: What LangGraph hands to it.
        config: Its configuration.

    Returns:
        The frame to end, or None when nobody watches.
    """
    call = here.get()
    if type(call) is not GraphCall or not call.live:
        return None
    try:
        settings = config["configurable"]
        scratchpad, channels, managed, task = settings[_READ].args
        task_id = settings[_TASK_ID]
        call.scratchpad = scratchpad
        call.superstep = superstep = scratchpad.step
        if channels is not call.channels:
            call.channels, call.managed, call.names = channels, managed, node.names
        frame = TaskFrame(call, node, task, task_id, settings["checkpoint_ns"])
        if call.scope and not frame.namespace.startswith(call.scope):
            # a graph called with a thread of its own counts its namespaces from the root again
            frame.namespace = f"{call.scope}|{frame.namespace}"
        try:
            attempt = settings[_RUNTIME].execution_info.node_attempt
        except (AttributeError, KeyError):  # LangGraph 1.0 does not say
            attempt = call.attempt_of(task_id)
        frame.attempt = attempt
        path = task.path
        pushed = path[0] == _PUSH
        sent = path[1] if pushed and type(path[1]) is int else None
        for run, _, parent, _ in call.recordings:
            step = run.start_step(
                node.name, scope=call.scope, superstep=superstep, read_state=call.read_state, fields=node.given,
                given=value if pushed or node.functional else UNSET, task_id=task_id,
                kind="push" if pushed else "pull", attempt=attempt, parent=parent, triggers=task.triggers,
                sent=sent,
            )  # fmt: skip
            frame.steps += (step,)
        open_tasks[task_id] = frame
    except Exception as error:  # noqa: BLE001 - ours: the host's code has not run yet
        _guard_begin.absorb(error)
        return None
    return frame


def end_task(frame: TaskFrame, error: BaseException | None) -> None:
    """A task ends.

    Args:
        frame: From :func:`begin_task`.
        error: The exception that leaves it, or None.
    """
    try:
        open_tasks.pop(frame.task_id, None)
        node, update = frame.node, frame.returned
        if error is not None or type(update) is not dict or node.branches or node.rooted:
            _end(frame, error)
            return
        # the most frequent end: an update, no choice, no error
        declared = node.declared
        writes = list(update)
        dropped: tuple[str, ...] = ()
        if declared is not None and not update.keys() <= declared:
            writes = [key for key in update if key in declared]
            dropped = tuple(key for key in update if key not in declared)
        for recording, step in zip(frame.call.recordings, frame.steps, strict=True):
            recording.run.finish_step(
                step, outcome="ok", update=update, writes=writes, dropped=dropped, wall_ns=frame.wall_ns,
                cpu_ns=frame.cpu_ns,
            )  # fmt: skip
    except Exception as fault:  # noqa: BLE001 - ours: the host's code has run already
        _guard_end.absorb(fault)


def _end(frame: TaskFrame, error: BaseException | None) -> None:
    node, task, call = frame.node, frame.task, frame.call
    outcome: Outcome = "ok" if error is None else outcome_of(error)
    returned = frame.returned
    if returned is UNSET and isinstance(error, ParentCommand):
        returned = error.args[0]
    update = update_of(returned, task.writes, node)
    if error is None:
        writes, branch = routing_of(task.writes, node, update.goto)
    else:
        writes, branch = (), ()
        if outcome == "interrupted":
            call.interrupted = True
    for recording, step in zip(call.recordings, frame.steps, strict=True):
        recording.run.finish_step(
            step,
            outcome=outcome,
            returned=returned,
            update=update.fields,
            writes=writes,
            dropped=update.dropped,
            error=error if outcome == "error" else None,
            wall_ns=frame.wall_ns,
            cpu_ns=frame.cpu_ns if frame.ran else None,
            goto=update.goto,
            branch=branch,
        )
