"""The contract of a trace store, as tests that any backend can run.

Subclass :class:`StorageSuite` in a test module and supply the fixture ``store``, fresh and empty for each test::

    class TestMyStore(StorageSuite):
        shared_between_processes = True

        @pytest.fixture
        def store(self, tmp_path):
            store = MyStore.open(f"mine://{tmp_path}")
            yield store
            store.close()

Every test states one promise of :class:`argus.storage.base.BaseStore`. What a backend need not be able to do is
declared by a class attribute; tests of what is not declared are skipped and show as such.
"""

# ruff: noqa: D102 - the name of each test is its sentence

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any, ClassVar

import msgspec
import pytest

from argus.errors import StorageError, TraceNotFound
from argus.model.codec import encode
from argus.model.detection import Detection
from argus.model.outline import outline_of
from argus.model.trace import Trace
from argus.storage.base import BaseStore, TraceQuery
from argus.testing.builders import CREATED_AT, ran
from argus.testing.figures_suite import FiguresSuite
from argus.testing.full_trace import full_trace, hostile_trace, small_trace
from argus.testing.history_suite import HistorySuite
from argus.testing.profile_suite import ProfileSuite

__all__ = [
    "ConcurrencySuite",
    "DeletingSuite",
    "HistorySuite",
    "ListingSuite",
    "PrefixSuite",
    "ProfileSuite",
    "RoundTripSuite",
    "SavingSuite",
    "StorageSuite",
]

_change = msgspec.structs.replace


def _finding(**changes: Any) -> Detection:
    return Detection(**{"layer": "structural", "severity": "warning", "message": "odd", "step_id": "s", **changes})


def _ids(store: BaseStore, **conditions: Any) -> list[str]:
    return [row.id for row in store.list(TraceQuery(**conditions)).rows]


def _all_pages(store: BaseStore, query: TraceQuery | None = None, *, limit: int) -> list[str]:
    ids: list[str] = []
    cursor = None
    while True:
        page = store.list(query, limit=limit, cursor=cursor)
        ids += [row.id for row in page.rows]
        if page.next_cursor is None:
            return ids
        cursor = page.next_cursor


class RoundTripSuite:
    """What is saved comes back."""

    def test_every_field_comes_back(self, store: BaseStore) -> None:
        trace = full_trace()
        store.save(trace)
        assert store.get(trace.id) == trace

    def test_a_bare_trace_comes_back(self, store: BaseStore) -> None:
        trace = Trace(id="bare", pipeline_name="", created_at=CREATED_AT)
        store.save(trace)
        assert store.get("bare") == trace

    def test_hostile_text_comes_back(self, store: BaseStore) -> None:
        trace = hostile_trace()
        store.save(trace)
        assert store.get(trace.id) == trace
        assert [row.pipeline_name for row in store.list().rows] == [trace.pipeline_name]

    def test_numbers_keep_their_kind_and_all_their_digits(self, store: BaseStore) -> None:
        numbers = [0, 1, True, False, None, 1.0, -0.0, 0.1, 1e300, 5e-324, 2**63, 2**64, -(2**63), 10**40, -(10**40)]
        trace = small_trace(1, steps=[ran("count", {"numbers": numbers, "one": 1, "true": True, "float": 1.0})])
        store.save(trace)
        update = store.get(trace.id).steps[0].output_state
        assert encode(update) == encode(trace.steps[0].output_state)

    def test_lists_and_objects_that_change_come_back(self, store: BaseStore) -> None:
        items = [{"role": "user", "content": f"{n} " + "x" * 200} for n in range(30)]
        short = [*range(400)]
        tree = {f"branch{n}": {"leaves": ["y" * 300] * 3} for n in range(10)}
        states: list[dict[str, Any]] = [{"list": [], "short": short, "tree": tree}]
        states += [{"list": items[:n], "short": short[:n], "tree": {**tree, f"branch{n % 10}": n}} for n in range(30)]
        states += [{"list": items[n:], "short": short[n:]} for n in (3, 1, 4)]  # trimmed at the front
        states += [{"list": [*items[:9], {"replaced": n}, *items[10:]], "short": [n, *short]} for n in range(3)]
        states += [{"list": [], "short": [None]}, {"list": items[:2] * 2, "short": [[1], [1, 2]]}, {"list": None}]
        steps = [ran("n", {"list": s["list"]}, input_state=s, state_after=dict(s)) for s in states]
        trace = small_trace(1, steps=steps)
        unshared = msgspec.json.decode(encode(_change(trace, id="unshared")), type=Trace)
        store.save_many([trace, unshared])
        assert store.get(trace.id) == trace
        assert store.get("unshared") == unshared

    def test_times_of_other_zones_are_the_same_moments(self, store: BaseStore) -> None:
        india = timezone(timedelta(hours=5, minutes=30))
        early = small_trace(1, created_at=datetime(2026, 1, 1, 16, 0, 0, 1, tzinfo=india))  # 10:30 UTC
        late = small_trace(2, created_at=datetime(2026, 1, 1, 11, 0, tzinfo=timezone.utc))
        store.save_many([late, early])
        assert store.get(early.id).created_at == early.created_at
        assert [row.created_at for row in store.list().rows] == [late.created_at, early.created_at]
        assert store.list().rows[0].created_at.tzinfo is not None
        assert _ids(store, since=datetime(2026, 1, 1, 16, 15, tzinfo=india)) == [late.id]


