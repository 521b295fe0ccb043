from __future__ import annotations

import sys
import types
from importlib.metadata import EntryPoint

import pytest

from argus.detectors import registry
from argus.detectors.base import BaseDetector
from argus.detectors.registry import builtin_detectors, load_detectors
from argus.errors import DetectorError, PluginError


class TotalsAddUp(BaseDetector):
    code = "ACME001"

    def detect(self, trace):
        return []


class Impostor(BaseDetector):
    code = "ACME001"

    def detect(self, trace):
        return []


class NeedsLimit(BaseDetector):
    def __init__(self, limit: int) -> None:
        self.limit = limit


class Nameless(BaseDetector):
    code = None


@pytest.fixture
def shop_checks(monkeypatch):
    module = types.ModuleType("shop_checks")
    module.TotalsAddUp = TotalsAddUp
    module.NeedsLimit = NeedsLimit
    module.Nameless = Nameless
    module.ready = TotalsAddUp()
    module.number = 7
    monkeypatch.setitem(sys.modules, "shop_checks", module)
    return module


def offer(monkeypatch, *values: str) -> None:
    points = [EntryPoint(name=f"p{n}", value=value, group="argus.detectors") for n, value in enumerate(values)]
    monkeypatch.setattr(registry, "entry_points", lambda group: points if group == "argus.detectors" else [])


def added(detectors) -> list[str]:
    return [type(one).__name__ for one in detectors if not type(one).__module__.startswith("argus.")]


def test_built_in_codes_and_names_are_unique():
    built_in = builtin_detectors()
    for attribute in ("code", "name"):
        values = [getattr(one, attribute) for one in built_in]
        assert all(values)
        assert len(set(values)) == len(values)


def test_three_ways_in(shop_checks, monkeypatch):
    offer(monkeypatch, "shop_checks:TotalsAddUp")
    assert added(load_detectors(plugins=True)) == ["TotalsAddUp"]
    assert added(load_detectors(plugins=False)) == []
    assert added(load_detectors([TotalsAddUp], plugins=False)) == ["TotalsAddUp"]
    assert added(load_detectors([TotalsAddUp()], plugins=False)) == ["TotalsAddUp"]
    assert added(load_detectors(custom=["shop_checks:TotalsAddUp"], plugins=False)) == ["TotalsAddUp"]
    assert added(load_detectors(custom=["shop_checks:ready"], plugins=False)) == ["TotalsAddUp"]


def test_the_same_detector_in_three_ways_counts_once(shop_checks, monkeypatch):
    offer(monkeypatch, "shop_checks:TotalsAddUp")
    assert added(load_detectors([TotalsAddUp()], ["shop_checks:TotalsAddUp"])) == ["TotalsAddUp"]


def test_instances_with_their_own_arguments_all_count():
    detectors = load_detectors([NeedsLimit(1), NeedsLimit(2)], plugins=False)
    assert added(detectors) == ["NeedsLimit", "NeedsLimit"]


def test_a_code_belongs_to_one_class():
    with pytest.raises(DetectorError, match=r"ACME001 of .*Impostor is already taken by .*TotalsAddUp"):
        load_detectors([TotalsAddUp, Impostor], plugins=False)


@pytest.mark.parametrize(
    ("reference", "complaint"),
    [
        ("shop_checks", "write it as package.module:Class"),
        ("shop_checks:Missing", "'shop_checks:Missing' cannot be loaded: AttributeError"),
        ("no_such_package.x:Y", "'no_such_package.x:Y' cannot be loaded: ModuleNotFoundError"),
        ("shop_checks:number", "'shop_checks:number' is no detector"),
        ("shop_checks:NeedsLimit", "'shop_checks:NeedsLimit' cannot be made without arguments"),
        ("shop_checks:Nameless", "the attribute 'code' of the detector 'shop_checks:Nameless' must be a string"),
    ],
)
def test_one_that_cannot_be_loaded_is_named(shop_checks, reference, complaint):
    with pytest.raises(DetectorError) as caught:
        load_detectors(custom=[reference], plugins=False)
    assert complaint in str(caught.value)


def test_a_plugin_that_cannot_be_loaded_is_named(monkeypatch):
    offer(monkeypatch, "no_such_package:Detector")
    with pytest.raises(PluginError, match=r"'p0' \(no_such_package:Detector\).*ModuleNotFoundError"):
        load_detectors()
