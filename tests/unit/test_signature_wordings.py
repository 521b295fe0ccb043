"""How many wordings that the signatures were not written from are found, and that innocent ones are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from argus.detectors.base import DetectorContext
from argus.detectors.engine import detect
from argus.detectors.registry import builtin_detectors
from argus.testing.builders import build_graph, build_trace, ran

FOLDER = Path(__file__).with_name("signature_wordings")
DETECTORS = [one for one in builtin_detectors() if one.code.startswith("SIG")]
GRAPH = build_graph(
    ["retrieve", "generate"],
    state={"question": str, "documents": list, "answer": str},
    reads={"generate": ["question", "documents"]},
)


def said(text: str) -> list[str]:
    """The severities of what is found in an answer."""
    trace = build_trace(
        ran("retrieve", {"documents": ["It is deep."]}),
        ran("generate", {"answer": text}),
        input={"question": "How deep?"},
        graph=GRAPH,
    )
    result = detect(trace, DETECTORS, DetectorContext())
    assert result.failures == ()
    return [one.severity for one in result.detections]


def wordings(name: str):
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["held_out.yaml", "held_out_again.yaml"])
def test_wordings_are_found(name):
    every = [(kind, text) for kind, texts in wordings(name).items() for text in texts]
    missed = [one for one in every if not {"warning", "critical"} & set(said(one[1]))]
    assert len(missed) <= 0.02 * len(every), missed


def test_innocent_answers_give_no_warning():
    assert [text for text in wordings("innocent.yaml") if set(said(text)) - {"info"}] == []
