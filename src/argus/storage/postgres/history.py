"""Earlier healthy runs, from the rows of measurements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from argus.model.habits import HABIT_STEPS
from argus.model.profile import Profile
from argus.storage.base import HISTORY_LIMIT
from argus.storage.exact_json import escape, from_json
from argus.storage.lessons import Series
from argus.storage.measured_history import STEPS_LOOKED_AT, MeasuredHistory, SketchRow
from argus.storage.moments import to_microseconds, to_text
from argus.storage.postgres.connections import Connections
from argus.storage.postgres.driver import Connection
from argus.storage.postgres.numbers import series_number
from argus.storage.postgres.profiles import Profiles
from argus.storage.postgres.queries import INDEXED

__all__ = ["PostgresHistory"]

_NEVER_TEXT = "infinity"
_NEVER_US = (1 << 63) - 1
"""After every time that can be stored."""

_HEALTHY = """
    FROM traces WHERE status = 'ok' AND "left"(pipeline_name, 100) = %s AND pipeline_name = %s
        AND {version} AND created_at < %s::timestamptz"""

_SAMPLES = """
    SELECT {metric} FROM (
        SELECT {metric}, created_us, trace, rank FROM measurements
        WHERE series = %s AND healthy AND created_us < %s
        ORDER BY created_us DESC, trace DESC, rank DESC LIMIT %s) AS newest
    WHERE {metric} >= 0 ORDER BY created_us DESC, trace DESC, rank DESC LIMIT %s"""

_SKETCH = """
    SELECT node_name, metadata -> 'superstep', step_number, output_refs FROM steps
    WHERE trace = %s AND parent_id = '' AND outcome IN ('ok', 'cached') ORDER BY rank LIMIT %s"""


class PostgresHistory(MeasuredHistory):
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
        return len(self._connections.read(lambda connection: self._newest(connection, most)))

    def _measured(self, metric: str, node_name: str) -> Iterable[float]:
        number = series_number(self._pipeline, self._graph_version, escape(node_name))
        found = self._connections.read(
            lambda connection: connection.execute(
                _SAMPLES.format(metric=metric).encode(), (number, self._before_us, STEPS_LOOKED_AT, HISTORY_LIMIT)
            ).fetchall()
        )
        return [row[0] for row in found]

    def _sketches(self, most: int) -> Sequence[Sequence[SketchRow]]:
        found = self._connections.read(
            lambda connection: [
                connection.execute(_SKETCH, (number, HABIT_STEPS)).fetchall()
                for number in self._newest(connection, most)
            ]
        )
        return [
            [(node, None if told is None else from_json(told), number, fields) for node, told, number, fields in rows]
            for rows in found
        ]

    def _learned(self) -> Profile:
        return self._connections.read(lambda connection: self._profiles.get(connection, self._series))

    def _newest(self, connection: Connection, limit: int) -> list[int]:
        version = self._graph_version
        if version is None:
            condition = '"left"(graph_version, 100) IS NULL'
            bound: tuple[str, ...] = ()
        else:
            condition = '"left"(graph_version, 100) = %s AND graph_version = %s'
            bound = (version[:INDEXED], version)
        found = connection.execute(
            f"SELECT number {_HEALTHY.format(version=condition)} ORDER BY created_at DESC LIMIT %s".encode(),
            (self._pipeline[:INDEXED], self._pipeline, *bound, self._before_text, limit),
        )
        return [number for (number,) in found]
