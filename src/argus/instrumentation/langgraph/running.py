"""What is running: which call of which graph, and which task in it, the current code belongs to.

Both travel in one context variable, which LangGraph copies to every thread and task that it starts. The configuration
that the caller passed stays untouched: on LangGraph 1.0 a key added there would replace what ``with_config`` bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar, Token
from itertools import count
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from langgraph._internal._typing import MISSING
from langgraph.channels.binop import BinaryOperatorAggregate
from langgraph.channels.last_value import LastValue

from argus.instrumentation.current import told_by
from argus.instrumentation.langgraph.nodes import NodeFacts
from argus.recording.recorder import RunSink
from argus.recording.run import UNSET, OpenStep, Run

if TYPE_CHECKING:
    from argus.instrumentation.langgraph.serving import CallReplay
    from argus.model.served import TaskPlan

_BRANCH: Final = "branch:to:"
_PLAIN: Final = frozenset({LastValue, BinaryOperatorAggregate})

__all__ = ["GraphCall", "Recording", "TaskFrame", "here", "leave", "open_tasks"]


class Recording(NamedTuple):
    """One sink's view of a call.

    Attributes:
        run: What is recorded into.
        sink: Who asked for it.
        parent: The step of the outer graph that the call runs inside; None for a top-level call.
        top: Whether the run began with this call and ends with it.
    """

    run: Run
    sink: RunSink
    parent: OpenStep | None
    top: bool


class GraphCall:
    """One call of one graph, from its first step to its last.

    Attributes:
        recordings: Who records it.
        scope: Tells its supersteps from those of the other calls in the run; empty for the top-level call.
        live: Whether it is still going on.
        channels: LangGraph's live channels, once a task has run.
        managed: LangGraph's managed values.
        scratchpad: What managed values are computed from.
        superstep: The number of the latest superstep seen.
        names: The state fields held in channels.
        interrupts: What ``interrupt()`` was called with, as shown to the caller.
        interrupted: Whether the graph stopped to be resumed.
        replay: Serves its tasks from a record; None for everything but replays.
    """

    __slots__ = (
        "_attempts", "_due", "channels", "interrupted", "interrupts", "live", "managed", "names",
        "recordings", "replay", "scope", "scratchpad", "superstep",
    )  # fmt: skip

    def __init__(self, recordings: tuple[Recording, ...], scope: str) -> None:
        self.recordings = recordings
        self.scope = scope
        self.live = True
        self.channels: Mapping[str, Any] | None = None
        self.managed: Mapping[str, Any] = {}
        self.scratchpad: Any = None
        self.superstep: int | None = None
        self.names: Sequence[str] = ()
        self.interrupts: list[Any] = []
        self.interrupted = False
        self.replay: CallReplay | None = None
        self._attempts: dict[str, int] = {}
        self._due: set[str] = set()

    def attempt_of(self, task_id: str) -> int:
        """Counts the attempts of a task, for LangGraph versions that do not.

        Args:
            task_id: LangGraph's id of the task.
        """
        self._attempts[task_id] = number = self._attempts.get(task_id, 0) + 1
        return number

    def read_state(self) -> dict[str, Any]:
        """The merged state now, empty before the first task."""
        channels = self.channels
        if channels is None:
            return {}
        values = {}
        for name in self.names:
            channel: Any = channels.get(name)
            if type(channel) in _PLAIN:  # their two methods do no more than this
                if channel.value is not MISSING:
                    values[name] = channel.value
            elif channel is not None and channel.is_available():
                values[name] = channel.get()
        for name, managed in self.managed.items():
            values[name] = managed.get(self.scratchpad)
        return values

    def due(self) -> set[str]:
        """The nodes that are started by what is in the channels now."""
        return {
            name[len(_BRANCH) :]
            for name, channel in (self.channels or {}).items()
            if name.startswith(_BRANCH) and channel.is_available()
        }

    def superstep_of_cached(self, node: str) -> int:
        """The superstep of a node that was answered from the cache, whose task never runs.

        Args:
            node: The node; one that was due together with the cached node before shares its superstep.
        """
        if node in self._due:
            self._due.discard(node)
        else:
            self.superstep = (self.superstep or 0) + 1
            self._due = self.due() - {node}
        return self.superstep or 0

    def end(self) -> None:
        """Lets go of everything that belongs to the host."""
        self.live = False
        self.channels = None
        self.managed = {}
        self.scratchpad = None
        self.interrupts = []


class TaskFrame:
    """One attempt of one task.

    Attributes:
        call: The call it belongs to.
        node: What is known of its node.
        steps: The open step of each recording, in the same order.
        task: LangGraph's record of the task, whose ``writes`` fill up.
        task_id: LangGraph's id of the task.
        namespace: LangGraph's name for the task, unique in the run.
        attempt: 1 for the first.
        returned: What the node's own code returned.
        wall_ns: Time spent in the node's own code.
        cpu_ns: CPU time spent in it, or None when it cannot be told.
        ran: Whether the node's own code was entered.
        plan: What a replay asks of it.
    """

    steps: tuple[OpenStep, ...] = ()
    attempt = 1
    returned: Any = UNSET
    wall_ns = 0
    cpu_ns: int | None = 0
    ran = False
    plan: TaskPlan | None = None
    _children: Iterator[int] | None = None

    def __init__(self, call: GraphCall, node: NodeFacts, task: Any, task_id: str, namespace: str) -> None:
        self.call = call
        self.node = node
        self.task = task
        self.task_id = task_id
        self.namespace = namespace

    def spent(self, wall_ns: int, cpu_ns: int | None) -> None:
        """Adds time spent in the node's own code.

        Args:
            wall_ns: Wall time.
            cpu_ns: CPU time; None makes the whole unknown.
        """
        self.wall_ns += wall_ns
        self.cpu_ns = None if cpu_ns is None or self.cpu_ns is None else self.cpu_ns + cpu_ns

    def child_scope(self) -> str:
        """The scope of the next graph called inside."""
        if self._children is None:
            self._children = count()
        number = next(self._children)
        own = self.namespace if self.attempt == 1 else f"{self.namespace}#{self.attempt}"
        return own if number == 0 else f"{own}|{number}"


here: ContextVar[GraphCall | TaskFrame | None] = ContextVar("argus_here", default=None)
"""Where the current code runs."""


@told_by
def _running() -> Iterator[tuple[Run, OpenStep]]:
    frame = here.get()
    if type(frame) is TaskFrame:
        for recording, step in zip(frame.call.recordings, frame.steps, strict=False):
            yield recording.run, step


def leave(token: Token[GraphCall | TaskFrame | None]) -> None:
    """Code that may be closed from anywhere leaves the place that it entered.

    Args:
        token: From ``here.set``.
    """
    with suppress(ValueError):  # a coroutine that is thrown away ends in a context that was never changed
        here.reset(token)


open_tasks: dict[str, TaskFrame] = {}
"""Running tasks by LangGraph's id: a thread that the host started itself has no context, but may hold the config."""
