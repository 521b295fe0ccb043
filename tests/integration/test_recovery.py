"""A process that is killed in the middle of a run: the next one finds the run, and which node was running."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from argus import ArgusWatcher

SCRIPT = textwrap.dedent(
    """
    import sys, time
    from typing import TypedDict
    from langgraph.graph import START, StateGraph
    from argus import ArgusWatcher

    class State(TypedDict, total=False):
        text: str

    def first(state):
        return {"text": "finished before the kill"}

    def second(state):
        print("running", flush=True)
        time.sleep(60)

    graph = StateGraph(State)
    graph.add_sequence([first, second])
    graph.add_edge(START, "first")
    app = ArgusWatcher().watch(graph).compile(name="killed")
    app.invoke({"text": "start"})
    """
)


@pytest.fixture
def killed(tmp_path, monkeypatch):
    """A folder in which a watched process was killed while its second node ran."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "script.py").write_text(SCRIPT)
    process = subprocess.Popen([sys.executable, "script.py"], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "running\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    return tmp_path


def check(trace):
    assert (trace.pipeline_name, trace.status) == ("killed", "incomplete")
    assert trace.metadata["running"] == ["second"]
    assert trace.steps[0].output_state == {"text": "finished before the kill"}
    assert "second" in trace.summary


def test_the_next_watched_run_takes_it_in(killed):
    from typing import TypedDict

    from langgraph.graph import START, StateGraph

    class State(TypedDict, total=False):
        text: str

    graph = StateGraph(State)
    graph.add_node("only", lambda state: {"text": "fine"})
    graph.add_edge(START, "only")
    watcher = ArgusWatcher()
    watcher.watch(graph).compile(name="next").invoke({"text": "x"})
    assert watcher.finalize().pipeline_name == "next"
    (row,) = [row for row in watcher_store(killed).list().rows if row.pipeline_name == "killed"]
    check(watcher_store(killed).get(row.id))
    assert not list((killed / ".argus" / "journal").glob("*.journal"))


def test_the_command_line_takes_it_in(killed):
    argus = [sys.executable, "-m", "argus"]
    done = subprocess.run([*argus, "trace", "--last"], cwd=killed, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Incomplete" in done.stdout
    check(ArgusWatcher().get_trace())


def watcher_store(folder):
    from argus.storage.locate import open_store

    return open_store(f"sqlite:///{folder / '.argus' / 'traces.db'}")
