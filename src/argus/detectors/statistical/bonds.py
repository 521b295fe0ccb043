"""What ties numbers and lists of a run together as in every earlier run, and what no longer does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from argus.detectors.base import DetectorContext
from argus.learning.executions import Execution, executions_of
from argus.learning.relations import holds
from argus.model.detection import Evidence
from argus.model.profile import Relation, RelationKind
from argus.model.trace import Trace, TraceStep

__all__ = ["Bonds", "BrokenBond"]

_OF_SIZES: Final[tuple[RelationKind, ...]] = ("same_length", "sized")
_OF_OTHERS: Final[tuple[RelationKind, ...]] = ("subset",)
_EXECUTIONS: Final = 64
_SHOWN: Final = 3


@dataclass(frozen=True)
class BrokenBond:
    """A relation between numbers or sizes that healthy runs kept and a step of this run breaks.

    Attributes:
        step: The step.
        field: The path of its update that the relation is about.
        relation: What it broke.
        value: The number, or how many items the list has.
        evidence: The value and what it is compared with.
    """

    step: TraceStep
    field: str
    relation: Relation
    value: float
    evidence: tuple[Evidence, ...]

    @property
    def is_about_sizes(self) -> bool:
        """Whether it is about the number of items of a list."""
        return self.relation.kind in _OF_SIZES

    @property
    def counts(self) -> bool:
        """Whether it is about how many items there are, so that something left out on purpose breaks it."""
        return self.is_about_sizes or self.relation.kind == "count"

    @property
    def confidence(self) -> float:
        """The probability that it was no coincidence before, 0.95 at most."""
        return min(0.95, self.relation.confidence)

    @property
    def message(self) -> str:
        """One sentence."""
        number = f"{self.value:,.10g}"
        items = "1 item" if self.value == 1 else f"{number} items"
        has = f"has {items}" if self.is_about_sizes else f"is {number}"
        return (
            f"`{self.field}` of `{self.step.node_name}` {has}, which breaks what held in all {self.relation.runs} "
            f"earlier runs: {self.relation}"
        )


class Bonds:
    """The relations between numbers and sizes that a run keeps and breaks.

    Only those count that coincidence does not explain and that ``min_samples`` runs kept; the first 64 executions of
    each node are looked at.

    Args:
        trace: The run.
        context: Its history says what held.
    """

    def __init__(self, trace: Trace, context: DetectorContext) -> None:
        self.kept: set[tuple[str, str]] = set()
        """Step and path of the numbers that are what others make them."""
        self.broken: list[BrokenBond] = []
        """One for each step and field."""
        for execution, relations in _relations(trace, context):
            broken: dict[str, list[Relation]] = {}
            for relation in relations:
                held = holds(relation, execution)
                if _number(relation, execution) is None or held is None:
                    continue
                if not held:
                    broken.setdefault(relation.result.path, []).append(relation)
                elif relation.kind not in _OF_SIZES:
                    self.kept.add((execution.step.id, relation.result.path))
            for path, group in broken.items():
                surest = max(group, key=lambda one: (one.confidence, one.runs, str(one)))
                value = _number(surest, execution) or 0.0
                self.broken.append(BrokenBond(execution.step, path, surest, value, tuple(_evidence(surest, execution))))

    @classmethod
    def of(cls, trace: Trace, context: DetectorContext) -> Bonds:
        """The bonds of a run, shared by its detectors.

        Args:
            trace: The run.
            context: Its memo holds them.
        """
        known = context.memo.get("bonds")
        if not isinstance(known, cls):
            known = context.memo["bonds"] = cls(trace, context)
        return known


def _relations(trace: Trace, context: DetectorContext) -> Iterator[tuple[Execution, list[Relation]]]:
    by_node: dict[str, list[Relation]] = {}
    if context.history is not None:
        for relation in context.history.profile().believed:
            if relation.kind not in _OF_OTHERS and relation.runs >= context.settings.statistical.min_samples:
                by_node.setdefault(relation.result.node, []).append(relation)
    if by_node:
        for execution in executions_of(trace, _EXECUTIONS):
            if execution.place in by_node:
                yield execution, by_node[execution.place]


def _number(relation: Relation, execution: Execution) -> float | None:
    """The number that a relation is about, or the size of the list; None when it is about something else."""
    result = execution.value(relation.result.node, relation.result.origin, relation.result.path)
    if result is None:
        return None
    if relation.kind in _OF_SIZES:
        return float(len(result.items)) if result.items is not None else None
    return result.number


def _evidence(relation: Relation, execution: Execution) -> Iterator[Evidence]:
    for term in (relation.result, *relation.of)[:_SHOWN]:
        known = execution.value(term.node, term.origin, term.path)
        if known is not None:
            shown = known.number if known.number is not None else len(known.items or ())
            note = str(term) if known.number is not None else f"items of {term}"
            yield Evidence(step_id=execution.step.id, field=term.path, note=note, value=shown)
