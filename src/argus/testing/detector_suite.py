"""What every detector promises, as tests that any detector can run.

Subclass :class:`DetectorSuite` in a test module and supply the fixture ``detector``::

    class TestTotalsAddUp(DetectorSuite):
        @pytest.fixture
        def detector(self):
            return TotalsAddUp()

Override the fixture ``context`` for a detector that needs settings, a history or an embedder, and ``traces`` to add
runs in which your detector finds something: the promises are only as well tested as the runs that reach your code.
"""

# ruff: noqa: D102 - the name of each test is its sentence

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from argus.detectors.acceptance import accept
from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.engine import detect
from argus.model.detection import Detection
from argus.model.trace import Trace
from argus.testing.builders import build_graph, build_trace, ran
from argus.testing.full_trace import full_trace, hostile_trace

__all__ = ["DetectorSuite", "PuritySuite", "SpeedSuite", "ValiditySuite", "healthy_trace", "long_trace"]

_SHORT = 100
_LONG = 1_000
_SLACK = 4.0
_NOISE_S = 0.03
_TRIES = 4


def healthy_trace() -> Trace:
    """A small run in which nothing is wrong: a question, documents, an answer."""
    graph = build_graph(
        ["retrieve", "answer"],
        state={"question": str, "documents": list, "answer": str},
        reads={"retrieve": ["question"], "answer": ["question", "documents"]},
        writes={"retrieve": ["documents"], "answer": ["answer"]},
    )
    return build_trace(
        ran("retrieve", {"documents": ["Spring tides come with the full moon."]}),
        ran("answer", {"answer": "With the full moon."}),
        input={"question": "When do spring tides come?"},
        graph=graph,
    )


def long_trace(steps: int) -> Trace:
    """A healthy run of any length: three nodes in turn, each with something to say.

    Args:
        steps: How many.
    """
    nodes = ("plan", "act", "check")
    graph = build_graph(
        nodes,
        state={"goal": str, "plan": str, "result": str, "progress": int},
        reads={"plan": ["goal", "progress"], "act": ["plan"], "check": ["result"]},
        writes={"plan": ["plan"], "act": ["result"], "check": ["progress"]},
        edges=[("check", "plan")],
    )
    updates: tuple[Callable[[int], dict[str, Any]], ...] = (
        lambda number: {"plan": f"Look into part {number} of the archive and write down what is in it."},
        lambda number: {"result": f"Part {number} holds {number % 7 + 1} letters of the same year."},
        lambda number: {"progress": number},
    )
    return build_trace(
        *(
            ran(nodes[number % 3], updates[number % 3](number), metadata={"superstep": number + 1})
            for number in range(steps)
        ),
        input={"goal": "List all letters of the archive.", "progress": 0},
        graph=graph,
    )


class ValiditySuite:
    """What a detector hands back can be used, whatever it is given."""

    def test_it_is_described(self, detector: BaseDetector) -> None:
        assert isinstance(detector, BaseDetector)
        assert all(isinstance(getattr(detector, name), str) for name in ("code", "name", "layer", "fault"))
        assert detector.layer
        assert (type(detector).__doc__ or "").strip(), "a detector says in its docstring what it finds"

    def test_every_finding_is_valid(
        self, detector: BaseDetector, context: DetectorContext, traces: Sequence[Trace]
    ) -> None:
        for trace in traces:
            found = detector.run(trace, context)
            valid, complaints = accept(found, detector, {step.id for step in trace.steps})
            assert not complaints, f"about the trace {trace.id!r}: {complaints}"
            assert len(valid) == len(found)

    def test_the_engine_reports_no_failure(
        self, detector: BaseDetector, context: DetectorContext, traces: Sequence[Trace]
    ) -> None:
        for trace in traces:
            assert detect(trace, [detector], context).failures == ()

    def test_a_run_without_steps_is_survived(self, detector: BaseDetector, context: DetectorContext) -> None:
        assert isinstance(detector.run(build_trace(), context), list | tuple)

    def test_a_healthy_run_gives_no_warning(self, detector: BaseDetector, context: DetectorContext) -> None:
        found = detector.run(healthy_trace(), context)
        assert [one.message for one in found if one.severity != "info"] == []


class PuritySuite:
    """The same run gives the same findings, and is left as it was."""

    def test_the_same_run_gives_the_same_findings(
        self, detector: BaseDetector, context: DetectorContext, traces: Sequence[Trace]
    ) -> None:
        for trace in traces:
            assert _found(detector, trace, context) == _found(detector, trace, context)

    def test_other_runs_in_between_change_nothing(
        self, detector: BaseDetector, context: DetectorContext, traces: Sequence[Trace]
    ) -> None:
        forwards = [_found(detector, trace, context) for trace in traces]
        backwards = [_found(detector, trace, context) for trace in reversed(traces)]
        assert forwards == backwards[::-1]

    def test_the_run_is_not_changed(
        self, detector: BaseDetector, context: DetectorContext, traces: Sequence[Trace]
    ) -> None:
        for trace in traces:
            before = msgspec.to_builtins(trace)
            _found(detector, trace, context)
            assert msgspec.to_builtins(trace) == before

    def test_threads_may_share_an_instance(
        self, detector: BaseDetector, context: DetectorContext, traces: Sequence[Trace]
    ) -> None:
        expected = [_found(detector, trace, context) for trace in traces]
        results: list[list[list[Detection]]] = []

        def work() -> None:
            results.append([_found(detector, trace, context) for trace in traces])

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == [expected] * 4


class SpeedSuite:
    """Ten times the steps cost about ten times the time."""

    def test_time_grows_with_the_run_and_not_faster(self, detector: BaseDetector, context: DetectorContext) -> None:
        short, long = long_trace(_SHORT), long_trace(_LONG)
        _found(detector, short, context)  # loads what is loaded on first use
        for _ in range(_TRIES):  # a busy machine may spoil one comparison; what is not linear fails them all
            base, grown = _seconds(detector, short, context), _seconds(detector, long, context)
            if grown <= _SLACK * (_LONG / _SHORT) * base + _NOISE_S:
                return
        assert grown <= _SLACK * (_LONG / _SHORT) * base + _NOISE_S


class DetectorSuite(ValiditySuite, PuritySuite, SpeedSuite):
    """All promises of a detector."""

    @pytest.fixture
    def context(self) -> DetectorContext:
        """Default settings, no history, no embedder; override it for what your detector needs."""
        return DetectorContext()

    @pytest.fixture
    def traces(self) -> list[Trace]:
        """Runs to try the promises on; override it to add your own."""
        return [build_trace(), healthy_trace(), full_trace(), hostile_trace(), long_trace(40)]


def _found(detector: BaseDetector, trace: Trace, context: DetectorContext) -> list[Detection]:
    return list(detector.run(trace, context))


def _seconds(detector: BaseDetector, trace: Trace, context: DetectorContext) -> float:
    times = []
    for _ in range(3):
        begun = time.process_time()
        _found(detector, trace, context)
        times.append(time.process_time() - begun)
    return min(times)
