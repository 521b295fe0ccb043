"""What fails a run, what does not, and what a finding is recognised by."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.cli.baseline_file import read_baseline, write_baseline_file
from argus.errors import ReportError
from argus.model.detection import Detection
from argus.model.gate import Gate, fingerprint, gate_of, judge_run
from argus.model.known_findings import KnownFinding, KnownFindings, json_schema, known_findings
from argus.model.status import passes, status_of
from argus.model.trace import Trace
from argus.testing.builders import build_trace, ran

SEVERITIES = st.sampled_from(["info", "warning", "critical"])


def found(step: int = 1, **changes: Any) -> Detection:
    given = {"layer": "structural", "severity": "critical", "code": "STR402", "message": "m", "field": "docs"}
    return Detection(**{**given, "step_id": f"00000000000000a1-s{step}", **changes})


def run_with(*detections: Detection, incomplete: bool = False, **changes: Any) -> Trace:
    trace = build_trace(ran("search"), ran("answer"), **changes)
    status = status_of(detections, incomplete=incomplete)
    return msgspec.structs.replace(
        trace, detections=detections, status=status, metadata={"outcome": "incomplete"} if incomplete else {}
    )


def recognised(detection: Detection, **changes: Any) -> str:
    return fingerprint(run_with(detection, **changes), detection)


@pytest.mark.parametrize(
    ("status", "fail_on", "good"),
    [
        ("ok", "warning", True),
        ("ok", "critical", True),
        ("warning", "warning", False),
        ("warning", "critical", True),
        ("failed", "warning", False),
        ("failed", "critical", False),
        ("incomplete", "warning", False),
        ("incomplete", "critical", False),
    ],
)
def test_which_status_passes(status: Any, fail_on: Any, good: bool) -> None:
    assert passes(status, fail_on) is good


@given(st.lists(st.tuples(SEVERITIES, st.booleans()), max_size=4), st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_gate_strict_mode_and_status_agree(given: Any, incomplete: bool, known: bool) -> None:
    trace = run_with(
        *(found(severity=severity, suppressed="x" if hidden else None) for severity, hidden in given),
        incomplete=incomplete,
    )
    judged = judge_run(trace)
    assert judged.passed == trace.is_clean
    assert judged.status == trace.status
    assert judge_run(trace, "critical").passed == (trace.status in ("ok", "warning"))
    if not incomplete:
        assert judged.passed == all(one.standing != "fails" for one in judged.findings)
        assert judge_run(trace, known={one.fingerprint for one in judged.findings}).passed


def test_a_run_that_was_not_analysed_never_passes() -> None:
    trace = msgspec.structs.replace(run_with(), metadata={"analysis_error": "MemoryError: "})
    assert not trace.is_clean
    judged = judge_run(trace, "critical")
    assert (judged.passed, judged.status) == (False, "ok")
    assert judged.shortfall == "could not be analysed: MemoryError: "


def test_the_standings() -> None:
    detections = (
        found(),
        found(severity="warning", code="STR403"),
        found(severity="info", code="BEH301"),
        found(code="SIG101", suppressed="ignore[0]"),
        found(code="SIG102"),
    )
    trace = run_with(*detections)
    known = {fingerprint(trace, detections[4])}
    judged = judge_run(trace, "critical", known)
    assert [one.standing for one in judged.findings] == ["fails", "mild", "mild", "suppressed", "known"]
    gate = gate_of([judged], "critical")
    assert (gate.passed, gate.failed_runs, gate.count("mild")) == (False, 1, 2)
    assert [group.finding.code for group in gate.groups()] == ["STR402", "STR403", "BEH301", "SIG102", "SIG101"]


def test_a_fingerprint_is_the_same_in_every_run() -> None:
    one = recognised(found())
    again = Detection(
        layer="structural",
        severity="warning",
        code="STR402",
        message="4 docs at 12:01",
        field="docs",
        step_id="ffff000000000001-s1",
        confidence=0.5,
    )
    assert recognised(again, trace_id="ffff000000000001") == one
    assert recognised(found(field="items[3].price")) == recognised(found(field="items[12].price"))


def test_a_fingerprint_tells_faults_apart() -> None:
    prints = [
        recognised(found()),
        recognised(found(step=2)),
        recognised(found(code="STR403")),
        recognised(found(field="documents")),
        recognised(found(field=None)),
        recognised(found(details={"exception": "KeyError"})),
        recognised(found(details={"exception": "TimeoutError"})),
        recognised(found(), pipeline_name="other"),
        recognised(found(code="", message="too long")),
        recognised(found(code="", message="too short")),
    ]
    assert len(set(prints)) == len(prints)


def test_without_a_code_the_wording_counts_but_not_its_values() -> None:
    one = recognised(found(code="", message="answer 12.50 of 'Ada' (id 3f2a9b1c77) is late"))
    assert one == recognised(found(code="", message="answer 7 of 'Bob' (id 00deadbeef) is late"))


def test_the_same_finding_of_many_runs_is_told_once() -> None:
    traces = [run_with(found(step_id=f"{number:016x}-s1"), trace_id=f"{number:016x}") for number in range(3)]
    (group,) = gate_of([judge_run(trace) for trace in traces], "warning").groups()
    assert (group.times, group.runs) == (3, 3)


def test_a_cycle_of_parents_ends() -> None:
    trace = run_with(found())
    steps = tuple(
        msgspec.structs.replace(step, parent_id=other.id)
        for step, other in zip(trace.steps, trace.steps[::-1], strict=True)
    )
    assert judge_run(msgspec.structs.replace(trace, steps=steps)).findings[0].node_name == "answer/search"


def gate_with(*detections: Detection) -> Gate:
    return gate_of([judge_run(run_with(*detections))], "warning")


def test_a_baseline_file_comes_back_as_written(tmp_path: Any) -> None:
    entries = known_findings(
        gate_with(found(), found(code="\ud800", message="\x1b[2J"), found(severity="info", code="X1"))
    )
    assert len(entries.findings) == 2
    write_baseline_file(tmp_path / "b.json", entries)
    text = (tmp_path / "b.json").read_text()
    assert "\x1b" not in text
    assert {one.fingerprint for one in read_baseline(tmp_path / "b.json").findings} == entries.fingerprints
    assert [path.name for path in tmp_path.iterdir()] == ["b.json"]


def test_writing_again_changes_only_what_changed() -> None:
    before = known_findings(gate_with(found(message="the first wording"), found(step=2)))
    after = known_findings(gate_with(found(message="another wording"), found(code="STR401")), before)
    assert {(one.code, one.node, one.message) for one in after.findings} == {
        ("STR402", "search", "the first wording"),
        ("STR401", "search", "m"),
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "no baseline file"),
        (b"[]", "no baseline file"),
        (b'{"findings": [{}]}', "fingerprint"),
        (b'{"version": 99}', "version 99"),
        (b"\xff\xfe", "no baseline file"),
        (b"[" * 100_000, "no baseline file"),
    ],
)
def test_a_file_that_is_none_says_so_and_what_to_do(content: bytes, said: str, tmp_path: Any) -> None:
    path = tmp_path / "b.json"
    path.write_bytes(content)
    with pytest.raises(ReportError, match=said) as raised:
        read_baseline(path)
    assert str(path) in str(raised.value)
    assert "--write-baseline" in str(raised.value)


def test_the_schema_of_the_file_names_every_key() -> None:
    definitions = json_schema()["$defs"]
    document = json.loads(msgspec.json.encode(KnownFindings(findings=(KnownFinding(fingerprint="f"),))))
    assert set(document) == set(definitions["KnownFindings"]["properties"])
    assert set(document["findings"][0]) == set(definitions["KnownFinding"]["properties"])
    assert definitions["KnownFinding"]["required"] == ["fingerprint"]
