"""A store that lives and dies with the process: for tests, notebooks and runs that leave nothing behind."""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from argus.errors import ConfigError, StorageError, TraceNotFound
from argus.learning.merging import merge
from argus.model.habits import HABIT_RUNS, RunHabits, habits_of, sketch_of
from argus.model.metrics import METRICS, step_metrics
from argus.model.ports import History
from argus.model.profile import Profile
from argus.model.trace import Trace
from argus.storage.base import HISTORY_LIMIT, Baseline, BaseStore, Page, TraceQuery, TraceRow
from argus.storage.lessons import Series, lessons_of
from argus.storage.listing import code_fits, row_of, search_text, searched
from argus.storage.moments import to_text
from argus.storage.paging import Position, check_limit, cursor_after, position_of

__all__ = ["MemoryStore"]


class _Shelf:
    """The traces of one store, however many handles there are to it.

    Attributes:
        lock: Held by every method of a store.
        traces: By id.
        order: The place of every trace in a listing, oldest first.
        ids: In order.
        profiles: What has been learned.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.traces: dict[str, Trace] = {}
        self.order: list[Position] = []
        self.ids: list[str] = []
        self.profiles: dict[Series, Profile] = {}


_shelves: dict[str, _Shelf] = {}


class MemoryStore(BaseStore):
    """Traces in memory, as the very objects that were saved.

    Args:
        name: Stores of the same name share their traces for as long as the process lives; without a name a store has
            its own.
    """

    schemes: ClassVar[tuple[str, ...]] = ("memory",)

    def __init__(self, name: str = "") -> None:
        self._name = name
        self._shelf = _shelves.setdefault(name, _Shelf()) if name else _Shelf()
        self._closed = False

    @classmethod
    def open(cls, url: str) -> MemoryStore:
        """Opens the store.

        Args:
            url: ``memory:`` or ``memory:NAME``.

        Raises:
            ConfigError: It is another URL.
        """
        scheme, colon, name = url.partition(":")
        if scheme != "memory" or not colon:
            raise ConfigError(f"{url!r} names no store in memory; write memory: or memory:NAME")
        return cls(name)

    @property
    def url(self) -> str:
        """Where the store is."""
        return f"memory:{self._name}"

    def save(self, trace: Trace) -> None:
        """Stores a whole trace; a trace with the same id is replaced.

        Args:
            trace: A finalized trace.
        """
        self.save_many((trace,))

    def save_many(self, traces: Sequence[Trace]) -> None:
        """Stores several traces, all or none; healthy runs teach the profile of their pipeline, each of them once.

        Args:
            traces: Finalized traces.
        """
        for trace in traces:
            if not isinstance(trace, Trace):
                raise StorageError(f"only traces can be stored, not {type(trace).__name__}")
        shelf = self._open_shelf()
        with shelf.lock:
            taught = {
                trace.id for trace in map(shelf.traces.get, {one.id for one in traces}) if trace and trace.is_clean
            }
            new = {trace.id: trace for trace in traces if trace.id not in taught}
            lessons = lessons_of(new.values(), lambda series: shelf.profiles.get(series, Profile()))
            for series, lesson in lessons.items():
                shelf.profiles[series] = merge(shelf.profiles.get(series, Profile()), lesson)
            for trace in traces:
                if trace.id in shelf.traces:
                    _remove(shelf, trace.id)
                shelf.traces[trace.id] = trace
                insort(shelf.order, _place(trace))
                insort(shelf.ids, trace.id)

    def get(self, trace_id: str) -> Trace:
        """The whole trace.

        Args:
            trace_id: The full id.

        Raises:
            TraceNotFound: There is none.
        """
        shelf = self._open_shelf()
        with shelf.lock:
            found = shelf.traces.get(trace_id)
        if found is None:
            raise TraceNotFound(f"no trace {trace_id!r} is in the store {self.url}")
        return found

    def list(self, query: TraceQuery | None = None, *, limit: int = 50, cursor: str | None = None) -> Page:
        """Traces, newest first (``created_at``, then id, descending).

        Args:
            query: Conditions; None lists all.
            limit: Rows at most, from 1 to 1000.
            cursor: From an earlier page; rows saved meanwhile never shift it.
        """
        check_limit(limit)
        shelf = self._open_shelf()
        with shelf.lock:
            end = bisect_left(shelf.order, position_of(cursor)) if cursor is not None else len(shelf.order)
            rows: list[TraceRow] = []
            for place in reversed(shelf.order[:end]):
                trace = shelf.traces[place.trace_id]
                if query is None or _fits(trace, place, query):
                    if len(rows) == limit:
                        return Page(rows=tuple(rows), next_cursor=cursor_after(rows[-1]))
                    rows.append(row_of(trace))
        return Page(rows=tuple(rows))

    def find_prefix(self, prefix: str, *, limit: int = 10) -> tuple[str, ...]:
        """Ids that start with a prefix, in order of id.

        Args:
            prefix: The beginning of an id, any characters.
            limit: Ids at most.
        """
        shelf = self._open_shelf()
        with shelf.lock:
            first = bisect_left(shelf.ids, prefix)
            return tuple(found for found in shelf.ids[first : first + limit] if found.startswith(prefix))

    def delete(self, trace_ids: Sequence[str]) -> int:
        """Removes traces; unknown ids are passed over.

        Args:
            trace_ids: Full ids.

        Returns:
            How many were removed.
        """
        shelf = self._open_shelf()
        with shelf.lock:
            known = [trace_id for trace_id in dict.fromkeys(trace_ids) if trace_id in shelf.traces]
            for trace_id in known:
                _remove(shelf, trace_id)
        return len(known)

    def history(self, pipeline: str, graph_version: str | None, *, before: datetime | None = None) -> History:
        """What healthy runs (status ``ok``) of a pipeline say.

        Args:
            pipeline: The pipeline's name.
            graph_version: Only runs of this version of the graph; None only runs without one.
            before: Only runs that started earlier.
        """
        shelf = self._open_shelf()
        with shelf.lock:
            end = len(shelf.order) if before is None else bisect_left(shelf.order, Position(to_text(before), ""))
            newest_first = [shelf.traces[place.trace_id] for place in reversed(shelf.order[:end])]
        return _MemoryHistory(
            [
                trace
                for trace in newest_first
                if trace.status == "ok"
                and trace.pipeline_name == pipeline
                and (trace.graph.version if trace.graph else None) == graph_version
            ],
            shelf.profiles.get(Series(pipeline, graph_version), Profile()),
        )

    def baselines(self) -> tuple[Baseline, ...]:
        """What has been learned so far, by pipeline; the profile itself is :meth:`history`'s."""
        shelf = self._open_shelf()
        with shelf.lock:
            found = sorted(shelf.profiles.items(), key=lambda item: item[0].pipeline_name)
        return tuple(
            Baseline(pipeline_name=series.pipeline_name, graph_version=series.graph_version, runs=profile.runs)
            for series, profile in found
        )

    def put_baseline(self, pipeline: str, graph_version: str | None, profile: Profile) -> None:
        """Replaces what has been learned of a pipeline; healthy runs go on teaching it.

        Args:
            pipeline: The pipeline's name.
            graph_version: The version of its graph, or None for runs without one.
            profile: What is known from now on.
        """
        shelf = self._open_shelf()
        with shelf.lock:
            shelf.profiles[Series(pipeline, graph_version)] = profile

    def reset_baseline(self, pipeline: str, graph_version: str | None) -> bool:
        """Forgets what has been learned of a pipeline; its runs stay, and do not teach again.

        Args:
            pipeline: The pipeline's name.
            graph_version: The version of its graph, or None for runs without one.

        Returns:
            Whether there was anything to forget.
        """
        shelf = self._open_shelf()
        with shelf.lock:
            return shelf.profiles.pop(Series(pipeline, graph_version), None) is not None

    def close(self) -> None:
        """Gives up this handle; the traces of a named store stay."""
        self._closed = True

    def _open_shelf(self) -> _Shelf:
        if self._closed:
            raise StorageError(f"the store {self.url} is closed; open it again")
        return self._shelf


