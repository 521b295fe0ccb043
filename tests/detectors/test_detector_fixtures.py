"""Every detector against the runs that it must, and must not, speak about."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from argus.config.settings import DetectionSettings
from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.engine import detect
from argus.detectors.registry import builtin_detectors
from argus.judges.embedding import StaticEmbedder
from argus.model.habits import RunHabits
from argus.model.judgement import Verdict
from argus.model.ports import History
from argus.model.profile import Profile
from argus.model.trace import Trace
from argus.storage.memory import MemoryStore

HERE = Path(__file__).parent
DETECTORS = {detector.name: detector for detector in builtin_detectors()}
FIXTURES = sorted(HERE.glob("*/*/*/*.json"))


class Fixture(msgspec.Struct):
    trace: Trace
    about: str = ""
    history: dict[str, dict[str, list[float]]] = {}
    habits: RunHabits = RunHabits()
    earlier: str | tuple[Trace, ...] = ()
    profile: Profile = Profile()
    settings: DetectionSettings = DetectionSettings()
    validators: dict[str, str] = {}
    verdict: Verdict | None = None


def stumbles(value: Any) -> bool:
    raise ZeroDivisionError("the check itself is wrong")


VALIDATORS = {
    "positive": lambda value: isinstance(value, int | float) and value > 0,
    "has_sources": lambda output: ("sources" in output, "no sources given"),
    "short": lambda value: (len(value) < 80, f"{len(value)} characters"),
    "says_nothing": lambda value: None,
    "stumbles": stumbles,
    "yes": lambda value: True,
}
"""By the names that fixtures use."""


class Remembered:
    """A history as a fixture tells it."""

    def __init__(self, metrics: dict[str, dict[str, list[float]]], habits: RunHabits, profile: Profile) -> None:
        self.metrics = metrics
        self._habits = habits
        self._profile = profile

    def runs(self) -> int:
        counted = max((len(values) for nodes in self.metrics.values() for values in nodes.values()), default=0)
        return max(counted, self._habits.runs, self._profile.runs)

    def samples(self, metric: str, node_name: str) -> Sequence[float]:
        return self.metrics.get(metric, {}).get(node_name, [])

    def habits(self) -> RunHabits:
        return self._habits

    def profile(self) -> Profile:
        return self._profile


@functools.cache
def embedder() -> StaticEmbedder:
    return StaticEmbedder()


def read(path: Path) -> Fixture:
    fixture = msgspec.json.decode(path.read_bytes(), type=Fixture)
    if isinstance(fixture.earlier, str):
        runs = (path.parents[1] / "earlier" / f"{fixture.earlier}.jsonl").read_bytes().splitlines()
        fixture.earlier = tuple(msgspec.json.decode(run, type=Trace) for run in runs)
    return fixture


def context_of(fixture: Fixture) -> DetectorContext:
    checks = {target: VALIDATORS[name] for target, name in fixture.validators.items()}
    return DetectorContext(
        validators=checks,
        settings=fixture.settings,
        history=history_of(fixture),
        embedder=embedder(),
        verdict=fixture.verdict,
    )


def history_of(fixture: Fixture) -> History:
    if not fixture.earlier:
        return Remembered(fixture.history, fixture.habits, fixture.profile)
    store = MemoryStore()
    store.save_many(fixture.earlier)
    graph = fixture.trace.graph
    return store.history(fixture.trace.pipeline_name, graph.version if graph else None)


def found(fixture: Fixture, *detectors: BaseDetector) -> list[Any]:
    result = detect(fixture.trace, detectors, context_of(fixture))
    assert result.failures == ()
    return list(result.detections)


def lines(fixture: Fixture, *detectors: BaseDetector) -> list[str]:
    said = []
    for one in found(fixture, *detectors):
        step = fixture.trace.step(one.step_id)
        where = f"{step.node_name}#{step.step_number}" if step else "-"
        said.append(f"{one.code} {one.severity} {where} {one.field or '-'}")
    return sorted(said)


def name_of(path: Path) -> str:
    return "/".join(path.relative_to(HERE).with_suffix("").parts[1:])


@pytest.mark.parametrize("path", FIXTURES, ids=name_of)
def test_speaks_exactly_as_expected(path: Path):
    detector = DETECTORS[path.parts[-3]]
    expected: list[str] = []
    if path.parent.name == "fires":
        told = (path.parent / "expected.txt").read_text(encoding="utf-8").splitlines()
        expected = sorted(line.partition(": ")[2] for line in told if line.startswith(f"{path.stem}: "))
        assert expected, f"{path.stem} is not in expected.txt"
    assert lines(read(path), detector) == expected


@pytest.mark.parametrize("path", [one for one in FIXTURES if one.stem.endswith("_mended")], ids=name_of)
def test_a_mended_run_is_clean_for_all_detectors(path: Path):
    assert lines(read(path), *DETECTORS.values()) == []


@pytest.mark.parametrize("slug", DETECTORS)
def test_every_detector_has_runs_that_fire_and_runs_that_do_not(slug: str):
    detector = DETECTORS[slug]
    layer = "signatures" if detector.code.startswith("SIG") else detector.layer
    folder = HERE / layer / slug
    fires = {path.stem for path in folder.glob("fires/*.json")}
    silent = {path.stem for path in folder.glob("silent/*.json")}
    assert len(fires) >= 1
    assert len(silent) >= 2
    assert {f"{name}_mended" for name in fires} & silent, "one silent run must be a firing one without its fault"


def test_no_fixture_without_a_detector():
    assert {path.parts[-3] for path in FIXTURES} <= set(DETECTORS)
