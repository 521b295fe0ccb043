"""A process that dies at any point loses nothing that was recorded, and the step that was running is named."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from argus.recording.recovery import discard, orphans, read_journal

KILLS = int(os.environ.get("ARGUS_TEST_KILLS", "3"))

SCRIPT = """
import os, sys
from pathlib import Path
from argus.config.settings import Settings
from argus.recording.recorder import Recorder

recorder = Recorder(settings=Settings(), journal_folder=Path(sys.argv[1]))
told = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
for number in range(10**9):
    run = recorder.open_run(graph=None, value={"number": number})
    state = {"messages": [], "text": ""}
    for index in range(20):
        step = run.start_step(f"node {index}", superstep=index, read_state=lambda: state)
        update = {"messages": [{"role": "ai", "content": f"{number} {index} " + "lorem " * 100}], "text": f"{index}"}
        run.finish_step(step, outcome="ok", update=update)
        os.write(told, f"{run.id} {index}\\n".encode())  # from here on the step must not be lost
        state = {"messages": [*state["messages"], *update["messages"]], "text": update["text"]}
    run.note_state("", 19, state)
    run.close("completed", output=state)
    os.write(told, f"{run.id} closed\\n".encode())
"""


@pytest.mark.parametrize("kill", range(KILLS))
def test_nothing_that_was_acknowledged_is_lost(kill, tmp_path):
    folder, told = tmp_path / "journal", tmp_path / "told"
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(folder), str(told)])
    while not told.exists() or told.stat().st_size < 100:
        time.sleep(0.01)
    time.sleep(random.Random(kill).random() * 0.2)
    assert orphans(folder) == []
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    (orphan,) = orphans(folder)
    traces = {trace.id: trace for trace in read_journal(orphan)}
    acknowledged = [line.split() for line in told.read_text().splitlines() if line.count(" ") == 1]
    for run, what in acknowledged:
        if what == "closed":
            assert traces[run].status == "ok"
            assert len(traces[run].output["messages"]) == 20
        else:
            step = traces[run].steps[int(what)]
            assert step.output_state["text"] == what
            assert len(step.input_state["messages"]) == int(what)
    *whole, last = traces.values()
    assert all(trace.status == "ok" for trace in whole)
    if last.status == "incomplete":
        running = [step.node_name for step in last.steps if "unfinished" in step.metadata]
        assert last.metadata["running"] == running
    discard(orphan)
    assert orphans(folder) == []


DIES_IN_A_NODE = """
import os, signal, sys
from pathlib import Path
from argus.config.settings import Settings, WatcherSettings
from argus.recording.recorder import Recorder

settings = Settings(watcher=WatcherSettings(persist_state=sys.argv[2] == "states"))
run = Recorder(settings=settings, journal_folder=Path(sys.argv[1])).open_run(graph=None, value={"input": "STATE"})
step = run.start_step("first", superstep=1, read_state=lambda: {"text": "STATE"})
run.record_tool(step, name="tool", arguments={"q": "STATE"}, result="STATE")
run.record_llm(step, model="m", messages=["STATE" * 100], response="STATE", usage=(1, 2, 3))
run.finish_step(step, outcome="ok", update={"text": "STATE" * 200})
run.start_step("outer", superstep=2, read_state=lambda: {"text": "STATE" * 200})
run.start_step("inner", scope="outer:1")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("states", ["states", "no states"])
def test_running_nodes_are_named_and_states_only_kept_when_wanted(states, tmp_path):
    subprocess.run([sys.executable, "-c", DIES_IN_A_NODE, str(tmp_path), states], check=False)
    (orphan,) = orphans(tmp_path)
    assert (b"STATE" in orphan.read_bytes()) is (states == "states")
    (trace,) = read_journal(orphan)
    assert (trace.status, trace.metadata["running"]) == ("incomplete", ["outer", "inner"])
    assert [step.node_name for step in trace.steps] == ["first", "outer", "inner"]
    assert trace.steps[0].token_usage.total_tokens == 3
    assert trace.steps[0].output_state == ({"text": "STATE" * 200} if states == "states" else {})


def test_folder_and_file_are_private(tmp_path):
    folder = tmp_path / "new" / "journal"
    subprocess.run([sys.executable, "-c", DIES_IN_A_NODE, str(folder), "states"], check=False)
    (orphan,) = orphans(folder)
    assert (folder.stat().st_mode & 0o777, orphan.stat().st_mode & 0o777) == (0o700, 0o600)
    assert Path(folder / ".gitignore").exists()
