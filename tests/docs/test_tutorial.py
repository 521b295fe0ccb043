"""The tutorial, followed to the letter in an empty environment."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
TUTORIAL = (PROJECT / "docs" / "tutorial.md").read_text()
STEPS = re.findall(r'```(console|python)(?: title="([^"]+)")?\n(.*?)```', TUTORIAL, flags=re.DOTALL)


def commands(block):
    """Each command of a console block with the lines that it is to print."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected.rstrip("\n").splitlines()


def matches(expected, printed):
    """Whether lines were printed; an ellipsis stands for the rest of a line, or alone for any lines."""
    lines = printed.rstrip("\n").splitlines()
    place, skipping = 0, False
    for wanted in expected:
        if wanted == "…":
            skipping = True
            continue
        start, ellipsis, _ = wanted.partition("…")
        fitting = [
            number
            for number, line in enumerate(lines[place:], start=place)
            if (line.startswith(start) if ellipsis else line == wanted) and (skipping or number == place)
        ]
        if not fitting:
            return False
        place, skipping = fitting[0] + 1, False
    return skipping or place == len(lines)


@pytest.mark.timeout(300)
def test_every_command_does_what_the_tutorial_says(tmp_path):
    environment = {"HOME": str(tmp_path), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "LANG": "C.UTF-8"}
    environment |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "SSL_"))}
    done = []
    for language, title, block in STEPS:
        if language == "python":
            (tmp_path / title).write_text(block)
            continue
        for command, expected in commands(block):
            if command.startswith(". "):  # what activating does, for the commands that follow
                environment["PATH"] = f"{tmp_path / 'trip-env' / 'bin'}:{environment['PATH']}"
                environment["VIRTUAL_ENV"] = str(tmp_path / "trip-env")
                continue
            # this checkout stands in for the released package, and uv for pip, which takes a minute
            real = command.replace('pip install "arguslabs[', f'uv pip install --quiet "{PROJECT}[')
            said = subprocess.run(
                ["bash", "-c", real], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=200
            )
            printed = said.stdout + said.stderr
            assert said.returncode == 0, f"{command}\n{printed}"
            assert not expected or matches(expected, printed), f"{command}\n{printed}"
            done.append(command.split()[0:2])
    for needed in ("watch", "trace", "explain", "fix", "diff"):
        assert ["argus", needed] in done


@pytest.mark.parametrize(
    ("expected", "printed", "fits"),
    [
        (["a …"], "a b\n", True),
        (["a", "…", "z"], "a\nb\nc\nz\n", True),
        (["a", "…"], "a\n", True),
        (["a"], "b\n", False),
        (["a", "…", "z"], "a\nb\n", False),
    ],
)
def test_the_comparison_of_outputs_can_fail(expected, printed, fits):
    assert matches(expected, printed) is fits
