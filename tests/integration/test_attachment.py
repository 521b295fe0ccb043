"""``argus.attach`` in long-lived processes: concurrency, background analysis, exits, forks, stores that fail."""

import asyncio
import gc
import itertools
import os
import re
import shutil
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypedDict

import pytest
from langgraph.graph import START, StateGraph

import argus
from argus.errors import ConfigError, InstrumentationError, StoreUnavailable, WatcherStateError
from argus.recording.recovery import read_journal
from argus.storage.locate import open_store
from argus.storage.memory import MemoryStore

pytestmark = pytest.mark.timeout(240)


class State(TypedDict, total=False):
    number: int
    doubled: int
    answer: str


def double(state: State) -> dict:
    return {"doubled": 2 * state["number"]}


def tell(state: State) -> dict:
    return {"answer": f"twice {state['number']} is {state['doubled']}"}


def misspell(state: State) -> dict:
    return {"anwser": f"twice {state['number']} is {state['doubled']}"}


def explode(state: State) -> dict:
    raise LookupError(f"no answer for {state['number']}")


def build(last=tell):
    graph = StateGraph(State)
    graph.add_node("double", double)
    graph.add_node("tell", last)
    graph.add_edge(START, "double")
    graph.add_edge("double", "tell")
    return graph.compile(name="doubler")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    argus.flush()


@pytest.fixture
def store():
    return MemoryStore.open("memory:")


