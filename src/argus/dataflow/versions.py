"""The versions of each field: one for each write, in the order in which later steps see them."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from argus.dataflow.order import Order, Scope
from argus.dataflow.rooted import REPLACES
from argus.dataflow.values import ABSENT, at, same
from argus.model.trace import TraceStep
from argus.model.values import JsonValue, State

__all__ = ["Version", "Versions", "written_fields"]

Kind: TypeAlias = Literal["given", "wrote", "echoed", "mutated", "removed"]
"""How a version came about: it was there at the start; a step wrote it; a step handed it back unchanged although its
source does not name it (``{**state}``); a step changed it in place; a step whose update is the whole new state left it
out."""


@dataclass(frozen=True)
class Version:
    """One write of a field.

    Attributes:
        scope: The execution of the graph whose state it belongs to.
        field: The top-level field.
        number: Its place among the versions of this field in this scope, from 0.
        moment: When it was written; steps of later moments see it.
        step: Who wrote it, or None if it was there at the start.
        value: What was written: the update, not the merged value.
        kind: How it came about.
    """

    scope: Scope
    field: str
    number: int
    moment: int
    step: TraceStep | None
    value: JsonValue
    kind: Kind


@dataclass
class _Line:
    versions: list[Version] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)
    origins: dict[str, list[int]] = field(default_factory=dict)


class Versions:
    """All versions of all fields of a run. Built once, in time linear in the trace.

    Args:
        order: The run.
    """

    def __init__(self, order: Order) -> None:
        self._order = order
        self._lines: dict[tuple[Scope, str], _Line] = defaultdict(_Line)
        self.fields: dict[Scope, list[str]] = {}
        for scope, steps in order.scopes.items():
            start = order.start(scope)
            for name, value in _given(order, scope).items():
                self._add(scope, name, start, None, value, "given")
            for step in steps:
                self._add_writes(scope, step)
        for scope, name in self._lines:
            self.fields.setdefault(scope, []).append(name)

    def of(self, scope: Scope, name: str) -> list[Version]:
        """The versions of a field in one scope, in order; not to be changed."""
        line = self._lines.get((scope, name))
        return line.versions if line is not None else []

    def before(self, scope: Scope, path: str, moment: int | None) -> Version | None:
        """The version that a step of this moment sees at a path: of nested values, the one that last changed it.

        Args:
            scope: The execution of the graph.
            path: A field or dotted path.
            moment: The reader's moment; None stands for the end of the run.

        Returns:
            The version, or None when nobody had written the field.
        """
        line = self._line(scope, path)
        if line is None:
            return None
        place = len(line.versions) if moment is None else bisect_left(line.moments, moment)
        return line.versions[self._origins(line, path)[place - 1]] if place else None

    def previous(self, version: Version) -> Version | None:
        """The version of the same field that came before, or None."""
        return self._lines[version.scope, version.field].versions[version.number - 1] if version.number else None

    def _line(self, scope: Scope, path: str) -> _Line | None:
        return self._lines.get((scope, path)) or self._lines.get((scope, path.partition(".")[0]))

    def _origins(self, line: _Line, path: str) -> list[int]:
        """For each version, the number of the one that made what now stands at the path."""
        if path in line.origins:
            return line.origins[path]
        nested = line.versions[0].field != path
        inner = path.partition(".")[2]
        origins: list[int] = []
        seen: JsonValue = ABSENT
        for version in line.versions:
            carried = version.kind == "echoed"
            if nested and not carried:
                value = at(version.value, inner)
                if value is ABSENT:
                    carried = version.step is not None and self._order.adds_up(version.step, version.field)
                else:
                    carried = same(value, seen)
                seen = seen if carried else value
            origins.append(origins[-1] if carried and origins else version.number)
        line.origins[path] = origins
        return origins

    def _add(self, scope: Scope, name: str, moment: int, step: TraceStep | None, value: JsonValue, kind: Kind) -> None:
        line = self._lines[scope, name]
        line.versions.append(Version(scope, name, len(line.versions), moment, step, value, kind))
        line.moments.append(moment)

    def _add_writes(self, scope: Scope, step: TraceStep) -> None:
        moment = self._order.moment(step)
        if step.outcome == "parent_command":
            parent = self._order.parent(step)
            if parent is not None:  # the update of a command to the parent graph lands in the parent's state
                outer = self._order.scope(parent)
                for name, value in step.output_state.items():
                    self._add(outer, name, self._order.moment(parent), step, value, "wrote")
            return
        spec = self._order.node(step)
        named = spec.writes if spec is not None else None
        for name in written_fields(step, self._order):
            value = step.output_state.get(name)
            before = step.input_state.get(name, ABSENT)
            untouched = (named is None or name not in named) and before is not ABSENT and same(before, value)
            self._add(scope, name, moment, step, value, "echoed" if untouched else "wrote")
        if step.metadata.get(REPLACES) and step.outcome in ("ok", "cached"):
            for name in step.input_state.keys() - step.output_state.keys():
                self._add(scope, name, moment, step, ABSENT, "removed")
        mutated = step.metadata.get("mutated")
        for name in mutated if isinstance(mutated, list) else ():
            if isinstance(name, str) and name not in step.output_state:
                self._add(scope, name, moment, step, step.state_after.get(name), "mutated")


def written_fields(step: TraceStep, order: Order) -> list[str]:
    """The fields of a step's update that reached the state, in order.

    Args:
        step: The step.
        order: The run it belongs to.
    """
    if step.outcome not in ("ok", "cached"):
        return []
    reached = step.metadata.get("writes")
    if isinstance(reached, list):
        return [name for name in step.output_state if name in reached]
    dropped = step.metadata.get("dropped")
    lost = set(dropped) if isinstance(dropped, list) else set()
    graph = order.graph(step)
    closed = graph is not None and graph.closed and bool(graph.state)
    declared = order.fields(step)
    return [name for name in step.output_state if name not in lost and (not closed or name in declared)]


def _given(order: Order, scope: Scope) -> State:
    """What was in the state when a scope began."""
    first = next((step for step in order.scopes[scope] if step.metadata.get("kind") != "push"), None)
    found: State = {}
    if scope[0] is None and isinstance(order.trace.input, dict):
        found.update(order.trace.input)
    if first is not None:
        found.update(first.input_state)
    return found
