"""A recorded run, looked up by place: calls of graphs, their supersteps, and the tasks in these."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, TypeAlias

from argus.model.served import Sent
from argus.model.trace import Trace, TraceStep
from argus.model.values import State

__all__ = ["RecordedCall", "RunRecord"]

_END: Final = "__end__"
_Key: TypeAlias = "tuple[str, int | None]"


class RunRecord:
    """The calls and steps of one run.

    Args:
        trace: The run; never changed.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._steps = {step.id: step for step in trace.steps}
        self._children: dict[str | None, list[TraceStep]] = defaultdict(list)
        for step in trace.steps:
            self._children[step.parent_id].append(step)
        self._calls: dict[str | None, tuple[RecordedCall, ...]] = {}

    def children(self, step_id: str | None) -> list[TraceStep]:
        """The steps that ran directly inside another; of None, those of the run's own graph.

        Args:
            step_id: The other step.
        """
        return self._children.get(step_id, [])

    def calls(self, step_id: str | None) -> tuple[RecordedCall, ...]:
        """The calls of graphs inside a step, in order; of None, the run's own.

        Args:
            step_id: The step.
        """
        known = self._calls.get(step_id)
        if known is None:
            by_scope: dict[object, list[TraceStep]] = defaultdict(list)
            for step in self.children(step_id):
                by_scope[step.metadata.get("namespace", "")].append(step)
            known = self._calls[step_id] = tuple(RecordedCall(steps) for steps in by_scope.values())
        return known

    def ancestry(self, step: TraceStep) -> tuple[TraceStep, ...]:
        """The steps that a step lies inside, the outermost first, and itself.

        Args:
            step: A step of the run.
        """
        chain = [step]
        while chain[0].parent_id is not None and chain[0].parent_id in self._steps and len(chain) < len(self._steps):
            chain.insert(0, self._steps[chain[0].parent_id])
        return tuple(chain)

    def call_of(self, step: TraceStep) -> RecordedCall:
        """The call of a graph that a step belongs to.

        Args:
            step: A step of the run.
        """
        return next(call for call in self.calls(step.parent_id) if call.holds(step))


