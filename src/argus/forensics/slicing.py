"""Backwards from a symptom along the data: which steps it rests on, by which fields."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import Final, Literal, TypeAlias

from argus.dataflow.lineage import Lineage
from argus.dataflow.reading import How, Read, routing_reads
from argus.dataflow.values import ABSENT, at, fingerprint, is_empty
from argus.dataflow.versions import Version
from argus.forensics.expected import Expected, Gaps
from argus.forensics.flaws import Flaw, HoldsNothing, LacksKey, WrongShape
from argus.forensics.signs import Sign, Signs
from argus.forensics.stumbles import Stumble, starved_of
from argus.model.trace import TraceStep
from argus.model.values import JsonValue

__all__ = ["Hop", "Slice", "Slicer", "Way"]

Way: TypeAlias = How | Literal["gap", "choice", "inside"]
"""How a hop is known: as a read; by the absence of a field that the writer owed; by a decision on the way on; by
running inside a step."""

_Key: TypeAlias = "tuple[object, ...]"

_COST: Final[dict[str, float]] = {
    "error": 0.1, "gap": 0.1, "line": 0.2, "source": 0.4, "value": 0.5, "inside": 0.5, "sent": 0.5, "choice": 0.6,
    "schema": 0.8, "assumed": 1.6,
}  # fmt: skip
QUALITY: Final[dict[str, float]] = {
    "error": 1.0, "gap": 0.98, "line": 1.0, "source": 0.97, "value": 0.94, "inside": 0.94, "sent": 0.94, "choice": 0.9,
    "schema": 0.88, "assumed": 0.72,
}  # fmt: skip
_CONCLUSIVE: Final = 0.6
_ITEMS: Final = 200
_MAKERS: Final = 20


@dataclass(frozen=True)
class Hop:
    """A link that was followed: a reader rests on a writer.

    Attributes:
        reader: The step that read.
        writer: The step that wrote, owed or decided; None for the caller.
        path: The field or dotted path.
        way: How this is known.
        found: What the reader found there, or :data:`~argus.dataflow.values.ABSENT`.
        sign: What speaks against the writer on account of this link, or None.
        written: Where the writer put it, if that is another path.
    """

    reader: TraceStep
    writer: TraceStep | None
    path: str
    way: Way
    found: JsonValue
    sign: Sign | None = None
    written: str | None = None

    @property
    def source(self) -> str:
        """The field or dotted path on the writer's side."""
        return self.path if self.written is None else self.written

    @property
    def quality(self) -> float:
        """How sure the link is, from 0 to 1."""
        return QUALITY[self.way]


@dataclass
class Slice:
    """What a symptom rests on.

    Attributes:
        start: The step of the symptom.
        hops: Every link found, in the order of discovery.
        reached: For each step, the link by which it is reached best.
        given: The links that end at the caller's input.
    """

    start: TraceStep
    hops: list[Hop] = field(default_factory=list)
    reached: dict[str, Hop] = field(default_factory=dict)
    given: list[Hop] = field(default_factory=list)

    def path_from(self, step: TraceStep) -> list[Hop]:
        """The links from a step down to the symptom, in that order; empty for the symptom's own step.

        Args:
            step: A step that was reached.
        """
        path: list[Hop] = []
        while step.id != self.start.id:
            hop = self.reached[step.id]
            path.append(hop)
            step = hop.reader
        return path


