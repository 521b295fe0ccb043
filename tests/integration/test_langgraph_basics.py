"""What is recorded of one graph: steps, states, updates, routing, outcomes, errors."""

import asyncio
import functools
import operator
import threading
import time
from typing import Annotated, Literal

import pytest
from langchain_core.runnables import RunnableLambda
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphRecursionError
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, RetryPolicy, Send, interrupt
from typing_extensions import TypedDict


class State(TypedDict, total=False):
    x: int
    log: Annotated[list, operator.add]


def chain(*nodes, schema=State, **compiled):
    graph = StateGraph(schema)
    names = [f"n{number}" for number in range(len(nodes))]
    for name, node in zip(names, nodes, strict=True):
        graph.add_node(name, node)
    for source, target in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(source, target)
    return graph.compile(**compiled)


def test_each_step_has_what_it_was_given_returned_and_what_became_of_it(recorded):
    app = recorded.watch(chain(lambda s: {"x": s["x"] + 1, "log": ["a"]}, lambda s: {"log": ["b"]}))
    app.invoke({"x": 1, "log": ["0"]})
    first, second = recorded.trace.steps
    assert first.input_state == {"x": 1, "log": ["0"]}
    assert first.output_state == {"x": 2, "log": ["a"]}
    assert first.state_after == second.input_state == {"x": 2, "log": ["0", "a"]}
    assert second.state_after == recorded.trace.output == {"x": 2, "log": ["0", "a", "b"]}
    assert recorded.trace.input == {"x": 1, "log": ["0"]}
    assert [step.metadata["superstep"] for step in (first, second)] == [1, 2]
    assert first.metadata["triggers"] == ["branch:to:n0"]
    assert first.metadata["writes"] == ["x", "log"]
    assert first.outcome == "ok"
    assert first.cpu_ms is not None
    assert recorded.trace.metadata["outcome"] == "completed"


def test_the_tags_of_the_caller_are_kept(recorded):
    recorded.watch(chain(lambda s: None)).invoke({"x": 1}, {"tags": ["nightly"]})
    assert recorded.trace.metadata["tags"] == ["nightly"]


def test_async_steps_too(recorded):
    async def node(state):
        await asyncio.sleep(0)
        return {"x": state["x"] + 1}

    asyncio.run(recorded.watch(chain(node, node)).ainvoke({"x": 1}))
    assert [step.output_state for step in recorded.trace.steps] == [{"x": 2}, {"x": 3}]


def test_a_node_that_returns_none_wrote_nothing(recorded):
    recorded.watch(chain(lambda s: None)).invoke({"x": 1})
    assert recorded.step("n0").output_state == {}
    assert recorded.step("n0").state_after == {"x": 1, "log": []}


def test_keys_that_are_not_declared_show_as_dropped(recorded):
    recorded.watch(chain(lambda s: {"x": 2, "answr": "lost"})).invoke({"x": 1})
    step = recorded.step("n0")
    assert step.output_state == {"x": 2, "answr": "lost"}
    assert step.metadata["dropped"] == ["answr"]
    assert step.metadata["writes"] == ["x"]


def test_a_wrong_return_is_shown_with_its_error(recorded):
    with pytest.raises(Exception, match="Expected dict"):
        recorded.watch(chain(lambda s: "text")).invoke({"x": 1})
    step = recorded.step("n0")
    assert step.output_state == {"__root__": "text"}
    assert step.outcome == "error"
    assert step.error.type.endswith("InvalidUpdateError")


@pytest.mark.parametrize("partial", [False, True])
def test_names_of_all_kinds_of_callables_are_kept(recorded, partial):
    class Work:
        def method(self, state):
            return {"x": 3}

        def __call__(self, state):
            return {"x": 4}

    node = functools.partial(Work().method) if partial else Work()
    recorded.watch(chain(node, Work().method, RunnableLambda(lambda s: {"x": 5}))).invoke({"x": 1})
    assert [step.output_state["x"] for step in recorded.trace.steps] == [3 if partial else 4, 3, 5]


def test_a_chain_of_runnables_is_one_step(recorded):
    node = RunnableLambda(lambda s: s["x"]) | RunnableLambda(lambda x: {"x": x * 2})
    recorded.watch(chain(node)).invoke({"x": 4})
    assert recorded.step("n0").output_state == {"x": 8}


def test_commands_show_update_and_goto(recorded):
    def decide(state) -> Command[Literal["left", "right"]]:
        return Command(update={"x": 5, "lost": 1}, goto="right")

    graph = StateGraph(State)
    graph.add_node(decide)
    graph.add_node("left", lambda s: {})
    graph.add_node("right", lambda s: [Command(update={"log": ["1"]}), {"log": ["2"]}])
    graph.add_edge(START, "decide")
    recorded.watch(graph.compile()).invoke({"x": 1})
    assert recorded.nodes == ["decide", "right"]
    assert recorded.step("decide").output_state == {"x": 5, "lost": 1}
    assert recorded.step("decide").metadata["goto"] == ["right"]
    assert recorded.step("decide").metadata["dropped"] == ["lost"]
    assert "branch" not in recorded.step("decide").metadata
    assert recorded.step("right").output_state == {"log": ["1", "2"]}


