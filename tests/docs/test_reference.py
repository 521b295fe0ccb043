"""The generated reference pages say what the code says."""

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


def pages():
    spec = importlib.util.spec_from_file_location("generate_docs", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return dict(module.pages())


NAMES = [
    "configuration.md",
    "detectors.md",
    "command-line.md",
    "python-api.md",
    "trace.schema.json",
    "check.schema.json",
    "baseline.schema.json",
    "report.schema.json",
    "stats.schema.json",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_what_the_code_says(name):
    assert (DOCS / "reference" / name).read_text(encoding="utf-8") == pages()[name], "run: make docs"


def test_every_page_is_compared():
    assert {path.name for path in (DOCS / "reference").iterdir()} == set(pages())
