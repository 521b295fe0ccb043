"""Which tasks of a graph that runs again are served from a recorded run, and with what.

Everything that began before the superstep of the chosen step is served. In that superstep the chosen step runs, and
what ran beside it is served, for it cannot depend on it. What comes later runs. Tasks that the chosen step lies inside
are entered. Tasks of the two runs are matched by their place: the call of the graph, the superstep in it, the node, and
which ``Send`` started it; ids differ from run to run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, TypeAlias

from msgspec.structs import replace

from argus.errors import ReplayDiverged, ReplayError
from argus.model.served import Sent, TaskPlan
from argus.model.trace import TraceStep
from argus.model.values import JsonValue, State
from argus.replay.record import RecordedCall, RunRecord

__all__ = ["Ended", "Player", "Start", "Update"]

_KEPT: Final = ("ok", "cached")
Mode: TypeAlias = Literal["serve", "split", "run"]


class Ended(NamedTuple):
    """A task that has ended.

    Attributes:
        number: Its step's number in the new run.
        node: Its node.
        plan: What was asked of it.
        outcome: How it ended.
        duration_ms: Wall time.
    """

    number: int
    node: str
    plan: TaskPlan
    outcome: str
    duration_ms: float


class Update(NamedTuple):
    """What a step is made to write.

    Attributes:
        fields: By field.
        sends: The tasks that it starts by ``Send``.
        goes_on: The nodes that it starts by name.
        routes: Whether its conditional edges decide anew where it goes on.
    """

    fields: State
    sends: tuple[Sent, ...] = ()
    goes_on: tuple[str, ...] = ()
    routes: bool = True


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where a replay leaves the record.

    Attributes:
        step: The chosen step.
        entering: The state that the chosen step's graph has when its superstep begins; None leaves it as it comes.
        whole: Whether that is all of it.
        given: What the chosen step is given instead, if a ``Send`` started it.
        update: What it is made to write, in which case it does not run; None has it run.
        beside: The same for tasks of its node in the same superstep, by their place among the ``Send``.
        later: The same for the node's later visits in the same call of the graph, in order.
        tasks: The same for a task of the functional API: what it is given, and what it then answers.
    """

    step: TraceStep
    entering: State | None = None
    whole: bool = False
    given: State | None = None
    update: Update | None = None
    beside: Mapping[int | None, Update] = field(default_factory=dict)
    later: Sequence[Mapping[int | None, Update]] = ()
    tasks: Sequence[tuple[State, State]] = ()


@dataclass
class _Call:
    """A call of a graph in the new run."""

    mode: Mode
    recorded: RecordedCall | None
    tip: TraceStep | None = None
    begins: int = 0
    tolerant: bool = False
    seen: dict[int, int] = field(default_factory=dict)
    visits: dict[int, int] = field(default_factory=dict)


class _Task:
    """A recorded task of the functional API, to be given out once."""

    def __init__(self, step: TraceStep, fields: State) -> None:
        self.step = step
        self.fields = fields