def test_what_a_branch_chose_is_told_from_plain_edges(recorded):
    graph = StateGraph(State)
    graph.add_node("a", lambda s: {"x": s["x"] + 1})
    graph.add_node("always", lambda s: {})
    graph.add_node("chosen", lambda s: {})
    graph.add_edge(START, "a")
    graph.add_edge("a", "always")
    graph.add_conditional_edges("a", lambda s: "chosen" if s["x"] < 3 else END, ["chosen", END])
    app = recorded.watch(graph.compile())
    app.invoke({"x": 1})
    app.invoke({"x": 5})
    chosen, ended = (trace.steps[0].metadata["branch"] for trace in recorded.traces)
    assert (chosen, ended) == (["chosen"], ["__end__"])


def test_each_send_has_its_own_input(recorded):
    graph = StateGraph(State)
    graph.add_node("plan", lambda s: {"x": 0})
    graph.add_node("work", lambda s: {"log": [s["x"]]})
    graph.add_edge(START, "plan")
    graph.add_conditional_edges("plan", lambda s: [Send("work", {"x": n}) for n in (7, 8)], ["work"])
    recorded.watch(graph.compile()).invoke({"x": 1})
    plan, *works = recorded.trace.steps
    assert plan.metadata["branch"] == ["work", "work"]
    assert sorted(step.input_state["x"] for step in works) == [7, 8]
    assert {step.metadata["kind"] for step in works} == {"push"}
    assert [step.state_after["log"] for step in works] == [[7, 8], [7, 8]]


def test_a_schema_of_its_own_narrows_what_a_node_is_given(recorded):
    class Part(TypedDict):
        x: int

    def narrow(state: Part) -> dict:
        return {"log": [state["x"]]}

    recorded.watch(chain(narrow)).invoke({"x": 1, "log": ["0"]})
    assert recorded.step("n0").input_state == {"x": 1}
    assert recorded.step("n0").state_after == {"x": 1, "log": ["0", 1]}


def test_each_attempt_is_a_step(recorded):
    tries = iter([ValueError("1"), ValueError("2"), None])

    def flaky(state):
        if error := next(tries):
            raise error
        return {"x": 9}

    graph = StateGraph(State)
    policy = RetryPolicy(initial_interval=0.001, jitter=False, retry_on=ValueError)
    graph.add_node("flaky", flaky, retry_policy=policy)
    graph.add_edge(START, "flaky")
    recorded.watch(graph.compile()).invoke({"x": 1})
    assert [(step.attempt, step.outcome) for step in recorded.trace.steps] == [(1, "error"), (2, "error"), (3, "ok")]
    assert recorded.trace.steps[0].error.message == "1"
    assert recorded.trace.metadata["outcome"] == "completed"
    assert recorded.trace.error is None


def test_an_exception_is_recorded_and_stays_the_same_object(recorded):
    error = KeyError("docs")

    def wrong(state):
        raise error

    with pytest.raises(KeyError) as caught:
        recorded.watch(chain(lambda s: {"x": 2}, wrong)).invoke({"x": 1})
    assert caught.value is error
    assert recorded.step("n1").outcome == "error"
    assert recorded.step("n1").error.type == "KeyError"
    assert recorded.trace.error.type == "KeyError"
    assert recorded.trace.output is None
    assert recorded.trace.metadata["outcome"] == "error"


def test_at_most_a_few_frames_are_added_to_a_traceback(recorded):
    def wrong(state):
        raise ValueError("no")

    def depth(app):
        with pytest.raises(ValueError) as caught:
            app.invoke({"x": 1})
        return len(caught.traceback)

    assert depth(recorded.watch(chain(wrong))) - depth(chain(wrong)) <= 4


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_what_stops_the_program_is_never_held_up(recorded, stop):
    def stops(state):
        raise stop

    with pytest.raises(stop):
        recorded.watch(chain(stops)).invoke({"x": 1})
    assert recorded.step("n0").outcome == "cancelled"
    assert recorded.trace.metadata["outcome"] == "cancelled"


async def test_cancelling_is_recorded_and_passes(recorded):
    started = asyncio.Event()

    async def waits(state):
        started.set()
        await asyncio.sleep(60)

    running = asyncio.ensure_future(recorded.watch(chain(waits)).ainvoke({"x": 1}))
    await started.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert recorded.step("n0").outcome == "cancelled"
    assert recorded.trace.metadata["outcome"] == "cancelled"


