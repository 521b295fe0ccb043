from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.config.settings import BehavioralSettings, DetectionSettings, IgnoreRule, SignatureSettings
from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.engine import EngineResult, detect, is_enabled
from argus.detectors.findings import Found, arrange
from argus.model.detection import Detection, Evidence
from argus.testing.builders import build_trace, ran

TRACE = build_trace(ran("load", {"a": 1}), ran("rank", {"b": 2}), ran("answer", {"c": 3}))


def finding(step: int = 1, **changes: Any) -> Detection:
    given_parts: dict[str, Any] = {"layer": "custom", "severity": "warning", "message": "odd", **changes}
    return Detection(step_id=f"{TRACE.id}-s{step}", **given_parts)


class Says(BaseDetector):
    """Hands back what it was made with."""

    def __init__(self, result: Any, code: str = "", layer: str = "custom", fault: str = "") -> None:
        self.result = result
        self.code = code  # type: ignore[misc]  # per instance here, to make many detectors from one class
        self.layer = layer  # type: ignore[misc]
        self.fault = fault  # type: ignore[misc]

    def detect(self, trace):
        return self.result


class Raises(BaseDetector):
    name = "raises"

    def detect(self, trace):
        raise ValueError("no such column")


class Exits(BaseDetector):
    name = "exits"

    def detect(self, trace):
        raise SystemExit(3)


class Hangs(BaseDetector):
    name = "hangs"

    def __init__(self) -> None:
        self.release = threading.Event()

    def detect(self, trace):
        self.release.wait(20)
        return [finding(message="too late")]


def run(*detectors: BaseDetector, **options: Any) -> EngineResult:
    return detect(TRACE, detectors, DetectorContext(settings=DetectionSettings(**options)))


def test_a_custom_detector_of_the_documentation_runs_as_written():
    class Custom(BaseDetector):
        def detect(self, trace) -> list[Detection]:
            return [
                Detection(layer="custom", severity="warning", message="Custom check failed", step_id=step.id)
                for step in trace.steps
            ]

    result = run(Custom())
    assert [one.step_id for one in result.detections] == [step.id for step in TRACE.steps]
    assert [one.id for one in result.detections] == [f"{TRACE.id}-d{n}" for n in (1, 2, 3)]
    assert result.failures == ()


def test_one_that_raises_stops_nobody_and_is_named():
    result = run(Says([finding()]), Raises(), Exits())
    assert [one.message for one in result.detections] == ["odd"]
    assert [(one.detector, one.reason, one.message) for one in result.failures] == [
        ("exits", "raised", "SystemExit: 3"),
        ("raises", "raised", "ValueError: no such column"),
    ]


def test_one_over_budget_is_given_up_and_its_lane_goes_on():
    hangs = Hangs()
    result = run(hangs, Says([finding()]), budget_s=0.15)
    hangs.release.set()
    assert [one.message for one in result.detections] == ["odd"]
    assert [(one.detector, one.reason) for one in result.failures] == [("hangs", "over_budget")]


def test_every_detector_may_hang():
    hanging = [Hangs(), Hangs(), Hangs()]
    result = run(*hanging, budget_s=0.05)
    for one in hanging:
        one.release.set()
    assert result.detections == ()
    assert len(result.failures) == 3


@pytest.mark.parametrize(
    ("result", "complaint"),
    [
        (None, "returned None instead of a list"),
        ((one for one in [finding()]), "returned a generator instead of a list"),
        ("oops", "returned a str instead of a list"),
        (["oops"], "finding 1 is a str, not a Detection"),
        ([finding(severity="fatal")], "finding 1 is not well formed"),
        ([finding(message=7)], "finding 1 is not well formed"),
        ([finding(details={"x": object()})], "finding 1 is not well formed"),
        ([finding(confidence=1.5)], "finding 1 has the confidence 1.5"),
        ([finding(confidence=float("nan"))], "finding 1 has the confidence nan"),
        ([finding(9)], "which the trace does not have"),
        ([finding(message="")], "finding 1 lacks a layer or a message"),
    ],
)
def test_an_ill_typed_result_is_a_failure_of_its_detector(result, complaint):
    found = run(Says(result, code="XYZ1"), Says([finding(message="fine")]))
    assert [one.message for one in found.detections] == ["fine"]
    (failure,) = found.failures
    assert (failure.detector, failure.reason) == ("XYZ1", "bad_result")
    assert complaint in failure.message


def test_the_good_findings_of_a_partly_bad_result_are_kept():
    result = run(Says([finding(), None]))
    assert len(result.detections) == 1
    assert "finding 2 is None, not a Detection" in result.failures[0].message


def test_cyclic_details_are_a_failure():
    details: dict[str, Any] = {}
    details["self"] = details
    result = run(Says([finding(details=details)]))
    assert result.detections == ()
    assert result.failures[0].reason == "bad_result"


def test_a_finding_may_quote_text_that_no_encoding_holds():
    assert run(Says([finding(message="\ud800")])).detections[0].message == "\ud800"


def test_a_trace_without_steps_takes_findings_without_step():
    detector = Says([Detection(layer="custom", severity="info", message="empty", step_id="")])
    result = detect(build_trace(), [detector], DetectorContext())
    assert [one.message for one in result.detections] == ["empty"]


def test_a_finding_without_code_takes_its_detectors():
    assert run(Says([finding()], code="XYZ1")).detections[0].code == "XYZ1"


def test_one_fault_seen_twice_is_one_finding():
    broad = finding(field="a", code="AAA", layer="behavioral", severity="critical", message="raised")
    exact = finding(
        field="a", code="BBB", layer="structural", message="missing", evidence=(Evidence(step_id=TRACE.steps[0].id),)
    )
    result = run(Says([broad], fault="missing field"), Says([exact], fault="missing field"))
    (one,) = result.detections
    assert (one.code, one.severity, one.details["also"]) == ("AAA", "critical", ["BBB"])
    assert [fact.note for fact in one.evidence] == ["BBB: missing", ""]


