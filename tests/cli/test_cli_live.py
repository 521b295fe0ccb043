from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from argus.config.settings import Settings
from argus.model.trace import Trace
from argus.recording.living import LiveRuns, RunEnded, RunStarted, StepEnded
from argus.recording.recorder import Recorder
from argus.session import ArgusSession

Runs = dict[str, Trace]


def _told(live: LiveRuns) -> list[Any]:
    return list(live.poll())


def test_steps_are_told_as_they_end_and_a_stored_run_no_more(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    live = LiveRuns(folder)
    assert _told(live) == []
    recorder = Recorder(settings=Settings(), journal_folder=folder, pipeline_name="orders")
    run = recorder.open_run(graph=None, value={"q": 1})
    first = run.start_step("plan", given={"q": 1})
    assert [type(event) for event in _told(live)] == [RunStarted]
    run.finish_step(first, outcome="ok", update={"a": 1}, wall_ns=2_000_000)
    second = run.start_step("act", given={"q": 1})
    (ended,) = _told(live)
    assert (ended.step_number, ended.node_name, ended.outcome, ended.error) == (1, "plan", "ok", None)
    late = LiveRuns(folder)
    assert [type(event) for event in _told(late)] == [RunStarted, StepEnded]
    run.finish_step(second, outcome="error", error=KeyError("x"))
    run.close("error", error=KeyError("x"))
    failed, closed = _told(live)
    assert failed.error is not None
    assert failed.error.startswith("KeyError")
    assert isinstance(closed, RunEnded)
    assert closed.outcome == "error"
    assert _told(live) == []
    run.folded()
    assert _told(LiveRuns(folder)) == []
    again = recorder.open_run(graph=None, value=None)
    assert [event.run_id for event in _told(live)] == [again.id]
    again.close("completed")
    live.close()


def test_a_torn_frame_is_read_when_it_is_whole(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    recorder = Recorder(settings=Settings(), journal_folder=folder, pipeline_name="orders")
    recorder.open_run(graph=None, value=None)
    (path,) = folder.glob("*.journal")
    whole = path.read_bytes()
    live = LiveRuns(folder)
    end = len(whole.rstrip(b"\0"))
    with path.open("r+b") as file:
        file.seek(end - 3)
        file.write(b"\0\0\0")
    assert _told(live) == []
    with path.open("r+b") as file:
        file.write(whole)
    assert [type(event) for event in _told(live)] == [RunStarted]
    live.close()


def test_running_pipelines_are_followed_until_nothing_happens(call: Any, stored: Any, runs: Runs) -> None:
    stored(runs["clean"])

    def work() -> None:
        for answer in ("fine", ""):
            with ArgusSession(pipeline_name="shop") as session:
                session.wrap("fetch", lambda: {"page": "words"})()
                session.wrap("answer", lambda text=answer: {"answer": text})()

    thread = threading.Thread(target=work)
    thread.start()
    shown = call("trace", "--live", "--until-idle", "2", "--json")
    thread.join()
    assert (shown.code, shown.err) == (0, "")
    events = [json.loads(line) for line in shown.out.splitlines()]
    by_run: dict[str, list[Any]] = {}
    for event in events:
        by_run.setdefault(event["run_id"], []).append(event)
    assert len(by_run) == 2
    assert runs["clean"].id not in by_run
    for told in by_run.values():
        assert [event["event"] for event in told if event["event"] != "run_ended"] == [
            "run_started", "step_ended", "step_ended", "stored",
        ]  # fmt: skip
        assert [event["node_name"] for event in told if event["event"] == "step_ended"] == ["fetch", "answer"]
        assert told[-1]["step_count"] == 2


@pytest.mark.parametrize("columns", [80, 40])
def test_events_as_they_are_shown(
    columns: int, call: Any, stored: Any, runs: Runs, monkeypatch: pytest.MonkeyPatch, snapshot: Any
) -> None:
    from argus._internal.clock import CounterClock

    stored(*[run for name, run in runs.items() if name != "looping"])
    monkeypatch.setattr("argus._internal.clock.SystemClock", lambda: CounterClock(step_ms=1000))
    shown = call("trace", "--live", "--until-idle", "1", columns=columns)
    assert shown.code == 0
    snapshot(f"trace_live_{columns}", shown.out)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--live", "8f2c"), "leave out the id"),
        (("--live", "--failed"), "--failed"),
        (("--live", "--code", "STR401"), "only the pipeline"),
        (("--until-idle", "3"), "--live"),
        (("--live", "--until-idle", "0"), "--until-idle"),
    ],
)
def test_what_cannot_be_followed(words: tuple[str, ...], said: str, call: Any) -> None:
    shown = call("trace", *words)
    assert (shown.code, shown.out) == (2, "")
    assert said in shown.err


def test_control_c_ends_it_well(tmp_path: Path) -> None:
    with ArgusSession(pipeline_name="shop", storage=str(tmp_path / "t.db")) as session:
        session.wrap("fetch", lambda: {"page": "words"})()
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", _FOLLOWING]
    with subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "following\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


_FOLLOWING = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
import argus.cli.live as live
before = live.time.sleep
def pause(seconds):
    print("following", flush=True)
    before(60)
live.time.sleep = pause
from argus.cli.main import run
sys.exit(run(["trace", "--live", "--store", "t.db"]))
"""
