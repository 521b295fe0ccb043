"""A history that is asked of a database: each of its numbers is read once and kept."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

from argus.model.habits import HABIT_RUNS, RunHabits, StepSketch, habits_of
from argus.model.metrics import METRICS
from argus.model.profile import Profile
from argus.storage.base import HISTORY_LIMIT
from argus.storage.exact_json import from_json, unescape

__all__ = ["STEPS_LOOKED_AT", "MeasuredHistory", "SketchRow"]

STEPS_LOOKED_AT = 20 * HISTORY_LIMIT
"""A node whose steps never tell a metric would otherwise be read to its beginning."""

SketchRow = tuple[str, object, int, str]
"""A step as stored: node, superstep, number, and references of its output's fields as JSON."""


class MeasuredHistory(ABC):
    """The history of one pipeline and graph version; a subclass knows how its database is asked. Thread-safe."""

    def __init__(self) -> None:
        self._runs: int | None = None
        self._samples: dict[tuple[str, str], tuple[float, ...]] = {}
        self._habits: RunHabits | None = None
        self._profile: Profile | None = None

    def runs(self) -> int:
        """How many earlier healthy runs are known, counted up to ``HISTORY_LIMIT``."""
        if self._runs is None:
            self._runs = self._count(HISTORY_LIMIT)
        return self._runs

    def samples(self, metric: str, node_name: str) -> Sequence[float]:
        """Values of a metric at a node, newest first, ``HISTORY_LIMIT`` at most, from the node's newest 4,000 steps.

        Args:
            metric: One of :data:`argus.model.metrics.METRICS`.
            node_name: The node.

        Raises:
            ValueError: The metric is unknown.
        """
        if metric not in METRICS:
            raise ValueError(f"no metric {metric!r}; there are {', '.join(METRICS)}")
        known = self._samples.get((metric, node_name))
        if known is None:
            known = self._samples[metric, node_name] = tuple(self._measured(metric, node_name))
        return known

    def habits(self) -> RunHabits:
        """What the newest ``HABIT_RUNS`` runs have in common."""
        if self._habits is None:
            self._habits = habits_of([_sketched(*row) for row in rows] for rows in self._sketches(HABIT_RUNS))
        return self._habits

    def profile(self) -> Profile:
        """What all runs that taught have shown."""
        if self._profile is None:
            self._profile = self._learned()
        return self._profile

    @abstractmethod
    def _count(self, most: int) -> int:
        """Healthy runs, counted up to ``most``."""

    @abstractmethod
    def _measured(self, metric: str, node_name: str) -> Iterable[float]:
        """Values of a metric that is known, newest first."""

    @abstractmethod
    def _sketches(self, most: int) -> Sequence[Sequence[SketchRow]]:
        """The steps of the newest healthy runs, ``most`` at most, run by run."""

    @abstractmethod
    def _learned(self) -> Profile:
        """The profile, read now."""


def _sketched(node: str, superstep: object, step_number: int, references: str) -> StepSketch:
    moment = superstep if isinstance(superstep, int) else step_number
    # the names are JSON text inside JSON, see the table of values
    fields = tuple(from_json(f'"{name}"') for name in from_json(references))
    return StepSketch(unescape(node), moment, fields)