def test_at_equal_weight_the_layer_that_names_the_data_speaks():
    broad = finding(field="a", code="AAA", layer="behavioral")
    exact = finding(field="a", code="BBB", layer="structural")
    (one,) = run(Says([broad], fault="x"), Says([exact], fault="x")).detections
    assert one.code == "BBB"


@pytest.mark.parametrize("change", [{"field": "b"}, {"step": 2}, {"code": "OTHER"}, {"message": "another"}])
def test_different_faults_stay_apart(change):
    result = run(Says([finding(field="a"), finding(**{"field": "a", **change})]))
    assert len(result.detections) == 2


def test_ignored_findings_stay_marked_and_come_last():
    rule = IgnoreRule(code="STR4*", node="rank", reason="known")
    result = run(
        Says([finding(2, code="STR402", severity="critical"), finding(1, code="STR402"), finding(2, code="BEH301")]),
        ignore=(rule,),
    )
    assert [(one.code, one.step_id[-1], one.suppressed) for one in result.detections] == [
        ("STR402", "1", None),
        ("BEH301", "2", None),
        ("STR402", "2", "known"),
    ]


def test_ignoring_by_field_leaves_findings_without_field_alone():
    result = run(Says([finding(field="x.y"), finding()]), ignore=(IgnoreRule(field="x.*"),))
    assert [(one.field, one.suppressed is None) for one in result.detections] == [(None, True), ("x.y", False)]


def test_an_empty_ignore_rule_hides_nothing():
    assert run(Says([finding()]), ignore=(IgnoreRule(),)).detections[0].suppressed is None


def test_a_layer_switched_off_is_not_run():
    off = {"behavioral": BehavioralSettings(enabled=False)}
    result = run(Says([finding(message="b")], layer="behavioral"), Says([finding(message="s")]), **off)
    assert [one.message for one in result.detections] == ["s"]


def test_signatures_have_a_switch_of_their_own():
    off = DetectionSettings(signatures=SignatureSettings(enabled=False))
    assert not is_enabled(Says([], code="SIG501", layer="structural"), off)
    assert is_enabled(Says([], code="STR401", layer="structural"), off)


def test_detectors_that_cannot_be_hashed_run():
    @dataclass
    class Unhashable(BaseDetector):
        limit: int = 3

        def detect(self, trace):
            return [finding(message=f"over {self.limit}")]

    assert len(run(Unhashable(1), Unhashable(2)).detections) == 2


FINDINGS = [
    Found(finding(step, code=code, severity=severity, field=field, message=message), fault)
    for step, code, severity, field, message, fault in [
        (1, "AAA1", "info", None, "one", "AAA1"),
        (1, "AAA1", "warning", "x", "two", "shared"),
        (1, "BBB2", "critical", "x", "three", "shared"),
        (2, "BBB2", "critical", "y", "four", "BBB2"),
        (2, "", "warning", None, "five", "five"),
        (3, "AAA1", "critical", "x", "six", "shared"),
        (1, "CCC3", "warning", "x", "seven", "shared"),
    ]
]


@settings(max_examples=40)
@given(st.permutations(FINDINGS))
def test_the_order_of_detectors_changes_nothing(order):
    rule = IgnoreRule(code="AAA1", node="answer")
    assert arrange(TRACE, order, (rule,)) == arrange(TRACE, FINDINGS, (rule,))


def test_gravest_first_then_step_then_code():
    ranked = [(one.severity, one.step_id[-1]) for one in arrange(TRACE, FINDINGS)]
    assert ranked == [("critical", "1"), ("critical", "2"), ("critical", "3"), ("warning", "2"), ("info", "1")]


def test_what_a_node_does_wrong_each_time_is_one_finding():
    trace = build_trace(*(ran("score", {"n": number}) for number in range(30)), ran("count"))
    said = [
        finding(number, code="STR404", field=f"scored.{number}.n", severity="critical" if number == 4 else "warning")
        for number in range(1, 32)
    ]
    found = detect(trace, [Says(said)], DetectorContext()).detections
    assert [(one.step_id, one.field, one.details.get("times")) for one in found] == [
        (trace.steps[3].id, "scored.4.n", 30),
        (trace.steps[30].id, "scored.31.n", None),
    ]
    assert [one.step_id for one in found[0].evidence][:2] == [trace.steps[0].id, trace.steps[1].id]


def test_findings_without_a_code_are_left_to_their_detector():
    trace = build_trace(ran("a"), ran("a"))
    assert len(detect(trace, [Says([finding(1), finding(2)])], DetectorContext()).detections) == 2


def test_a_finding_without_field_joins_another_detectors_about_the_same_fault():
    end = "end of the run"
    raised, missed = finding(code="BEH301", severity="critical"), finding(code="STR401", field="docs")
    speakers = [Says([raised], "BEH301", fault=end), Says([missed], "STR401", fault=end)]
    (found,) = detect(build_trace(ran("a")), speakers, DetectorContext()).detections
    assert (found.code, found.field, found.severity, found.details["also"]) == (
        "BEH301",
        "docs",
        "critical",
        ["STR401"],
    )


def test_where_no_thread_can_be_started_detectors_run_on_the_calling_one(monkeypatch):
    def refuse(self):
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    found = detect(TRACE, [Says([finding()]), Raises()], DetectorContext(settings=DetectionSettings()))
    assert [one.message for one in found.detections] == ["odd"]
    assert [one.reason for one in found.failures] == ["raised"]
