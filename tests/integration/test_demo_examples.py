"""The examples do what they say."""

import importlib.util
import runpy
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from argus.detectors import registry
from argus.detectors.base import BaseDetector
from argus.testing.builders import build_trace, ran

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    path = EXAMPLES / "custom_detector" / "src" / "argus_shouting" / "__init__.py"
    spec = importlib.util.spec_from_file_location("argus_shouting", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "argus_shouting", module)
    spec.loader.exec_module(module)
    return module


def test_custom_detector_finds_capitals_only(package: ModuleType) -> None:
    detector: BaseDetector = package.ShoutingAnswer()
    trace = build_trace(ran("a", {"answer": "NO WAY"}), ran("b", {"answer": "No way"}), ran("c", {"answer": None}))
    assert [(found.step_id, found.message) for found in detector.detect(trace)] == [
        (trace.steps[0].id, "Custom check failed")
    ]


def test_custom_detector_is_found_by_its_entry_point(package: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = (EXAMPLES / "custom_detector" / "pyproject.toml").read_text(encoding="utf-8")
    assert '[project.entry-points."argus.detectors"]\nshouting = "argus_shouting:ShoutingAnswer"\n' in declared
    point = EntryPoint(name="shouting", value="argus_shouting:ShoutingAnswer", group="argus.detectors")
    monkeypatch.setattr(registry, "_entry_points", lambda: [point])
    assert package.ShoutingAnswer in map(type, registry.load_detectors())


def test_quickstart_says_which_node_is_at_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = runpy.run_path(str(EXAMPLES / "quickstart.py"))
    trace = namespace["trace"]
    assert namespace["result"]["answer"] == ""
    assert any("docs" in detection.message for detection in trace.detections)
    assert trace.step(trace.forensics.root_cause_step).node_name == "search"
    assert "The pipeline says: ''" in capsys.readouterr().out
