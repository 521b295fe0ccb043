"""Which inputs of a step already carried the fault that its output carries."""

from __future__ import annotations

from collections.abc import Iterable

from argus.dataflow.lineage import Lineage
from argus.dataflow.reading import Read
from argus.dataflow.values import at
from argus.forensics.expected import Gaps
from argus.forensics.flaws import Flaw, HoldsNone, HoldsNothing, LacksKey, WrongShape, column_of
from argus.forensics.links import Demand, Hop
from argus.forensics.stumbles import Stumble, starved_of
from argus.model.trace import TraceStep
from argus.model.values import JsonValue

__all__ = ["Carriers"]


class Carriers:
    """Follows a fault upwards through one step at a time.

    Args:
        lineage: The run's data flow.
        gaps: Knows which node makes which key.
    """

    def __init__(self, lineage: Lineage, gaps: Gaps) -> None:
        self._lineage = lineage
        self._order = lineage.order
        self._gaps = gaps
        self._known: dict[tuple[str, str, bool, int], tuple[Flaw | None, list[Demand]]] = {}

    def of_stumbles(self, step: TraceStep, stumbles: Iterable[Stumble]) -> list[Demand]:
        """The places where a step stumbled, as something to be traced.

        Args:
            step: The step.
            stumbles: Places in its input, with what is wrong there.
        """
        moment = self._order.moment(step)
        ways = {read.path: read.how for read in self._lineage.reads(step)}
        return [
            Demand(step, one.path, ways.get(one.path, "error"), at(step.input_state, one.path), moment, flaw=one.flaw)
            for one in stumbles
        ]

    def of(self, hop: Hop, demand: Demand) -> list[Demand]:
        """The inputs of a writer that already carried the fault that is followed; none where it came in there.

        Args:
            hop: The link to the writer.
            demand: What is followed.
        """
        if hop.writer is None or (demand.flaw is None and hop.way != "gap"):
            return []
        place = (hop.writer.id, hop.source, hop.way == "gap", id(demand.flaw))
        known = self._known.get(place)
        if known is None:  # the fault is kept beside the answer, so that its id is not given to another one
            known = self._known[place] = (demand.flaw, self._carrying(hop, hop.writer, demand))
        return known[1]

    def _carrying(self, hop: Hop, writer: TraceStep, demand: Demand) -> list[Demand]:
        flaw = demand.flaw
        if hop.way == "gap":  # a field may be left out because there was nothing to make it from
            return [] if hop.sign is None or hop.sign.inborn else self._starved(writer)
        if flaw is None or not flaw.is_in(at(writer.output_state, hop.source)):
            return []
        if isinstance(flaw, HoldsNothing) and not flaw.zero:
            return self._starved(writer)
        if self._is_duty(writer, hop, flaw):
            return []
        carriers = [
            self._carrier(writer, read, flaw)
            for read in self._lineage.reads(writer)
            if flaw.is_in(at(writer.input_state, read.path), demand.found)
        ]
        return carriers or self._renamed_carriers(writer, at(writer.output_state, hop.source), flaw)

    def _renamed_carriers(self, writer: TraceStep, made: JsonValue, flaw: Flaw) -> list[Demand]:
        """The inputs that carried a common value such as None, under another key than the writer gave it."""
        if not isinstance(flaw, (HoldsNone, WrongShape)):
            return []
        found: list[Demand] = []
        for read in self._lineage.reads(writer):
            given = at(writer.input_state, read.path)
            column = column_of(made, given)
            keys = [column] if column is not None else list(HoldsNone.odd_ones(given))
            if isinstance(flaw, WrongShape):
                keys = keys if column is not None else []
            for key in keys:
                upstream = HoldsNone(key) if isinstance(flaw, HoldsNone) else WrongShape(key, flaw.value)
                if upstream.is_in(given):
                    found.append(self._carrier(writer, read, upstream))
        return found

    def _carrier(self, step: TraceStep, read: Read, flaw: Flaw) -> Demand:
        found = at(step.input_state, read.path)
        return Demand(step, read.path, read.how, found, self._order.moment(step), read.conditional, flaw)

    def _starved(self, writer: TraceStep) -> list[Demand]:
        return self.of_stumbles(writer, starved_of(writer, self._lineage))

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
