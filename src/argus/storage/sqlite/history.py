"""Earlier healthy runs, from the rows of measurements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from argus.model.habits import HABIT_STEPS
from argus.model.profile import Profile
from argus.storage.base import HISTORY_LIMIT
from argus.storage.exact_json import escape
from argus.storage.lessons import Series
from argus.storage.measured_history import STEPS_LOOKED_AT, MeasuredHistory, SketchRow
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


class SqliteHistory(MeasuredHistory):
    """The history of one pipeline and graph version.

    Args:
        connections: The store's.
        profiles: The store's.
        series: The pipeline and the graph's version.
        before: Only runs that started earlier; None is all.
    """

    def __init__(self, connections: Connections, profiles: Profiles, series: Series, before: datetime | None) -> None:
        super().__init__()
        self._connections = connections
        self._profiles = profiles
        self._series = series
        self._pipeline = escape(series.pipeline_name)
        self._graph_version = None if series.graph_version is None else escape(series.graph_version)
        self._before_text = _NEVER_TEXT if before is None else to_text(before)
        self._before_us = _NEVER_US if before is None else to_microseconds(before)

    def _count(self, most: int) -> int:
        with self._connections.reading() as connection:
            found = connection.execute(_RUNS, (self._pipeline, self._graph_version, self._before_text, most))
            count: int = found.fetchone()[0]
        return count

    def _measured(self, metric: str, node_name: str) -> Iterable[float]:
        of_node = (escape(node_name), self._pipeline, self._graph_version, self._before_us)
        with self._connections.reading() as connection:
            found = connection.execute(_SAMPLES.format(metric=metric), (*of_node, STEPS_LOOKED_AT, HISTORY_LIMIT))
            return [row[0] for row in found]

    def _sketches(self, most: int) -> Sequence[Sequence[SketchRow]]:
        with self._connections.reading() as connection:
            numbers = connection.execute(
                _NEWEST, (self._pipeline, self._graph_version, self._before_text, most)
            ).fetchall()
            return [
                connection.execute(_SKETCH, (number << _SHIFT, (number + 1) << _SHIFT, HABIT_STEPS)).fetchall()
                for (number,) in numbers
            ]

    def _learned(self) -> Profile:
        with self._connections.reading() as connection:
            return self._profiles.get(connection, self._series)
