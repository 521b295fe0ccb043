"""The demonstration as its viewers see it: every fault is found and traced to its node, healthy runs stay silent."""

from pathlib import Path

import pytest

from argus.demo import PIPELINES, Pipeline, run_demo
from argus.demo.runner import HISTORY_RUNS
from argus.model.trace import Trace

ALL = [pytest.param(pipeline, id=name) for name, pipeline in PIPELINES.items()]
ALL_FAULTS = [
    pytest.param(pipeline, name, id=f"{pipeline.name}-{name}")
    for pipeline in PIPELINES.values()
    for name in pipeline.faults
]


def alarms(trace: Trace) -> list[str]:
    """What a person would be bothered with."""
    return [
        f"{finding.code} {finding.message}"
        for finding in trace.detections
        if finding.severity != "info" and finding.suppressed is None
    ]


@pytest.fixture
def options(tmp_path: Path) -> dict[str, object]:
    return {"storage": f"sqlite:///{tmp_path / 'traces.db'}"}


@pytest.mark.parametrize(("pipeline", "name"), ALL_FAULTS)
def test_fault_is_found_and_blamed_on_its_node(pipeline: Pipeline, name: str, options: dict[str, object]) -> None:
    fault = pipeline.fault(name)
    *history, trace = run_demo(pipeline, name, watcher_options=options)

    assert len(history) == (HISTORY_RUNS if fault.needs_history else 0)
    assert [alarms(earlier) for earlier in history] == [[]] * len(history)

    codes = {finding.code for finding in trace.detections if finding.severity != "info"}
    assert codes & set(fault.codes), alarms(trace)
    assert trace.status == "failed" or not fault.raises

    assert trace.forensics is not None
    assert trace.forensics.root_cause_step is not None, trace.forensics.explanation
    culprit = trace.step(trace.forensics.root_cause_step)
    assert culprit is not None
    assert culprit.node_name == fault.node, trace.forensics.explanation
    assert fault.node in trace.forensics.explanation
    if fault.raises:
        assert trace.forensics.causal_chain[-1].node_name == fault.symptom


@pytest.mark.parametrize("pipeline", ALL)
def test_healthy_runs_without_history_stay_silent(pipeline: Pipeline, options: dict[str, object]) -> None:
    for name in pipeline.inputs:
        (trace,) = run_demo(pipeline, inputs=[name], watcher_options={**options, "storage": "memory:"})
        assert alarms(trace) == [], name
        assert trace.status == "ok"
        assert trace.steps


@pytest.mark.parametrize("pipeline", ALL)
def test_healthy_runs_with_growing_history_stay_silent(pipeline: Pipeline, options: dict[str, object]) -> None:
    traces = run_demo(pipeline, inputs=list(pipeline.inputs) * 2, watcher_options=options)
    bothered = {
        f"{number}: {name}": alarms(trace)
        for number, (name, trace) in enumerate(zip(list(pipeline.inputs) * 2, traces, strict=True))
        if alarms(trace)
    }
    assert bothered == {}


def test_what_the_pipeline_raises_is_in_its_trace(options: dict[str, object]) -> None:
    (trace,) = run_demo(PIPELINES["invoices"], "country-name", watcher_options=options)
    assert trace.error is not None
    assert "Ireland" in trace.error.message
    assert trace.pipeline_name == "invoices"
