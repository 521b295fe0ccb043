"""The steps of a run as rows: nested, parallel branches together, long loops folded.

Rows come out in order of start. Steps of one superstep stand together; several executions of one node in one superstep
become one row. A loop of many rounds shows its first and last round and every round with something to see; the others
become one row that says how many they are. Nothing that carries a finding or a part of the blame is ever folded away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec.structs import replace

from argus.model.detection import Severity
from argus.model.record import Record
from argus.model.trace import Outcome, Trace, TraceStep
from argus.views.rounds import Rounds, Unit, loops, units_of

__all__ = ["Mark", "Role", "TimelineRow", "offset_ms", "roles_of", "timeline"]

Role = Literal["cause", "path", "symptom"]

_SHOWN_INSIDE = 8
"""Uneventful steps of a subgraph that are still shown one by one."""

_SHOWN_ROUNDS = 3
"""Rounds of an uneventful loop that are still shown one by one."""

_MAX_DEPTH = 20
"""Deeper nesting, which only damaged traces have, is drawn at this depth."""


class Mark(Record, frozen=True, kw_only=True):
    """A finding at a row.

    Attributes:
        code: Its code, or its layer when it has none.
        severity: Its severity.
    """

    code: str
    severity: Severity


class TimelineRow(Record, frozen=True, kw_only=True):
    """One row.

    Attributes:
        kind: ``step`` one step; ``fan`` one node run several times in one superstep; ``fold`` rounds left out.
        depth: Nesting, from 0.
        numbers: The first and the last step number the row stands for.
        name: The node, or for a fold its nodes in order, joined by arrows.
        steps: How many steps the row stands for.
        step_ids: Their ids; empty for a fold.
        round: The how-manieth visit of this node in its graph, from 1, or None if it was visited once; for a fold the
            first round left out.
        rounds: How often it was visited; for a fold the last round left out.
        attempt: 1, or more for a retry.
        start_ms: Milliseconds from the start of the run.
        duration_ms: Wall time; for several steps from the first start to the last end.
        outcome: How the step ended; the worst of several.
        error: The class of the exception that left the step, or None.
        role: Its part in the blame, or None.
        marks: Findings at the step.
        parallel: Its place among rows that ran side by side, or None.
        inside: Steps of a subgraph that are not shown.
    """

    kind: Literal["step", "fan", "fold"]
    depth: int
    numbers: tuple[int, int]
    name: str
    steps: int
    step_ids: tuple[str, ...] = ()
    round: int | None = None
    rounds: int | None = None
    attempt: int = 1
    start_ms: float = 0.0
    duration_ms: float = 0.0
    outcome: Outcome = "ok"
    error: str | None = None
    role: Role | None = None
    marks: tuple[Mark, ...] = ()
    parallel: Literal["first", "middle", "last"] | None = None
    inside: int = 0


def roles_of(trace: Trace) -> dict[str, Role]:
    """The part that each blamed step plays, by step id.

    Args:
        trace: A finalized trace.
    """
    return {link.step_id: link.role for link in trace.forensics.causal_chain} if trace.forensics else {}


def offset_ms(trace: Trace, step: TraceStep) -> float:
    """Milliseconds from the start of the run to the start of a step, never negative.

    Args:
        trace: The run.
        step: One of its steps.
    """
    return max(0.0, (step.timestamp - trace.created_at).total_seconds() * 1000)


def timeline(trace: Trace, *, unfold: bool = False) -> tuple[TimelineRow, ...]:
    """The rows of a run, in time linear in its steps.

    Args:
        trace: A finalized trace.
        unfold: Show every step.
    """
    return _Timeline(trace, unfold).rows()


class _Timeline:
    """Builds the rows of one trace."""

    def __init__(self, trace: Trace, unfold: bool) -> None:
        self._trace = trace
        self._unfold = unfold
        self._roles = roles_of(trace)
        self._marks: dict[str, list[Mark]] = {}
        for finding in trace.detections:
            if finding.suppressed is None:
                mark = Mark(code=finding.code or finding.layer, severity=finding.severity)
                self._marks.setdefault(finding.step_id, []).append(mark)
        known: set[str | None] = set()
        self._children: dict[str | None, list[TraceStep]] = {}
        for step in trace.steps:
            parent = step.parent_id if step.parent_id in known else None  # an outer step starts before its inner ones
            self._children.setdefault(parent, []).append(step)
            known.add(step.id)
        self._eventful = self._find_eventful()
        self._inside = self._count_inside()

    def rows(self) -> tuple[TimelineRow, ...]:
        done: list[TimelineRow] = []
        pending = self._siblings(self._children.get(None, []), 0)[::-1]
        while pending:
            row = pending.pop()
            done.append(row)
            if row.kind == "step" and not row.inside and row.step_ids[0] in self._children:
                pending += self._siblings(self._children[row.step_ids[0]], min(row.depth + 1, _MAX_DEPTH))[::-1]
        return tuple(done)

    def _find_eventful(self) -> set[str]:
        """Steps with something to see, and every step that such a step runs inside."""
        parents = {step.id: step.parent_id for step in self._trace.steps}
        eventful: set[str] = set()
        for step in self._trace.steps:
            if step.id in self._roles or step.id in self._marks or step.outcome not in ("ok", "cached"):
                current: str | None = step.id
                while current is not None and current not in eventful:
                    eventful.add(current)
                    current = parents.get(current)
        return eventful

    def _count_inside(self) -> dict[str, int]:
        """How many steps run inside each step, at any depth."""
        inside: dict[str, int] = {}
        for step in reversed(self._trace.steps):  # inner steps start later than the outer one
            if step.parent_id is not None and step.parent_id != step.id:
                inside[step.parent_id] = inside.get(step.parent_id, 0) + 1 + inside.get(step.id, 0)
        return inside

    def _siblings(self, steps: Sequence[TraceStep], depth: int) -> list[TimelineRow]:
        units = units_of(steps)
        rounds = Rounds(units)
        hidden = {} if self._unfold else self._hidden_rounds(units)
        rows: list[TimelineRow] = []
        index = 0
        while index < len(units):
            if index in hidden:
                end, period = hidden[index]
                rows.append(self._fold(units[index:end], period, rounds, depth))
                index = end
                continue
            rows += self._unit(units[index], rounds, depth)
            index += 1
        return rows

    def _hidden_rounds(self, units: Sequence[Unit]) -> dict[int, tuple[int, int]]:
        """Stretches of units to fold: first unit -> (unit after the last, units per round)."""
        hidden: dict[int, tuple[int, int]] = {}
        for start, end, period in loops(units):
            rounds = (end - start) // period
            if rounds <= _SHOWN_ROUNDS:
                continue
            first: int | None = None
            for begin in range(start + period, end, period):
                last = begin + period >= end
                if not last and not self._is_eventful(units[begin : begin + period]):
                    first = begin if first is None else first
                elif first is not None:
                    if begin - first > period:  # one round is as short as the row that would replace it
                        hidden[first] = (begin, period)
                    first = None
        return hidden

    def _is_eventful(self, units: Sequence[Unit]) -> bool:
        return any(step.id in self._eventful for unit in units for step in unit.steps)

    def _fold(self, units: Sequence[Unit], period: int, rounds: Rounds, depth: int) -> TimelineRow:
        steps = [step for unit in units for step in unit.steps]
        start_ms, duration_ms = self._span(steps)
        first = rounds.number(units[0].names[0], units[0])
        return TimelineRow(
            kind="fold",
            depth=depth,
            numbers=(steps[0].step_number, steps[-1].step_number),
            name=" → ".join(" + ".join(unit.names) for unit in units[:period]),
            steps=len(steps) + sum(self._inside.get(step.id, 0) for step in steps),
            round=first,
            rounds=first + len(units) // period - 1,
            start_ms=start_ms,
            duration_ms=duration_ms,
        )

    def _unit(self, unit: Unit, rounds: Rounds, depth: int) -> list[TimelineRow]:
        rows: list[TimelineRow] = []
        by_node: dict[str, list[TraceStep]] = {}
        for step in unit.steps:
            by_node.setdefault(step.node_name, []).append(step)
        for name, steps in by_node.items():
            visit = (rounds.number(name, unit), rounds.total(name))
            branches = [step for step in steps if step.attempt == 1]
            if len(branches) <= 1 or self._unfold:
                rows += [self._step(step, visit, depth) for step in steps]
                continue
            rows.append(self._fan(name, steps, visit, depth))
            rows += [self._step(step, (1, 1), depth + 1) for step in steps if step.id in self._eventful]
        return _bracketed(rows, depth) if len(by_node) > 1 else rows

    def _fan(self, name: str, steps: Sequence[TraceStep], visit: tuple[int, int], depth: int) -> TimelineRow:
        start_ms, duration_ms = self._span(steps)
        return TimelineRow(
            kind="fan",
            depth=depth,
            numbers=(steps[0].step_number, steps[-1].step_number),
            name=name,
            steps=len(steps),
            step_ids=tuple(step.id for step in steps),
            round=visit[0] if visit[1] > 1 else None,
            rounds=visit[1] if visit[1] > 1 else None,
            outcome=next((step.outcome for step in steps if step.outcome == "error"), steps[0].outcome),
            inside=sum(self._inside.get(step.id, 0) for step in steps),
            start_ms=start_ms,
            duration_ms=duration_ms,
        )

    def _step(self, step: TraceStep, visit: tuple[int, int], depth: int) -> TimelineRow:
        inside = self._inside.get(step.id, 0)
        folded = not self._unfold and inside > _SHOWN_INSIDE and step.id not in self._eventful
        return TimelineRow(
            kind="step",
            depth=depth,
            numbers=(step.step_number, step.step_number),
            name=step.node_name,
            steps=1,
            step_ids=(step.id,),
            round=visit[0] if visit[1] > 1 else None,
            rounds=visit[1] if visit[1] > 1 else None,
            attempt=step.attempt,
            start_ms=offset_ms(self._trace, step),
            duration_ms=step.duration_ms,
            outcome=step.outcome,
            error=step.error.type if step.error and step.outcome == "error" else None,
            role=self._roles.get(step.id),
            marks=tuple(self._marks.get(step.id, ())),
            inside=inside if folded else 0,
        )

    def _span(self, steps: Sequence[TraceStep]) -> tuple[float, float]:
        starts = [offset_ms(self._trace, step) for step in steps]
        end = max(start + step.duration_ms for start, step in zip(starts, steps, strict=True))
        return min(starts), end - min(starts)


def _bracketed(rows: list[TimelineRow], depth: int) -> list[TimelineRow]:
    """Rows that ran side by side, each told its place in the bracket around them."""
    last = max(index for index, row in enumerate(rows) if row.depth == depth)
    return [
        replace(row, parallel="first" if index == 0 else "last" if index == last else "middle")
        if row.depth == depth
        else row
        for index, row in enumerate(rows)
    ]
