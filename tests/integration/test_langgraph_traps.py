"""Traps that no other test module covers, each watched and unwatched; and hosts that misbehave around a run."""

import asyncio
import contextlib
import errno
import inspect
import operator
import os
import threading
from datetime import datetime, timedelta, timezone
from typing import Annotated

import pytest
from langgraph.cache.memory import InMemoryCache
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.func import entrypoint
from langgraph.graph import START, StateGraph
from langgraph.types import CachePolicy, RetryPolicy
from pydantic import BaseModel, field_validator
from typing_extensions import TypedDict

from argus.config.settings import Settings
from argus.recording import journal as journal_module
from argus.recording.recorder import Recorder
from argus.recording.recovery import read_journal


class State(TypedDict, total=False):
    x: int
    log: Annotated[list, operator.add]


def chain(*nodes, schema=State, options=None, **compiled):
    graph = StateGraph(schema)
    for number, node in enumerate(nodes):
        graph.add_node(f"n{number}", node, **(options or {}))
        graph.add_edge(f"n{number - 1}" if number else START, f"n{number}")
    return graph.compile(**compiled)


def add_one(state):
    return {"x": state["x"] + 1}


def test_the_previous_result_of_an_entrypoint_is_injected(recorded):
    def build():
        @entrypoint(checkpointer=InMemorySaver())
        def total(number: int, *, previous: int | None = None) -> int:
            return number + (previous or 0)

        return total

    config = {"configurable": {"thread_id": "t"}}
    plain, watched = build(), recorded.watch(build())
    assert [watched.invoke(n, config) for n in (1, 2, 3)] == [plain.invoke(n, config) for n in (1, 2, 3)] == [1, 3, 6]
    assert inspect.signature(watched.invoke) == inspect.signature(plain.invoke)


def test_a_cache_that_an_unwatched_graph_filled_answers_a_watched_one(recorded):
    ran = []

    def costly(state):
        ran.append(1)
        return {"log": ["costly"]}

    cache = InMemoryCache()
    first, second = (chain(costly, options={"cache_policy": CachePolicy()}, cache=cache) for _ in range(2))
    assert recorded.watch(second).invoke({"x": 1}) == first.invoke({"x": 1})
    assert ran == [1]
    recorded.traces.clear()
    recorded.runs.clear()
    assert second.invoke({"x": 1}) == first.invoke({"x": 1})
    assert (ran, recorded.step("n0").outcome) == ([1], "cached")


def test_a_model_as_state_is_validated_as_often_as_unwatched(recorded):
    counts = {}

    class Model(BaseModel):
        x: int = 0

        @field_validator("x")
        @classmethod
        def count(cls, value):
            counts["validated"] = counts.get("validated", 0) + 1
            return value

    def times(app):
        counts.clear()
        app.invoke({"x": 1})
        return dict(counts)

    nodes = (lambda s: {"x": s.x + 1}, lambda s: Model(x=s.x + 1), lambda s: None)
    assert times(recorded.watch(chain(*nodes, schema=Model))) == times(chain(*nodes, schema=Model))


def test_identity_and_notes_of_a_retried_exception_stay(recorded):
    error, asked = ValueError("kept"), []

    def retry_on(one):
        asked.append(one)
        return True

    def fails(state):
        raise error

    def run(app):
        asked.clear()
        with pytest.raises(ValueError) as caught:
            app.invoke({"x": 1})
        notes = [note.partition(" and id ")[0] for note in getattr(error, "__notes__", [])]
        if notes:
            error.__notes__.clear()
        return caught.value is error, [one is error for one in asked], notes

    policy = RetryPolicy(initial_interval=0.001, jitter=False, retry_on=retry_on, max_attempts=2)
    build = lambda: chain(fails, options={"retry_policy": policy})  # noqa: E731 - one expression, used twice
    watched, plain = run(recorded.watch(build())), run(build())
    assert watched == plain
    assert watched[0]
    assert [step.attempt for step in recorded.trace.steps] == [1, 2]