class RecordedCall:
    """One call of a graph.

    Args:
        steps: Its steps, in order of start.
    """

    def __init__(self, steps: list[TraceStep]) -> None:
        numbers = sorted({_superstep(step) for step in steps})
        self._places = {number: place for place, number in enumerate(numbers)}
        self._tasks: list[dict[_Key, list[TraceStep]]] = [defaultdict(list) for _ in numbers]
        self._ids = {step.id for step in steps}
        for step in steps:
            self._tasks[self.place_of(step)][_key(step)].append(step)

    def holds(self, step: TraceStep) -> bool:
        """Whether a step belongs to this call.

        Args:
            step: A step of the run.
        """
        return step.id in self._ids

    def place_of(self, step: TraceStep) -> int:
        """Which superstep of the call a step belongs to, from 0.

        Args:
            step: One of its steps.
        """
        return self._places[_superstep(step)]

    def task(self, place: int, node: str, sent: int | None) -> TraceStep | None:
        """The last attempt of a task, or None.

        Args:
            place: The superstep.
            node: The node.
            sent: Its place among the ``Send`` of the superstep.
        """
        if place >= len(self._tasks):
            return None
        attempts = self._tasks[place].get((node, sent))
        return attempts[-1] if attempts else None

    def same_task(self, a: TraceStep, b: TraceStep) -> bool:
        """Whether two steps are attempts of one task.

        Args:
            a: One of its steps.
            b: Another, or the same.
        """
        return _superstep(a) == _superstep(b) and _key(a) == _key(b)

    def attempts(self, step: TraceStep) -> list[TraceStep]:
        """All attempts of the task that a step is an attempt of.

        Args:
            step: One of its steps.
        """
        return self._tasks[self.place_of(step)][_key(step)]

    def tasks_of(self, node: str) -> Iterator[tuple[int, int | None, TraceStep]]:
        """The tasks of a node: superstep, place among the ``Send`` of it, last attempt.

        Args:
            node: The node.
        """
        for place, tasks in enumerate(self._tasks):
            for (name, sent), attempts in tasks.items():
                if name == node:
                    yield place, sent, attempts[-1]

    def nodes_at(self, place: int) -> tuple[str, ...]:
        """The nodes of a superstep.

        Args:
            place: The superstep.
        """
        if place >= len(self._tasks):
            return ()
        return tuple(dict.fromkeys(node for node, _ in self._tasks[place]))

    def entering(self, place: int) -> tuple[State, bool]:
        """The state when a superstep begins, and whether that is all of it.

        Args:
            place: The superstep.
        """
        given: State = {}
        for attempts in self._tasks[place].values():
            if attempts[0].metadata.get("kind") != "push":
                given.update(attempts[0].input_state)
        for step in self._at(place - 1):
            if step.state_after:
                return {**step.state_after, **given}, True
        after = next((step.state_after for step in self._at(place) if step.state_after), {})
        written = {name for step in self._at(place) for name in step.output_state}
        return {**{name: value for name, value in after.items() if name not in written}, **given}, False

    def _at(self, place: int) -> list[TraceStep]:
        if not 0 <= place < len(self._tasks):
            return []
        return [step for attempts in self._tasks[place].values() for step in attempts]

    def onwards(self, place: int, step: TraceStep) -> tuple[tuple[Sent, ...], tuple[str, ...]]:
        """What a step started beyond its plain edges: tasks by ``Send``, and nodes by name.

        Args:
            place: Its superstep.
            step: The step.
        """
        waiting = self._sent(place + 1)
        at = 0
        for attempts in self._in_order_of_writes(place):
            last = attempts[-1]
            sends: list[Sent] = []
            names: list[str] = []
            for target in _chosen(last):
                if at < len(waiting) and waiting[at].node_name == target:
                    sends.append(Sent(target, waiting[at].input_state))
                    at += 1
                else:
                    names.append(target)
            if last.id == step.id:
                return tuple(sends), tuple(names)
        return (), ()

    def knows_onwards(self, place: int, step: TraceStep) -> bool:
        """Whether everything that a step chose really ran, so that the record says what it was given.

        Args:
            place: Its superstep.
            step: The step.
        """
        ran = {*self.nodes_at(place + 1), _END}
        return all(target in ran for target in _chosen(step))

    def ordered(self, step: TraceStep) -> tuple[str, ...]:
        """The nodes that a step itself chose by ``Command``.

        Args:
            step: One of its steps.
        """
        return tuple(_listed(step, "goto"))

    def _sent(self, place: int) -> list[TraceStep]:
        if place >= len(self._tasks):
            return []
        first = [attempts[0] for (_, sent), attempts in self._tasks[place].items() if sent is not None]
        return sorted(first, key=lambda step: _key(step)[1] or 0)

    def _in_order_of_writes(self, place: int) -> list[list[TraceStep]]:
        """The tasks of a superstep in the order in which LangGraph takes in what they wrote."""
        tasks = self._tasks[place]
        ordered = sorted(tasks, key=lambda key: (key[1] is not None, key[1] or 0, key[0]))
        return [tasks[key] for key in ordered]


def _superstep(step: TraceStep) -> int:
    number = step.metadata.get("superstep")
    return number if isinstance(number, int) else step.step_number


def _key(step: TraceStep) -> _Key:
    sent = step.metadata.get("sent")
    return step.node_name, sent if isinstance(sent, int) else None


def _chosen(step: TraceStep) -> list[str]:
    return [*_listed(step, "goto"), *_listed(step, "branch")]


def _listed(step: TraceStep, name: str) -> list[str]:
    listed = step.metadata.get(name)
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
