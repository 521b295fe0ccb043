from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import argus.cli.main
from argus._version import __version__
from argus.cli.output.screen import OutputClosed, Screen
from argus.model.trace import Trace

COMMANDS = [
    "demo", "watch", "trace", "check", "diff", "replay", "fix", "report", "baseline", "ui", "serve", "stats", "copy",
    "export", "import", "gc", "sql", "rules", "explain", "login", "doctor", "update",
]  # fmt: skip
Runs = dict[str, Trace]


def test_version_and_help(call: Any) -> None:
    assert call("--version") == (0, f"argus {__version__}\n", "")
    shown = call("--help")
    assert shown.code == 0
    for name in COMMANDS:
        assert re.search(rf"^  {name}\s+\S", shown.out, re.MULTILINE)
    assert call("-h") == shown


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, call: Any, snapshot: Callable[[str, str], None]) -> None:
    shown = call(name, "--help")
    assert (shown.code, shown.err) == (0, "")
    snapshot(f"help_{name}", shown.out)


def test_the_list_of_commands_is_the_commands_there_are(call: Any) -> None:
    group = argus.cli.main.argus
    context = group.make_context("argus", ["doctor"])
    assert group.list_commands(context) == COMMANDS
    for name in COMMANDS:
        command = group.get_command(context, name)
        assert command is not None
        assert command.help
        assert command.epilog or name == "rules"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("trcae",), "Did you mean 'trace'?"),
        (("zzz",), "The commands are demo"),
        (("--sotre", "x"), "--store"),
        (("explain",), "CODE"),
        (("explain", "STR4O2"), "Did you mean 'STR402'?"),
        (("explain", "mising_field"), "Did you mean 'missing_field'?"),
        (("explain", "nonsense"), "argus rules"),
        (("rules", "--layer", "structual"), "structural"),
        (("report", "--format", "pdf"), "html, json, markdown"),
        (("report", "x", "--last"), "not both"),
        (("check", "x", "--last"), "not several"),
        (("check", "--since", "soon"), "is no time"),
        (("check", "--format", "xml"), "'junit'"),
        (("check", "--json", "--format", "sarif"), "leave one of them out"),
        (("demo", "nothing"), "handbook"),
        (("demo", "--fault", "nothing"), "wrong-key"),
    ],
)
def test_mistakes_are_answered_with_what_would_be_right(words: tuple[str, ...], said: str, call: Any) -> None:
    shown = call(*words)
    assert (shown.code, shown.out) == (2, "")
    assert said in shown.err


def test_rules_and_pages_agree(call: Any) -> None:
    rules = json.loads(call("rules", "--json").out)
    assert rules
    listed = call("rules").out
    for rule in rules:
        assert rule["code"] in listed
        assert rule["summary"].strip(".")[:20].replace("``", "`") in " ".join(listed.split())
        page = call("explain", rule["code"].lower())
        assert page.code == 0
        for section in rule["sections"]:
            assert section["title"] in page.out
        assert json.loads(call("explain", rule["name"], "--json").out) == rule
    some = json.loads(call("rules", "--layer", "structural", "--json").out)
    assert some == [rule for rule in rules if rule["layer"] == "structural"]


def test_the_doctor_looks_and_changes_nothing(call: Any, tmp_path: Path) -> None:
    shown = call("doctor")
    assert shown.code == 0
    assert "does not exist yet" in " ".join(shown.out.split())
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_names_what_is_wrong_and_a_cure(call: Any, stored: Any, runs: Runs, tmp_path: Path) -> None:
    stored(runs["clean"])
    checks = {one["name"]: one for one in json.loads(call("doctor", "--json").out)["checks"]}
    assert {one["status"] for one in checks.values()} == {"ok"}
    (tmp_path / ".argus").chmod(0o755)
    warned = json.loads(call("doctor", "--json").out)["checks"]
    assert [(one["name"], one["cure"]) for one in warned if one["status"] == "warning"] == [
        ("folder", f"chmod 700 {tmp_path / '.argus'}")
    ]
    (tmp_path / "argus.yaml").write_text("nonsense: 1\n")
    broken = call("doctor")
    assert broken.code == 1
    assert "nonsense" in broken.out


def test_a_report_to_a_file_and_to_a_pipe(call: Any, stored: Any, runs: Runs, tmp_path: Path) -> None:
    stored(runs["broken"])
    assert call("report", "--output", "run.html").code == 0
    page = (tmp_path / "run.html").read_text()
    assert page.startswith("<!doctype html>")
    assert call("report", "last").out == page
    told = json.loads(call("report", "8f2c", "-o", "run.md", "--json").out)
    assert told == {"trace_id": runs["broken"].id, "format": "markdown", "path": str(tmp_path / "run.md")}
    assert (tmp_path / "run.md").read_text() == call("report", "--format", "markdown").out
    assert json.loads(call("report", "--format", "json").out)["id"] == runs["broken"].id


