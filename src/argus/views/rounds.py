"""Which steps ran side by side, and which of them came again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from argus.model.trace import TraceStep

__all__ = ["Loop", "Rounds", "Unit", "loops", "units_of"]


class Unit(NamedTuple):
    """What ran side by side: the steps of one superstep of one graph.

    Attributes:
        steps: In order of start, at least one.
    """

    steps: tuple[TraceStep, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The different nodes that ran, in order of start."""
        return tuple(dict.fromkeys(step.node_name for step in self.steps))


class Loop(NamedTuple):
    """A stretch of units in which the same ones come again and again.

    Attributes:
        start: The index of its first unit.
        end: The index after its last unit; the stretch holds whole rounds only.
        period: Units in one round.
    """

    start: int
    end: int
    period: int


class Rounds:
    """Which visit of its node a unit is.

    Args:
        units: The units of one graph's run, in order.
    """

    def __init__(self, units: Sequence[Unit]) -> None:
        self._totals: dict[str, int] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        for unit in units:
            for name in unit.names:
                self._totals[name] = self._totals.get(name, 0) + 1
                self._numbers[name, unit.steps[0].id] = self._totals[name]

    def number(self, name: str, unit: Unit) -> int:
        """Which visit of the node this is, from 1."""
        return self._numbers[name, unit.steps[0].id]

    def total(self, name: str) -> int:
        """How often the node was visited."""
        return self._totals[name]


def units_of(steps: Sequence[TraceStep]) -> list[Unit]:
    """Steps of one graph's run by superstep; without a superstep each stands alone, a retry beside its first attempt.

    Args:
        steps: In order of start.
    """
    units: list[list[TraceStep]] = []
    current: object = None
    for step in steps:
        superstep = step.metadata.get("superstep")
        retry = step.attempt > 1 and units and units[-1][-1].node_name == step.node_name
        if (superstep is not None and superstep == current) or retry:
            units[-1].append(step)
        else:
            units.append([step])
        current = superstep
    return [Unit(tuple(unit)) for unit in units]


def loops(units: Sequence[Unit]) -> list[Loop]:
    """The loops of one graph's run, in order, without overlap; found in linear time.

    Inside a loop the distance from each unit to the previous one of the same names is constant.

    Args:
        units: In order.
    """
    previous: dict[tuple[str, ...], int] = {}
    distances: list[int] = []
    for index, unit in enumerate(units):
        distances.append(index - previous[unit.names] if unit.names in previous else 0)
        previous[unit.names] = index
    found: list[Loop] = []
    index = 0
    while index < len(units):
        period = distances[index]
        end = index + 1
        while end < len(units) and distances[end] == period:
            end += 1
        if period:
            start = max(index - period, found[-1].end if found else 0)
            found.append(Loop(start, start + (end - start) // period * period, period))
        index = end
    return found
