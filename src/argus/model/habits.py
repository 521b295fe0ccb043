"""What healthy runs of a pipeline have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from argus.model.graph import END, START
from argus.model.record import Record
from argus.model.trace import Trace

__all__ = ["HABIT_RUNS", "HABIT_STEPS", "RunHabits", "StepSketch", "habits_of", "sketch_of", "transitions_of"]

HABIT_RUNS = 30
"""Runs that habits are taken from, at most; the newest."""

HABIT_STEPS = 400
"""Steps of one run that are looked at, at most; of a longer run the first."""


class StepSketch(NamedTuple):
    """A step of the outermost graph, as far as habits go.

    Attributes:
        node: The node.
        moment: Its superstep, or its number where there are none; steps of one moment run side by side.
        fields: The fields that it returned.
    """

    node: str
    moment: int
    fields: tuple[str, ...]


class RunHabits(Record, frozen=True, kw_only=True):
    """What a number of healthy runs have in common, in their outermost graph.

    Attributes:
        runs: How many were looked at.
        nodes: Nodes that ran in every one.
        transitions: Every pair of nodes that followed each other in any, ``__start__`` and ``__end__`` included.
        writes: Node and field, where every execution of the node returned the field.
        wrote: Node and field, where any execution did.
    """

    runs: int = 0
    nodes: tuple[str, ...] = ()
    transitions: tuple[tuple[str, str], ...] = ()
    writes: tuple[tuple[str, str], ...] = ()
    wrote: tuple[tuple[str, str], ...] = ()


def sketch_of(trace: Trace) -> list[StepSketch]:
    """The steps of a run's outermost graph that ended well, in order, the first :data:`HABIT_STEPS`.

    Args:
        trace: A run.
    """
    sketch: list[StepSketch] = []
    for step in trace.steps:
        if step.parent_id is None and step.outcome in ("ok", "cached"):
            superstep = step.metadata.get("superstep")
            moment = superstep if isinstance(superstep, int) else step.step_number
            sketch.append(StepSketch(step.node_name, moment, tuple(step.output_state)))
            if len(sketch) == HABIT_STEPS:
                break
    return sketch


def transitions_of(steps: Sequence[StepSketch]) -> list[tuple[str, str]]:
    """Which node followed which: every node of a moment is followed by every node of the next.

    Args:
        steps: Of one run, in any order.
    """
    moments: dict[int, dict[str, None]] = {}
    for step in steps:
        moments.setdefault(step.moment, {})[step.node] = None
    stops = [(START,), *(tuple(moments[moment]) for moment in sorted(moments)), (END,)]
    found = {(one, other): None for before, after in pairwise(stops) for one in before for other in after}
    return list(found)


def habits_of(runs: Iterable[Sequence[StepSketch]]) -> RunHabits:
    """What some runs have in common.

    Args:
        runs: Each from :func:`sketch_of`.
    """
    count = 0
    always: set[str] = set()
    followed: dict[tuple[str, str], None] = {}
    written: dict[str, set[str]] = {}
    ever: set[tuple[str, str]] = set()
    for run in runs:
        ran = {step.node for step in run}
        always = ran if count == 0 else always & ran
        count += 1
        followed.update(dict.fromkeys(transitions_of(run)))
        for step in run:
            fields = written.setdefault(step.node, set(step.fields))
            fields.intersection_update(step.fields)
            ever.update((step.node, field) for field in step.fields)
    return RunHabits(
        runs=count,
        nodes=tuple(sorted(always)),
        transitions=tuple(sorted(followed)),
        writes=tuple(sorted((node, field) for node, fields in written.items() for field in fields)),
        wrote=tuple(sorted(ever)),
    )
