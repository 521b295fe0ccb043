"""The shipped suite on every built-in detector, and on detectors that break each of its promises."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import msgspec
import pytest

from argus.detectors.base import BaseDetector, Detection, DetectorContext
from argus.detectors.registry import builtin_detectors
from argus.judges.embedding import StaticEmbedder
from argus.model.habits import RunHabits
from argus.model.profile import Profile
from argus.model.trace import Trace
from argus.testing.builders import build_trace
from argus.testing.detector_suite import DetectorSuite, healthy_trace, long_trace
from argus.testing.full_trace import full_trace, hostile_trace

HERE = Path(__file__).parent
BUILTIN = {detector.name: detector for detector in builtin_detectors()}
EMBEDDER = StaticEmbedder()
HEADINGS = ["Finds", "Why it matters", "How it decides", "When it is wrong", "Settings", "References"]


class Steady:
    """A history in which every node always took a millisecond."""

    def runs(self):
        return 10

    def samples(self, metric, node_name):
        return [1.0] * 10

    def habits(self):
        return RunHabits()

    def profile(self):
        return Profile()


@pytest.mark.parametrize("slug", list(BUILTIN))
class TestBuiltIn(DetectorSuite):
    @pytest.fixture
    def detector(self, slug):
        return BUILTIN[slug]

    @pytest.fixture
    def context(self):
        return DetectorContext(history=Steady(), embedder=EMBEDDER)

    @pytest.fixture
    def traces(self, slug):
        own = [
            msgspec.json.decode(path.read_bytes(), type=dict[str, msgspec.Raw])["trace"]
            for path in sorted(HERE.glob(f"*/{slug}/fires/*.json"))
        ]
        decoded = [msgspec.json.decode(trace, type=Trace) for trace in own]
        return [build_trace(), healthy_trace(), full_trace(), hostile_trace(), long_trace(40), *decoded]


@pytest.mark.parametrize("slug", list(BUILTIN))
def test_the_manual_page_has_its_headings(slug):
    detector = type(BUILTIN[slug])
    page = inspect.getdoc(detector) or ""
    assert re.findall(r"^(\w[\w ]+):$", page, re.MULTILINE) == HEADINGS
    for text in re.split(r"^\w[\w ]+:$", page, flags=re.MULTILINE):
        assert text.strip()


@pytest.mark.parametrize("slug", list(BUILTIN))
def test_file_slug_and_class_have_one_name(slug):
    detector = type(BUILTIN[slug])
    assert detector.__module__.rsplit(".", 1)[1] == slug
    assert detector.__name__ == "".join(word.capitalize() for word in slug.split("_"))
    assert re.fullmatch(r"(STA|SEM|BEH|STR|SIG)\d{3}", detector.code)


def finding(trace):
    return Detection(layer="custom", severity="warning", message="odd", step_id=trace.steps[0].id)


class Broken(BaseDetector):
    """Breaks a promise."""

    def __init_subclass__(cls):
        cls.__doc__ = Broken.__doc__


class Forgetful(Broken):
    breaks = {"test_the_same_run_gives_the_same_findings", "test_other_runs_in_between_change_nothing",
              "test_threads_may_share_an_instance"}  # fmt: skip

    def __init__(self):
        self.calls = 0

    def detect(self, trace):
        self.calls += 1
        return [finding(trace)] if trace.steps and len(trace.steps) != 2 and self.calls % 2 else []


class Meddling(Broken):
    breaks = {"test_the_run_is_not_changed"}

    def detect(self, trace):
        for step in trace.steps:
            step.metadata["seen"] = True
        return []


class Sloppy(Broken):
    breaks = {"test_every_finding_is_valid", "test_the_engine_reports_no_failure"}

    def detect(self, trace):
        return [Detection(layer="custom", severity="bad", message="x", step_id=s.id) for s in trace.steps[40:]] or [
            Detection(layer="custom", severity="info", message="x", step_id="nowhere") for s in trace.steps
        ]


class Trusting(Broken):
    breaks = {
        "test_a_run_without_steps_is_survived",
        "test_the_engine_reports_no_failure",
        "test_every_finding_is_valid",
        "test_the_same_run_gives_the_same_findings",
        "test_other_runs_in_between_change_nothing",
        "test_the_run_is_not_changed",
        "test_threads_may_share_an_instance",
    }

    def detect(self, trace):
        assert trace.steps[0]
        return []


class Alarmist(Broken):
    breaks = {"test_a_healthy_run_gives_no_warning"}

    def detect(self, trace):
        return [finding(trace)] if trace.steps else []


class Slow(Broken):
    breaks = {"test_time_grows_with_the_run_and_not_faster"}

    def detect(self, trace):
        for _ in range(10):
            sum(1 for a in trace.steps for b in trace.steps if a.id == b.id and a.node_name == b.node_name)
        return []


class Undescribed(BaseDetector):
    breaks = {"test_it_is_described"}
    layer = ""

    def detect(self, trace):
        return []


@pytest.mark.parametrize("kind", [Forgetful, Meddling, Sloppy, Trusting, Alarmist, Slow, Undescribed])
def test_a_broken_promise_fails_its_test_and_no_other(kind):
    suite, context = DetectorSuite(), DetectorContext()
    failed = set()
    for name, test in inspect.getmembers(suite, inspect.ismethod):
        if not name.startswith("test_"):
            continue
        offered = {
            "detector": kind(),
            "context": context,
            "traces": [build_trace(), healthy_trace(), full_trace(), hostile_trace(), long_trace(40)],
        }
        wanted = inspect.signature(test).parameters
        try:
            test(**{name: offered[name] for name in wanted})
        except Exception:
            failed.add(name)
    assert failed == kind.breaks
