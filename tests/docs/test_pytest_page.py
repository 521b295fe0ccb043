"""The page on pytest: its tests run, its commands do what it says, its output is real."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "pytest.md"
TEXT = PAGE.read_text()


def blocks(kind):
    return re.findall(rf"```{kind}\n(.*?)```", TEXT, flags=re.DOTALL)


def shell(command, folder):
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("ARGUS_", "PYTEST_"))}
    environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}"
    environ["PYTEST_PLUGINS"] = (
        "argus.pytest_plugin"  # as its entry point, in an installation made before there was one
    )
    words = [*command.split(), *(["-p", "no:cacheprovider", "-rA"] if command.startswith("pytest") else [])]
    return subprocess.run(words, cwd=folder, env=environ, capture_output=True, text=True, timeout=100)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    (folder / "test_handbook.py").write_text("\n\n".join(blocks("python")))
    return folder


def test_the_commands_and_their_output(folder):
    commands = [line[2:] for block in blocks("console") for line in block.splitlines()]
    assert [command.split()[0] for command in commands] == ["pytest", "pytest", "argus"]
    watched, kept, shown = (shell(command, folder) for command in commands)
    assert "1 failed, 4 passed" in watched.stdout, watched.stdout
    assert "FAILED test_handbook.py::test_the_question_stays" in watched.stdout
    (output,) = blocks("text")
    assert output in watched.stdout
    assert "1 failed, 4 passed" in kept.stdout, kept.stdout
    assert (shown.returncode, "handbook" in shown.stdout) == (0, True), shown.stderr


def test_without_the_option_every_test_passes(folder):
    done = shell("pytest", folder)
    assert "5 passed" in done.stdout, done.stdout


def test_what_the_page_links_to_exists():
    for link in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (PAGE.parent / link).exists(), link
