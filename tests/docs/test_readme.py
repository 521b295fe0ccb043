"""What the README shows is true."""

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
README = (PROJECT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_two_commands_stand_first_and_exist():
    first = blocks("console")[0]
    commands = [line.split("#")[0].split() for line in first.strip().splitlines()]
    assert commands == [["make", "run"], ["make", "test"]]
    makefile = (PROJECT / "Makefile").read_text()
    for _, target in commands:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)


def test_the_examples_run(tmp_path):
    example, detector = blocks("python")
    detector_used = (
        detector + "\nprint(AnswersAreShort.__name__)\nwatcher = ArgusWatcher(detectors=[AnswersAreShort])\n"
    )
    (tmp_path / "example.py").write_text(example + detector_used)
    done = subprocess.run([sys.executable, "example.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    verdict, detector_name = done.stdout.splitlines()
    assert verdict.split(" | ")[0] in ("warning", "failed")
    assert "search" in verdict
    assert "docs" in verdict
    assert detector_name == "AnswersAreShort"
    rows = subprocess.run(
        ["sqlite3", ".argus/traces.db", "select node_name, input_state, output_state from trace_steps"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert rows[0] == 'search|{"question":"annual leave"}|{"docs":["All about annual leave"]}'


def test_every_command_named_exists():
    from click.testing import CliRunner

    from argus.cli.main import argus

    commands = set(re.findall(r"`argus ([a-z]+)", README))
    assert len(commands) >= 6
    for command in commands:
        result = CliRunner().invoke(argus, [command, "--help"])
        assert result.exit_code == 0, command
