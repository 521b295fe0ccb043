"""Backwards from a symptom along the data: which steps it rests on, by which fields."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import count
from typing import Final, TypeAlias

from argus.dataflow.lineage import Lineage
from argus.dataflow.reading import Read, routing_reads
from argus.dataflow.values import ABSENT, at, fingerprint, is_empty
from argus.dataflow.versions import Version
from argus.forensics.carriers import Carriers
from argus.forensics.expected import Expected, Gaps
from argus.forensics.flaws import LacksKey
from argus.forensics.links import CONCLUSIVE, Demand, Hop, Slice, Way, cost_of
from argus.forensics.signs import Signs
from argus.forensics.stumbles import Stumble
from argus.model.trace import TraceStep
from argus.model.values import JsonValue

__all__ = ["Slicer"]

_Key: TypeAlias = "tuple[object, ...]"

_ITEMS: Final = 200
_MAKERS: Final = 20


class Slicer:
    """Walks backwards, the surest and most suspicious links first. Each step and each write is visited once.

    Args:
        lineage: The run's data flow.
        signs: Judges steps on the way.
        gaps: Knows who should have written what is absent.
    """

    def __init__(self, lineage: Lineage, signs: Signs, gaps: Gaps) -> None:
        self._lineage = lineage
        self._order = lineage.order
        self._signs = signs
        self._gaps = gaps
        self._stateless = not any(step.input_state or step.output_state for step in lineage.trace.steps)
        self._carriers = Carriers(lineage, gaps)
        self._known_values: dict[tuple[object, int], dict[str | bytes, str]] = {}

    def slice(
        self,
        start: TraceStep,
        paths: Iterable[str] = (),
        stumbles: Iterable[Stumble] = (),
        links: Iterable[Hop] = (),
        *,
        choices: bool = False,
    ) -> Slice:
        """What a step's trouble rests on.

        Args:
            start: The step of the symptom.
            paths: The fields or dotted paths in question; without any, everything the step read.
            stumbles: The places in question together with what is wrong there; they go before ``paths``.
            links: Links to the step that were found in another way; they are followed on from their writers.
            choices: Whether the decisions around the step are in question rather than its data.

        Returns:
            Every step that the symptom may come from, with the links to it.
        """
        result = Slice(start)
        walk = _Walk(result)
        demands = self._carriers.of_stumbles(start, list(stumbles)) or list(self._demands(start, list(paths)))
        if choices:
            demands += self._choices(start)
        for demand in demands:
            walk.push(0.0, demand)
        for hop in links:
            result.hops.append(hop)
            if walk.reach(hop, cost_of(hop)) and not self._is_conclusive(hop):
                for further in self._beyond(hop):
                    walk.push(cost_of(hop), further)
        seen: set[_Key] = set()
        while walk.heap:
            cost, demand = walk.pop()
            for hop, key in self._sources(demand, seen):
                result.hops.append(hop)
                if key in seen:
                    continue
                seen.add(key)
                if hop.writer is None:
                    result.given.append(hop)
                    continue
                reached_cost = cost + cost_of(hop, conditional=demand.conditional)
                if walk.reach(hop, reached_cost) and not self._is_conclusive(hop):
                    for further in self._carriers.of(hop, demand) or self._beyond(hop):
                        walk.push(reached_cost, further)
        return result

    # what a step rests on

    def _demands(self, step: TraceStep, paths: list[str]) -> Iterator[Demand]:
        moment = self._order.moment(step)
        reads = self._lineage.reads(step)
        if paths and not self._stateless:
            known = {read.path: read for read in reads}
            for path in paths:
                read = known.get(path) or next((one for one in reads if one.path.startswith(f"{path}.")), None)
                yield Demand(step, path, read.how if read else "source", at(step.input_state, path), moment)
            return
        if self._stateless:
            yield Demand(step, "", "assumed", None, moment)
            return
        for read in self._pressing(reads):
            found = at(step.input_state, read.path)
            if found is ABSENT and read.required and step.outcome != "error":
                continue  # the step went well without it, so it did not get to that place
            yield Demand(step, read.path, read.how, found, moment, read.conditional, required=read.required)

    def _pressing(self, reads: tuple[Read, ...]) -> tuple[Read, ...]:
        """The reads that count: those the exception points at, if it points at any."""
        pointed = tuple(read for read in reads if read.how == "error")
        return pointed or reads

    def _choices(self, step: TraceStep) -> Iterator[Demand]:
        """What the branch behind a step looked at, the step's own writes included."""
        after = self._order.moment(step) + 1
        state = step.state_after or {**step.input_state, **step.output_state}
        for read in routing_reads(step, self._order):
            found = at(state, read.path)
            yield Demand(step, read.path, "choice", found, after, read.conditional, required=False)

    def _beyond(self, hop: Hop) -> Iterator[Demand]:
        writer = hop.writer
        if writer is None:
            return
        if hop.way == "choice" or (hop.sign is not None and hop.sign.clause.startswith("went on")):
            yield from self._choices(writer)
        for demand in self._demands(writer, []):
            yield replace(demand, decides=hop.way == "choice")

    # who wrote it

    def _sources(self, demand: Demand, seen: set[_Key]) -> Iterator[tuple[Hop, _Key]]:
        reader, path = demand.reader, demand.path
        if self._stateless:
            yield from self._in_order(demand)
            return
        if reader.metadata.get("kind") == "push":
            yield from self._sent(demand, seen)
            return
        version = self._lineage.versions.before(self._order.scope(reader), path, demand.moment)
        never_written = version is None or (version.step is None and is_empty(demand.found))
        missing = demand.found is ABSENT and (version is None or ("." not in path and bool(reader.input_state)))
        owed: list[Expected] = []
        if missing or (never_written and is_empty(demand.found)):
            owed = self._gaps.expected(path.partition(".")[0], reader)
            if not demand.required:  # what may be absent was not necessarily anybody's to write
                owed = [
                    one
                    for one in owed
                    if (one.sure or demand.decides) and one.gap in ("misspelled", "undeclared", "omitted")
                ]
            if demand.found is not ABSENT:  # something was there from the start: only what should have filled it counts
                owed = [one for one in owed if one.gap in ("misspelled", "omitted", "skipped")]
        elif version is not None and "." not in path:
            since = version.moment if version.step is not None else None
            owed = self._gaps.overdue(path, reader, since)
            if isinstance(demand.flaw, LacksKey):
                owed += self._gaps.unfinished(path, demand.flaw.key, reader, since)
        for expected in owed:
            yield self._owed(demand, expected), ("gap", expected.step.id, path)
        if version is not None or not owed:
            yield from self._written(demand, version, seen)

    def _owed(self, demand: Demand, expected: Expected) -> Hop:
        sign = self._signs.of_gap(expected, demand.path)
        way: Way = "assumed" if expected.gap == "silent" else "gap"
        return Hop(demand.reader, expected.step, demand.path, way, demand.found, sign)

    def _written(self, demand: Demand, version: Version | None, seen: set[_Key]) -> Iterator[tuple[Hop, _Key]]:
        path = demand.path
        while version is not None and version.step is None:
            outer = self._lineage.outside(version, path)
            parent = self._order.step(version.scope[0]) if version.scope[0] is not None else None
            if outer is None and parent is not None:  # a graph called from within a node: what the node read stands in
                yield Hop(demand.reader, parent, path, "inside", demand.found), ("inside", parent.id)
                return
            version = outer
        if version is None:
            makers = list(self._makers(demand))
            yield from makers
            if not makers:
                yield Hop(demand.reader, None, path, demand.way, demand.found), ("given", demand.reader.id, path)
            return
        adds_up = self._order.adds_up(demand.reader, version.field)
        while version is not None and version.step is not None:
            key = (version.scope, version.field, version.number)
            known = key in seen
            if version.kind != "echoed":
                yield self._hop(demand, self._innermost(version, path)), key
            if known or not adds_up:
                return
            version = self._lineage.versions.previous(version)

    def _makers(self, demand: Demand) -> Iterator[tuple[Hop, _Key]]:
        """The earlier steps whose output holds what was handed over without going through the state."""
        given = self._lineage.trace.input
        if isinstance(given, dict) and at(given, demand.path) is not ABSENT:
            return
        found = demand.found
        items = (
            found[:_ITEMS]
            if isinstance(found, list)
            else list(found.values())[:_ITEMS]
            if isinstance(found, dict)
            else []
        )
        seen: set[str] = set()
        for one in (found, *items):
            for step, field_name in self._made.get(fingerprint(one) or "", ()):
                if step.step_number < demand.reader.step_number and step.id not in seen:
                    seen.add(step.id)
                    yield self._hop(replace(demand, way="value"), step, field_name), ("made", step.id, field_name)

    @cached_property
    def _made(self) -> dict[str | bytes, list[tuple[TraceStep, str]]]:
        """The steps that put out each value, whole or as an item, and the field of it."""
        made: dict[str | bytes, list[tuple[TraceStep, str]]] = defaultdict(list)
        for step in self._lineage.trace.steps:
            for field_name, value in step.output_state.items():
                items = value[:_ITEMS] if isinstance(value, list) else []
                self._note_made(made, step, field_name, (value, *items))
            self._note_made(made, step, "", (step.output_state,))
        return made

    @staticmethod
    def _note_made(
        made: dict[str | bytes, list[tuple[TraceStep, str]]],
        step: TraceStep,
        field_name: str,
        values: Iterable[JsonValue],
    ) -> None:
        for key in dict.fromkeys(fingerprint(value) for value in values):
            if key is not None and len(made[key]) < _MAKERS:
                made[key].append((step, field_name))

    def _innermost(self, version: Version, path: str) -> TraceStep:
        inner: Version | None = version
        while inner is not None:
            version, inner = inner, self._lineage.inside(inner, path)
        if version.step is None:
            raise AssertionError("only writes of steps are looked into")
        return version.step

    def _in_order(self, demand: Demand) -> Iterator[tuple[Hop, _Key]]:
        """Without any states: the steps just before, whatever they did."""
        before: list[TraceStep | None] = [*self._order.beside_before(demand.reader)]
        before = before or [self._order.parent(demand.reader)]
        for step in before:
            signs = self._signs.of(step, None) if step is not None else []
            hop = Hop(demand.reader, step, "", "assumed", demand.found, signs[0] if signs else None)
            yield hop, ("before", step.id if step is not None else "", "")

    def _hop(self, demand: Demand, writer: TraceStep, written: str | None = None) -> Hop:
        source = demand.path if written is None else written
        signs = self._signs.of(writer, source)
        sign = signs[0] if signs else None
        hop = Hop(demand.reader, writer, demand.path, demand.way, demand.found, sign, written)
        if demand.flaw is None or not demand.flaw.is_in(at(writer.output_state, source)):
            return hop
        brought_in = self._signs.of_flaw(writer, source, demand.flaw, begins=not self._carriers.of(hop, demand))
        if hop.sign is None or brought_in.weight > hop.sign.weight:
            return replace(hop, sign=brought_in)
        return hop

    def _sent(self, demand: Demand, seen: set[_Key]) -> Iterator[tuple[Hop, _Key]]:
        """What a ``Send`` passed: the field in which the value is recognised, else whoever sent it."""
        reader = demand.reader
        found: list[tuple[Hop, _Key]] = []
        field_name = self._recognised(demand)
        if field_name is not None:
            version = self._lineage.versions.before(self._order.scope(reader), field_name, demand.moment)
            recognised = replace(demand, path=field_name, way="value")
            found += self._written(recognised, version, seen)
        for sender in self._lineage.senders(reader):
            signs = self._signs.of(sender, None)
            if demand.found is ABSENT:
                signs.insert(0, self._signs.of_sending(sender, reader, demand.path))
            hop = Hop(reader, sender, demand.path, "sent", demand.found, signs[0] if signs else None)
            found.append((hop, ("sent", sender.id, demand.path)))
        yield from found or self._written(demand, None, seen)

    def _recognised(self, demand: Demand) -> str | None:
        key = fingerprint(demand.reader.input_state.get(demand.path.partition(".")[0]))
        if key is None:
            return None
        place = (self._order.scope(demand.reader), demand.moment)
        if place not in self._known_values:
            self._known_values[place] = self._table(demand.reader)
        return self._known_values[place].get(key)

    def _table(self, reader: TraceStep) -> dict[str | bytes, str]:
        """The fields of the state before a step, by their values and by the items in them."""
        before = self._order.beside_before(reader)
        state = next((step.state_after for step in before if step.state_after), None)
        if state is None:
            state = self._lineage.trace.input if isinstance(self._lineage.trace.input, dict) else {}
        table: dict[str | bytes, str] = {}
        for name, value in state.items():
            items = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
            for one in (value, *items):
                key = fingerprint(one)
                if key is not None:
                    table.setdefault(key, name)
        return table

    def _is_conclusive(self, hop: Hop) -> bool:
        return hop.sign is not None and hop.sign.inborn and hop.sign.weight >= CONCLUSIVE


class _Walk:
    """The open demands, cheapest first, and the steps reached."""

    def __init__(self, result: Slice) -> None:
        self.heap: list[tuple[float, int, Demand]] = []
        self._result = result
        self._ticket = count()
        self._costs: dict[str, float] = {result.start.id: 0.0}

    def push(self, cost: float, demand: Demand) -> None:
        heapq.heappush(self.heap, (cost, next(self._ticket), demand))

    def pop(self) -> tuple[float, Demand]:
        cost, _, demand = heapq.heappop(self.heap)
        return cost, demand

    def reach(self, hop: Hop, cost: float) -> bool:
        """Notes a way to a step; whether it is the first one."""
        writer = hop.writer
        if writer is None:
            return False
        first = writer.id not in self._costs
        if first:
            self._costs[writer.id] = cost
            self._result.reached[writer.id] = hop
        return first
