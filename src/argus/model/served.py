"""What a replay asks of one task: to run, to be served from the record, or to be entered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from argus.model.trace import TraceStep
from argus.model.values import State

__all__ = ["Action", "Sent", "TaskPlan"]

Action: TypeAlias = Literal["run", "serve", "enter"]
"""``serve``: the recorded update is written, the node's code does not run; ``enter``: the node's code runs because what
is replayed lies inside it; ``run``: it runs as any other."""


class Sent(NamedTuple):
    """A task that a recorded step started by ``Send``.

    Attributes:
        node: The node.
        given: What it was given, by field.
    """

    node: str
    given: State


@dataclass(frozen=True, kw_only=True)
class TaskPlan:
    """What a replay asks of one task.

    Attributes:
        action: What is to happen.
        step: Its recorded counterpart; None for a task that was never recorded.
        entering: What the state is set to before the task's superstep, by field; None leaves it as it is.
        whole: Whether ``entering`` is the whole state, so that a field that it lacks is absent.
        given: What a task started by ``Send`` is given instead; None leaves it as it is.
        update: The update that is written instead of the recorded one; None for the recorded.
        routes: Whether its conditional edges decide anew where it goes on.
        sends: The tasks that it starts by ``Send``.
        goes_on: The nodes that it starts by name, beside those that plain edges and edges that decide anew lead to.
        addressed: Whether a ``Command`` from inside was meant for this task's own graph.
        tolerant: Whether values that cannot be rebuilt do not matter, because the state is set later on.
        interrupts: What it interrupted the run with.
    """

    action: Action
    step: TraceStep | None = None
    entering: State | None = None
    whole: bool = False
    given: State | None = None
    update: State | None = None
    routes: bool = False
    sends: tuple[Sent, ...] = ()
    goes_on: tuple[str, ...] = ()
    addressed: bool = False
    tolerant: bool = False
    interrupts: object = None