async def test_the_siblings_of_a_failed_node_keep_their_steps(recorded):
    async def good(state):
        return {"log": ["good"]}

    async def slow(state):
        await asyncio.sleep(60)

    async def bad(state):
        await asyncio.sleep(0.02)
        raise ValueError("no")

    graph = StateGraph(State)
    for node in (good, slow, bad):
        graph.add_node(node)
        graph.add_edge(START, node.__name__)
    with pytest.raises(ValueError):
        await recorded.watch(graph.compile()).ainvoke({"x": 1})
    outcomes = {step.node_name: step.outcome for step in recorded.trace.steps}
    assert outcomes == {"good": "ok", "slow": "cancelled", "bad": "error"}


def test_an_interrupted_run_is_resumed_by_another(recorded):
    def ask(state):
        return {"log": [interrupt("sure?")]}

    app = recorded.watch(chain(ask, checkpointer=InMemorySaver()))
    config = {"configurable": {"thread_id": "t1"}}
    app.invoke({"x": 1}, config)
    app.invoke(Command(resume="yes"), config)
    app.invoke({"x": 2}, config)
    stopped, resumed, fresh = recorded.traces
    assert stopped.metadata["outcome"] == "interrupted"
    assert stopped.steps[0].outcome == "interrupted"
    assert stopped.output["__interrupt__"][0]["value"] == "sure?"
    assert resumed.metadata["outcome"] == "completed"
    assert resumed.metadata["resumes"] == stopped.id
    assert resumed.metadata["thread_id"] == "t1"
    assert "resumes" not in fresh.metadata


@pytest.mark.parametrize("mode", ["values", "updates", "custom"])
@pytest.mark.parametrize("when", ["interrupt_before", "interrupt_after"])
def test_stopping_at_a_node_is_an_interruption_in_every_stream_mode(recorded, mode, when):
    stop = {when: ["n1"] if when == "interrupt_before" else ["n0"]}
    app = recorded.watch(chain(lambda s: {"x": 2}, lambda s: {"x": 3}, checkpointer=InMemorySaver(), **stop))
    config = {"configurable": {"thread_id": "t1"}}
    list(app.stream({"x": 1}, config, stream_mode=mode))
    list(app.stream(None, config, stream_mode=mode))
    assert recorded.outcomes() == ["interrupted", "completed"]
    assert recorded.traces[1].metadata["resumes"] == recorded.traces[0].id


def test_the_recursion_limit_ends_a_run_with_its_error(recorded):
    graph = StateGraph(State)
    graph.add_node("again", lambda s: {"x": s["x"] + 1})
    graph.add_edge(START, "again")
    graph.add_edge("again", "again")
    with pytest.raises(GraphRecursionError):
        recorded.watch(graph.compile()).invoke({"x": 0}, {"recursion_limit": 4})
    assert [step.metadata["superstep"] for step in recorded.trace.steps] == [1, 2, 3, 4]
    assert recorded.trace.error.type.endswith("GraphRecursionError")


def test_a_consumer_that_goes_away_abandons_the_run(recorded):
    app = recorded.watch(chain(lambda s: {"x": 2}, lambda s: {"x": 3}))
    for _ in app.stream({"x": 1}):
        break
    assert recorded.outcomes() == ["abandoned"]
    assert recorded.nodes == ["n0"]


async def test_an_async_consumer_that_goes_away_too(recorded):
    chunks = recorded.watch(chain(lambda s: {"x": 2}, lambda s: {"x": 3})).astream({"x": 1})
    await chunks.__anext__()
    await chunks.aclose()
    assert recorded.outcomes() == ["abandoned"]


def test_a_stream_that_is_never_read_is_no_run(recorded):
    recorded.watch(chain(lambda s: {"x": 2})).stream({"x": 1})
    assert recorded.runs == []


def test_what_a_consumer_throws_in_arrives_where_it_would(recorded):
    chunks = recorded.watch(chain(lambda s: {"x": 2}, lambda s: {"x": 3})).stream({"x": 1})
    next(chunks)
    with pytest.raises(LookupError, match="mine"):
        chunks.throw(LookupError("mine"))
    assert recorded.outcomes() == ["error"]


async def test_waiting_does_not_count_as_cpu_time(recorded):
    async def waits(state):
        for _ in range(4):
            await asyncio.sleep(0.01)
        return {"x": 1}

    async def burns(state):
        await asyncio.sleep(0.015)
        until = time.thread_time() + 0.05
        while time.thread_time() < until:
            pass
        return {"log": ["b"]}

    graph = StateGraph(State)
    for node in (waits, burns):
        graph.add_node(node)
        graph.add_edge(START, node.__name__)
    await recorded.watch(graph.compile()).ainvoke({"x": 1})
    assert recorded.step("waits").cpu_ms < 25 < 49 < recorded.step("burns").cpu_ms
    assert recorded.step("waits").duration_ms > 39


def test_a_sync_node_stays_off_the_event_loop(recorded):
    threads = []

    def node(state):
        threads.append(threading.current_thread())
        return {"x": 2}

    asyncio.run(recorded.watch(chain(node)).ainvoke({"x": 1}))
    assert threads[0] is not threading.current_thread()
    assert recorded.step("n0").cpu_ms is None
    assert recorded.step("n0").output_state == {"x": 2}
