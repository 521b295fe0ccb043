"""The faults of the demonstration: briefs name the right file and line, and every link's evidence is in the trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from argus.config.settings import SecuritySettings
from argus.dataflow.values import ABSENT, at
from argus.demo import PIPELINES, Pipeline, run_demo
from argus.forensics.wording import excerpt
from argus.model.detection import Evidence
from argus.model.trace import Trace, TraceStep
from argus.reports.brief.gathering import brief_of
from argus.reports.brief.scrubbing import Scrubber

ALL_FAULTS = [
    pytest.param(pipeline, name, id=f"{pipeline.name}-{name}")
    for pipeline in PIPELINES.values()
    for name in pipeline.faults
]


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Trace]:
    """The faulty run of every fault, with the history it needs."""
    found = {}
    for pipeline in PIPELINES.values():
        for name in pipeline.faults:
            folder = tmp_path_factory.mktemp("runs")
            options = {"storage": f"sqlite:///{folder / 'traces.db'}"}
            found[pipeline.name, name] = run_demo(pipeline, name, watcher_options=options)[-1]
    return found


@pytest.mark.parametrize(("pipeline", "name"), ALL_FAULTS)
def test_the_brief_names_the_file_and_line_of_the_mistake(
    pipeline: Pipeline, name: str, traces: dict[tuple[str, str], Trace]
) -> None:
    broken = pipeline.fault(name).replacement
    file, line = broken.__code__.co_filename, broken.__code__.co_firstlineno
    brief = brief_of(traces[pipeline.name, name], Scrubber(SecuritySettings()))
    assert brief.cause is not None
    assert brief.cause.node_name == pipeline.fault(name).node
    assert (brief.cause.file, brief.cause.line) == (file, line)
    assert Path(file).read_text().splitlines()[line - 1].startswith(f"def {broken.__name__}(")
    assert f"`{file}:{line}`" in brief.text
    assert brief.suggestions
    assert (brief.suggestions[0].file, brief.suggestions[0].line) == (file, line)
    assert pipeline.fault(name).node not in {site.node_name for site in brief.keep}


@pytest.mark.parametrize(("pipeline", "name"), ALL_FAULTS)
def test_every_link_cites_evidence_that_is_in_the_trace(
    pipeline: Pipeline, name: str, traces: dict[tuple[str, str], Trace]
) -> None:
    trace = traces[pipeline.name, name]
    assert trace.forensics is not None
    chain = trace.forensics.causal_chain
    assert [link.role for link in chain[1:-1]] == ["path"] * len(chain[1:-1])
    assert chain[0].role == "cause"
    for link in chain:
        step = trace.step(link.step_id)
        assert step is not None
        assert step.node_name == link.node_name
        assert link.evidence, f"{link.node_name} cites nothing"
        assert any(fact.step_id == link.step_id for fact in link.evidence)
        for fact in link.evidence:
            assert holds(fact, trace), fact
    numbers = [trace.step(link.step_id).step_number for link in chain]
    assert numbers == sorted(numbers)


def holds(fact: Evidence, trace: Trace) -> bool:
    """Whether a fact can be seen in the trace at the place that it names."""
    step = trace.step(fact.step_id)
    if step is None:
        return False
    if fact.note.startswith("finding "):
        code = fact.note.removeprefix("finding ")
        return any((one.code, one.step_id) == (code, step.id) for one in trace.detections)
    if any(fact in finding.evidence for finding in trace.detections):
        return stands_in(fact, step)
    field = fact.field or ""
    if fact.note in ("returned", "wrote"):
        return excerpt(at(step.output_state, field)) == fact.value
    if fact.note == "found":
        return excerpt(at(step.input_state, field)) == fact.value
    if fact.note == "not returned":
        return at(step.output_state, field) is ABSENT
    if fact.note == "not found":
        return at(step.input_state, field) is ABSENT
    if fact.note == "raised":
        return step.error is not None and step.error.type == fact.value
    if fact.note == "went on":
        return fact.value in (step.metadata.get("branch"), step.metadata.get("goto"))
    return False


def stands_in(fact: Evidence, step: TraceStep) -> bool:
    """Whether a detector's fact is about something that the step has: its field, its value, its error or its time."""
    if fact.field is not None:
        top = fact.field.partition(".")[0]
        return any(top in state for state in (step.input_state, step.output_state, step.state_after)) or (
            step.error is not None and top in step.error.message
        )
    if step.error is not None and fact.value is not None:
        return str(fact.value) in f"{step.error.type}: {step.error.message} {step.error.traceback}"
    return fact.value is not None or bool(fact.note)
