"""What :meth:`argus.storage.base.BaseStore.figures` has to count, on any backend."""

# ruff: noqa: D102 - the name of each test is its sentence

from __future__ import annotations

from datetime import timedelta
from typing import Any

from argus.model.detection import Detection
from argus.model.figures import Figures
from argus.model.trace import TokenUsage, Trace
from argus.storage.base import BaseStore, TraceQuery
from argus.storage.figures import gather
from argus.testing.builders import ran
from argus.testing.full_trace import full_trace, hostile_trace, small_trace

__all__ = ["FiguresSuite"]


class FiguresSuite:
    """Counts, shares and percentiles."""

    def test_an_empty_store_has_no_figures(self, store: BaseStore) -> None:
        assert store.figures() == Figures()
        assert store.figures(TraceQuery(codes=("STR4*",), text="x", node="n")) == Figures()

    def test_percentiles_are_durations_that_were_measured(self, store: BaseStore) -> None:
        store.save_many([_run(number, duration_ms=float(number)) for number in range(1, 101)])
        (pipeline,) = store.figures().pipelines
        assert (pipeline.runs, pipeline.p50_ms, pipeline.p95_ms) == (100, 50.0, 95.0)
        (few,) = store.figures(TraceQuery(until=_run(3).created_at)).pipelines
        assert (few.runs, few.p50_ms, few.p95_ms) == (2, 1.0, 2.0)

    def test_codes_are_counted_by_run_and_by_finding(self, store: BaseStore) -> None:
        store.save(_run(1, detections=(_found(), _found(severity="critical"), _found(code="", layer="own"))))
        store.save(_run(2, detections=(_found(message="newest"), _found(suppressed="known"))))
        store.save(_run(3, pipeline_name="other", detections=(_found(code="", layer="mine", severity="info"),)))
        shown = [
            (one.pipeline_name, one.code, one.layer, one.findings, one.runs, one.critical, one.warning, one.message)
            for one in store.figures().codes
        ]
        own = _run(1).pipeline_name
        assert shown == [
            (own, "STR401", "structural", 3, 2, 1, 2, "newest"),
            ("other", "", "mine", 1, 1, 0, 0, "odd"),
            (own, "", "own", 1, 1, 0, 1, "odd"),
        ]
        assert store.figures().codes[0].trace_id == _run(2).id

    def test_nodes_tell_time_failures_and_tokens(self, store: BaseStore) -> None:
        usage = TokenUsage(input_tokens=2, output_tokens=3, total_tokens=5)
        for number in range(1, 21):
            failed = {"outcome": "error"} if number == 1 else {"token_usage": usage}
            store.save(_run(number, steps=(ran("slow", duration_ms=number * 10.0, **failed), ran("fast"))))
        slow, fast = store.figures().nodes
        assert (slow.node_name, slow.steps, slow.failed_steps, slow.total_tokens) == ("slow", 20, 1, 95)
        assert (slow.p50_ms, slow.p95_ms, fast.p95_ms) == (100.0, 190.0, 10.0)
        (pipeline,) = store.figures().pipelines
        assert (pipeline.steps, pipeline.failed_steps, pipeline.total_tokens) == (40, 1, 95)

    def test_days_and_statuses(self, store: BaseStore) -> None:
        first = _run(0).created_at
        for number, status in enumerate(("ok", "failed", "ok")):
            at = first + timedelta(days=number // 2 * 3)
            store.save(_run(number, created_at=at, status=status, detections=(_found(),) if number else ()))
        figures = store.figures()
        assert [(day.day, day.statuses, day.findings) for day in figures.days] == [
            (first.date().isoformat(), {"ok": 1, "failed": 1}, 1),
            ((first + timedelta(days=3)).date().isoformat(), {"ok": 1}, 1),
        ]
        assert (figures.runs, figures.statuses) == (3, {"ok": 2, "failed": 1})
        assert (figures.first_at or "")[:10] == figures.days[0].day

    def test_conditions_hold_for_all_figures(self, store: BaseStore) -> None:
        store.save(_run(1, steps=(ran("a"),), status="failed", detections=(_found(),)))
        store.save(_run(2, steps=(ran("b"),), pipeline_name="other"))
        failed = store.figures(TraceQuery(statuses=("failed",)))
        assert [one.node_name for one in failed.nodes] == ["a"]
        assert failed == store.figures(TraceQuery(codes=("STR4*",))) == store.figures(TraceQuery(node="a"))
        (other,) = store.figures(TraceQuery(pipeline="other")).pipelines
        assert (other.runs, other.findings) == (1, 0)

    def test_all_figures_are_those_of_counting_one_by_one(self, store: BaseStore) -> None:
        traces = [full_trace(), hostile_trace(), *[_run(number, steps=(ran("a"),) * number) for number in range(3)]]
        different = [
            _run(number, like=trace, id=f"{number:016x}") if number > 1 else trace
            for number, trace in enumerate(traces)
        ]
        store.save_many(different)
        assert store.figures() == gather(sorted(different, key=lambda trace: trace.created_at, reverse=True))


def _run(number: int, *, like: Trace | None = None, **changes: Any) -> Trace:
    from msgspec.structs import replace

    return replace(like or small_trace(number), **changes)


def _found(**changes: Any) -> Detection:
    usual = {"layer": "structural", "severity": "warning", "message": "odd", "step_id": "s", "code": "STR401"}
    return Detection(**{**usual, **changes})
