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

_STEPS_LOOKED_AT = 20 * HISTORY_LIMIT
"""A node whose steps never tell a metric would otherwise be read to its beginning."""

_SAMPLES = """
    SELECT {metric} FROM (
        SELECT {metric}, created_us, trace, rank FROM measurements
        WHERE series = %s AND healthy AND created_us < %s
        ORDER BY created_us DESC, trace DESC, rank DESC LIMIT %s) AS newest
    WHERE {metric} >= 0 ORDER BY created_us DESC, trace DESC, rank DESC LIMIT %s"""

_SKETCH = """
    SELECT node_name, metadata -> 'superstep', step_number, output_refs FROM steps
    WHERE trace = %s AND parent_id = '' AND outcome IN ('ok', 'cached') ORDER BY rank LIMIT %s"""


class PostgresHistory:
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
            self._runs = len(self._connections.read(lambda connection: self._newest(connection, HISTORY_LIMIT)))
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
            number = series_number(self._pipeline, self._graph_version, escape(node_name))
            found = self._connections.read(
                lambda connection: connection.execute(
                    _SAMPLES.format(metric=metric).encode(),
                    (number, self._before_us, _STEPS_LOOKED_AT, HISTORY_LIMIT),
                ).fetchall()
            )
            known = self._samples[metric, node_name] = tuple(row[0] for row in found)
        return known

    def habits(self) -> RunHabits:
        """What the newest ``HABIT_RUNS`` runs have in common."""
        if self._habits is None:
            self._habits = self._connections.read(self._read_habits)
        return self._habits

    def profile(self) -> Profile:
        """What all runs that taught have shown."""
        if self._profile is None:
            self._profile = self._connections.read(lambda connection: self._profiles.get(connection, self._series))
        return self._profile

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

    def _read_habits(self, connection: Connection) -> RunHabits:
        runs = [
            connection.execute(_SKETCH, (number, HABIT_STEPS)).fetchall()
            for number in self._newest(connection, HABIT_RUNS)
        ]
        return habits_of([_sketched(*row) for row in rows] for rows in runs)


def _sketched(node: str, superstep: str | None, step_number: int, references: str) -> StepSketch:
    told = None if superstep is None else from_json(superstep)
    moment = told if isinstance(told, int) else step_number
    # the names are JSON text inside JSON, see the table of values
    fields = tuple(from_json(f'"{name}"') for name in from_json(references))
    return StepSketch(unescape(node), moment, fields)
