"""``argus.attach`` in long-lived processes: concurrency, background analysis, exits, forks, stores that fail."""

import asyncio
import os
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TypedDict

import pytest
from langgraph.graph import START, StateGraph

import argus
from argus.errors import ConfigError, InstrumentationError, StoreUnavailable, WatcherStateError
from argus.storage.locate import open_store_url
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
    check_whole(stored(open_store_url("sqlite:///.argus/traces.db")), range(25))


class Flaky(MemoryStore):
    """A store that is away for a while."""

    away = True

    def save(self, trace):
        if self.away:
            raise StoreUnavailable("the store is away; start it again")
        super().save(trace)


def test_a_store_that_is_away_loses_nothing(folder, caplog):
    store = Flaky.open("memory:")
    app = argus.attach(build(), storage=store)
    for number in range(5):
        assert app.invoke({"number": number})["doubled"] == 2 * number
    assert argus.flush(60)
    assert stored(store) == []
    assert "trace_not_stored" in caplog.text
    assert list((folder / ".argus" / "journal").glob("*.journal"))


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
    assert len(stored(open_store_url("sqlite:///.argus/traces.db"))) == 5


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
    assert len(stored(open_store_url("sqlite:///.argus/traces.db"))) == 50


def test_prefork_children_record_their_own_runs(folder):
    done = run_script(
        folder,
        PROLOGUE
        + """
app = argus.attach(graph)
for n in range(3):
    app.invoke({"number": n})
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
for n in range(3, 6):
    app.invoke({"number": n})
""",
        PYTHONWARNINGS="ignore",
    )
    assert (done.returncode, done.stderr) == (0, "")
    numbers = [trace.input["number"] for trace in stored(open_store_url("sqlite:///.argus/traces.db"))]
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


def test_auto_is_off_unless_asked_for(folder):
    text = "print(argus.auto())\n" + "app = graph.compile()\napp.invoke({'number': 1})\n"
    assert run_script(folder, PROLOGUE + text).stdout == "False\n"
    assert not (folder / ".argus").exists()
    assert run_script(folder, PROLOGUE + text, ARGUS_AUTO="1").stdout == "True\n"
    assert len(stored(open_store_url("sqlite:///.argus/traces.db"))) == 1
