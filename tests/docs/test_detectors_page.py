"""The examples of the page on detectors work as written."""

import re
from pathlib import Path

from argus.config.sources import load
from argus.detectors.base import DetectorContext
from argus.detectors.signatures.registry import with_private
from argus.storage.memory import MemoryStore
from argus.testing.builders import build_trace, ran

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "detectors.md").read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_detector_finds_what_it_says():
    namespace = {}
    exec(blocks("python")[0], namespace)
    detector = namespace["AnswerWithoutSource"]()
    bare = build_trace(ran("draft", {"answer": "Thirty days."}))
    sourced = build_trace(ran("draft", {"answer": "Thirty days [2]."}))
    assert [finding.field for finding in detector.detect(bare)] == ["answer"]
    assert detector.detect(sourced) == []


def test_the_detector_of_habits_finds_what_it_says():
    namespace = {}
    exec(blocks("python")[1], namespace)
    store = MemoryStore()
    store.save_many(
        [build_trace(ran("bill", {"net": n, "tax": 3 * n, "gross": 4 * n}), trace_id=f"{n:016x}") for n in range(2, 12)]
    )
    odd = build_trace(ran("bill", {"net": 10, "tax": 30, "gross": 41}))
    context = DetectorContext(history=store.history("pipeline", None))
    (finding,) = namespace["BrokenHabit"]().run(odd, context)
    assert (finding.field, finding.message) == ("gross", "Until now, bill.gross = bill.net + bill.tax")


def test_the_signature_file_is_valid(tmp_path):
    path = tmp_path / "signatures.yaml"
    path.write_text(blocks("yaml")[0])
    ids = {signature.id for signature in with_private(path).signatures}
    assert "gateway-page" in ids


def test_the_ignore_rule_is_valid(tmp_path):
    (tmp_path / "argus.yaml").write_text(blocks("yaml")[1])
    (rule,) = load(environ={}, start=tmp_path).settings.detection.ignore
    assert (rule.code, rule.node) == ("STR403", "log_*")
