"""What healthy runs say, from the index alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from argus.model.habits import HABIT_RUNS, RunHabits, habits_of
from argus.model.metrics import METRICS
from argus.model.profile import Profile
from argus.storage.base import HISTORY_LIMIT
from argus.storage.object_store.entries import Entry

__all__ = ["RUNS_LOOKED_AT", "ObjectHistory"]

RUNS_LOOKED_AT: Final = 1000
"""Runs in which a node that seldom runs is looked for, the newest."""


class ObjectHistory:
    """The history of one pipeline and graph version, read once and kept. Thread-safe.

    Args:
        runs: Reads the newest healthy runs, newest first.
        profile: Reads what was learned.
    """

    def __init__(self, runs: Callable[[], Sequence[Entry]], profile: Callable[[], Profile]) -> None:
        self._read_runs = runs
        self._read_profile = profile
        self._entries: Sequence[Entry] | None = None
        self._profile: Profile | None = None

    def runs(self) -> int:
        """How many earlier healthy runs are known, counted up to ``HISTORY_LIMIT``."""
        return min(len(self._newest()), HISTORY_LIMIT)

    def samples(self, metric: str, node_name: str) -> Sequence[float]:
        """Values of a metric at a node, newest first, ``HISTORY_LIMIT`` at most.

        Args:
            metric: One of :data:`argus.model.metrics.METRICS`.
            node_name: The node.

        Raises:
            ValueError: The metric is unknown.
        """
        if metric not in METRICS:
            raise ValueError(f"no metric {metric!r}; there are {', '.join(METRICS)}")
        return tuple(islice(self._measured(metric, node_name), HISTORY_LIMIT))

    def habits(self) -> RunHabits:
        """What the newest ``HABIT_RUNS`` runs have in common."""
        return habits_of(list(entry.step_sketches()) for entry in self._newest()[:HABIT_RUNS])

    def profile(self) -> Profile:
        """What all runs that taught have shown."""
        if self._profile is None:
            self._profile = self._read_profile()
        return self._profile

    def _newest(self) -> Sequence[Entry]:
        if self._entries is None:
            self._entries = self._read_runs()
        return self._entries

    def _measured(self, metric: str, node_name: str) -> Iterator[float]:
        for entry in self._newest():
            if node_name in entry.node_names:
                node = entry.node_names.index(node_name)
                values: Sequence[float | None] = getattr(entry.steps, metric)
                for place, value in zip(reversed(entry.steps.nodes), reversed(values), strict=True):
                    if place == node and value is not None:
                        yield value
