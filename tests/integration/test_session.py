"""``ArgusSession`` over plain Python: kinds of callables, threads, tasks, lifecycle."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from argus import ArgusSession, ConfigError, DetectionError, WatcherStateError


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(trace):
    return [step.node_name for step in trace.steps]


def test_decorated_functions_become_steps():
    session = ArgusSession(pipeline_name="sums")

    @session.node("load")
    def load(path: str, *, limit: int = 3) -> dict:
        """Loads."""
        return {"rows": list(range(limit)), "path": path}

    @session.node("total")
    def total(state: dict) -> int:
        return sum(state["rows"])

    assert load.__name__ == "load"
    assert load.__doc__ == "Loads."
    with session:
        assert total(load("a.csv", limit=4)) == 6
    trace = session.trace
    assert trace.pipeline_name == "sums"
    assert names(trace) == ["load", "total"]
    assert trace.steps[0].input_state == {"path": "a.csv", "limit": 4}
    assert trace.steps[0].output_state == {"rows": [0, 1, 2, 3], "path": "a.csv"}
    assert trace.steps[1].input_state == {"rows": [0, 1, 2, 3], "path": "a.csv"}
    assert trace.steps[1].output_state == {"__root__": 6}
    assert trace.graph is not None
    assert trace.graph.node("total").line is not None
    assert trace.status == "ok"


def test_outside_of_a_run_and_after_finalize_nothing_is_recorded():
    session = ArgusSession()
    double = session.wrap("double", lambda number: 2 * number)
    with session:
        assert double(2) == 4
    assert double(3) == 6
    assert len(session.traces) == 1
    assert session.finalize() is session.trace
    assert double(4) == 8
    assert len(session.trace.steps) == 1
    with pytest.raises(WatcherStateError, match="new ArgusSession"), session:
        pass


def test_without_a_block_the_first_call_begins_the_run():
    session = ArgusSession()
    double = session.wrap("double", lambda number: 2 * number)
    with pytest.raises(WatcherStateError, match="no run has ended"):
        session.trace  # noqa: B018
    double(1)
    double(2)
    assert names(session.finalize()) == ["double", "double"]


def test_nothing_recorded():
    with pytest.raises(WatcherStateError, match="nothing was recorded"):
        ArgusSession().finalize()


def test_an_exception_passes_and_is_recorded():
    session = ArgusSession()
    error = ValueError("no rows")

    @session.node("load")
    def load():
        raise error

    with pytest.raises(ValueError, match="no rows") as caught, session:
        load()
    assert caught.value is error
    assert session.trace.status == "failed"
    assert session.trace.steps[0].outcome == "error"
    assert session.trace.metadata["outcome"] == "error"


def test_an_exception_that_the_pipeline_handles_does_not_fail_the_run():
    session = ArgusSession()

    @session.node("flaky")
    def flaky():
        raise TimeoutError("slow")

    with session:
        with pytest.raises(TimeoutError):
            flaky()
        session.wrap("fallback", lambda: {"answer": "The allowance is thirty days."})()
    assert session.trace.status != "failed"


def test_strict_raises_when_the_block_is_left():
    session = ArgusSession(strict=True, detectors=[])

    @session.node("load")
    def load():
        raise KeyError("x")

    with pytest.raises(KeyError), session:  # the pipeline's own exception is never replaced
        load()
    with pytest.raises(DetectionError):
        session.finalize()


async def test_coroutines_and_tasks_of_concurrent_blocks_stay_apart():
    session = ArgusSession()

    @session.node("fetch")
    async def fetch(number: int) -> dict:
        await asyncio.sleep(0.001 * (number % 3))
        return {"number": number}

    @session.node("merge")
    async def merge(parts: list) -> dict:
        return {"total": sum(part["number"] for part in parts)}

    async def one(start: int) -> int:
        async with session:
            parts = await asyncio.gather(*(fetch(start + offset) for offset in range(3)))
            return (await merge(list(parts)))["total"]

    totals = await asyncio.gather(*(one(10 * index) for index in range(20)))
    assert totals == [30 * index + 3 for index in range(20)]
    assert len(session.traces) == 20
    for trace in session.traces:
        assert sorted(names(trace)) == ["fetch", "fetch", "fetch", "merge"]
        numbers = [step.output_state["number"] for step in trace.steps if step.node_name == "fetch"]
        assert max(numbers) - min(numbers) == 2


def test_generators_keep_their_protocol():
    session = ArgusSession()

    @session.node("count")
    def count(limit: int):
        first = yield 0
        rest = [first]
        for number in range(1, limit):
            rest += [(yield number)]
        return rest

    @session.node("words")
    def words():
        yield "Thirty "
        yield "days"

    def consume():
        result = yield from count(3)
        return result

    with session:
        outer = consume()
        assert next(outer) == 0
        assert outer.send("a") == 1
        assert next(outer) == 2
        with pytest.raises(StopIteration) as stop:
            outer.send("z")
        assert stop.value.value == ["a", None, "z"]
        assert list(words()) == ["Thirty ", "days"]
        early = count(9)
        next(early)
        early.close()
    steps = session.trace.steps
    assert [step.output_state for step in steps] == [
        {"__root__": [0, 1, 2]},
        {"__root__": "Thirty days"},
        {"__root__": [0]},
    ]
    assert [step.outcome for step in steps] == ["ok", "ok", "cancelled"]


def test_an_exception_thrown_into_a_generator_reaches_it():
    session = ArgusSession()

    @session.node("resilient")
    def resilient():
        try:
            yield 1
        except ValueError:
            yield 2

    with session:
        generator = resilient()
        assert next(generator) == 1
        assert generator.throw(ValueError("x")) == 2
        assert list(generator) == []
    assert session.trace.steps[0].output_state == {"__root__": [1, 2]}


async def test_async_generators_keep_their_protocol():
    session = ArgusSession()

    @session.node("stream")
    async def stream(text: str):
        for word in text.split():
            await asyncio.sleep(0)
            yield word

    async with session:
        assert [word async for word in stream("one two")] == ["one", "two"]
        broken_off = stream("one two three")
        assert await broken_off.__anext__() == "one"
        await broken_off.aclose()
    first, second = session.trace.steps
    assert first.output_state == {"__root__": "onetwo"}
    assert (second.outcome, second.output_state) == ("cancelled", {"__root__": "one"})


def test_methods_callable_objects_and_builtins():
    class Model:
        def predict(self, text: str) -> str:
            return text.upper()

        def __call__(self, text: str) -> str:
            return text.lower()

    class AsyncModel:
        async def __call__(self, text: str) -> str:
            return text.title()

    session = ArgusSession()
    model = Model()
    with session:
        assert session.wrap("predict", model.predict)("a") == "A"
        assert session.wrap("call", model)("A") == "a"
        assert session.wrap("len", len)([1, 2]) == 2
        assert asyncio.run(session.wrap("async call", AsyncModel())("ab")) == "Ab"
    assert [step.input_state for step in session.trace.steps[:2]] == [{"text": "a"}, {"text": "A"}]
    with pytest.raises(ConfigError, match="not callable"):
        session.wrap("x", 3)


def test_wrong_calls_raise_what_they_always_raised():
    def load(path):
        return path

    with ArgusSession() as session:
        with pytest.raises(TypeError) as plain:
            load()
        with pytest.raises(TypeError) as watched:
            session.wrap("load", load)()
    assert str(watched.value) == str(plain.value)


def test_blocks_of_code_as_nodes():
    session = ArgusSession()
    with session:
        with session.node("prompt", {"topic": "holidays"}) as node:
            node.output = {"text": "How many days?"}
        with pytest.raises(RuntimeError), session.node("call"):
            raise RuntimeError("refused")
    prompt, call = session.trace.steps
    assert (prompt.input_state, prompt.output_state) == ({"topic": "holidays"}, {"text": "How many days?"})
    assert call.outcome == "error"


def test_calls_inside_a_node_are_its_children():
    session = ArgusSession()
    inner = session.wrap("inner", lambda: 1)

    @session.node("outer")
    def outer():
        return inner() + inner()

    with session:
        outer()
    first, *children = session.trace.steps
    assert [child.parent_id for child in children] == [first.id, first.id]


def test_pool_threads_belong_to_the_only_open_run():
    session = ArgusSession()
    square = session.wrap("square", lambda number: number * number)
    with session, ThreadPoolExecutor(4) as pool:
        assert list(pool.map(square, range(50))) == [number * number for number in range(50)]
    assert len(session.trace.steps) == 50
    assert len({step.id for step in session.trace.steps}) == 50


def test_blocks_in_many_threads_stay_apart():
    session = ArgusSession()
    square = session.wrap("square", lambda number: number * number)

    def work(number):
        with session:
            for _ in range(5):
                square(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(session.traces) == 10
    for trace in session.traces:
        assert len(trace.steps) == 5
        assert len({step.input_state["number"] for step in trace.steps}) == 1


def test_a_nested_session_makes_its_own_trace():
    outer, inner = ArgusSession(pipeline_name="outer"), ArgusSession(pipeline_name="inner")
    work = inner.wrap("work", lambda: 1)

    @outer.node("call")
    def call():
        with inner:
            return work()

    with outer:
        assert call() == 1
    assert names(outer.trace) == ["call"]
    assert names(inner.trace) == ["work"]


def test_edges_become_the_graph():
    session = ArgusSession()
    session.set_edges({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []})
    with session:
        for name in "abd":
            session.wrap(name, lambda: None)()
    graph = session.trace.graph
    assert graph.successors("a") == ("b", "c")
    assert graph.successors("__start__") == ("a",)
    assert graph.successors("d") == ("__end__",)
    with pytest.raises(ConfigError, match="must be a list"):
        session.set_edges({"a": "b"})


def test_unknown_options_are_named():
    with pytest.raises(ConfigError, match="strickt"):
        ArgusSession(strickt=True)


def test_runs_of_a_background_session_are_analysed_later_and_only_the_last_is_kept(capfd):
    from argus.storage.memory import MemoryStore

    store = MemoryStore.open("memory:")
    session = ArgusSession(background=True, storage=store)
    double = session.wrap("double", lambda number: {"doubled": 2 * number})
    assert double(1) == {"doubled": 2}  # outside of a block nothing is recorded
    for number in range(5):
        with session:
            double(number)
    with pytest.raises(ValueError, match="wrong"), session:
        session.wrap("fail", lambda: exec("raise ValueError('wrong')"))()
    assert session.finalize() is session.trace
    assert session.trace.status == "failed"
    assert len(session.traces) == 1
    assert len(store.list().rows) == 6
    assert len(capfd.readouterr().err.splitlines()) == 3
    with pytest.raises(ConfigError, match="choose one"):
        ArgusSession(background=True, strict=True)


def test_a_run_that_begins_inside_a_step_says_where():
    outer, inner = ArgusSession(pipeline_name="outer"), ArgusSession(pipeline_name="inner")

    @outer.node("call")
    def call():
        with inner:
            inner.wrap("work", lambda: 1)()

    with outer:
        call()
    assert inner.trace.metadata["called_from"] == {"trace": outer.trace.id, "step": outer.trace.steps[0].id}
    assert "called_from" not in outer.trace.metadata


def test_a_run_that_begins_inside_a_node_of_a_graph_says_where():
    from typing import TypedDict

    from langgraph.graph import START, StateGraph

    from argus import ArgusWatcher

    class State(TypedDict, total=False):
        number: int

    session = ArgusSession()

    def work(state):
        with session:
            return {"number": session.wrap("inner", lambda: 2)()}

    graph = StateGraph(State)
    graph.add_node("work", work)
    graph.add_edge(START, "work")
    watcher = ArgusWatcher()
    watcher.watch(graph).compile().invoke({"number": 1})
    trace = watcher.finalize()
    assert session.trace.metadata["called_from"] == {"trace": trace.id, "step": trace.steps[0].id}


async def test_a_function_that_returns_a_task_or_future_returns_that_very_object():
    session = ArgusSession()
    made = []

    async def answer():
        await asyncio.sleep(0)
        return {"answer": 1}

    def start(kind):
        if kind == "task":
            made.append(asyncio.ensure_future(answer()))
        else:
            made.append(asyncio.get_running_loop().create_future())
        return made[-1]

    async with session:
        wrapped = session.wrap("start", start)
        task = wrapped("task")
        assert task is made[0]
        assert await task == {"answer": 1}
        failing, cancelled = wrapped("future"), wrapped("future")
        failing.set_exception(LookupError("none"))
        cancelled.cancel()
        with pytest.raises(LookupError):
            await failing
        await asyncio.sleep(0)
    assert [step.outcome for step in session.trace.steps] == ["ok", "error", "cancelled"]
    assert session.trace.steps[0].output_state == {"answer": 1}


async def test_a_block_and_a_node_may_end_in_another_task_than_they_began_in():
    session = ArgusSession()
    node = session.node("shared", {"a": 1})

    async def enter():
        await session.__aenter__()
        node.__enter__()

    await asyncio.create_task(enter())
    node.output = {"b": 2}
    node.__exit__(None, None, None)
    await session.__aexit__(None, None, None)
    assert session.trace.steps[0].output_state == {"b": 2}


async def test_the_analysis_at_the_end_of_an_async_block_leaves_the_loop_alone():
    from argus.detectors.base import BaseDetector

    ticked, beside = asyncio.Event(), []
    loop = asyncio.get_running_loop()

    class Waiting(BaseDetector):
        def detect(self, trace):
            asyncio.run_coroutine_threadsafe(asyncio.wait_for(ticked.wait(), 4), loop).result()
            beside.append(True)
            return []

    async def tick():
        ticked.set()

    session = ArgusSession(detectors=[Waiting()])
    async with session:
        session.wrap("double", lambda number: 2 * number)(1)
        ticking = asyncio.create_task(tick())
    await ticking
    assert beside == [True]


def test_sessions_that_are_let_go_give_their_files_back(folder):
    import gc
    from pathlib import Path

    def open_files():
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir()))

    def use():
        session = ArgusSession()
        with session:
            session.wrap("double", lambda number: 2 * number)(1)

    use()
    before = open_files()
    for _ in range(5):
        use()
    assert open_files() <= before + 1


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_forked_inside_a_block_records_only_blocks_of_its_own(folder):
    import os

    session = ArgusSession()
    double = session.wrap("double", lambda number: 2 * number)
    with session:
        double(1)
        child = os.fork()
        if not child:
            code = 1
            try:
                double(2)
                assert not session.traces
                with session:
                    double(3)
                assert [step.input_state for step in session.trace.steps] == [{"number": 3}]
                code = 0
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert [step.input_state for step in session.trace.steps] == [{"number": 1}]
