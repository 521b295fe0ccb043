from __future__ import annotations

import sys
from pathlib import Path

import pytest

from argus.cli.late_start import when_imported


@pytest.fixture(params=["package", "namespace"])
def package(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An importable package with one module, ordinary or without ``__init__.py``."""
    name = f"late_start_{request.param}"
    (tmp_path / name).mkdir()
    if request.param == "package":
        (tmp_path / name / "__init__.py").write_text("loads = globals().get('loads', 0) + 1\n")
    (tmp_path / name / "inner.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for known in [known for known in sys.modules if known.partition(".")[0] == name]:
        monkeypatch.delitem(sys.modules, known)
    return name


def test_the_action_runs_once_inside_the_first_import(package: str) -> None:
    calls: list[str] = []

    def action() -> None:
        inner = __import__(f"{package}.inner", fromlist=["value"])
        calls.append(f"value {inner.value}")

    finders = list(sys.meta_path)
    when_imported(package, action)
    assert calls == []
    outer = __import__(f"{package}.inner")
    assert calls == ["value 1"]
    assert outer is sys.modules[package]
    assert outer.inner is sys.modules[f"{package}.inner"]
    assert outer.__spec__.submodule_search_locations
    assert "late_start" not in type(outer.__loader__).__module__
    assert getattr(outer, "loads", 1) == 1
    assert sys.meta_path == finders
    __import__(package)
    assert calls == ["value 1"]


def test_an_action_that_imports_nothing_leaves_the_import_alone(package: str) -> None:
    calls: list[int] = []
    when_imported(package, lambda: calls.append(1))
    assert __import__(f"{package}.inner").inner.value == 1
    assert calls == [1]


def test_what_was_imported_already_starts_at_once_and_waiting_can_end(package: str) -> None:
    calls: list[int] = []
    finders = list(sys.meta_path)
    when_imported(package, lambda: calls.append(1))()
    assert sys.meta_path == finders
    __import__(package)
    assert calls == []
    when_imported(package, lambda: calls.append(2))()
    assert calls == [2]
