"""Watched and unwatched runs of the same graph give the same results, exceptions, chunks and checkpoints."""

import asyncio
import functools
import operator
import re
from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, RemoveMessage
from langchain_core.runnables import RunnableConfig, RunnableLambda
from langchain_core.tools import tool
from langgraph.cache.memory import InMemoryCache
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.config import get_stream_writer
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.managed import RemainingSteps
from langgraph.prebuilt import ToolNode, tools_condition
from langgraph.runtime import Runtime
from langgraph.store.base import BaseStore
from langgraph.store.memory import InMemoryStore
from langgraph.types import CachePolicy, Command, RetryPolicy, Send, StreamWriter, interrupt
from pydantic import BaseModel
from typing_extensions import TypedDict


class State(TypedDict, total=False):
    x: int
    log: Annotated[list[str], operator.add]


class Scenario(NamedTuple):
    """A graph and how it is called."""

    build: Callable[[dict[str, int]], Any]
    inputs: tuple[Any, ...] = ({"x": 1},)
    unordered: bool = False


SCENARIOS: dict[str, Scenario] = {}


def scenario(*inputs: Any, unordered: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def register(build: Callable[[dict[str, int]], Any]) -> Callable[..., Any]:
        SCENARIOS[build.__name__] = Scenario(build, inputs or ({"x": 1},), unordered)
        return build

    return register


def chain(*nodes: Any, schema: Any = State, **compiled: Any) -> Any:
    graph = StateGraph(schema)
    names = [f"n{number}" for number in range(len(nodes))]
    for name, node in zip(names, nodes, strict=True):
        graph.add_node(name, node)
    for source, target in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(source, target)
    return graph.compile(**compiled)


@scenario()
def plain_functions(counts):
    return chain(lambda s: {"x": s["x"] + 1, "log": ["a"]}, lambda s: None, lambda s: {"undeclared": 1, "log": ["c"]})


@scenario()
def async_functions(counts):
    async def slow(state):
        await asyncio.sleep(0.001)
        return {"x": state["x"] + 1}

    async def direct(state):
        return {"log": [str(state["x"])]}

    return chain(slow, direct)


@scenario()
def kinds_of_callables(counts):
    class Callable_:
        def method(self, state: State) -> dict:
            return {"log": ["method"]}

        def __call__(self, state: State) -> dict:
            return {"log": ["call"]}

    def with_more(state: State, more: int) -> dict:
        return {"x": state["x"] + more}

    def generates(state: State):
        yield {"log": ["first"]}
        yield {"log": ["second"]}

    return chain(
        Callable_().method, Callable_(), functools.partial(with_more, more=4), generates,
        RunnableLambda(lambda s: {"log": ["lambda"]}), RunnableLambda(lambda s: s["x"]) | (lambda x: {"x": x * 2}),
        lambda s: RunnableLambda(lambda s: {"log": ["returned"]}),
    )  # fmt: skip


@scenario()
def injected_arguments(counts):
    def node(state: State, config: RunnableConfig, *, store: BaseStore, writer: StreamWriter, runtime: Runtime) -> dict:
        writer({"seen": sorted(key for key in config["configurable"] if not key.startswith("__"))})
        get_stream_writer()("more")
        assert runtime.store is store
        store.put(("a",), "k", {"v": 1})
        return {"log": [str(config["metadata"]["langgraph_node"]), str(store.get(("a",), "k").value)]}

    return chain(node, store=InMemoryStore())


@scenario()
def commands(counts):
    def decide(state: State) -> Command[Literal["left", "right"]]:
        return Command(update={"x": 5, "lost": 1}, goto="right")

    graph = StateGraph(State)
    graph.add_node(decide)
    graph.add_node("left", lambda s: {"log": ["left"]})
    graph.add_node("right", lambda s: [Command(update={"log": ["r1"]}), {"log": ["r2"]}])
    graph.add_edge(START, "decide")
    return graph.compile()


@scenario(unordered=True)
def fan_out(counts):
    graph = StateGraph(State)
    graph.add_node("plan", lambda s: {"log": ["plan"]})
    graph.add_node("work", lambda s: {"log": [f"w{s['x']}"]})
    graph.add_node("join", lambda s: {"x": len(s["log"])}, defer=True)
    graph.add_edge(START, "plan")
    graph.add_conditional_edges("plan", lambda s: [Send("work", {"x": n}) for n in range(3)], ["work"])
    graph.add_edge("work", "join")
    return graph.compile()


@scenario(unordered=True)
def parallel_nodes_join(counts):
    graph = StateGraph(State)
    for name in ("a", "b", "c"):
        graph.add_node(name, lambda s, name=name: {"log": [name]})
        graph.add_edge(START, name)
    graph.add_node("end", lambda s: {"x": len(s["log"])})
    graph.add_edge(["a", "b", "c"], "end")
    return graph.compile()


@scenario({"x": 0}, {"x": 3})
def conditional_loop(counts):
    graph = StateGraph(State)
    graph.add_node("step", lambda s: {"x": s["x"] + 1, "log": ["s"]})
    graph.add_edge(START, "step")
    graph.add_conditional_edges("step", lambda s: "again" if s["x"] < 3 else "done", {"again": "step", "done": END})
    return graph.compile()


@scenario()
def endless(counts):
    graph = StateGraph(State)
    graph.add_node("step", lambda s: {"x": s["x"] + 1})
    graph.add_edge(START, "step")
    graph.add_edge("step", "step")
    return graph.compile().with_config(recursion_limit=5)


@scenario()
def fails(counts):
    def wrong(state: State) -> dict:
        raise KeyError("docs")

    return chain(lambda s: {"x": 2}, wrong)


@scenario()
def wrong_return(counts):
    return chain(lambda s: "not a mapping")


@scenario()
def wrong_branch(counts):
    graph = StateGraph(State)
    graph.add_node("a", lambda s: {"x": 2})
    graph.add_edge(START, "a")
    graph.add_conditional_edges("a", lambda s: s["nothing"], ["a", END])
    return graph.compile()


@scenario(unordered=True)
def one_of_two_fails(counts):
    def wrong(state: State) -> dict:
        raise ValueError("no")

    graph = StateGraph(State)
    graph.add_node("good", lambda s: {"log": ["good"]})
    graph.add_node("bad", wrong)
    graph.add_edge(START, "good")
    graph.add_edge(START, "bad")
    return graph.compile()


@scenario()
def retried(counts):
    def flaky(state: State) -> dict:
        counts["tries"] = counts.get("tries", 0) + 1
        if counts["tries"] % 3:
            raise ValueError(f"try {counts['tries']}")
        return {"x": counts["tries"]}

    graph = StateGraph(State)
    policy = RetryPolicy(initial_interval=0.001, jitter=False, retry_on=ValueError)
    graph.add_node("flaky", flaky, retry_policy=policy)
    graph.add_edge(START, "flaky")
    return graph.compile()


@scenario({"x": 1}, {"x": 1})
def cached(counts):
    def costly(state: State) -> dict:
        counts["costly"] = counts.get("costly", 0) + 1
        return {"log": ["costly"]}

    graph = StateGraph(State)
    graph.add_node("costly", costly, cache_policy=CachePolicy())
    graph.add_node("after", lambda s: {"x": s["x"] + 1})
    graph.add_edge(START, "costly")
    graph.add_edge("costly", "after")
    return graph.compile(cache=InMemoryCache())


@scenario({"x": 1}, Command(resume="yes"), {"x": 7}, Command(resume="no"))
def interrupted(counts):
    def ask(state: State) -> dict:
        counts["asked"] = counts.get("asked", 0) + 1
        return {"log": [interrupt("sure?")]}

    return chain(ask, lambda s: {"x": s["x"] + 1}, checkpointer=InMemorySaver())


@scenario({"x": 1}, None)
def interrupted_before(counts):
    nodes = (lambda s: {"x": 2}, lambda s: {"x": 3})
    return chain(*nodes, checkpointer=InMemorySaver(), interrupt_before=["n1"])


def inner(**compiled: Any) -> Any:
    return chain(lambda s: {"x": s["x"] * 10, "log": ["in"]}, lambda s: {"log": ["in2"]}, **compiled)


@scenario()
def subgraph_as_node(counts):
    return chain(inner(), lambda s: {"log": ["out"]}, checkpointer=InMemorySaver())


@scenario()
def subgraph_called(counts):
    sub, own = inner(), inner(checkpointer=InMemorySaver())
    registry = {"kept": inner()}

    def calls(state: State) -> dict:
        mine = own.invoke({"x": 2}, {"configurable": {"thread_id": "own"}})
        return {"log": [str(sub.invoke({"x": state["x"]})), str(mine), str(registry["kept"].invoke({"x": 3}))]}

    return chain(calls, checkpointer=InMemorySaver())


@scenario()
def command_to_parent(counts):
    sub = chain(lambda s: Command(graph=Command.PARENT, update={"log": ["up"]}, goto="last"))
    graph = StateGraph(State)
    graph.add_node("sub", sub)
    graph.add_node("last", lambda s: {"x": 9})
    graph.add_edge(START, "sub")
    return graph.compile()


class Model(BaseModel):
    x: int = 0
    log: Annotated[list[str], operator.add] = []


@scenario({"x": 1}, {"x": "wrong"})
def pydantic_state(counts):
    return chain(lambda s: {"x": s.x + 1}, lambda s: Model(x=s.x + 1, log=["m"]), schema=Model)


@scenario()
def counted_reducer(counts):
    def joined(old: list, new: list) -> list:
        counts["reduced"] = counts.get("reduced", 0) + 1
        return [*(old or []), *(new or [])]

    class Counted(TypedDict, total=False):
        x: int
        log: Annotated[list, joined]

    return chain(lambda s: {"log": [1]}, lambda s: {"log": [2]}, schema=Counted, checkpointer=InMemorySaver())


@scenario()
def mutates_its_input(counts):
    def mutates(state: State) -> dict:
        state["log"].append("in place")
        state["x"] = 100
        return {"x": 5}

    return chain(mutates, lambda s: {"log": [str(len(s["log"]))]})


@scenario()
def managed_values(counts):
    class Managed(TypedDict, total=False):
        x: int
        left: RemainingSteps

    return chain(lambda s: {"x": s["left"]}, schema=Managed)


@scenario("plain text")
def root_state(counts):
    return chain(lambda text: text + "!", lambda text: text * 2, schema=str)


@tool
def multiply(a: int, b: int) -> int:
    """Multiplies."""
    return a * b


@tool
def broken(a: int) -> int:
    """Fails."""
    raise ValueError("broken")


class ToolModel(GenericFakeChatModel):
    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self


@scenario({"messages": [("user", "what is 2 times 3?")]}, unordered=True)
def agent_with_tools(counts):
    calls = [{"name": "multiply", "args": {"a": 2, "b": n}, "id": f"c{n}"} for n in (3, 4)]
    model = ToolModel(messages=iter([AIMessage("", tool_calls=calls), AIMessage("six")] * 12))
    graph = StateGraph(MessagesState)
    graph.add_node("model", lambda s: {"messages": [model.invoke(s["messages"])]})
    graph.add_node("tools", ToolNode([multiply, broken]))
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", tools_condition)
    graph.add_edge("tools", "model")
    return graph.compile(checkpointer=InMemorySaver())


@scenario({"messages": [("user", "one"), ("user", "two")]})
def messages_get_ids(counts):
    def forget(state: MessagesState) -> dict:
        return {"messages": [RemoveMessage(id=state["messages"][0].id)]}

    kept = AIMessage("mine")
    return chain(lambda s: {"messages": [kept]}, forget, schema=MessagesState)


@scenario(4, unordered=True)
def functional(counts):
    @task
    def double(x: int) -> int:
        return x * 2

    @entrypoint()
    def flow(x: int) -> int:
        return double(x).result() + 1

    return flow


ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|0x[0-9a-f]+|\d{4}-\d\d-\d\dT[\d:.+]+")
MODES = ("values", "updates", "custom", "messages", "tasks", "checkpoints")


def shown(value: Any) -> str:
    return ID.sub("ID", repr(value))


def shown_error(error: BaseException) -> list[str]:
    cause = shown_error(error.__cause__) if error.__cause__ is not None else []
    return [type(error).__name__, shown(error.args), *map(shown, getattr(error, "__notes__", [])), *cause]


def invoke(graph, value, config):
    return graph.invoke(value, config)


def stream(graph, value, config):
    return list(graph.stream(value, config))


def stream_all(graph, value, config):
    return list(graph.stream(value, config, stream_mode=list(MODES), subgraphs=True))


def stream_unnamed(graph, value, config):
    return list(graph.stream(value, config, stream_mode=MODES))


def batch(graph, value, config):
    return graph.batch([value], config)


def ainvoke(graph, value, config):
    return asyncio.run(graph.ainvoke(value, config))


def astream_all(graph, value, config):
    async def collect():
        return [chunk async for chunk in graph.astream(value, config, stream_mode=list(MODES), subgraphs=True)]

    return asyncio.run(collect())


def abatch(graph, value, config):
    return asyncio.run(graph.abatch([value], config))


def astream_events(graph, value, config):
    async def collect():
        return [event["event"] + event["name"] async for event in graph.astream_events(value, config, version="v2")]

    return asyncio.run(collect())


WAYS = (invoke, stream, stream_all, stream_unnamed, batch, ainvoke, astream_all, abatch, astream_events)


def told(case: Scenario, way: Callable[..., Any], watch: Callable[[Any], Any]) -> list[Any]:
    """Everything a host can see of a scenario: results, exceptions, chunks, calls of its own code, checkpoints."""
    counts: dict[str, int] = {}
    graph = watch(case.build(counts))
    config = {"configurable": {"thread_id": "thread"}} if graph.checkpointer else None
    seen: list[Any] = []
    for value in case.inputs:
        try:
            result = way(graph, value, config)
        except Exception as error:
            seen.append(shown_error(error))
        else:
            several = case.unordered and isinstance(result, list)
            seen.append(sorted(map(shown, result)) if several else shown(result))
    seen.append(counts)
    if config:
        history = graph.get_state_history(config)
        seen.append([(shown(one.values), one.next, one.metadata["step"]) for one in history])
        seen.append(shown(graph.get_state(config, subgraphs=True).tasks))
    return seen


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("name", SCENARIOS)
def test_watching_changes_nothing(name, way, recorded):
    case = SCENARIOS[name]
    assert told(case, way, recorded.watch) == told(case, way, lambda graph: graph)
    assert len(recorded.traces) == len(recorded.runs) == len(case.inputs)
    assert all(not run.open_steps for run in recorded.runs)
    assert all(trace.steps for trace in recorded.traces if trace.metadata["outcome"] == "completed")


@pytest.mark.parametrize("name", SCENARIOS)
def test_graph_looks_the_same(name, recorded):
    case = SCENARIOS[name]
    plain, watched = case.build({}), recorded.watch(case.build({}))
    assert watched.get_graph(xray=True).draw_mermaid() == plain.get_graph(xray=True).draw_mermaid()
    assert [name for name, _ in watched.get_subgraphs()] == [name for name, _ in plain.get_subgraphs()]
    assert watched.get_input_jsonschema() == plain.get_input_jsonschema()
    assert (type(watched).__name__, watched.get_name()) == (type(plain).__name__, plain.get_name())
