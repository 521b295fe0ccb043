"""Earlier healthy runs, from the rows of measurements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from argus.model.habits import HABIT_RUNS, HABIT_STEPS, RunHabits, StepSketch, habits_of
from argus.model.metrics import METRICS
from argus.model.profile import Profile
from argus.storage.base import HISTORY_LIMIT
from argus.storage.exact_json import escape, from_json, unescape
from argus.storage.lessons import Series
from argus.storage.moments import to_microseconds, to_text
from argus.storage.sqlite.connections import Connections
from argus.storage.sqlite.profiles import Profiles

__all__ = ["SqliteHistory"]

_NEVER_TEXT = "~"
_NEVER_US = (1 << 63) - 1
"""After every time that can be stored."""

_RUNS = """
    SELECT count(*) FROM (
        SELECT 1 FROM traces INDEXED BY healthy_traces
        WHERE pipeline_name = ? AND graph_version IS ? AND status = 'ok' AND created_at < ? LIMIT ?)"""

_STEPS_LOOKED_AT = 20 * HISTORY_LIMIT
"""A node whose steps never tell a metric would otherwise be read to its beginning."""

_SAMPLES = """
    SELECT {metric} FROM (
        SELECT {metric} FROM measurements
        WHERE series = (SELECT number FROM series WHERE node_name = ? AND pipeline_name = ? AND graph_version IS ?)
            AND healthy = 1 AND created_us < ?
        ORDER BY created_us DESC, step DESC LIMIT ?)
    WHERE {metric} >= 0 LIMIT ?"""

_NEWEST = """
    SELECT number FROM traces INDEXED BY healthy_traces
    WHERE pipeline_name = ? AND graph_version IS ? AND status = 'ok' AND created_at < ?
    ORDER BY created_at DESC LIMIT ?"""

_SKETCH = """
    SELECT node_name, json_extract(metadata, '$.superstep'), step_number, output_refs FROM steps
    WHERE number >= ? AND number < ? AND parent_id = '' AND outcome IN ('ok', 'cached') ORDER BY number LIMIT ?"""

_SHIFT = 24
"""A step's number begins with that of its trace; see the schema."""


class SqliteHistory:
    """The history of one pipeline and graph version; every number is read once and kept. Thread-safe.

    Args:
        connections: The store's.
        profiles: The store's.
        series: The pipeline and the graph's version.
        before: Only runs that started earlier; None is all.
    """

    def __init__(self, connections: Connections, profiles: Profiles, series: Series, before: datetime | None) -> None:
        self._connections = connections
        self._profiles = profiles
        self._series = series
        self._pipeline = escape(series.pipeline_name)
        self._graph_version = None if series.graph_version is None else escape(series.graph_version)
        self._before_text = _NEVER_TEXT if before is None else to_text(before)
        self._before_us = _NEVER_US if before is None else to_microseconds(before)
        self._runs: int | None = None
        self._samples: dict[tuple[str, str], tuple[float, ...]] = {}
        self._habits: RunHabits | None = None
        self._profile: Profile | None = None

    def runs(self) -> int:
        """How many earlier healthy runs are known, counted up to ``HISTORY_LIMIT``."""
        if self._runs is None:
            with self._connections.reading() as connection:
                self._runs = connection.execute(
                    _RUNS, (self._pipeline, self._graph_version, self._before_text, HISTORY_LIMIT)
                ).fetchone()[0]
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
            with self._connections.reading() as connection:
                found = connection.execute(
                    _SAMPLES.format(metric=metric),
                    (
                        escape(node_name),
                        self._pipeline,
                        self._graph_version,
                        self._before_us,
                        _STEPS_LOOKED_AT,
                        HISTORY_LIMIT,
                    ),
                )
                known = self._samples[metric, node_name] = tuple(row[0] for row in found)
        return known

    def habits(self) -> RunHabits:
        """What the newest ``HABIT_RUNS`` runs have in common."""
        if self._habits is None:
            with self._connections.reading() as connection:
                numbers = connection.execute(
                    _NEWEST, (self._pipeline, self._graph_version, self._before_text, HABIT_RUNS)
                ).fetchall()
                runs = [
                    connection.execute(_SKETCH, (number << _SHIFT, (number + 1) << _SHIFT, HABIT_STEPS)).fetchall()
                    for (number,) in numbers
                ]
            self._habits = habits_of([_sketched(*row) for row in rows] for rows in runs)
        return self._habits

    def profile(self) -> Profile:
        """What all runs that taught have shown."""
        if self._profile is None:
            with self._connections.reading() as connection:
                self._profile = self._profiles.get(connection, self._series)
        return self._profile


def _sketched(node: str, superstep: object, step_number: int, references: str) -> StepSketch:
    moment = superstep if isinstance(superstep, int) else step_number
    # the names are JSON text inside JSON, see the table of values
    fields = tuple(from_json(f'"{name}"') for name in from_json(references))
    return StepSketch(unescape(node), moment, fields)