class Player:
    """Answers for one call of the application.

    Args:
        record: The recorded run.
        start: Where the record is left; None serves the whole run.
        needs: Whether code that is going to run may read a path of the state.
        told: Called for every task that ends.
        interrupts: What the run was interrupted with, for one that is served to its end.
        shown: Any values by name as they would be recorded.

    Attributes:
        ended_tasks: The tasks that have ended, in order.
        answered: The recorded steps that were served inside an entrypoint, by the recorded step of that.
        failure: Why the replay cannot go on, or None.
    """

    def __init__(
        self,
        record: RunRecord,
        start: Start | None,
        *,
        needs: Callable[[str], bool] = lambda path: True,
        told: Callable[[Ended], None] = lambda ended: None,
        interrupts: JsonValue = None,
        shown: Callable[[object], State] = lambda value: {},
    ) -> None:
        self.ended_tasks: list[Ended] = []
        self.answered: dict[str, list[TraceStep]] = {}
        self.failure: ReplayError | None = None
        self._record = record
        self._start = start
        self._needs = needs
        self._told = told
        self._interrupts = interrupts
        self._shown = shown
        self._tasks: dict[str, list[_Task]] = {}
        self._calls_inside: dict[int, int] = {}
        self._lock = threading.Lock()
        self._chain = record.ancestry(start.step) if start is not None else ()

    def enters(self, outer: TaskPlan | None) -> object:
        """A graph is called; see :class:`argus.model.ports.Replayer`.

        Args:
            outer: The plan of the task that calls it; None for the caller's own call.
        """
        if outer is None:
            calls = self._record.calls(None)
            if self._start is None:
                return _Call("serve", calls[0] if calls else None, tolerant=True)
            return self._split(calls[0], self._chain[0])
        if outer.action == "run" or outer.step is None:
            return _Call("run", None)
        with self._lock:
            number = self._calls_inside.get(id(outer), 0)
            self._calls_inside[id(outer)] = number + 1
        calls = self._record.calls(outer.step.id)
        here = calls[number] if number < len(calls) else None
        depth = next((at for at, step in enumerate(self._chain) if step.id == outer.step.id), None)
        if depth is None or depth + 1 >= len(self._chain):
            return _Call("serve", here)
        place = next(at for at, call in enumerate(calls) if call.holds(self._chain[depth + 1]))
        if number == place:
            return self._split(calls[number], self._chain[depth + 1])
        return _Call("serve", here) if number < place else _Call("run", None)

    def _split(self, recorded: RecordedCall, tip: TraceStep) -> _Call:
        return _Call("split", recorded, tip, recorded.place_of(tip), tolerant=True)

    def plan(self, call: object, *, node: str, superstep: int, sent: int | None) -> TaskPlan:
        """What is to happen with a task; see :class:`argus.model.ports.Replayer`.

        Args:
            call: From :meth:`enters`.
            node: The task's node.
            superstep: LangGraph's number of the superstep.
            sent: Its place among the ``Send`` of the superstep.

        Raises:
            ReplayError: The run has left the record where it must not.
        """
        assert isinstance(call, _Call)
        with self._lock:
            if self.failure is not None:
                raise self.failure
            place = call.seen.setdefault(superstep, len(call.seen))
            try:
                return self._plan(call, place, node, sent)
            except ReplayError as error:
                self.failure = error
                raise

    def _plan(self, call: _Call, place: int, node: str, sent: int | None) -> TaskPlan:
        if call.mode == "run":
            return TaskPlan(action="run")
        if call.mode == "split" and place > call.begins:
            return self._after_start(call, place, node, sent)
        recorded = call.recorded.task(place, node, sent) if call.recorded is not None else None
        if call.mode == "split" and place == call.begins:
            return self._at_start(call, place, node, sent, recorded)
        if recorded is None:
            raise self._strayed(call, place, node)
        return self._served(call, place, recorded)

    def _after_start(self, call: _Call, place: int, node: str, sent: int | None) -> TaskPlan:
        start = self._start
        if start is None or call.tip is not start.step or node != start.step.node_name:
            return TaskPlan(action="run")
        visit = call.visits.setdefault(place, len(call.visits))
        update = start.later[visit].get(sent) if visit < len(start.later) else None
        return TaskPlan(action="run") if update is None else _written(update, start.step)

    def _at_start(self, call: _Call, place: int, node: str, sent: int | None, recorded: TraceStep | None) -> TaskPlan:
        start, chosen = self._start, call.tip
        assert start is not None
        assert chosen is not None
        assert call.recorded is not None
        tip = start.step.id == chosen.id
        if tip:
            state, whole = start.entering, start.whole
        else:
            state, whole = call.recorded.entering(place)
        if recorded is not None and call.recorded.same_task(recorded, chosen):
            if not tip:
                return TaskPlan(action="enter", step=chosen, entering=state, whole=whole)
            if start.update is not None:
                return _written(start.update, chosen, state, whole=whole)
            return TaskPlan(action="run", step=chosen, entering=state, whole=whole, given=start.given)
        beside = start.beside.get(sent) if tip and node == chosen.node_name else None
        if beside is not None:
            return _written(beside, recorded or chosen, state, whole=whole)
        if recorded is None or recorded.outcome not in _KEPT:
            return TaskPlan(action="run", step=recorded, entering=state, whole=whole)
        sends, goes_on = call.recorded.onwards(place, recorded)
        known = call.recorded.knows_onwards(place, recorded)
        return TaskPlan(
            action="serve",
            step=recorded,
            entering=state,
            whole=whole,
            routes=not known,
            sends=sends if known else (),
            goes_on=goes_on if known else call.recorded.ordered(recorded),
        )

    def _served(self, call: _Call, place: int, recorded: TraceStep) -> TaskPlan:
        inside = self._record.calls(recorded.id)
        if recorded.outcome == "interrupted" and inside:
            return TaskPlan(action="enter", step=recorded)
        if recorded.outcome == "cancelled":
            raise ReplayError(
                f"step {recorded.step_number} (`{recorded.node_name}`) was cancelled before it wrote anything, "
                "so it cannot be served; start from it or from an earlier step"
            )
        assert call.recorded is not None
        sends, goes_on = call.recorded.onwards(place, recorded)
        return TaskPlan(
            action="serve",
            step=recorded,
            sends=sends,
            goes_on=goes_on,
            addressed=any(one.outcome == "parent_command" for one in self._record.children(recorded.id)),
            tolerant=call.tolerant,
            interrupts=self._interrupts,
        )

    def _strayed(self, call: _Call, place: int, node: str) -> ReplayDiverged:
        expected = call.recorded.nodes_at(place) if call.recorded is not None else ()
        then = f"where the record has {', '.join(f'`{name}`' for name in expected)}" if expected else "too many"
        return ReplayDiverged(
            f"the graph came to `{node}`, {then}, before the chosen step: it has changed since the run was recorded, "
            "or its input is read differently; start from an earlier step"
        )

    def answer(self, plan: TaskPlan, *, name: str, given: object) -> State | None:
        """What the record answers for a task of the functional API; see :class:`argus.model.ports.Replayer`.

        Args:
            plan: Of the entrypoint that calls it.
            name: The task.
            given: Its arguments by name.
        """
        if plan.step is None:
            return None
        shown = self._shown(given)
        with self._lock:
            waiting = self._tasks.setdefault(plan.step.id, self._recorded_tasks(plan.step))
            for at, task in enumerate(waiting):
                if task.step.node_name == name and task.step.input_state == shown:
                    del waiting[at]
                    self.answered.setdefault(plan.step.id, []).append(
                        replace(task.step, output_state=task.fields, outcome="ok", error=None)
                    )
                    return task.fields
        return None

    def _recorded_tasks(self, entrypoint: TraceStep) -> list[_Task]:
        """The tasks of an entrypoint that are served: those that began before the chosen one, and what is repaired."""
        children = self._record.children(entrypoint.id)
        if self._start is None:
            return [_Task(step, step.output_state) for step in children if step.outcome in _KEPT]
        chosen = self._start.step
        tasks = [
            _Task(step, step.output_state)
            for step in children
            if step.step_number < chosen.step_number and step.outcome in _KEPT
        ]
        if self._start.update is not None and any(step.id == chosen.id for step in children):
            tasks.append(_Task(chosen, self._start.update.fields))
            for given, fields in self._start.tasks:
                tasks.append(_Task(replace(chosen, input_state=given), fields))
        return tasks

    def needs(self, path: str) -> bool:
        """Whether code that is going to run may read a part of the state; see :class:`argus.model.ports.Replayer`.

        Args:
            path: A field, or a dotted path into it.
        """
        return self._needs(path)

    def ended(self, plan: TaskPlan, *, number: int, node: str, outcome: str, error: object, wall_ns: int) -> None:
        """A task has ended; see :class:`argus.model.ports.Replayer`.

        Args:
            plan: What was asked of it.
            number: Its step's number in the new run.
            node: Its node.
            outcome: How it ended.
            error: What left it, or None.
            wall_ns: How long it took.
        """
        ended = Ended(number, node, plan, outcome, wall_ns / 1e6)
        with self._lock:
            self.ended_tasks.append(ended)
            if isinstance(error, ReplayError) and self.failure is None:
                self.failure = error
        self._told(ended)


def _written(update: Update, step: TraceStep, entering: State | None = None, *, whole: bool = False) -> TaskPlan:
    return TaskPlan(
        action="serve",
        step=step,
        entering=entering,
        whole=whole,
        update=update.fields,
        sends=update.sends,
        goes_on=update.goes_on,
        routes=update.routes,
    )