@pytest.mark.skipif(
    "timeout" not in inspect.signature(StateGraph.add_node).parameters, reason="this LangGraph has no timeout"
)
def test_a_timeout_on_a_sync_node_is_refused_as_before(recorded):
    def refusal(watch):
        with pytest.raises(Exception) as caught:
            watch(chain(add_one, options={"timeout": 1.0})).invoke({"x": 1})
        return type(caught.value), str(caught.value)

    assert refusal(recorded.watch) == refusal(lambda graph: graph)


STOPS = [
    *((stop, awaits) for stop in (KeyboardInterrupt, SystemExit, asyncio.CancelledError) for awaits in (False, True)),
    (GeneratorExit, False),  # asyncio drops a task that raises it, without letting what is around it end
]


@pytest.mark.parametrize(("stop", "awaits"), STOPS)
@pytest.mark.parametrize("where", ["node", "subgraph", "branch", "reducer"])
def test_what_stops_a_program_passes_at_any_point(recorded, stop, awaits, where):
    def stops(state, added=None):
        raise stop

    async def astops(state):
        raise stop

    def build():
        if where == "branch":
            graph = StateGraph(State)
            graph.add_node("n0", add_one)
            graph.add_edge(START, "n0")
            graph.add_conditional_edges("n0", stops, ["n0"])
            return graph.compile()
        if where == "reducer":

            class Stopping(TypedDict, total=False):
                x: int
                log: Annotated[list, stops]

            return chain(lambda s: {"log": [1]}, schema=Stopping)
        inner = chain(astops if awaits else stops)
        return chain(inner) if where == "subgraph" else inner

    def leaves(app):
        try:
            value = {"x": 1, "log": []} if where == "reducer" else {"x": 1}
            asyncio.run(app.ainvoke(value)) if awaits else app.invoke(value)
        except BaseException as error:
            return type(error), str(error)
        return None

    assert leaves(recorded.watch(build())) == leaves(build())
    assert all(run.closed and not run.open_steps for run in recorded.runs)


def test_cancelling_at_any_moment_passes_and_closes_the_run(recorded):
    async def waits(state):
        await asyncio.sleep(0.001)
        return {"x": state["x"] + 1}

    app = recorded.watch(chain(*[waits] * 6))

    async def cancelled_after(turns):
        running = asyncio.ensure_future(app.ainvoke({"x": 1}))
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running

    for turns in range(0, 60, 3):
        asyncio.run(cancelled_after(turns))
    assert len(recorded.traces) == len(recorded.runs)
    assert all(run.closed and not run.open_steps for run in recorded.runs)
    assert set(recorded.outcomes()) <= {"cancelled", "completed"}
    assert "cancelled" in recorded.outcomes()


def test_an_event_loop_that_closes_before_the_stream_is_read_to_its_end(recorded):
    async def slow(state):
        await asyncio.sleep(0.001)
        return {"x": state["x"] + 1}

    app = recorded.watch(chain(slow, slow, slow))
    kept = []

    async def begins():
        chunks = app.astream({"x": 1}, stream_mode="updates")
        kept.append(chunks)
        return await chunks.__anext__()

    assert asyncio.run(begins()) == {"n0": {"x": 2}}
    kept.clear()
    assert recorded.outcomes() == ["abandoned"], recorded.trace.error
    assert asyncio.run(app.ainvoke({"x": 1}))["x"] == 4


