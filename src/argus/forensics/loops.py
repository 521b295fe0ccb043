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
from argus.dataflow.values import ABSENT, at, same
from argus.forensics.signs import Sign
from argus.forensics.slicing import Hop, Way
from argus.forensics.symptoms import Symptom
from argus.forensics.wording import excerpt, looks, name
from argus.model.detection import Evidence
from argus.model.trace import TraceStep

__all__ = ["MANY", "is_loop", "loop_hops"]

MANY: Final = 3
"""Runs of one node that make a loop."""

_GUARD: Final = 0.86
_LEFT: Final = 0.78
_REPEATED: Final = 0.72
_DECIDED: Final = 0.68
_RECENT: Final = 6


def is_loop(symptom: Symptom, lineage: Lineage) -> bool:
    """Whether a symptom about the way on is about a loop.

    Args:
        symptom: The symptom.
        lineage: The run's data flow.
    """
    place = (lineage.order.scope(symptom.step), symptom.step.node_name)
    return symptom.choices and len(lineage.order.by_node.get(place, ())) >= MANY


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
            if field in reads:
                weight = _GUARD if field in guards else _LEFT
                yield self._hop(node, field, weight, f"left {name(field)} at {looks(written[0])} in every round")
            elif self._was_given_news(runs, reads):
                clause = f"wrote the same {name(field)} in every round, whatever it was given"
                yield self._hop(node, field, _REPEATED, clause)

    def deciders(self) -> Iterator[Hop]:
        """Whoever decided last to go round once more."""
        for node in self._exits:
            runs = self._runs[node]
            if not runs:
                continue
            step = runs[-1]
            chosen = step.metadata.get("branch")
            target = chosen[0] if isinstance(chosen, list) and chosen and isinstance(chosen[0], str) else None
            on = f" to {name(target)}" if target else ""
            fact = Evidence(step_id=step.id, note="went on", value=chosen if isinstance(chosen, list) else None)
            sign = Sign(_DECIDED, f"went on{on} {len(runs)} times without an end", (fact,))
            if step.id != self._symptom.step.id:
                yield Hop(self._symptom.step, step, "", "choice", None, sign)

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
