"""The user's validators: what they are given, what their answers mean, and that they can do no harm."""

from __future__ import annotations

import threading

import pytest

from argus.config.settings import DetectionSettings
from argus.detectors.base import DetectorContext
from argus.detectors.engine import detect
from argus.detectors.registry import builtin_detectors
from argus.detectors.validation import verdicts
from argus.testing.builders import build_trace, ran

TRACE = build_trace(ran("price", {"total": -3.0, "order": {"lines": [1]}}), ran("note", {"__root__": "done"}))


def said(target, check, trace=TRACE):
    return [(one.kind, one.path, one.message) for one in verdicts(trace, DetectorContext(validators={target: check}))]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (True, []),
        (False, [("rejected", "total", "")]),
        ((True, "fine"), []),
        ((False, "too low"), [("rejected", "total", "too low")]),
        ((False, 3), [("rejected", "total", "")]),
        (None, [("unclear", "total", "answered NoneType")]),
        ("yes", [("unclear", "total", "answered str")]),
        ((False,), [("unclear", "total", "answered tuple")]),
    ],
)
def test_what_an_answer_means(answer, expected):
    assert said("total", lambda value: answer) == expected


def test_the_bool_of_another_library_counts():
    numpy = pytest.importorskip("numpy")
    assert said("total", lambda value: numpy.float64(value) > 0) == [("rejected", "total", "")]


def test_a_validator_cannot_change_the_run():
    def greedy(output):
        output.setdefault("order", {}).clear()
        return True

    before = TRACE.steps[0].output_state["order"]["lines"]
    assert said("node:price", greedy) == []
    assert TRACE.steps[0].output_state["order"]["lines"] is before


def test_an_output_that_is_no_mapping_is_given_as_it_is():
    seen = []
    said("node:note", lambda output: seen.append(output) or True)
    assert seen == ["done"]


def test_a_message_that_cannot_be_read_is_left_out():
    class Rude(Exception):
        def __str__(self):
            raise RuntimeError("no")

    def check(value):
        raise Rude

    assert said("total", check) == [("raised", "total", "Rude")]


def test_a_validator_that_hangs_costs_its_findings_only():
    gate = threading.Event()
    trace = build_trace(ran("a", {"x": 1}), ran("b", error=ValueError("broken")))
    context = DetectorContext(
        settings=DetectionSettings(budget_s=0.2), validators={"x": lambda value: gate.wait(30) or True}
    )
    detect(trace, builtin_detectors(), DetectorContext(settings=DetectionSettings(budget_s=60)))  # loads what is slow
    result = detect(trace, builtin_detectors(), context)
    gate.set()
    assert [one.code for one in result.detections] == ["BEH301"]
    assert [(one.detector, one.reason) for one in result.failures] == [("STR406", "over_budget")]
