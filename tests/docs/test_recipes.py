"""The recipes for pipelines without LangGraph run as they stand, and what they record is whole."""

import subprocess
import sys
from pathlib import Path

import pytest

from argus.storage.locate import open_store

RECIPES = Path(__file__).resolve().parents[2] / "examples" / "recipes"

EXPECTED = {
    "plain_functions": "2 orders over 42.50 EUR\nok ['load', 'total', 'report']\n",
    "thread_pool": (
        "2 ['sand.png', 'sea.png']\n3 ['hill.png', 'lake.png', 'moon.png']\n"
        "ok ['index', 'shrink', 'shrink']\nok ['index', 'shrink', 'shrink', 'shrink']\n"
    ),
    "task_group": (
        "['Reykjavik', 'Lisbon']\nok ['compare', 'fetch', 'fetch']\nok ['compare', 'fetch', 'fetch', 'fetch']\n"
    ),
    "pydantic_ai_agent": "The train costs 89 EUR.\nok ['agent', 'fare'] True\n",
    "llama_index_workflow": "Tides: what we know\nok ['draft', 'polish']\n",
}
NEEDS = {"pydantic_ai_agent": "pydantic_ai", "llama_index_workflow": "workflows"}


def test_every_recipe_is_tested():
    assert {path.stem for path in RECIPES.glob("*.py")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recipe_runs_and_its_runs_are_stored(name, tmp_path):
    if name == "task_group" and sys.version_info < (3, 11):
        pytest.skip("task groups came with Python 3.11")
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    done = subprocess.run(
        [sys.executable, RECIPES / f"{name}.py"], cwd=tmp_path, capture_output=True, text=True, timeout=100
    )
    assert (done.stdout, done.stderr) == (EXPECTED[name], "")
    store = open_store(f"sqlite:///{tmp_path / '.argus' / 'traces.db'}")
    rows = store.list().rows
    assert len(rows) == sum(line.startswith("ok ") for line in done.stdout.splitlines())
    assert not list((tmp_path / ".argus" / "journal").glob("*.journal"))