class _MemoryHistory:
    """The numbers of healthy runs.

    Args:
        traces: Newest first.
        profile: What has been learned.
    """

    def __init__(self, traces: Sequence[Trace], profile: Profile) -> None:
        self._traces = traces
        self._profile = profile

    def runs(self) -> int:
        return min(len(self._traces), HISTORY_LIMIT)

    def samples(self, metric: str, node_name: str) -> Sequence[float]:
        if metric not in METRICS:
            raise ValueError(f"no metric {metric!r}; there are {', '.join(METRICS)}")
        found: list[float] = []
        for trace in self._traces:
            for numbers in reversed(step_metrics(trace)):
                value = getattr(numbers, metric)
                if numbers.node_name == node_name and value is not None:
                    found.append(value)
                    if len(found) == HISTORY_LIMIT:
                        return tuple(found)
        return tuple(found)

    def habits(self) -> RunHabits:
        return habits_of(sketch_of(trace) for trace in self._traces[:HABIT_RUNS])

    def profile(self) -> Profile:
        return self._profile


def _place(trace: Trace) -> Position:
    return Position(to_text(trace.created_at), trace.id)


def _remove(shelf: _Shelf, trace_id: str) -> None:
    trace = shelf.traces.pop(trace_id)
    del shelf.order[bisect_left(shelf.order, _place(trace))]
    del shelf.ids[bisect_left(shelf.ids, trace_id)]


def _fits(trace: Trace, place: Position, query: TraceQuery) -> bool:
    counted = [found for found in trace.detections if found.suppressed is None]
    return (
        (query.pipeline is None or trace.pipeline_name == query.pipeline)
        and (not query.statuses or trace.status in query.statuses)
        and (not query.codes or any(code_fits(found.code, query.codes) for found in counted))
        and (not query.severities or any(found.severity in query.severities for found in counted))
        and (query.node is None or any(step.node_name == query.node for step in trace.steps))
        and (query.since is None or place.created_at >= to_text(query.since))
        and (query.until is None or place.created_at < to_text(query.until))
        and (not query.text or searched(query.text) in search_text(trace))
    )
