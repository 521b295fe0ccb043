"""What a suspected step should have written: from a healthy run, from what the graph declares, or from the user."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

from argus.detectors.conformity import Conformity
from argus.errors import StorageError
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue, State
from argus.replay.player import Update
from argus.replay.record import RecordedCall, RunRecord
from argus.storage.base import BaseStore, TraceQuery
from argus.views.comparison import compare

__all__ = ["Repair", "Repairs", "Source"]

Source: TypeAlias = Literal["patch", "healthy run", "declaration"]

_MOST_RUNS: Final = 50
_CLOSE: Final = 0.5


@dataclass(frozen=True, kw_only=True)
class Repair:
    """What a step is made to write, and where that comes from.

    Attributes:
        source: Where it comes from.
        told: The same in a few words.
        update: What the step writes.
        beside: What its node writes beside it, by place among the ``Send``.
        later: What its node writes at later visits.
        tasks: For a task of the functional API: what it is given, and what it then answers.
    """

    source: Source
    told: str
    update: Update
    beside: Mapping[int | None, Update] = field(default_factory=dict)
    later: Sequence[Mapping[int | None, Update]] = ()
    tasks: Sequence[tuple[State, State]] = ()


class Repairs:
    """Finds repairs for the steps of one run.

    A repair is only ever a value that is known to be right: what a healthy run wrote that was given the same, or what
    the graph declares. Without such a value there is none.

    Args:
        record: The run.
        store: Where healthy runs of the pipeline are; None for none.
        patch: The user's own, by field; for the step of this id only.
    """

    def __init__(self, record: RunRecord, store: BaseStore | None, patch: tuple[str, State] | None = None) -> None:
        self._record = record
        self._store = store
        self._patch = patch

    def of(self, step: TraceStep) -> Iterator[Repair]:
        """Repairs of a step, the surest first; none where nothing of what it wrote would change.

        Args:
            step: A step of the run.
        """
        if self._patch is not None and self._patch[0] == step.id:
            changed = {**step.output_state, **self._patch[1]}
            yield Repair(source="patch", told="your patch", update=self._routed(step, changed))
            return
        from_twin = self._from_twin(step)
        if from_twin is not None:
            yield from_twin
        elif self._twin is None:
            alike = self._from_like_step(step)
            if alike is not None:
                yield alike
        declared = self._as_declared(step)
        if declared is not None:
            yield declared

    # healthy runs

    @cached_property
    def _healthy(self) -> list[Trace]:
        if self._store is None:
            return []
        trace = self._record.trace
        try:
            page = self._store.list(TraceQuery(pipeline=trace.pipeline_name, statuses=("ok",)), limit=_MOST_RUNS)
            found = [self._store.get(row.id) for row in page.rows if row.id != trace.id]
        except StorageError:
            return []
        return [one for one in found if "replay_of" not in one.metadata and one.steps]

    @cached_property
    def _twin(self) -> tuple[RunRecord, dict[str, str]] | None:
        """A healthy run that was given the same, and which of its steps stands beside which."""
        trace = self._record.trace
        for one in self._healthy:
            side_by_side = compare(trace, one)
            pairs = side_by_side.steps
            if not side_by_side.input and pairs and pairs[0].kind in ("same", "changed") and not pairs[0].input_differs:
                return RunRecord(one), {pair.a: pair.b for pair in pairs if pair.a is not None and pair.b is not None}
        return None

    def _from_twin(self, step: TraceStep) -> Repair | None:
        if self._twin is None:
            return None
        twin, beside = self._twin
        right = twin.trace.step(beside.get(step.id, ""))
        if right is None or right.outcome not in ("ok", "cached"):
            return None
        if right.output_state == step.output_state and _ways(right) == _ways(step) and step.outcome == right.outcome:
            return None
        call = twin.call_of(right)
        place = call.place_of(right)
        visits = list(_visits(call, right.node_name, place))
        return Repair(
            source="healthy run",
            told=f"what it wrote in the healthy run {twin.trace.id}, which was given the same",
            update=_as_in(call, place, right),
            beside=dict(visits[0][1]),
            later=[updates for _, updates in visits[1:]],
            tasks=[
                (one.input_state, one.output_state)
                for _, _, one in call.tasks_of(right.node_name)
                if right.parent_id is not None and one.outcome == "ok"
            ],
        )

    def _from_like_step(self, step: TraceStep) -> Repair | None:
        """What the node wrote in a healthy run where it was given the same."""
        for one in self._healthy:
            for other in one.steps:
                if other.node_name != step.node_name or other.outcome != "ok" or other.input_state != step.input_state:
                    continue
                if other.output_state == step.output_state:
                    return None
                return Repair(
                    source="healthy run",
                    told=f"what it wrote in the healthy run {one.id}, where it was given the same",
                    update=self._routed(step, other.output_state),
                )
        return None

    # declarations

    def _as_declared(self, step: TraceStep) -> Repair | None:
        graph = self._record.trace.graph_of(step)
        if graph is None or step.outcome != "ok":
            return None
        update = dict(step.output_state)
        told: list[str] = []
        missing = [one.name for one in graph.state if one.name not in step.output_state]
        for name in _listed(step.metadata.get("dropped")):
            near = get_close_matches(name, missing, n=1, cutoff=_CLOSE)
            if near and name in update:
                update[near[0]] = update.pop(name)
                told.append(f"`{name}` as the declared `{near[0]}`")
        conformity = Conformity()
        for one in graph.state:
            if one.name in update and conformity.misfit(update[one.name], one.type) is not None:
                converted = _converted(update[one.name], one.type.kind)
                if converted is not None:
                    update[one.name] = converted
                    told.append(f"`{one.name}` as the declared {one.type.name or one.type.kind}")
        if not told:
            return None
        return Repair(source="declaration", told=", ".join(told), update=self._routed(step, update))

    def _routed(self, step: TraceStep, fields: State) -> Update:
        return Update(dict(fields), goes_on=self._record.call_of(step).ordered(step))


def _visits(call: RecordedCall, node: str, place: int) -> Iterator[tuple[int, dict[int | None, Update]]]:
    """What a node wrote at each of its visits from a superstep on."""
    by_place: dict[int, dict[int | None, Update]] = defaultdict(dict)
    for at, sent, step in call.tasks_of(node):
        if at >= place and step.outcome in ("ok", "cached"):
            by_place[at][sent] = _as_in(call, at, step)
    yield from sorted(by_place.items())


def _as_in(call: RecordedCall, place: int, step: TraceStep) -> Update:
    sends, goes_on = call.onwards(place, step)
    known = call.knows_onwards(place, step)
    return Update(dict(step.output_state), sends, goes_on, routes=False) if known else Update(dict(step.output_state))


def _ways(step: TraceStep) -> tuple[Any, Any]:
    return step.metadata.get("goto"), step.metadata.get("branch")


def _listed(value: JsonValue) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _converted(value: JsonValue, kind: str) -> JsonValue:
    """A value as the declared kind, where that loses nothing; None where it cannot be."""
    try:
        if kind == "int" and isinstance(value, str):
            return int(value)
        if kind == "float" and isinstance(value, str):
            return float(value)
        if kind == "str" and isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        if kind == "list" and isinstance(value, str | dict):
            return [value]
    except ValueError:
        return None
    return None