def test_a_thread_that_outlives_its_run_is_left_alone(recorded):
    goes_on, results = threading.Event(), []
    inner = chain(add_one)

    def node(state):
        from contextvars import copy_context

        context = copy_context()

        def later():
            goes_on.wait(10)
            results.append(context.run(inner.invoke, {"x": 41})["x"])

        thread = threading.Thread(target=later)
        thread.start()
        results.append(thread)
        return {"x": 2}

    assert recorded.watch(chain(node)).invoke({"x": 1})["x"] == 2
    goes_on.set()
    results[0].join()
    assert results[1] == 42
    assert recorded.nodes == ["n0"]
    assert recorded.trace.metadata["outcome"] == "completed"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_fork_inside_a_node_leaves_the_parents_run_whole(recorded, tmp_path):
    recorded.recorder = Recorder(settings=Settings(), journal_folder=tmp_path)

    def forks(state):
        child = os.fork()
        if child == 0:
            os._exit(0 if chain(add_one).invoke({"x": 1})["x"] == 2 else 1)
        return {"x": os.waitpid(child, 0)[1]}

    assert recorded.watch(chain(forks, add_one)).invoke({"x": 7})["x"] == 1
    (trace,) = read_journal(recorded.runs[0].journal.path)
    assert (trace.status, [step.node_name for step in trace.steps]) == ("ok", ["n0", "n1"])
    assert trace.steps == recorded.trace.steps


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_child_that_goes_on_with_the_run_writes_nothing_into_the_parents_file(recorded, tmp_path):
    recorded.recorder = Recorder(settings=Settings(), journal_folder=tmp_path)
    forked = []

    def forks(state):
        forked.append(os.fork())
        return {"x": 5}

    def ends(state):
        if forked[-1] == 0:
            os._exit(0)
        return {"x": os.waitpid(forked[-1], 0)[1]}

    assert recorded.watch(chain(forks, ends)).invoke({"x": 7})["x"] == 0
    (trace,) = read_journal(recorded.runs[0].journal.path)
    assert [step.outcome for step in trace.steps] == ["ok", "ok"]


@pytest.mark.parametrize("fault", ["full", "gone", "read-only"])
@pytest.mark.parametrize("awaits", [False, True])
def test_a_disk_that_fails_in_mid_run_costs_frames_never_the_run(recorded, tmp_path, monkeypatch, fault, awaits):
    recorded.recorder = Recorder(settings=Settings(), journal_folder=tmp_path)
    code = {"full": errno.ENOSPC, "gone": errno.EIO, "read-only": errno.EROFS}[fault]

    def refuse(descriptor, data, place):
        raise OSError(code, os.strerror(code))

    def breaks(state):
        monkeypatch.setattr(journal_module.os, "pwrite", refuse)
        return {"x": state["x"] + 1}

    app = recorded.watch(chain(breaks, add_one, add_one))
    try:
        result = asyncio.run(app.ainvoke({"x": 1})) if awaits else app.invoke({"x": 1})
    finally:
        monkeypatch.undo()
    assert result["x"] == 4
    assert recorded.nodes == ["n0", "n1", "n2"]
    assert recorded.trace.metadata["losses"]["journal"] >= 5


def test_a_journal_deleted_in_mid_run(recorded, tmp_path):
    recorded.recorder = Recorder(settings=Settings(), journal_folder=tmp_path)

    def deletes(state):
        for path in tmp_path.glob("*.journal"):
            path.unlink()
        return {"x": 2}

    app = recorded.watch(chain(deletes, add_one))
    assert [app.invoke({"x": 1})["x"] for _ in range(2)] == [3, 3]
    assert [len(trace.steps) for trace in recorded.traces] == [2, 2]
    assert chain(add_one).invoke({"x": 1}) == recorded.watch(chain(add_one)).invoke({"x": 1})
    assert read_journal(recorded.runs[-1].journal.path)[-1].status == "ok"


class BackwardsClock:
    """Every reading is earlier than the one before."""

    def __init__(self):
        self._seconds = 1_000_000.0

    def now(self):
        self._seconds -= 60
        return datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=self._seconds)

    def monotonic(self):
        self._seconds -= 60
        return self._seconds


def test_a_clock_that_goes_backwards(recorded):
    recorded.recorder = Recorder(settings=Settings(), clock=BackwardsClock())
    assert recorded.watch(chain(add_one, add_one)).invoke({"x": 1})["x"] == 3
    assert [step.step_number for step in recorded.trace.steps] == [1, 2]
    assert recorded.trace.duration_ms >= 0
    assert all(step.duration_ms >= 0 for step in recorded.trace.steps)
    assert recorded.trace.to_json()
