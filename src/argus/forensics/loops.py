"""Why a loop did not end: who left as it was what the way out depends on.

A loop ends because its steps move something on: a counter, a draft, a score. A step that reads and writes such a value
and leaves it alone is the first suspect; then one that wrote the same although it was given something new; then
whoever decided, each time, to go round once more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from argus.dataflow.lineage import Lineage
from argus.dataflow.reading import routing_reads
from argus.dataflow.values import ABSENT, at, is_empty, same
from argus.forensics.links import Hop, Way
from argus.forensics.signs import Sign
from argus.forensics.symptoms import Symptom
from argus.forensics.wording import excerpt, looks, name
from argus.model.detection import Evidence
from argus.model.trace import TraceStep

__all__ = ["MANY", "inner_hops", "is_loop", "loop_hops"]

MANY: Final = 3
"""Runs of one node that make a loop."""

_GUARD: Final = 0.86
_LEFT: Final = 0.78
_STOPPED_COUNT: Final = 0.82
_REPEATED: Final = 0.72
_UNHEARD_OF: Final = 0.82
_DECIDED: Final = 0.68
_GAVE_NOTHING: Final = 0.8
_RECENT: Final = 6


def is_loop(symptom: Symptom, lineage: Lineage) -> bool:
    """Whether a symptom about the way on is about a loop.

    Args:
        symptom: The symptom.
        lineage: The run's data flow.
    """
    place = (lineage.order.scope(symptom.step), symptom.step.node_name)
    return symptom.choices and len(lineage.order.by_node.get(place, ())) >= MANY


def inner_hops(symptom: Symptom, lineage: Lineage) -> list[Hop]:
    """For a step that raised over what steps inside it gave back: those that gave back nothing.

    Args:
        symptom: An exception.
        lineage: The run's data flow.
    """
    step = symptom.step
    if step.error is None or "NoneType" not in step.error.message:
        return []
    hops: list[Hop] = []
    for child in lineage.order.children(step):
        if child.outcome == "ok" and not child.output_state:
            sign = Sign(_GAVE_NOTHING, "gave back nothing", (Evidence(step_id=child.id, note="returned"),))
            hops.append(Hop(step, child, "", "inside", None, sign))
    return hops


def loop_hops(symptom: Symptom, lineage: Lineage) -> list[Hop]:
    """The steps that kept a loop going, as links to the symptom.

    Args:
        symptom: A symptom about a loop.
        lineage: The run's data flow.
    """
    loop = _Loop(symptom, lineage)
    return [*loop.left_alone(), *loop.deciders()]


class _Loop:
    """The nodes that went round and round, and the fields that their ways out depend on."""

    def __init__(self, symptom: Symptom, lineage: Lineage) -> None:
        self._symptom = symptom
        self._lineage = lineage
        order = lineage.order
        scope = order.scope(symptom.step)
        self._runs: dict[str, list[TraceStep]] = {
            node: [step for step in steps if step.outcome in ("ok", "cached")]
            for (place, node), steps in order.by_node.items()
            if place == scope and len(steps) >= MANY
        }
        self._exits: dict[str, list[str]] = {}
        for node, steps in self._runs.items():
            reads = routing_reads(steps[0], order) if steps else ()
            if reads:
                self._exits[node] = list(dict.fromkeys(read.path for read in reads))

    def left_alone(self) -> Iterator[Hop]:
        """The steps that left alone what the way out depends on, directly or through other steps of the loop."""
        guards = {path.partition(".")[0] for paths in self._exits.values() for path in paths}
        for node, field in self._behind(guards):
            runs = self._runs[node][-_RECENT:]
            written = [at(step.output_state, field) for step in runs]
            if len(written) < MANY - 1 or any(value is ABSENT or not same(value, written[0]) for value in written):
                continue
            reads = {read.path.partition(".")[0] for read in self._lineage.reads(runs[-1])}
            if field in reads and field not in guards and not self._had_something_to_do(runs[-1], reads - {field}):
                continue
            if field in reads:
                weight = _GUARD if field in guards else _LEFT
                yield self._hop(node, field, weight, f"left {name(field)} at {looks(written[0])} in every round")
                continue
            counts = field in guards and isinstance(written[0], int)
            if counts or self._was_given_news(runs, reads):
                clause = f"wrote the same {name(field)} in every round, whatever it was given"
                yield self._hop(node, field, _STOPPED_COUNT if counts else _REPEATED, clause)

    def deciders(self) -> Iterator[Hop]:
        """Whoever decided last to go round once more."""
        for runs in self._runs.values():
            metadata = runs[-1].metadata if runs else {}
            chosen = metadata.get("branch") or metadata.get("goto")
            if not isinstance(chosen, list) or not chosen or runs[-1].id == self._symptom.step.id:
                continue
            step = runs[-1]
            on = f" to {name(chosen[0])}" if isinstance(chosen[0], str) else ""
            fact = Evidence(step_id=step.id, note="went on", value=chosen)
            unheard = self._unheard_of(step)
            if unheard is not None:
                clause = f"looked for {name(unheard)}, which nobody writes, to end the loop"
                fact = Evidence(step_id=step.id, field=unheard, note="not found")
                yield Hop(self._symptom.step, step, "", "choice", None, Sign(_UNHEARD_OF, clause, (fact,), inborn=True))
                continue
            weight = _DECIDED if any(isinstance(one, str) and one in self._runs for one in chosen) else _DECIDED / 2
            sign = Sign(weight, f"went on{on} {len(runs)} times without an end", (fact,))
            yield Hop(self._symptom.step, step, "", "choice", None, sign)

    def _unheard_of(self, step: TraceStep) -> str | None:
        """A field that a decision looks at and that no step has ever written and no state declares."""
        order = self._lineage.order
        routed = [read.path for read in routing_reads(step, order)]
        own = [read.path for read in self._lineage.reads(step) if read.how in ("source", "line")]
        graph, spec = order.graph(step), order.node(step)
        if graph is None or not graph.closed or not graph.state or spec is None or spec.kind != "node":
            return None
        for path in (*routed, *own):
            top = path.partition(".")[0]
            if top not in order.fields(step) and not self._lineage.versions.of(order.scope(step), top):
                return top
        return None

    def _behind(self, guards: set[str]) -> Iterator[tuple[str, str]]:
        """The nodes of the loop and the fields they write, from the guards of its exits backwards along the reads."""
        writers: dict[str, list[str]] = defaultdict(list)
        for node, steps in self._runs.items():
            for field in {key: None for step in steps[-_RECENT:] for key in step.output_state}:
                writers[field].append(node)
        seen: set[str] = set()
        pending = sorted(guards)
        while pending:
            field = pending.pop(0)
            if field in seen:
                continue
            seen.add(field)
            for node in writers.get(field, ()):
                yield node, field
                reads = self._lineage.reads(self._runs[node][-1])
                pending += [read.path.partition(".")[0] for read in reads if read.how != "assumed"]

    def _had_something_to_do(self, step: TraceStep, others: set[str]) -> bool:
        """Whether a step that left its own field alone had been told by the loop to change it."""
        made_here = {field for runs in self._runs.values() for run in runs[-_RECENT:] for field in run.output_state}
        told = [step.input_state.get(field) for field in others & made_here]
        return not told or not all(is_empty(value) for value in told)

    def _was_given_news(self, runs: list[TraceStep], reads: set[str]) -> bool:
        """Whether anything that a node read was different from round to round."""
        first = runs[0]
        return any(
            not same(step.input_state.get(field, ABSENT), first.input_state.get(field, ABSENT))
            for step in runs[1:]
            for field in reads
        )

    def _hop(self, node: str, field: str, weight: float, clause: str) -> Hop:
        step = self._first_standstill(node, field)
        value = step.output_state.get(field)
        fact = Evidence(step_id=step.id, field=field, note="wrote", value=excerpt(value))
        found = at(self._symptom.step.input_state, field)
        way: Way = "source" if found is not ABSENT else "choice"
        return Hop(self._symptom.step, step, field, way, found, Sign(weight, clause, (fact,), field=field, inborn=True))

    def _first_standstill(self, node: str, field: str) -> TraceStep:
        """The first run of a node from which on a field did not move."""
        runs = self._runs[node]
        last = runs[-1].output_state.get(field)
        for earlier, later in zip(reversed(runs[:-1]), reversed(runs), strict=False):
            if not same(earlier.output_state.get(field, ABSENT), last):
                return later
        return runs[1] if len(runs) > 1 else runs[0]
