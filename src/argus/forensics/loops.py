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

__all__ = ["MANY", "asking_hops", "inner_hops", "is_loop", "loop_hops", "own_weight"]

_STANDSTILL: Final = "BEH303"
_STOOD_STILL: Final = 0.62
_ANY_OF_THE_LOOP: Final = 0.3

MANY: Final = 3
"""Runs of one node that make a loop."""

_GUARD: Final = 0.86
_LEFT: Final = 0.78
_STOPPED_COUNT: Final = 0.82
_REPEATED: Final = 0.72
_UNHEARD_OF: Final = 0.82
_DECIDED: Final = 0.68
_GAVE_NOTHING: Final = 0.8
_ASKED: Final = 0.8
_RECENT: Final = 6


def is_loop(symptom: Symptom, lineage: Lineage) -> bool:
    """Whether a symptom about the way on is about a loop.

    Args:
        symptom: The symptom.
        lineage: The run's data flow.
    """
    finding = symptom.finding
    about_rounds = (
        finding is None
        or finding.subject == "raised"
        or ("visits" in finding.detection.details or finding.detection.code == _STANDSTILL)
    )
    place = (lineage.order.scope(symptom.step), symptom.step.node_name)
    runs = [step for step in lineage.order.by_node.get(place, ()) if step.attempt == 1]
    return symptom.choices and about_rounds and len(runs) >= MANY


def own_weight(symptom: Symptom) -> float:
    """What speaks against the step at which a loop was seen: little, it could be any; more where it stood still itself.

    Args:
        symptom: A symptom about a loop.
    """
    stood = symptom.finding is not None and symptom.finding.detection.code == _STANDSTILL
    return _STOOD_STILL if stood else _ANY_OF_THE_LOOP


def asking_hops(symptom: Symptom, lineage: Lineage) -> list[Hop]:
    """For a step that only runs the tools it is asked for: the steps that asked.

    Args:
        symptom: A symptom about the way on.
        lineage: The run's data flow.
    """
    step = symptom.step
    spec = lineage.order.node(step)
    if not symptom.choices or spec is None or spec.kind != "tools":
        return []
    askers = lineage.senders(step) or lineage.order.beside_before(step)
    hops: list[Hop] = []
    for asker in askers:
        chosen = asker.metadata.get("branch") or asker.metadata.get("goto")
        fact = Evidence(step_id=asker.id, note="went on", value=chosen if isinstance(chosen, list) else None)
        hops.append(Hop(step, asker, "", "choice", None, Sign(_ASKED, f"asked {name(step.node_name)} for it", (fact,))))
    return hops


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
            runs = self._runs[node]
            first = self._standstill(runs, field)
            if first is None or len(runs) - first < MANY - 1:
                continue
            value = runs[first].output_state.get(field)
            reads = {read.path.partition(".")[0] for read in self._lineage.reads(runs[first])}
            counts = field in guards and isinstance(value, int)
            if not counts and not self._had_news(runs, first, reads - {field}):
                continue
            if field in reads:
                weight = _GUARD if field in guards else _LEFT
                yield self._hop(runs[first], field, weight, f"left {name(field)} at {looks(value)} in every round")
            else:
                clause = f"wrote the same {name(field)} in every round, whatever it was given"
                yield self._hop(runs[first], field, _STOPPED_COUNT if counts else _REPEATED, clause)

    @staticmethod
    def _standstill(runs: list[TraceStep], field: str) -> int | None:
        """The first run from which on a node wrote the same as the run before; None if the field moved to the end."""
        place = len(runs)
        while place > 1 and same(
            runs[place - 1].output_state.get(field, ABSENT), runs[place - 2].output_state.get(field, ABSENT)
        ):
            place -= 1
        return place if place < len(runs) and field in runs[-1].output_state else None

    def _had_news(self, runs: list[TraceStep], place: int, others: set[str]) -> bool:
        """Whether a step that stood still had been given something new by the other steps of the loop.

        A step that waits for nobody is to move on by itself.
        """
        node = runs[place].node_name
        made_by_others = {
            field
            for other, steps in self._runs.items()
            if other != node
            for step in steps[-_RECENT:]
            for field in step.output_state
        }
        before, now = runs[place - 1].input_state, runs[place].input_state
        told = others & made_by_others
        if not told:
            return True
        news = any(not same(before.get(field, ABSENT), now.get(field, ABSENT)) for field in told)
        return news and not all(is_empty(now.get(field)) for field in told)

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

    def _hop(self, step: TraceStep, field: str, weight: float, clause: str) -> Hop:
        fact = Evidence(step_id=step.id, field=field, note="wrote", value=excerpt(step.output_state.get(field)))
        found = at(self._symptom.step.input_state, field)
        way: Way = "source" if found is not ABSENT else "choice"
        return Hop(self._symptom.step, step, field, way, found, Sign(weight, clause, (fact,), field=field))
