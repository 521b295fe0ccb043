"""The house: its layers, its public names, its exceptions, what importing it costs."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import argus
import argus.errors

PROJECT = Path(__file__).resolve().parents[2]
SOURCES = sorted((PROJECT / "src" / "argus").rglob("*.py"))


def test_documented_layers_are_the_enforced_ones():
    documented = (PROJECT / "docs" / "architecture.md").read_text().split("<!-- layers -->")[1].split("```")[1]
    contract = (PROJECT / "pyproject.toml").read_text().split('type = "layers"')[1].split("layers = [")[1].split("]")[0]
    assert documented.strip().splitlines() == re.findall(r'"([^"]+)"', contract)


def test_public_names_are_sorted_complete_and_importable():
    assert argus.__all__ == sorted(argus.__all__)
    assert set(argus.__all__) == set(argus._HOMES) | {"__version__"}
    for name in argus.__all__:
        assert getattr(argus, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        argus.nonsense  # noqa: B018


def test_importing_loads_nothing_heavy():
    code = "import argus, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"numpy", "rich", "jinja2", "yaml", "sqlite3", "langgraph", "langchain_core", "re2", "tokenizers", "click"}
    assert not heavy & set(loaded)


def test_making_a_watcher_loads_no_model_and_no_framework(tmp_path):
    code = "import argus, sys; argus.ArgusWatcher(); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    ).stdout.split()
    assert not {"numpy", "tokenizers", "langgraph", "langchain_core", "rich", "jinja2"} & set(loaded)


def test_the_drawn_tree_of_exceptions_is_the_real_one():
    drawn = re.findall(r"^\s*(?:│ )?(?:├ |└ )?([A-Z]\w+)(?: {2}|$)", argus.errors.__doc__, flags=re.MULTILINE)
    classes = {
        name
        for name, value in vars(argus.errors).items()
        if inspect.isclass(value) and issubclass(value, argus.ArgusError)
    }
    assert set(drawn) == classes
    assert sorted(classes) == argus.errors.__all__


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PROJECT / "src")))
def test_modules_stay_small(path):
    assert len(path.read_text().splitlines()) <= 500


def test_every_module_can_be_imported_on_this_python():
    names = [".".join(path.relative_to(PROJECT / "src").with_suffix("").parts) for path in SOURCES]
    names = [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    done = subprocess.run([sys.executable, "-c", code, *names], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


def test_nothing_names_a_registry_host():
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True).stdout.split()
    hosts = re.compile("pypi" + r"\.org|files\.pythonhosted|registry\.npmjs")
    for name in listed:
        path = PROJECT / name
        if path.is_file() and path.stat().st_size < 2_000_000:
            assert not hosts.search(path.read_text(errors="ignore")), name
