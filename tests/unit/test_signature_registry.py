"""The tiers of signatures: what comes with ARGUS, what a user adds, and what is said when that is wrong."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from argus import ArgusWatcher
from argus.detectors.base import DetectorContext
from argus.detectors.engine import detect
from argus.detectors.registry import builtin_detectors
from argus.detectors.signatures.registry import bundled, check, combined, with_private
from argus.detectors.signatures.signature import KINDS, Signature
from argus.errors import ConfigError
from argus.testing.builders import build_trace, ran

SIGNATURES = bundled().signatures
DETECTORS = [one for one in builtin_detectors() if one.code.startswith("SIG")]


def test_every_bundled_pattern_is_sound():
    for one in SIGNATURES:
        check(one)
        assert one.note, one.id
        assert one.id.startswith(f"{one.kind}."), one.id
        assert one.tier == "bundled"


def test_ids_and_pairs_of_pattern_and_strategy_are_unique():
    assert max(Counter(one.id for one in SIGNATURES).values()) == 1
    assert max(Counter((one.pattern, one.strategy) for one in SIGNATURES).values()) == 1


def test_refusals_are_known_in_at_least_twenty_languages():
    assert len({code for one in SIGNATURES if one.kind == "refusal" for code in one.languages}) >= 20


def test_each_kind_has_the_detector_of_its_name_and_code():
    assert {one.name: one.code for one in DETECTORS} == dict(KINDS)


def test_of_equal_signatures_the_stronger_tier_counts():
    weak = Signature(id="a", kind="refusal", pattern="no", strategy="whole")
    strong = Signature(id="b", kind="refusal", pattern="no", strategy="whole", severity="info", tier="private")
    other = Signature(id="c", kind="refusal", pattern="no", strategy="anywhere")
    assert combined([weak, strong, other]) == (strong, other)


def private(tmp_path: Path, content: str, name: str = "own.yaml") -> Path:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    return file


OWN = """
defaults: {kind: placeholder, severity: critical}
parts: {desk: 'help ?desk'}
signatures:
  - id: acme.busy
    strategy: anywhere
    pattern: '«desk» is closed'
    note: the help desk's closing notice
disable: [placeholder.todo]
"""


def found(text: str, signatures) -> list[tuple[str, str]]:
    trace = build_trace(ran("ask", {"answer": text}))
    result = detect(trace, DETECTORS, DetectorContext(signatures=signatures))
    assert result.failures == ()
    return [(one.code, one.severity) for one in result.detections]


def test_a_private_signature_is_found_where_bundled_ones_would_stay_silent(tmp_path):
    known = with_private(private(tmp_path, OWN))
    text = "We are sorry: our Help Desk is closed today."
    assert found(text, None) == []
    assert found(text, known) == [("SIG501", "critical")]


def test_a_private_file_switches_bundled_signatures_off(tmp_path):
    assert found("TODO", None) == [("SIG501", "warning")]
    assert found("TODO", with_private(private(tmp_path, OWN))) == []


def test_a_private_file_may_be_json(tmp_path):
    entry = {"id": "x", "kind": "refusal", "strategy": "whole", "pattern": r"nope\.?"}
    known = with_private(private(tmp_path, json.dumps({"signatures": [entry]}), "own.json"))
    assert found("Nope.", known) == [("SIG502", "warning")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "signatures: [{id: x, kind: refusal, strategy: whole, pattern: '(a'}]",
            "signature 1 (`x`): RE2 does not take",
        ),
        ("signatures: [{id: x, kind: refusal, strategy: whole, pattern: '(?=a)'}]", "RE2 does not take the pattern"),
        ("signatures: [{id: x, kind: refusal, strategy: whole, pattern: 'a*'}]", "fits the empty text"),
        ("signatures: [{id: x, kind: rudeness, strategy: whole, pattern: a}]", "signature 1 (`x`): Invalid enum value"),
        ("signatures: [{id: x, kind: refusal, strategy: whole, regex: a}]", "unknown field `regex`"),
        ("signatures: [{kind: refusal, strategy: whole, pattern: a}]", "signature 1 (`without id`)"),
        ("signatures: [{id: x, kind: refusal, strategy: whole, pattern: 'a «b»'}]", "`parts` has no «b»"),
        ("signature: []", "unknown field `signature`"),
        ("disable: [placeholder.todoo]", "`disable` names no bundled signature: placeholder.todoo"),
        ("signatures: [", "own.yaml, line"),
        ("- a", "Expected `object`, got `array`"),
    ],
)
def test_what_is_wrong_with_a_private_file_is_said(tmp_path, content, said):
    with pytest.raises(ConfigError, match=r"own\.yaml") as caught:
        with_private(private(tmp_path, content))
    assert said in str(caught.value)


def test_all_wrong_entries_are_named_at_once(tmp_path):
    twice = "{id: x, kind: refusal, strategy: whole, pattern: ''}"
    with pytest.raises(ConfigError) as caught:
        with_private(private(tmp_path, f"signatures: [{twice}, {twice.replace('x', 'y')}]"))
    assert len(caught.value.problems) == 2


def test_the_setting_is_read_when_a_watcher_is_made_beside_the_configuration(tmp_path, monkeypatch):
    (tmp_path / "argus.yaml").write_text("detection: {signatures: {private: own.yaml}}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"cannot read the signatures in .*own\.yaml: No such file"):
        ArgusWatcher(config=tmp_path / "argus.yaml", storage=False)
    private(tmp_path, OWN)
    watcher = ArgusWatcher(config=tmp_path / "argus.yaml", storage=False)
    trace = watcher._observer.finalizer.detect(build_trace(ran("ask", {"hint": "the help desk is closed"})))
    assert [one.details["signature"] for one in trace.detections] == ["acme.busy"]


def test_signatures_can_be_switched_off(tmp_path):
    from argus.config.settings import DetectionSettings, SignatureSettings

    off = DetectorContext(settings=DetectionSettings(signatures=SignatureSettings(enabled=False)))
    assert detect(build_trace(ran("ask", {"answer": "TODO"})), DETECTORS, off).detections == ()
