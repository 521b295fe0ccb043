"""Runs tests in environments of their own: other Pythons, or the oldest supported LangGraph.

Run by ``make test-pythons`` and ``make test-oldest``. A Python that is not installed is an error in CI and passed over
elsewhere.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).parent / "uv"
OLDEST = ("langgraph==1.0.0", "langgraph-prebuilt==1.0.0")
TESTS = ("tests/unit", "tests/integration/test_langgraph_basics.py")
OLDEST_TESTS = (  # not those that want a silent stderr: importing LangGraph 1.0 warns of its own parts
    *sorted(PROJECT.glob("tests/integration/test_langgraph_*.py")),
    PROJECT / "tests/integration/test_canary.py",
    PROJECT / "tests/integration/test_recovery.py",
)


def interpreter(version: str) -> Path | None:
    """A Python of this version: on the path, or among those that pyenv keeps."""
    for root in (os.environ.get("PYENV_ROOT"), Path.home() / ".pyenv", "/root/.pyenv"):
        if root:
            found = sorted(Path(root).glob(f"versions/{version}.*/bin/python"))
            if found:
                return found[-1]
    command = shutil.which(f"python{version}")
    if command and subprocess.run([command, "--version"], capture_output=True).returncode == 0:
        return Path(command)
    return None


def run(*command: object) -> None:
    """Runs a command; stops when it fails."""
    print("$", *command, flush=True)
    code = subprocess.run([str(part) for part in command], cwd=PROJECT).returncode
    if code:
        sys.exit(code)


def environment(name: str, python: Path) -> Path:
    """An environment with the pinned requirements, made anew unless it is there."""
    folder = PROJECT / ".venvs" / name
    if not (folder / "bin" / "python").exists():
        run(UV, "venv", "--quiet", "--python", python, folder)
    run(UV, "pip", "sync", "--quiet", "--python", folder, "requirements/dev.txt")
    run(UV, "pip", "install", "--quiet", "--python", folder, "--no-deps", "--no-build-isolation", "-e", ".")
    return folder


def main(arguments: list[str]) -> None:
    """Tests what the command line names."""
    if arguments == ["--oldest-langgraph"]:
        folder = environment("oldest", Path(sys.executable))
        run(UV, "pip", "install", "--quiet", "--python", folder, *OLDEST)
        quiet = (
            "-W",
            "ignore::DeprecationWarning",
            "-W",
            "ignore::PendingDeprecationWarning",
        )  # LangGraph's own imports
        run(folder / "bin" / "python", "-m", "pytest", "-q", "-n", "2", *quiet, *OLDEST_TESTS)
        return
    for version in arguments:
        python = interpreter(version)
        if python is None:
            message = f"Python {version} is not installed"
            if os.environ.get("CI"):
                sys.exit(message)
            print(f"{message}: passed over")
            continue
        folder = environment(version, python)
        run(folder / "bin" / "python", "-m", "pytest", "-q", "-n", "2", *TESTS)


if __name__ == "__main__":
    main(sys.argv[1:])