def stored(store):
    traces, cursor = [], None
    while True:
        page = store.list(limit=1000, cursor=cursor)
        traces += [store.get(row.id) for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return traces


def check_whole(traces, numbers):
    assert sorted(trace.input["number"] for trace in traces) == sorted(numbers)
    for trace in traces:
        number = trace.input["number"]
        assert [step.node_name for step in trace.steps] == ["double", "tell"]
        assert trace.steps[0].output_state == {"doubled": 2 * number}
        assert trace.steps[1].input_state["number"] == number


def test_every_call_is_a_trace(store):
    app = argus.attach(build(), storage=store)
    assert app.invoke({"number": 1})["answer"] == "twice 1 is 2"
    assert len(list(app.stream({"number": 2}))) == 2
    app.batch([{"number": 3}, {"number": 4}])
    assert argus.flush(60)
    check_whole(stored(store), [1, 2, 3, 4])
    argus.detach(app)
    app.invoke({"number": 5})
    assert argus.flush(60)
    assert len(stored(store)) == 4


def test_a_state_graph_is_compiled(store):
    graph = StateGraph(State)
    graph.add_node("double", double)
    graph.add_edge(START, "double")
    app = argus.attach(graph, storage=store)
    assert app.invoke({"number": 4})["doubled"] == 8


async def test_a_thousand_gathered_calls_stay_apart(store):
    app = argus.attach(build(), storage=store)
    results = await asyncio.gather(*(app.ainvoke({"number": number}) for number in range(1000)))
    assert [result["doubled"] for result in results] == [2 * number for number in range(1000)]
    assert await asyncio.to_thread(argus.flush, 200)
    check_whole(stored(store), range(1000))


def test_threads_and_event_loops_at_once(store):
    app = argus.attach(build(), storage=store)

    def in_thread(start):
        for number in range(start, start + 10):
            app.invoke({"number": number})

    async def in_loop(start):
        await asyncio.gather(*(app.ainvoke({"number": number}) for number in range(start, start + 10)))

    with ThreadPoolExecutor(20) as pool:
        jobs = [pool.submit(in_thread, 10 * index) for index in range(16)]
        jobs += [pool.submit(asyncio.run, in_loop(10 * index)) for index in range(16, 20)]
        for job in jobs:
            job.result()
    assert argus.flush(120)
    check_whole(stored(store), range(200))


def test_findings_are_told_in_three_lines_and_clean_runs_not(store, capfd):
    argus.attach(build(), storage=store).invoke({"number": 1})
    assert argus.flush(60)
    assert capfd.readouterr().err == ""
    app = argus.attach(build(explode), storage=store)
    with pytest.raises(LookupError, match="no answer for 1"):
        app.invoke({"number": 1})
    assert argus.flush(60)
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 3
    assert "doubler" in lines[0]
    assert "tell" in lines[1]
    assert lines[2].strip() == f"argus trace {stored(store)[0].id}"


def test_quiet_says_nothing(store, capfd, monkeypatch):
    monkeypatch.setenv("ARGUS_QUIET", "1")
    app = argus.attach(build(explode), storage=store)
    with pytest.raises(LookupError):
        app.invoke({"number": 1})
    assert argus.flush(60)
    assert capfd.readouterr().err == ""
    assert stored(store)[0].status == "failed"


def test_sampling_keeps_every_run_with_findings(store, monkeypatch):
    monkeypatch.setenv("ARGUS_QUIET", "1")
    monkeypatch.setenv("ARGUS_WATCHER__SAMPLE_RATE", "0.3")
    clean, faulty = argus.attach(build(), storage=store), argus.attach(build(misspell), storage=store)
    for number in range(60):
        clean.invoke({"number": number})
    for number in range(10):
        faulty.invoke({"number": number})
    assert argus.flush(120)
    by_status = [trace.status for trace in stored(store)]
    assert len(by_status) - by_status.count("ok") == 10
    assert 4 <= by_status.count("ok") <= 40


def test_wrong_calls_are_refused():
    app = argus.attach(build())
    with pytest.raises(WatcherStateError, match="attached already"):
        argus.attach(app)
    argus.detach(app)
    with pytest.raises(WatcherStateError, match="not attached"):
        argus.detach(app)
    with pytest.raises(InstrumentationError, match="str"):
        argus.attach("graph")
    with pytest.raises(ConfigError, match="strickt"):
        argus.attach(build(), strickt=True)


def test_more_runs_than_may_wait_go_through_the_journal(monkeypatch, folder):
    monkeypatch.setenv("ARGUS_WATCHER__MAX_BACKLOG", "3")
    app = argus.attach(build())
    hold = threading.Event()
    from argus.analysis.worker import worker

    worker().submit(hold.wait, lag_s=0)
    for number in range(25):
        app.invoke({"number": number})
    hold.set()
    assert argus.flush(120)
    check_whole(stored(open_store("sqlite:///.argus/traces.db")), range(25))


class Flaky(MemoryStore):
    """A store that is away for a while."""

    away = True

    def save(self, trace):
        if self.away:
            raise StoreUnavailable("the store is away; start it again")
        super().save(trace)


@pytest.fixture
def flaky():
    store = Flaky.open("memory:")
    yield store
    store.away = False


def test_a_store_that_is_away_loses_nothing(folder, flaky, capfd):
    app = argus.attach(build(), storage=flaky)
    for number in range(5):
        assert app.invoke({"number": number})["doubled"] == 2 * number
    assert argus.flush(60) is False
    for number in range(5, 8):
        app.invoke({"number": number})
    assert argus.flush(60) is False
    assert stored(flaky) == []
    assert capfd.readouterr().err.count("runs cannot be stored now: the store is away") == 1
    flaky.away = False
    assert argus.flush(60)
    check_whole(stored(flaky), range(8))
    assert [read_journal(path) for path in (folder / ".argus" / "journal").glob("*.journal")] == [[]]  # emptied


def test_storing_is_tried_again_by_itself(flaky, monkeypatch):
    from argus.analysis import service

    monkeypatch.setattr(service, "_FIRST_PAUSE_S", 0.05)
    app = argus.attach(build(), storage=flaky)
    app.invoke({"number": 1})
    assert argus.flush(60) is False
    flaky.away = False
    for _ in range(1000):
        if stored(flaky):
            break
        threading.Event().wait(0.02)
    check_whole(stored(flaky), [1])


def test_without_a_journal_runs_are_kept_in_memory_up_to_the_limit(flaky, monkeypatch):
    monkeypatch.setenv("ARGUS_JOURNAL__ENABLED", "false")
    monkeypatch.setenv("ARGUS_WATCHER__MAX_BACKLOG", "3")
    app = argus.attach(build(), storage=flaky)
    for number in range(3):
        app.invoke({"number": number})
    assert argus.flush(60) is False
    flaky.away = False
    assert argus.flush(60)
    check_whole(stored(flaky), range(3))


def test_a_slow_store_holds_up_no_call(monkeypatch):
    class Slow(MemoryStore):
        go = threading.Event()

        def save(self, trace):
            self.go.wait(60)
            super().save(trace)

    monkeypatch.setenv("ARGUS_WATCHER__MAX_BACKLOG", "5")
    store = Slow.open("memory:")
    app = argus.attach(build(), storage=store)
    for number in range(20):
        app.invoke({"number": number})
    assert argus.flush(0.01) is False
    assert stored(store) == []
    store.go.set()
    assert argus.flush(60)
    check_whole(stored(store), range(20))


def test_a_folder_that_vanishes_is_made_again(folder):
    from argus.analysis.worker import worker

    app = argus.attach(build())
    app.invoke({"number": 0})
    assert argus.flush(60)
    hold = threading.Event()
    worker().submit(hold.wait, lag_s=0)
    for number in range(1, 4):
        app.invoke({"number": number})
    shutil.rmtree(folder / ".argus")
    for number in range(4, 6):
        app.invoke({"number": number})
    hold.set()
    assert argus.flush(60)
    check_whole(stored(open_store("sqlite:///.argus/traces.db")), range(1, 6))


def test_a_trace_that_a_store_cannot_hold_keeps_no_other_waiting(store, capfd):
    class Picky(MemoryStore):
        def save(self, trace):
            if trace.input["number"] == 1:
                raise TypeError("what is this?")
            super().save(trace)

    store = Picky.open("memory:")
    app = argus.attach(build(), storage=store)
    for number in range(4):
        app.invoke({"number": number})
    assert argus.flush(60)
    check_whole(stored(store), [0, 2, 3])
    assert "cannot be stored: TypeError: what is this?" in capfd.readouterr().err


def test_a_fault_in_the_analysis_is_said_once_and_costs_no_other_run(store, capfd, monkeypatch):
    from argus.analysis.observer import Observer

    finish, calls = Observer.finish, itertools.count()

    def failing(self, run):
        if next(calls) % 2 == 0:
            raise ZeroDivisionError
        return finish(self, run)

    monkeypatch.setattr(Observer, "finish", failing)
    app = argus.attach(build(), storage=store)
    for number in range(4):
        app.invoke({"number": number})
    assert argus.flush(60)
    check_whole(stored(store), [1, 3])
    assert capfd.readouterr().err.count("ZeroDivisionError") == 1


def test_detached_and_forgotten_apps_give_their_files_back(folder):
    def open_files():
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir()))

    def use(app):
        app.invoke({"number": 1})
        return app

    argus.detach(use(argus.attach(build())))
    assert argus.flush(60)
    before = open_files()
    for index in range(6):
        app = use(argus.attach(build()))
        if index % 2:
            argus.detach(app)
    del app
    gc.collect()
    assert argus.flush(60)
    assert open_files() <= before + 1
    assert not list((folder / ".argus" / "journal").glob("*.journal"))


