from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from argus.config.settings import Settings
from argus.model.trace import Trace
from argus.recording.recorder import Recorder

Runs = dict[str, Trace]


def _checks(call: Any) -> dict[str, Any]:
    return {one["name"]: one for one in json.loads(call("doctor", "--json").out)["checks"]}


def test_everything_is_looked_at(call: Any, stored: Any, runs: Runs) -> None:
    stored(runs["clean"])
    checks = _checks(call)
    assert list(checks) == [
        "argus", "python", "libraries", "extras", "langgraph", "configuration", "store", "size", "folder",
        "permissions", "journal", "disk",
    ]  # fmt: skip
    assert {one["status"] for one in checks.values()} == {"ok"}
    assert "watched in full" in checks["langgraph"]["message"]


@pytest.mark.parametrize("columns", [80, 40])
def test_lines_fit(columns: int, call: Any, stored: Any, runs: Runs, tmp_path: Path) -> None:
    from argus.cli.output.cells import width

    stored(runs["clean"])
    (tmp_path / ".argus").chmod(0o755)
    shown = call("doctor", columns=columns)
    assert shown.code == 0
    assert "→ chmod" in " ".join(shown.out.split())
    assert all(width(line) <= columns for line in shown.out.splitlines())
    assert call("doctor", columns=columns, encoding="ascii").out.isascii()


def test_a_large_store_and_a_full_disk_are_warned_of(
    call: Any, stored: Any, runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(runs["clean"])
    with (tmp_path / ".argus" / "traces.db-wal").open("ab") as file:
        os.truncate(file.fileno(), 1_100_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: _Usage(free=5_000_000))
    checks = _checks(call)
    assert (checks["size"]["status"], checks["disk"]["status"]) == ("warning", "warning")
    assert "storage.retention" in checks["size"]["cure"]


class _Usage:
    def __init__(self, free: int) -> None:
        self.free = free


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_files_that_cannot_be_read(call: Any, stored: Any, runs: Runs, tmp_path: Path) -> None:
    stored(runs["clean"])
    (tmp_path / ".argus" / "traces.db").chmod(0)
    checks = _checks(call)
    assert checks["permissions"]["status"] == "failed"
    assert "chmod 600" in checks["permissions"]["cure"]


def test_files_that_others_can_read(call: Any, stored: Any, runs: Runs, tmp_path: Path) -> None:
    stored(runs["clean"])
    file = tmp_path / ".argus" / "traces.db"
    file.chmod(0o644)
    permissions = _checks(call)["permissions"]
    assert (permissions["status"], permissions["cure"]) == ("warning", f"chmod 600 {file}")


def test_a_store_of_another_kind_is_named_with_a_cure(call: Any, stored: Any, runs: Runs, tmp_path: Path) -> None:
    stored(runs["clean"])
    for file in (tmp_path / ".argus").glob("traces.db-*"):
        file.unlink()
    (tmp_path / ".argus" / "traces.db").write_bytes(b"no database" * 1000)
    shown = call("doctor")
    assert shown.code == 1
    assert "✕ Failed   store" in shown.out
    assert all(one["cure"] for one in _checks(call).values() if one["status"] != "ok")


def test_what_dead_processes_left_is_stored_and_a_foreign_journal_named(call: Any, tmp_path: Path) -> None:
    dying = (
        "import os\nfrom argus.session import ArgusSession\nsession = ArgusSession(pipeline_name='shop')\n"
        "session.wrap('fetch', lambda: {'page': 'x'})()\nos._exit(1)\n"
    )
    subprocess.run([sys.executable, "-c", dying], cwd=tmp_path, check=False)
    folder = tmp_path / ".argus" / "journal"
    assert list(folder.glob("*.journal"))
    assert _checks(call)["journal"]["status"] == "ok"
    assert not list(folder.glob("*.journal"))
    assert "shop" in call("trace", "--list").out
    foreign = folder / "1 of another version.journal"
    foreign.write_bytes(b"ARGUSJ1\n" + bytes(20))
    foreign.chmod(0o600)
    journal = _checks(call)["journal"]
    assert journal["status"] == "warning"
    assert journal["cure"].endswith(f"rm '{foreign}'")
    assert foreign.exists()


def test_a_journal_in_use_is_no_fault(call: Any, tmp_path: Path) -> None:
    folder = tmp_path / ".argus" / "journal"
    recorder = Recorder(settings=Settings(), journal_folder=folder)
    run = recorder.open_run(graph=None, value=None)
    journal = _checks(call)["journal"]
    assert journal["status"] == "ok"
    assert "running processes" in journal["message"]
    run.close("completed")
    run.folded()


def test_without_a_journal_and_with_a_missing_library(
    call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.metadata

    (tmp_path / "argus.yaml").write_text("journal:\n  enabled: false\n")
    needed = ["click>=8", "nowhere-to-be-found>=1", "msgspec>=99", 'postgres-client>=3; extra == "postgres"']
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: needed)
    checks = _checks(call)
    assert checks["journal"]["status"] == "warning"
    assert "nowhere-to-be-found is missing; msgspec" in checks["libraries"]["message"]
    assert 'pip install "arguslabs[postgres]"' in checks["extras"]["message"]
    assert call("doctor").code == 1
    monkeypatch.setattr("argus.instrumentation.langgraph.probe.missing_parts", lambda: ("the loop",))
    assert "(the loop)" in _checks(call)["langgraph"]["message"]
