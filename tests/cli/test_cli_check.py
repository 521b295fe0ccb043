"""``argus check``: exit codes, the baseline file, every format through the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from argus._internal.clock import SystemClock
from argus.model.trace import Trace
from argus.testing.builders import build_trace, ran

Runs = dict[str, Trace]


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize(("name", "code"), [("broken", 1), ("clean", 0), ("looping", 1), ("hostile", 1)])
def test_how_it_looks(
    name: str, code: int, columns: int, call: Any, stored: Any, runs: Runs, snapshot: Callable[[str, str], None]
) -> None:
    stored(runs[name])
    shown = call("check", columns=columns)
    assert (shown.code, shown.err) == (code, "")
    assert max(map(len, shown.out.splitlines()), default=0) <= columns
    snapshot(f"check_{name}_{columns}", shown.out)


def test_what_is_grave_enough(call: Any, stored: Any, runs: Runs) -> None:
    stored(runs["looping"], runs["clean"])
    assert call("check", "1009").code == 1
    assert call("check", "1009", "--fail-on", "critical").code == 0
    assert call("check", "7b90").code == 0


def test_an_incomplete_run_fails_whatever_counts(call: Any, stored: Any) -> None:
    trace = build_trace(ran("a"), trace_id="dead000000000001")
    stored(msgspec.structs.replace(trace, status="incomplete", metadata={"outcome": "incomplete"}))
    shown = call("check", "--fail-on", "critical", "--write-baseline", "b.json")
    assert shown.code == 1
    assert "incomplete" in shown.out
    assert json.loads(Path("b.json").read_text())["findings"] == []


def test_suppressed_findings_are_shown_and_do_not_fail(call: Any, stored: Any, runs: Runs) -> None:
    quiet = tuple(msgspec.structs.replace(one, suppressed="ignore[0]: ours") for one in runs["broken"].detections)
    stored(msgspec.structs.replace(runs["broken"], detections=quiet, status="ok"))
    shown = call("check")
    assert shown.code == 0
    assert "Suppressed by configuration" in shown.out
    assert "STR402" in shown.out
    assert "ignore[0]: ours" in shown.out


def test_only_new_findings_fail(call: Any, stored: Any, runs: Runs) -> None:
    stored(runs["broken"])
    written = call("check", "--write-baseline", "known.json")
    assert written.code == 0
    assert written.err == "3 findings written to known.json\n"
    assert call("check", "--baseline", "known.json").code == 0
    again = build_trace(ran("retrieve"), trace_id="ffff000000000009", pipeline_name="support-rag")
    detections = tuple(
        msgspec.structs.replace(one, step_id="ffff000000000009-s1", message="other words")
        for one in runs["broken"].detections
        if one.code == "STR402"
    )
    again = msgspec.structs.replace(again, detections=detections, status="failed")
    stored(again)
    assert call("check", "ffff", "--baseline", "known.json").code == 0
    worse = msgspec.structs.replace(
        again,
        id="ffff000000000010",
        detections=(*detections, msgspec.structs.replace(detections[0], code="STR401", id="")),
    )
    stored(worse)
    shown = call("check", "ffff000000000010", "--baseline", "known.json", "--json")
    assert shown.code == 1
    (run,) = json.loads(shown.out)["runs"]
    assert [(one["code"], one["standing"]) for one in run["findings"]] == [("STR402", "known"), ("STR401", "fails")]


def test_all_runs_since(call: Any, stored: Any) -> None:
    now = SystemClock().now()
    for number, age in enumerate((1, 3, 30)):
        trace = build_trace(ran("a"), trace_id=f"{number:016x}", created_at=now - timedelta(hours=age))
        stored(trace)
    assert [run["trace_id"][-1] for run in json.loads(call("check", "--since", "4h", "--json").out)["runs"]] == [
        "0",
        "1",
    ]
    assert len(json.loads(call("check", "--since", "7d", "--json").out)["runs"]) == 3
    empty = call("check", "--since", "30min")
    assert empty.code == 2
    assert "no run has started since 30min" in empty.err


@pytest.mark.parametrize("name", ["text", "json", "junit", "sarif", "github", "markdown"])
@pytest.mark.parametrize("run", ["broken", "hostile", "clean"])
def test_every_format_to_a_file_and_to_a_pipe(name: str, run: str, call: Any, stored: Any, runs: Runs) -> None:
    stored(runs[run])
    code = 0 if run == "clean" else 1
    piped = call("check", "--format", name)
    filed = call("check", "--format", name, "--output", "out.txt")
    assert (piped.code, filed.code) == (code, code)
    assert filed.out.endswith("Written to out.txt\n")
    text = Path("out.txt").read_text(encoding="utf-8")
    assert "\x1b" not in text + piped.out
    if name in ("json", "sarif"):
        json.loads(text)
    if name == "junit":
        ElementTree.fromstring(text)


def test_sarif_explains_its_rules(call: Any, stored: Any, runs: Runs) -> None:
    stored(runs["broken"])
    (run,) = json.loads(call("check", "--format", "sarif").out)["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert rules["STR402"]["name"] == "undeclared_key"
    assert "How it decides" in rules["STR402"]["help"]["text"]


def test_json_has_the_shape_that_help_tells(call: Any, stored: Any, runs: Runs) -> None:
    stored(runs["broken"])
    document = json.loads(call("check", "--json").out)
    promised = call("check", "--help").out
    for name in (*document, *document["runs"][0], *document["runs"][0]["findings"][0]):
        assert f'"{name}"' in promised


def test_build_servers_take_no_commands_from_recorded_text(call: Any, stored: Any, runs: Runs) -> None:
    message = "x " * 30 + " ::add-mask::secret ##[warning]forged ::stop-commands::t"
    bad = msgspec.structs.replace(runs["broken"].detections[0], message=message)
    stored(msgspec.structs.replace(runs["broken"], detections=(bad,)))
    for columns in range(40, 90, 7):
        out = call("check", columns=columns).out
        assert not [line for line in out.splitlines() if line.strip().startswith("::") or "##[" in line]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("zzz",), ("no trace 'zzz'", "argus trace --list")),
        (("last~9",), ("last~9",)),
        (("abc",), ("abc0000000000001", "type more")),
        (("--baseline", "no.json"), ("no.json", "No such file", "--write-baseline")),
        (("--baseline", "bad.json"), ("bad.json", "no baseline file", "--write-baseline")),
        (("--output", "no/out.txt"), ("no/out.txt", "No such file")),
        (("--output", "."), ("cannot be written",)),
        (("--write-baseline", "no/b.json"), ("no/b.json", "cannot be written")),
        (("--since", "soon"), ("'soon' is no time",)),
    ],
)
def test_what_cannot_be_done_is_code_2(
    words: tuple[str, ...], said: tuple[str, ...], call: Any, stored: Any, runs: Runs
) -> None:
    stored(runs["broken"], *[build_trace(ran("a"), trace_id=f"abc{number:013x}") for number in range(3)])
    Path("bad.json").write_text("{")
    shown = call("check", *words)
    assert (shown.code, shown.out) == (2, "")
    for part in said:
        assert part in shown.err


def test_an_empty_store_is_never_green(call: Any) -> None:
    shown = call("check")
    assert (shown.code, shown.out) == (2, "")
    assert "no runs are stored" in shown.err
    assert "argus watch" in shown.err


@pytest.mark.parametrize("name", ["text", "sarif"])
def test_a_reader_who_leaves_does_not_open_the_gate(name: str, stored: Any, runs: Runs, tmp_path: Path) -> None:
    stored(runs["broken"])
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "argus", "check", "--format", name]
    process = subprocess.run(command, cwd=tmp_path, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (process.returncode, process.stderr) == (1, b"")
