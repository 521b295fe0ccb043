from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from argus._version import __version__
from argus.cli.newest_version import is_newer


@pytest.fixture
def pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes the interpreter that is asked for pip a script with a given answer."""

    def answers(script: str) -> None:
        path = tmp_path / "bin" / "python"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(path))

    return answers


def test_a_newer_version_is_told_with_the_command_that_gets_it(call: Any, pip: Any) -> None:
    pip('echo "$@" > asked; echo "arguslabs (99.0.1)"; echo "Available versions: 99.0.1, 0.1.0"')
    shown = call("update", "--check", columns=200)
    assert (shown.code, shown.err) == (0, "")
    assert "version 99.0.1" in shown.out
    assert f"{sys.executable} -m pip install --upgrade arguslabs" in shown.out
    assert Path("asked").read_text().startswith("-m pip index versions arguslabs ")
    known = json.loads(call("update", "--check", "--json").out)
    assert (known["installed"], known["newest"], known["newer"]) == (__version__, "99.0.1", True)


def test_the_newest_version_is_said_to_be_the_newest(call: Any, pip: Any) -> None:
    pip(f'echo "WARNING: experimental" >&2; echo "arguslabs ({__version__})"')
    assert call("update", "--check").out == f"Version {__version__} is the newest.\n"
    assert json.loads(call("update", "--check", "--json").out)["command"] is None


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ('echo "ERROR: No matching distribution found for arguslabs" >&2; exit 1', "is there a network"),
        ('echo "python: No module named pip" >&2; exit 1', "ensurepip"),
        ("exit 0", "could not say"),
        ("printf 'ERROR: \\033[2Jx' >&2; exit 1", "could not say"),
    ],
)
def test_without_an_answer_the_reason_is_told(script: str, said: str, call: Any, pip: Any) -> None:
    pip(script)
    shown = call("update", "--check")
    assert (shown.code, shown.out) == (2, "")
    assert said in shown.err
    assert "\x1b" not in shown.err


def test_a_pip_that_hangs_or_is_not_there(call: Any, pip: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("argus.cli.newest_version._TIMEOUT_S", 0.2)
    pip("exec sleep 20")
    assert "no answer within 0.2 seconds" in call("update", "--check").err
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert call("update", "--check").code == 2


def test_nothing_is_asked_without_being_told_to(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: Any, **__: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(subprocess, "run", asked)
    shown = call("update")
    assert (shown.code, shown.out) == (2, "")
    assert "--check" in shown.err
    assert call("--help").code == 0


@pytest.mark.parametrize(
    ("found", "installed", "newer"),
    [("0.10.0", "0.9.1", True), ("1.0.0", "1.0.0", False), ("1.0", "1.0.1", False), ("2.0", "2.0rc1", True)],
)
def test_versions_are_compared_as_numbers(found: str, installed: str, newer: bool) -> None:
    assert is_newer(found, installed) is newer
