"""Whether ARGUS, Python and the libraries it needs are there and fit together."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from argus._version import __version__
from argus.cli.health.base import Check

__all__ = ["checks"]

_DISTRIBUTION = "arguslabs"
_OLDEST_PYTHON = (3, 10)
_NEEDED = re.compile(r"([A-Za-z0-9._-]+)\s*(?:\[[^\]]*\])?\s*([^;]*)")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")
_OWN_CHECK = "langgraph"
"""The extra that has a check of its own."""


def checks() -> Iterator[Check]:
    """Program, interpreter, libraries, extras."""
    yield _program()
    yield _python()
    try:
        needed = importlib.metadata.requires(_DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        message = (
            "ARGUS runs from a folder and is not installed, so its detectors and formats of packages are not found"
        )
        yield Check(name="libraries", status="warning", message=message, cure=f"pip install {_DISTRIBUTION}")
        return
    yield _libraries([one for one in needed if not _EXTRA.search(one)])
    yield _extras([one for one in needed if _EXTRA.search(one)])


def _program() -> Check:
    message = f"{__version__} at {Path(__file__).parents[2]}"
    command = shutil.which("argus")
    if command is not None and Path(command).resolve().parent != Path(sys.executable).parent.resolve():
        here = Path(sys.executable).parent / "argus"
        if here.exists():
            told = f"{message}; the command on PATH is another one, {command}"
            return Check(name="argus", status="warning", message=told, cure=f"call {here}, or put its folder first")
    return Check(name="argus", status="ok", message=message)


def _python() -> Check:
    message = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info < _OLDEST_PYTHON:
        oldest = ".".join(map(str, _OLDEST_PYTHON))
        return Check(name="python", status="failed", message=message, cure=f"use Python {oldest} or newer")
    return Check(name="python", status="ok", message=message)


def _libraries(needed: list[str]) -> Check:
    wrong = [problem for one in needed if (problem := _problem(one))]
    if not wrong:
        return Check(name="libraries", status="ok", message=f"all {len(needed)} are installed")
    cure = f"pip install --upgrade {_DISTRIBUTION}"
    return Check(name="libraries", status="failed", message="; ".join(wrong), cure=cure)


def _extras(needed: list[str]) -> Check:
    by_extra: dict[str, list[str]] = {}
    for one in needed:
        found = _EXTRA.search(one)
        if found and found[1] != _OWN_CHECK:
            by_extra.setdefault(found[1], []).append(one)
    there = [extra for extra, ones in by_extra.items() if not any(map(_problem, ones))]
    away = [extra for extra in by_extra if extra not in there]
    parts = [*([f"{', '.join(there)} installed"] if there else [])]
    parts += [f'{", ".join(away)} not installed (pip install "{_DISTRIBUTION}[{away[0]}]", if wanted)'] if away else []
    return Check(name="extras", status="ok", message="; ".join(parts) or "there are none")


def _problem(requirement: str) -> str:
    """What is wrong with a required library; empty when nothing is, or it is not meant for this platform."""
    found = _NEEDED.match(requirement)
    name = found[1] if found else requirement
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return f"{name} is missing"
    try:
        from packaging.requirements import Requirement
    except ImportError:  # not one of ours: then only presence is known
        return ""
    wanted = Requirement(requirement).specifier
    return "" if wanted.contains(version, prereleases=True) else f"{name} {version} does not fit {wanted}"