def run_script(folder, text, **environment):
    (folder / "script.py").write_text(textwrap.dedent(text))
    return subprocess.run(
        [sys.executable, "script.py"], cwd=folder, capture_output=True, text=True, timeout=120,
        env={**os.environ, **environment},
    )  # fmt: skip


PROLOGUE = """
from typing import TypedDict
from langgraph.graph import START, StateGraph
import argus, os, sys, threading

class State(TypedDict, total=False):
    number: int

def work(state):
    return {"number": state["number"] + 1}

graph = StateGraph(State)
graph.add_node("work", work)
graph.add_edge(START, "work")
"""


def test_an_exit_right_after_a_call_waits_for_the_analysis(folder):
    done = run_script(folder, PROLOGUE + "app = argus.attach(graph)\nfor n in range(5): app.invoke({'number': n})\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(stored(open_store("sqlite:///.argus/traces.db"))) == 5


def test_a_process_that_may_not_wait_leaves_its_runs_to_the_next(folder):
    done = run_script(
        folder,
        PROLOGUE + "app = argus.attach(graph)\nfor n in range(50): app.invoke({'number': n})\n",
        ARGUS_WATCHER__FLUSH_AT_EXIT="0",
    )
    assert done.returncode == 0
    assert "argus doctor" in done.stderr
    shown = subprocess.run(
        [sys.executable, "-m", "argus", "trace", "--list"], cwd=folder, capture_output=True, text=True
    )
    assert shown.returncode == 0, shown.stderr
    assert len(stored(open_store("sqlite:///.argus/traces.db"))) == 50


def test_prefork_children_record_their_own_runs(folder):
    done = run_script(
        folder,
        PROLOGUE
        + """
from argus.analysis.worker import worker
app = argus.attach(graph)
for n in range(3):
    app.invoke({"number": n})
    if n == 1:
        argus.flush()
        release = threading.Event()
        worker().submit(release.wait, lag_s=0)  # the queue is half full when the process forks
children = []
for child in range(3):
    pid = os.fork()
    if not pid:
        for n in range(4):
            app.invoke({"number": 100 * (child + 1) + n})
        ok = argus.flush(60)
        os._exit(0 if ok else 1)
    children.append(pid)
codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]
assert codes == [0, 0, 0], codes
release.set()
for n in range(3, 6):
    app.invoke({"number": n})
""",
        PYTHONWARNINGS="ignore",
    )
    assert (done.returncode, done.stderr) == (0, "")
    numbers = [trace.input["number"] for trace in stored(open_store("sqlite:///.argus/traces.db"))]
    expected = [*range(6), *(100 * (child + 1) + n for child in range(3) for n in range(4))]
    assert sorted(numbers) == sorted(expected)


def test_a_detector_that_kills_the_worker_costs_one_trace(store, capfd):
    from argus.detectors.base import BaseDetector

    class Deadly(BaseDetector):
        def detect(self, trace):
            if trace.input["number"] == 1:
                raise SystemExit("out of the worker")
            return []

    app = argus.attach(build(), storage=store, detectors=[Deadly()])
    for number in range(3):
        app.invoke({"number": number})
    argus.flush(30)
    app.invoke({"number": 3})
    assert argus.flush(60)
    assert {0, 2, 3} <= {trace.input["number"] for trace in stored(store)}


def test_daemon_threads_may_be_running_calls_when_the_interpreter_ends(folder):
    text = """
app = argus.attach(graph)
begun = threading.Event()
def forever():
    while True:
        app.invoke({"number": 1})
        begun.set()
threading.Thread(target=forever, daemon=True).start()
begun.wait()
"""
    done = run_script(folder, PROLOGUE + text, ARGUS_DETECTION__STATISTICAL__ENABLED="false")
    assert done.returncode == 0
    assert re.fullmatch(r"(argus: \d+ runs are not stored yet; .*\n)?", done.stderr)
    assert stored(open_store("sqlite:///.argus/traces.db"))


def test_a_fork_right_after_the_first_call_finds_whole_modules(folder):
    text = """
app = argus.attach(graph)
app.invoke({"number": 1})
for _ in range(3):
    pid = os.fork()
    if not pid:
        app.invoke({"number": 2})
        os._exit(0 if argus.flush(60) else 1)
    threading.Event().wait(0.03)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
"""
    done = run_script(folder, PROLOGUE + text, PYTHONWARNINGS="ignore")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(stored(open_store("sqlite:///.argus/traces.db"))) == 4


def test_no_log_line_of_ours_reaches_the_terminal_of_a_program_that_configured_no_logging(folder):
    text = """
from argus._internal.guard import Guard
with Guard("test"):
    raise ValueError("x")
app = argus.attach(graph, storage="sqlite:///script.py/no/folder.db")
app.invoke({"number": 1})
"""
    done = run_script(folder, PROLOGUE + text)
    assert done.returncode == 0
    assert [line.split(":")[1].split()[0] for line in done.stderr.splitlines()] == ["runs", "1"]


def test_auto_without_langgraph_says_so_and_goes_on(folder):
    text = "import sys, argus\nsys.modules['langgraph'] = None\n"
    text += (
        "import importlib.metadata as m\ndef version(name): raise m.PackageNotFoundError(name)\nm.version = version\n"
    )
    done = run_script(folder, text + "print(argus.auto())", ARGUS_AUTO="1")
    assert (done.returncode, done.stdout) == (0, "False\n")
    assert "LangGraph" in done.stderr


def test_auto_is_off_unless_asked_for(folder):
    text = "print(argus.auto())\n" + "app = graph.compile()\napp.invoke({'number': 1})\n"
    assert run_script(folder, PROLOGUE + text).stdout == "False\n"
    assert not (folder / ".argus").exists()
    assert run_script(folder, PROLOGUE + text, ARGUS_AUTO="1").stdout == "True\n"
    assert len(stored(open_store("sqlite:///.argus/traces.db"))) == 1


def test_what_is_attached_is_not_recorded_by_auto_as_well(folder):
    text = "argus.auto()\nfirst = argus.attach(graph.compile(name='attached'))\nfirst.invoke({'number': 1})\n"
    text += "graph.compile(name='found').invoke({'number': 1})\nargus.detach(first)\n"
    assert run_script(folder, PROLOGUE + text, ARGUS_AUTO="1").returncode == 0
    names = sorted(trace.pipeline_name for trace in stored(open_store("sqlite:///.argus/traces.db")))
    assert names == ["attached", "found"]