@dataclass(frozen=True)
class _Demand:
    """A path that some step rests on, to be traced to who wrote it."""

    reader: TraceStep
    path: str
    way: Way
    found: JsonValue
    moment: int
    conditional: bool = False
    flaw: Flaw | None = None
    required: bool = True


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
        self._carried: dict[tuple[str, str, bool, int], tuple[Flaw | None, list[_Demand]]] = {}
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
        demands = self._stumbled(start, list(stumbles)) or list(self._demands(start, list(paths)))
        if choices:
            demands += self._choices(start)
        for demand in demands:
            walk.push(0.0, demand)
        for hop in links:
            result.hops.append(hop)
            if walk.reach(hop, _COST[hop.way]) and not self._is_conclusive(hop):
                for further in self._beyond(hop):
                    walk.push(_COST[hop.way], further)
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
                reached_cost = cost + _cost(hop, demand)
                if walk.reach(hop, reached_cost) and not self._is_conclusive(hop):
                    for further in self._carriers(hop, demand) or self._beyond(hop):
                        walk.push(reached_cost, further)
        return result

    # what a step rests on

    def _stumbled(self, step: TraceStep, stumbles: list[Stumble]) -> list[_Demand]:
        moment = self._order.moment(step)
        ways = {read.path: read.how for read in self._lineage.reads(step)}
        return [
            _Demand(step, one.path, ways.get(one.path, "error"), at(step.input_state, one.path), moment, flaw=one.flaw)
            for one in stumbles
        ]

    def _carriers(self, hop: Hop, demand: _Demand) -> list[_Demand]:
        """The inputs of a writer that already carried the fault that is followed."""
        if hop.writer is None or (demand.flaw is None and hop.way != "gap"):
            return []
        place = (hop.writer.id, hop.source, hop.way == "gap", id(demand.flaw))
        known = self._carried.get(place)
        if known is None:  # the fault is kept beside the answer, so that its id is not given to another one
            known = self._carried[place] = (demand.flaw, self._carrying(hop, hop.writer, demand))
        return known[1]

    def _carrying(self, hop: Hop, writer: TraceStep, demand: _Demand) -> list[_Demand]:
        flaw = demand.flaw
        if hop.way == "gap":  # a field may be left out because there was nothing to make it from
            return [] if hop.sign is None or hop.sign.inborn else self._starved(writer)
        if flaw is None or not flaw.is_in(at(writer.output_state, hop.source)):
            return []
        if isinstance(flaw, HoldsNothing) and not flaw.zero:
            return self._starved(writer)
        if self._is_duty(writer, hop, flaw):
            return []
        moment = self._order.moment(writer)
        return [
            _Demand(writer, read.path, read.how, found, moment, read.conditional, flaw)
            for read in self._lineage.reads(writer)
            if flaw.is_in(found := at(writer.input_state, read.path), demand.found)
        ]

    def _starved(self, writer: TraceStep) -> list[_Demand]:
        return self._stumbled(writer, starved_of(writer, self._lineage))

    def _is_duty(self, writer: TraceStep, hop: Hop, flaw: Flaw) -> bool:
        """Whether a step is there to put right what it was given: to add the lacking key, to convert the text."""
        spec = self._order.node(writer)
        makes = spec.makes if spec is not None and spec.makes is not None else ()
        if isinstance(flaw, LacksKey):
            if self._gaps.makers(flaw.key):
                return flaw.key in makes
            given = (at(writer.input_state, read.path) for read in self._lineage.reads(writer))
            return flaw.adds_to(at(writer.output_state, hop.source), [value for value in given if flaw.is_in(value)])
        return isinstance(flaw, WrongShape) and flaw.key in makes and flaw.is_raw

    def _demands(self, step: TraceStep, paths: list[str]) -> Iterator[_Demand]:
        moment = self._order.moment(step)
        reads = self._lineage.reads(step)
        if paths and not self._stateless:
            known = {read.path: read for read in reads}
            for path in paths:
                read = known.get(path) or next((one for one in reads if one.path.startswith(f"{path}.")), None)
                yield _Demand(step, path, read.how if read else "source", at(step.input_state, path), moment)
            return
        if self._stateless:
            yield _Demand(step, "", "assumed", None, moment)
            return
        for read in self._pressing(reads):
            found = at(step.input_state, read.path)
            yield _Demand(step, read.path, read.how, found, moment, read.conditional, required=read.required)

    def _pressing(self, reads: tuple[Read, ...]) -> tuple[Read, ...]:
        """The reads that count: those the exception points at, if it points at any."""
        pointed = tuple(read for read in reads if read.how == "error")
        return pointed or reads

    def _choices(self, step: TraceStep) -> Iterator[_Demand]:
        """What the branch behind a step looked at, the step's own writes included."""
        after = self._order.moment(step) + 1
        state = step.state_after or {**step.input_state, **step.output_state}
        for read in routing_reads(step, self._order):
            found = at(state, read.path)
            yield _Demand(step, read.path, "choice", found, after, read.conditional, required=False)

    def _beyond(self, hop: Hop) -> Iterator[_Demand]:
        writer = hop.writer
        if writer is None:
            return
        if hop.way == "choice" or (hop.sign is not None and hop.sign.clause.startswith("went on")):
            yield from self._choices(writer)
        yield from self._demands(writer, [])

    # who wrote it

    def _sources(self, demand: _Demand, seen: set[_Key]) -> Iterator[tuple[Hop, _Key]]:
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
                owed = [one for one in owed if one.gap not in ("beside", "silent")]
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

    def _owed(self, demand: _Demand, expected: Expected) -> Hop:
        sign = self._signs.of_gap(expected, demand.path)
        way: Way = "assumed" if expected.gap == "silent" else "gap"
        return Hop(demand.reader, expected.step, demand.path, way, demand.found, sign)

    def _written(self, demand: _Demand, version: Version | None, seen: set[_Key]) -> Iterator[tuple[Hop, _Key]]:
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

    def _makers(self, demand: _Demand) -> Iterator[tuple[Hop, _Key]]:
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

    def _in_order(self, demand: _Demand) -> Iterator[tuple[Hop, _Key]]:
        """Without any states: the steps just before, whatever they did."""
        before: list[TraceStep | None] = [*self._order.beside_before(demand.reader)]
        before = before or [self._order.parent(demand.reader)]
        for step in before:
            signs = self._signs.of(step, None) if step is not None else []
            hop = Hop(demand.reader, step, "", "assumed", demand.found, signs[0] if signs else None)
            yield hop, ("before", step.id if step is not None else "", "")

    def _hop(self, demand: _Demand, writer: TraceStep, written: str | None = None) -> Hop:
        source = demand.path if written is None else written
        signs = self._signs.of(writer, source)
        sign = signs[0] if signs else None
        hop = Hop(demand.reader, writer, demand.path, demand.way, demand.found, sign, written)
        if demand.flaw is None or not demand.flaw.is_in(at(writer.output_state, source)):
            return hop
        brought_in = self._signs.of_flaw(writer, source, demand.flaw, begins=not self._carriers(hop, demand))
        if hop.sign is None or brought_in.weight > hop.sign.weight:
            return replace(hop, sign=brought_in)
        return hop

    def _sent(self, demand: _Demand, seen: set[_Key]) -> Iterator[tuple[Hop, _Key]]:
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

    def _recognised(self, demand: _Demand) -> str | None:
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
        return hop.sign is not None and hop.sign.inborn and hop.sign.weight >= _CONCLUSIVE


class _Walk:
    """The open demands, cheapest first, and the steps reached."""

    def __init__(self, result: Slice) -> None:
        self.heap: list[tuple[float, int, _Demand]] = []
        self._result = result
        self._ticket = count()
        self._costs: dict[str, float] = {result.start.id: 0.0}

    def push(self, cost: float, demand: _Demand) -> None:
        heapq.heappush(self.heap, (cost, next(self._ticket), demand))

    def pop(self) -> tuple[float, _Demand]:
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


def _cost(hop: Hop, demand: _Demand) -> float:
    cost = _COST[hop.way] * (1.3 if demand.conditional else 1.0)
    suspicious = hop.found is ABSENT or is_empty(hop.found) or (hop.sign is not None and hop.sign.weight >= _CONCLUSIVE)
    return cost * (0.3 if suspicious else 1.0)
