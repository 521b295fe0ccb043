"""Commands that count, follow or look after runs, where things are not as they should be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from argus.model.trace import Trace

Runs = dict[str, Trace]
COMMANDS = (
    ("stats",),
    ("stats", "--json"),
    ("doctor",),
    ("trace", "--list", "--where", "code:*"),
    ("trace", "--live", "--until-idle", "0.1"),
    ("report", "--since", "2025-12-31"),
    ("report", "--since", "2025-12-31", "--format", "markdown"),
)


WRITING = (COMMANDS[0], COMMANDS[2], COMMANDS[5])


def _run(folder: Path, words: tuple[str, ...], out: Any) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "argus", *words]
    return subprocess.run(command, cwd=folder, stdout=out, stderr=subprocess.PIPE, check=False, timeout=60)


def test_a_reader_who_leaves_is_no_error(stored: Any, runs: Runs, tmp_path: Path) -> None:
    stored(*runs.values())
    for words in (*WRITING, COMMANDS[4]):
        reader, writer = os.pipe()
        os.close(reader)
        done = _run(tmp_path, words, writer)
        os.close(writer)
        assert (done.returncode, done.stderr) == (0, b""), words


def test_a_full_disk_is_said(stored: Any, runs: Runs, tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    stored(*runs.values())
    for words in WRITING:
        with full.open("wb") as out:
            done = _run(tmp_path, words, out)
        assert done.returncode == 2, words
        assert b"cannot be written" in done.stderr, words
        assert b"Traceback" not in done.stderr, words


@pytest.mark.parametrize("words", COMMANDS)
def test_a_terminal_without_utf_8_gets_no_other_text(
    words: tuple[str, ...], call: Any, stored: Any, runs: Runs
) -> None:
    stored(*runs.values())
    shown = call(*words, encoding="ascii") if words[0] != "report" else call(*words)
    assert shown.code == 0
    assert words[0] == "report" or shown.out.isascii()
    assert "\x1b" not in shown.out + shown.err


def test_several_commands_at_once(stored: Any, runs: Runs, tmp_path: Path) -> None:
    """While runs are being written, every reader sees a whole store."""
    stored(runs["clean"])
    writing = (
        "from argus.session import ArgusSession\n"
        "for number in range(20):\n"
        "    with ArgusSession(pipeline_name='shop') as session:\n"
        "        session.wrap('fetch', lambda: {'page': 'x'})()\n"
    )
    environ = {**os.environ, "ARGUS_QUIET": "1"}
    programs = [[sys.executable, "-c", writing]] * 2
    programs += [[sys.executable, "-m", "argus", *words] for words in COMMANDS[1:4]]
    started = [
        subprocess.Popen(program, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for program in programs
    ]
    for program, process in zip(programs, started, strict=True):
        _, complaint = process.communicate(timeout=100)
        assert (process.returncode, complaint) == (0, b""), program
    command = [sys.executable, "-m", "argus", "stats", "--where", "pipeline:shop", "--json"]
    counted = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(counted.stdout)["runs"] == 40


def test_a_process_that_dies_while_it_is_followed(call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("argus.cli.live._RECOVERY_S", 0.2)
    dying = (
        "import os\nfrom argus.session import ArgusSession\nsession = ArgusSession(pipeline_name='shop')\n"
        "session.wrap('fetch', lambda: {'page': 'x'})()\n"
        "session.wrap('pay', lambda: (input(), os._exit(1)))()\n"
    )
    with subprocess.Popen([sys.executable, "-c", dying], cwd=tmp_path, stdin=subprocess.PIPE) as process:
        folder = tmp_path / ".argus" / "journal"
        for _ in range(200):
            if list(folder.glob("*.journal")):
                break
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.05)
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
        shown = call("trace", "--live", "--until-idle", "3", "--json")
    events = [json.loads(line) for line in shown.out.splitlines()]
    assert [event["event"] for event in events if event["event"] != "step_ended"] == ["run_started", "stored"]
    assert {event["node_name"] for event in events if event["event"] == "step_ended"} >= {"fetch"}
    assert events[-1]["status"] == "incomplete"
