"""A history whose profile was frozen: what was reviewed counts, whatever the store has learned since."""

from __future__ import annotations

from collections.abc import Sequence

from argus.model.habits import RunHabits
from argus.model.ports import History
from argus.model.profile import Profile

__all__ = ["FrozenHistory"]


class FrozenHistory:
    """A history with another profile.

    Args:
        profile: What counts.
        history: What earlier runs measured and did, or None when there is no store.
    """

    def __init__(self, profile: Profile, history: History | None = None) -> None:
        self._profile = profile
        self._history = history

    def runs(self) -> int:
        """How many healthy runs are known: those that are stored, or those that were frozen if they are more."""
        return max(self._profile.runs, self._history.runs() if self._history is not None else 0)

    def samples(self, metric: str, node_name: str) -> Sequence[float]:
        """What stored runs measured; a profile has no single measurements.

        Args:
            metric: As :meth:`argus.model.ports.History.samples` has it.
            node_name: The node.
        """
        return self._history.samples(metric, node_name) if self._history is not None else ()

    def habits(self) -> RunHabits:
        """What stored runs have in common."""
        return self._history.habits() if self._history is not None else RunHabits()

    def profile(self) -> Profile:
        """What was frozen."""
        return self._profile