class SavingSuite:
    """Saving is all or nothing, and may be repeated."""

    def test_saving_again_changes_nothing(self, store: BaseStore) -> None:
        trace = full_trace()
        store.save(trace)
        store.save(trace)
        assert store.get(trace.id) == trace
        assert len(store.list().rows) == 1
        assert store.find_prefix("") == (trace.id,)

    def test_a_trace_with_the_same_id_is_replaced_in_all_its_parts(self, store: BaseStore) -> None:
        first = full_trace()
        second = small_trace(
            7, trace_id=first.id, pipeline_name="other", created_at=first.created_at - timedelta(days=1)
        )
        store.save(first)
        store.save(second)
        assert store.get(first.id) == second
        assert _ids(store) == [first.id]
        assert _ids(store, pipeline=first.pipeline_name) == []
        assert _ids(store, codes=(first.detections[0].code,)) == []
        assert _ids(store, node=first.steps[0].node_name) == []

    def test_of_two_with_the_same_id_the_later_one_stays(self, store: BaseStore) -> None:
        store.save_many([small_trace(1, summary="first"), small_trace(1, summary="second")])
        assert [row.summary for row in store.list().rows] == ["second"]

    def test_a_batch_that_fails_leaves_nothing(self, store: BaseStore) -> None:
        not_a_trace: Any = object()
        with pytest.raises(StorageError):
            store.save_many([small_trace(1), small_trace(2), not_a_trace])
        assert store.list().rows == ()
        store.save(small_trace(3))
        assert len(store.list().rows) == 1

    def test_an_empty_batch_is_nothing(self, store: BaseStore) -> None:
        store.save_many([])
        assert store.list().rows == ()

    def test_a_closed_store_says_so(self, store: BaseStore) -> None:
        store.close()
        store.close()
        with pytest.raises(StorageError):
            store.save(small_trace(1))


