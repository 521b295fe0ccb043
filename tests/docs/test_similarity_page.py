"""The page on the similarity scale says what the calibration finds, and the cut in use is the one it finds."""

import importlib.util
from pathlib import Path

import pytest

from argus.judges.embedding import RELEVANCE_CUT, StaticEmbedder

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def calibration():
    spec = importlib.util.spec_from_file_location("semantic_calibration", ROOT / "bench" / "semantic_calibration.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_script_says(calibration):
    pairs = calibration.read_pairs()
    found = calibration.measured(pairs, StaticEmbedder())
    assert calibration.best_cut(found) == RELEVANCE_CUT
    written = (ROOT / "docs" / "explanation" / "similarity.md").read_text(encoding="utf-8")
    assert written == calibration.page(pairs, found), "run: python bench/semantic_calibration.py --write"


def test_the_set_is_varied(calibration):
    pairs = calibration.read_pairs()
    assert len({one["query"] for one in pairs}) == len(pairs)
    assert len({one["lang"] for one in pairs}) >= 12
    assert len({(one["lang"], one["domain"]) for one in pairs}) >= 50


def test_an_embedder_of_your_own_gets_its_cut(calibration, capsys):
    assert calibration.main(["--embedder", "argus.judges.embedding:StaticEmbedder"]) == 0
    assert f"embedder_cut: {RELEVANCE_CUT}" in capsys.readouterr().out
