"""Where in a run a step stands, for people: its node, its round, its branch and what it runs inside."""

from __future__ import annotations

from functools import cached_property

from argus.dataflow.order import Order
from argus.model.record import Record
from argus.model.trace import TraceStep

__all__ = ["Place", "Places"]


class Place(Record, frozen=True, kw_only=True):
    """A step, and where it stands.

    Attributes:
        step_id: The step.
        step_number: Its number.
        node_name: Its node.
        round: The how-manieth visit of its node in its execution of the graph, from 1.
        rounds: How often that node was visited there.
        branch: The branch of a fan-out, from 1; 0 when the node ran once at that moment.
        inside: The numbers of the steps that it ran inside, the outermost first.
        file: The source file of the node, if known.
        line: The 1-based line of its definition.
    """

    step_id: str
    step_number: int
    node_name: str
    round: int = 1
    rounds: int = 1
    branch: int = 0
    inside: tuple[int, ...] = ()
    file: str | None = None
    line: int | None = None


class Places:
    """The places of one run's steps; each is made once.

    Args:
        order: The run.
    """

    def __init__(self, order: Order) -> None:
        self._order = order
        self._known: dict[str, Place] = {}

    def of(self, step: TraceStep) -> Place:
        """The place of a step of this run."""
        known = self._known.get(step.id)
        if known is None:
            known = self._known[step.id] = self._made(step)
        return known

    def ended(self, step: TraceStep) -> int:
        """The number of the last step that ran inside a step, or its own: by it writes come in order."""
        return self._last[step.id]

    def _made(self, step: TraceStep) -> Place:
        spec = self._order.node(step)
        round_, rounds, branch = self._visits[step.id]
        return Place(
            step_id=step.id,
            step_number=step.step_number,
            node_name=step.node_name,
            round=round_,
            rounds=rounds,
            branch=branch,
            inside=self._inside(step),
            file=spec.file if spec is not None else None,
            line=spec.line if spec is not None else None,
        )

    def _inside(self, step: TraceStep) -> tuple[int, ...]:
        around: list[int] = []
        parent = self._order.parent(step)
        while parent is not None:
            around.append(parent.step_number)
            parent = self._order.parent(parent)
        return tuple(reversed(around))

    @cached_property
    def _visits(self) -> dict[str, tuple[int, int, int]]:
        """Round, rounds and branch of each step, by its id."""
        found: dict[str, tuple[int, int, int]] = {}
        for steps in self._order.by_node.values():
            by_moment: dict[int, list[TraceStep]] = {}
            for step in steps:
                by_moment.setdefault(self._order.moment(step), []).append(step)
            for round_, beside in enumerate(by_moment.values(), start=1):
                for branch, step in enumerate(beside, start=1):
                    found.setdefault(step.id, (round_, len(by_moment), branch if len(beside) > 1 else 0))
        return found

    @cached_property
    def _last(self) -> dict[str, int]:
        last = {step.id: step.step_number for step in self._order.trace.steps}
        for step in reversed(self._order.trace.steps):
            parent = self._order.parent(step)
            if parent is not None:
                last[parent.id] = max(last[parent.id], last[step.id])
        return last