class ListingSuite:
    """Listings: order, conditions, pages."""

    def test_a_row_tells_what_the_trace_tells(self, store: BaseStore) -> None:
        trace = full_trace()
        store.save(trace)
        (row,) = store.list().rows
        assert trace.graph is not None
        assert msgspec.structs.asdict(row) == {
            "id": trace.id,
            "pipeline_name": trace.pipeline_name,
            "created_at": trace.created_at,
            "status": trace.status,
            "duration_ms": trace.duration_ms,
            "node_count": trace.node_count,
            "step_count": len(trace.steps),
            "detection_count": trace.detection_count,
            "summary": trace.summary,
            "graph_version": trace.graph.version,
        }

    def test_an_outline_is_the_trace_without_what_makes_it_large(self, store: BaseStore) -> None:
        first, second = full_trace(), hostile_trace()
        store.save_many([first, second])
        wanted = [outline_of(second), outline_of(first)]
        assert list(store.outlines([second.id, "unknown", first.id])) == wanted
        assert store.outlines([]) == ()

    def test_traces_are_counted_by_pipeline(self, store: BaseStore) -> None:
        assert store.tally() == {}
        for number in (1, 2, 3):
            store.save(small_trace(number, pipeline_name="b" if number == 2 else "a"))
        assert store.tally() == {"a": 2, "b": 1}
        assert store.tally(TraceQuery(pipeline="b", since=CREATED_AT - timedelta(days=9))) == {"b": 1}
        assert store.tally(TraceQuery(pipeline="c")) == {}

    def test_the_newest_comes_first_whatever_was_saved_first(self, store: BaseStore) -> None:
        for number in (3, 1, 4, 2):
            store.save(small_trace(number))
        assert _ids(store) == [small_trace(number).id for number in (4, 3, 2, 1)]

    def test_of_the_same_moment_the_greatest_id_comes_first(self, store: BaseStore) -> None:
        store.save_many([small_trace(0, trace_id=trace_id) for trace_id in ("b", "c", "a")])
        assert _ids(store) == ["c", "b", "a"]

    def test_pipeline_is_exact(self, store: BaseStore) -> None:
        names = ("orders", "orders ", "Orders", "orders%", "order_")
        store.save_many([small_trace(number, pipeline_name=name) for number, name in enumerate(names)])
        for number, name in enumerate(names):
            assert _ids(store, pipeline=name) == [small_trace(number).id]

    def test_any_of_the_statuses(self, store: BaseStore) -> None:
        statuses = ("ok", "warning", "failed", "incomplete")
        store.save_many([small_trace(number, status=status) for number, status in enumerate(statuses)])
        assert _ids(store, statuses=("failed",)) == [small_trace(2).id]
        assert _ids(store, statuses=("incomplete", "ok")) == [small_trace(3).id, small_trace(0).id]

    def test_any_of_the_codes_and_severities(self, store: BaseStore) -> None:
        store.save(small_trace(1, detections=(_finding(code="STR401", severity="critical"), _finding(code="STR401"))))
        store.save(small_trace(2, detections=(_finding(code="STR402", severity="info"),)))
        store.save(small_trace(3))
        assert _ids(store, codes=("STR401",)) == [small_trace(1).id]
        assert _ids(store, codes=("STR402", "STR401", "STR4%")) == [small_trace(2).id, small_trace(1).id]
        assert _ids(store, codes=("STR4*",)) == [small_trace(2).id, small_trace(1).id]
        assert _ids(store, codes=("STR402*",)) == _ids(store, codes=("SEM1*", "STR402")) == [small_trace(2).id]
        assert _ids(store, codes=("*",)) == [small_trace(2).id, small_trace(1).id]
        assert _ids(store, codes=("tr4*", "T*", "STR401 *")) == []
        assert _ids(store, severities=("critical", "info")) == [small_trace(2).id, small_trace(1).id]
        assert _ids(store, severities=("warning",)) == [small_trace(1).id]

    def test_suppressed_findings_do_not_count(self, store: BaseStore) -> None:
        found = _finding(code="STR401", message="hidden words", suppressed="known")
        store.save(small_trace(1, detections=(found,)))
        assert store.list().rows[0].detection_count == 0
        assert (
            _ids(store, codes=("STR401",)) == _ids(store, severities=("warning",)) == _ids(store, text="hidden") == []
        )

    def test_a_step_of_the_node(self, store: BaseStore) -> None:
        store.save(small_trace(1, steps=(ran("plan"), ran("act"), ran("act"))))
        store.save(small_trace(2, steps=(ran("plan"), ran("fail", outcome="error")), status="failed"))
        assert _ids(store, node="act") == [small_trace(1).id]
        assert _ids(store, node="plan") == [small_trace(2).id, small_trace(1).id]
        assert _ids(store, node="fail") == [small_trace(2).id]
        assert _ids(store, node="a%") == []

    def test_text_in_any_letter_case(self, store: BaseStore) -> None:
        store.save(small_trace(1, summary="Lost 100% of the ÉCLAIRS"))
        store.save(small_trace(2, detections=(_finding(message="Straße is missing"),)))
        store.save(small_trace(3, pipeline_name="Bakery"))
        assert _ids(store, text="éclairs") == _ids(store, text="0% OF") == [small_trace(1).id]
        assert _ids(store, text="STRASSE") == [small_trace(2).id]
        assert _ids(store, text="bake") == [small_trace(3).id]
        assert _ids(store, text="%") == [small_trace(1).id]
        assert _ids(store, text="_") == []

    def test_since_is_included_and_until_is_not(self, store: BaseStore) -> None:
        store.save_many([small_trace(number) for number in range(5)])
        since, until = (small_trace(number).created_at for number in (1, 3))
        assert _ids(store, since=since, until=until) == [small_trace(2).id, small_trace(1).id]
        assert _ids(store, since=since + timedelta(microseconds=1), until=until) == [small_trace(2).id]

    def test_all_conditions_must_hold(self, store: BaseStore) -> None:
        failed = {"status": "failed", "detections": (_finding(code="STR401"),)}
        store.save_many([small_trace(1, **failed), small_trace(2), small_trace(3, pipeline_name="other", **failed)])
        assert _ids(store, statuses=("failed",), codes=("STR401",), pipeline="pipeline", node="ask") == [
            small_trace(1).id
        ]
        assert _ids(store, statuses=("ok",), codes=("STR401",)) == []

    def test_pages_show_everything_once(self, store: BaseStore) -> None:
        # Three traces share each moment, so that pages end within one.
        store.save_many([small_trace(n, created_at=CREATED_AT + timedelta(seconds=n // 3)) for n in range(20)])
        newest_first = [small_trace(number).id for number in reversed(range(20))]
        for limit in (1, 2, 7, 20, 1000):
            assert _all_pages(store, limit=limit) == newest_first
        assert _all_pages(store, TraceQuery(pipeline="pipeline", statuses=("ok",)), limit=3) == newest_first
        assert store.list(limit=20).next_cursor is None

    def test_what_is_saved_or_deleted_meanwhile_does_not_shift_pages(self, store: BaseStore) -> None:
        store.save_many([small_trace(number) for number in range(10, 16)])
        first = store.list(limit=3)
        store.save_many([small_trace(number) for number in (20, 30)])
        store.delete([first.rows[-1].id])
        second = store.list(limit=3, cursor=first.next_cursor)
        assert [row.id for row in second.rows] == [small_trace(number).id for number in (12, 11, 10)]

    def test_a_wrong_limit_or_cursor_is_an_error(self, store: BaseStore) -> None:
        store.save(small_trace(1))
        for limit in (0, -1, 1001):
            with pytest.raises(StorageError):
                store.list(limit=limit)
        with pytest.raises(StorageError):
            store.list(cursor="no cursor of ours")


class PrefixSuite:
    """Ids and their beginnings."""

    def test_an_unknown_id_is_not_found(self, store: BaseStore) -> None:
        store.save(small_trace(1, trace_id="abc"))
        for unknown in ("", "ab", "abcd", "ABC", "%", "a_c", "\ud800", "a\0"):
            with pytest.raises(TraceNotFound):
                store.get(unknown)

    def test_prefixes_are_taken_literally(self, store: BaseStore) -> None:
        ids = ("a%", "a%b", "a_", "abc", "A", "[ab]", "a\\", "ab\U0010ffff", "é", "b*")
        store.save_many([small_trace(number, trace_id=trace_id) for number, trace_id in enumerate(ids)])
        for prefix in (*ids, "a", "", "%", "_", "ab", "[", "z", "*", "a?"):
            expected = tuple(sorted(trace_id for trace_id in ids if trace_id.startswith(prefix)))
            assert store.find_prefix(prefix) == expected, prefix

    def test_prefixes_find_no_more_than_asked_for(self, store: BaseStore) -> None:
        store.save_many([small_trace(number) for number in range(15)])
        assert store.find_prefix("0", limit=4) == tuple(small_trace(number).id for number in range(4))
        assert len(store.find_prefix("0")) == 10


class DeletingSuite:
    """What is deleted is gone."""

    def test_deleted_traces_are_gone_from_everywhere(self, store: BaseStore) -> None:
        gone, kept = full_trace("gone"), small_trace(1)
        healthy = small_trace(2, pipeline_name="healthy")
        store.save_many([gone, kept, healthy])
        assert store.delete([gone.id, "unknown", healthy.id, healthy.id]) == 2
        assert _ids(store) == [kept.id]
        assert store.find_prefix("") == (kept.id,)
        assert _ids(store, codes=(gone.detections[0].code,)) == _ids(store, node=gone.steps[0].node_name) == []
        assert store.history("healthy", None).runs() == 0
        assert store.history("healthy", None).samples("execution_time", "ask") == ()
        with pytest.raises(TraceNotFound):
            store.get(gone.id)

    def test_deleting_nothing_is_harmless(self, store: BaseStore) -> None:
        assert store.delete([]) == store.delete(["unknown"]) == 0

    def test_a_deleted_trace_can_be_saved_again(self, store: BaseStore) -> None:
        trace = full_trace()
        store.save(trace)
        store.delete([trace.id])
        store.save(trace)
        assert store.get(trace.id) == trace


class ConcurrencySuite:
    """Several writers and readers at once."""

    shared_between_processes: ClassVar[bool] = False
    """Whether another process that opens ``store.url`` sees the same traces."""

    def test_threads_lose_nothing(self, store: BaseStore) -> None:
        def save(worker: int) -> None:
            for number in range(worker * 10, worker * 10 + 10):
                store.save(small_trace(number))
                assert store.get(small_trace(number).id) == small_trace(number)

        _in_threads([partial(save, worker) for worker in range(4)])
        assert _all_pages(store, limit=17) == [small_trace(number).id for number in reversed(range(40))]

    def test_a_reader_sees_a_trace_whole(self, store: BaseStore) -> None:
        versions = [
            small_trace(1, summary=name, steps=(ran(name, {"by": name}),) * size) for name, size in (("a", 2), ("b", 9))
        ]
        store.save(versions[0])

        def write() -> None:
            for turn in range(20):
                store.save(versions[turn % 2])

        def read() -> None:
            for _ in range(40):
                assert store.get(versions[0].id) in versions

        _in_threads([write, read, read])

    def test_processes_lose_nothing(self, store: BaseStore) -> None:
        if not self.shared_between_processes:
            pytest.skip("this backend does not declare shared_between_processes")
        start = multiprocessing.get_context("spawn").Process
        workers = [start(target=_save_in_process, args=(store.url, worker)) for worker in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
        assert [worker.exitcode for worker in workers] == [0, 0, 0]
        assert _all_pages(store, limit=50) == [small_trace(number).id for number in reversed(range(30))]


class StorageSuite(
    RoundTripSuite,
    SavingSuite,
    ListingSuite,
    PrefixSuite,
    DeletingSuite,
    FiguresSuite,
    HistorySuite,
    ProfileSuite,
    ConcurrencySuite,
):
    """The whole contract."""


def _in_threads(tasks: Sequence[Callable[[], None]]) -> None:
    failures: list[BaseException] = []

    def guarded(task: Callable[[], None]) -> None:
        try:
            task()
        except BaseException as failure:  # noqa: BLE001 - raised again where the test sees it
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def _save_in_process(url: str, worker: int) -> None:
    from argus.storage.locate import open_store

    store = open_store(url)
    for number in range(worker * 10, worker * 10 + 10):
        store.save(small_trace(number))
    store.close()