def test_on_a_terminal_a_report_goes_to_a_private_file(
    call: Any, stored: Any, runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    stored(runs["broken"])
    path = tmp_path / ".argus" / "reports" / f"{runs['broken'].id}.html"
    shown = call("report", terminal=True, columns=120)
    assert shown.code == 0
    assert opened == []
    assert path.stat().st_mode & 0o077 == 0
    call("report", terminal=True, DISPLAY=":0")
    assert opened == [path.as_uri()]


def test_a_report_that_cannot_be_written_or_made(call: Any, stored: Any, runs: Runs, tmp_path: Path) -> None:
    stored(runs["broken"])
    nowhere = call("report", "--output", "none/run.html")
    assert (nowhere.code, nowhere.out) == (2, "")
    assert "none/run.html" in nowhere.err
    (tmp_path / "bad.j2").write_text("{{ nothing }}")
    bad = call("report", "--template", "bad.j2")
    assert bad.code == 2
    assert "bad.j2, line 1" in bad.err
    assert call("report", "--json").code == 2


def test_the_configured_template_folder_is_used(call: Any, stored: Any, runs: Runs, tmp_path: Path) -> None:
    stored(runs["broken"])
    (tmp_path / "argus.yaml").write_text("reports:\n  templates: mine\n")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "report.md.j2").write_text("mine: {{ page.pipeline|code }}")
    assert call("report", "--format", "markdown").out == "mine: `support-rag`"


def test_the_demo_shows_what_it_broke_and_what_was_found(call: Any) -> None:
    shown = call("demo", columns=100)
    assert shown.code == 0
    assert "✓ OK" in shown.out
    assert "✕ Failed" in shown.out
    assert "◆ understand" in shown.out
    assert "argus trace " in shown.out
    rows = json.loads(call("trace", "--list", "--json").out)["traces"]
    assert [row["status"] for row in rows] == ["failed", "ok"]
    told = json.loads(call("demo", "invoices", "--fault", "blank-invoice", "--json").out)
    assert told["broken_node"] == "render"
    assert told["faulty"]["forensics"]["root_cause_step"].startswith(told["faulty"]["id"])


def test_the_demo_lists_its_faults(call: Any) -> None:
    listed = json.loads(call("demo", "--list", "--json").out)
    shown = call("demo", "--list").out
    for pipeline in listed:
        for fault in pipeline["faults"]:
            assert fault["name"] in shown


def test_a_reader_who_leaves_is_no_error(stored: Any, runs: Runs, tmp_path: Path) -> None:
    stored(*[runs["broken"]])
    environ = {**os.environ, "COLUMNS": "80", "FORCE_COLOR": ""}
    for words in (["trace", "--json"], ["trace", "--verbose"], ["report"], ["--help"]):
        command = [sys.executable, "-m", "argus", *words]
        reader, writer = os.pipe()
        os.close(reader)
        process = subprocess.run(command, cwd=tmp_path, env=environ, stdout=writer, stderr=subprocess.PIPE, check=False)
        os.close(writer)
        assert process.stderr == b"", words
        assert process.returncode in (0, 1 if words == ["--help"] else 0), words


def test_a_full_disk_is_said(stored: Any, runs: Runs, tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    stored(runs["clean"])
    with full.open("w") as out:
        command = [sys.executable, "-m", "argus", "trace"]
        process = subprocess.run(command, cwd=tmp_path, stdout=out, stderr=subprocess.PIPE, check=False)
    assert process.returncode == 2
    assert b"cannot be written" in process.stderr
    assert b"Traceback" not in process.stderr


def test_a_closed_stream_is_told_from_a_failing_one() -> None:
    class Closed:
        encoding = "utf-8"

        def write(self, text: str) -> int:
            raise BrokenPipeError

        def isatty(self) -> bool:
            return False

    with pytest.raises(OutputClosed):
        Screen(Closed(), columns=80).line("x")  # type: ignore[arg-type]


def test_help_imports_no_command_and_nothing_heavy() -> None:
    code = (
        "import sys, io\nsys.stdout = io.StringIO()\nfrom argus.cli.main import run\nassert run(['--help']) == 0\n"
        "loaded = {'numpy', 'rich', 'jinja2', 'sqlite3', 'msgspec', 'yaml', 'langgraph', 'argus.cli.trace'}\n"
        "sys.__stdout__.write(','.join(sorted(loaded & set(sys.modules))))"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert process.stdout == ""


def test_completion_offers_commands() -> None:
    environ = {**os.environ, "_ARGUS_COMPLETE": "bash_complete", "COMP_WORDS": "argus tr", "COMP_CWORD": "1"}
    code = "import sys\nfrom argus.cli.main import run\nsys.exit(run())"
    process = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
    assert "plain,trace" in process.stdout
