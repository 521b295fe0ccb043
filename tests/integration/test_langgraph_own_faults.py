"""Each of our own functions that runs beside a pipeline fails in turn: the pipeline never notices, the loss is counted.

Which functions those are is not listed by hand: a first run is profiled, and everything of ours that it enters is made
to raise, one function at a time. Only the guarded doors themselves are left whole.
"""

import asyncio
import contextlib
import functools
import operator
import re
import sys
import threading
from typing import Annotated

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from langgraph.cache.memory import InMemoryCache
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import ToolNode
from langgraph.types import CachePolicy, Command, RetryPolicy, Send, interrupt
from typing_extensions import TypedDict

from argus._internal.guard import losses
from argus.config.settings import Settings
from argus.instrumentation.langgraph.attach import attach
from argus.recording.assemble import assemble
from argus.recording.recorder import Recorder

OURS = ("argus.capture.", "argus.recording.", "argus.instrumentation.langgraph.", "argus._internal.")

DOORS = {
    # what the host calls directly: each hands its whole body to a guard or, like a generator, to guarded parts
    "argus.instrumentation.langgraph.boundary": None,
    "argus.instrumentation.langgraph.hooks": None,
    "argus.instrumentation.langgraph.stopwatch": None,
    "argus.instrumentation.langgraph.lookout": {"_found"},
    "argus.instrumentation.langgraph.calls": {"begin_call", "end_call", "note_sight"},
    "argus.instrumentation.langgraph.tasks": {"begin_task", "end_task"},
    "argus.instrumentation.langgraph.chunks": {"ChunkReader.read"},
    "argus.instrumentation.langgraph.events": {
        "StepListener.on_chat_model_start", "StepListener.on_llm_end", "StepListener.on_tool_start",
        "StepListener.on_tool_end", "StepListener.on_tool_error", "StepListener.on_llm_error",
    },
    "argus.instrumentation.langgraph.functional": {
        "TaskListener.on_chain_start", "TaskListener.on_chain_end", "TaskListener.on_chain_error",
    },
    "argus.instrumentation.langgraph.steps": None,
    "argus.instrumentation.langgraph.running": {"TaskFrame.spent", "leave"},  # made where a door closes
    "argus.capture.shapes": {"_model"},  # its failure is told in the value's place, as a hostile model's is
    "argus._internal.guard": None,
}  # fmt: skip


class State(TypedDict, total=False):
    x: int
    log: Annotated[list, operator.add]
    messages: Annotated[list, add_messages]
    blob: dict


@tool
def multiply(a: int, b: int) -> int:
    """Multiplies."""
    return a * b


@tool
def broken(a: int) -> int:
    """Fails."""
    raise ValueError("token sk-proj-" + "a1" * 20)


class Model(GenericFakeChatModel):
    def bind_tools(self, tools, **kwargs):
        return self


def build(counts):
    calls = [
        {"name": "multiply", "args": {"a": 2, "b": 3}, "id": "c1"},
        {"name": "broken", "args": {"a": 2}, "id": "c2"},
    ]
    model = Model(messages=iter([AIMessage("", tool_calls=calls, id="said")] * 9))

    def flaky(state):
        counts["tries"] = counts.get("tries", 0) + 1
        if counts["tries"] % 2:
            raise ValueError("password=hunter2")
        state["blob"]["grown"] = ["in place"]
        return {"log": ["flaky"], "undeclared": 1}

    def ask(state):
        return {"log": [interrupt("sure?")]}

    def last(state):
        raise KeyError("docs")

    inner = StateGraph(State)
    inner.add_node("inner", lambda s: {"x": s["x"] * 10})
    inner.add_edge(START, "inner")

    graph = StateGraph(State)
    graph.add_node("think", lambda s: {"messages": [model.invoke(s["messages"])]})
    graph.add_node("tools", ToolNode([multiply, broken], handle_tool_errors=True))
    graph.add_node("sub", inner.compile())
    graph.add_node("flaky", flaky, retry_policy=RetryPolicy(initial_interval=0.001, jitter=False, retry_on=ValueError))
    graph.add_node("work", lambda s: {"log": [f"w{s['x']}"]})
    graph.add_node("cached", lambda s: {"log": ["cached"]}, cache_policy=CachePolicy(key_func=lambda s: b"k"))
    graph.add_node(
        "decide", lambda s: Command(update={"x": 5, "blob": {"api_key": "k" * 9, "t": "y" * 60_000}}, goto="ask")
    )
    graph.add_node("ask", ask)
    graph.add_node("last", last)
    graph.add_edge(START, "think")
    graph.add_edge("think", "tools")
    graph.add_edge("tools", "sub")
    graph.add_edge("sub", "flaky")
    graph.add_conditional_edges("flaky", lambda s: [Send("work", {"x": n}) for n in range(2)], ["work"])
    graph.add_edge("work", "cached")
    graph.add_edge("cached", "decide")
    graph.add_conditional_edges("ask", lambda s: "last" if s["log"][-1] == "no" else END, ["last", END])
    return graph.compile(checkpointer=InMemorySaver(), cache=InMemoryCache())


def build_functional(counts):
    @task
    def double(x):
        counts["doubled"] = counts.get("doubled", 0) + 1
        return x * 2

    @entrypoint()
    def flow(x):
        return double(x).result() + 1

    return flow


ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|0x[0-9a-f]+|\d{4}-\d\d-\d\dT[\d:.+]+")
MODES = ["values", "updates", "custom", "messages", "tasks", "checkpoints"]
START_VALUE = {
    "x": 1,
    "log": [],
    "messages": [
        (
            "user",
            "2 times 3?",
        )
    ],
    "blob": {"kept": True},
}
INPUTS = (START_VALUE, Command(resume="yes"), START_VALUE, Command(resume="no"))


def shown(value):
    return ID.sub("ID", repr(value))


def stream(graph, value, config):
    return sorted(shown(chunk) for chunk in graph.stream(value, config, stream_mode=MODES, subgraphs=True))


def astream(graph, value, config):
    async def collect():
        return sorted([shown(c) async for c in graph.astream(value, config, stream_mode=MODES, subgraphs=True)])

    return asyncio.run(collect())


def built(watch=lambda graph: graph):
    counts = {}
    return watch(build(counts)), watch(build_functional(counts)), counts


def told(way, graph, flow, counts):
    """Everything that a host can see, and how it got there."""
    config = {"configurable": {"thread_id": "t"}}
    seen = []
    for value in INPUTS:
        try:
            seen.append(way(graph, {**value, "blob": {"kept": True}} if isinstance(value, dict) else value, config))
        except Exception as error:
            seen.append([type(error).__name__, shown(error.args), shown(getattr(error, "__notes__", []))])
    seen.append(flow.invoke(3))
    seen.append([(shown(one.values), one.next) for one in graph.get_state_history(config)])
    return [*seen, counts]


class Sink:
    """Records with a journal, as a watcher does."""

    def __init__(self, folder):
        self.recorder = Recorder(settings=Settings(), journal_folder=folder)
        self.runs = []

    def open_run(self, *, graph, value, metadata):
        run = self.recorder.open_run(graph=graph, value=value, metadata=metadata)
        self.runs.append(run)
        return run

    def run_closed(self, run):
        assemble(run)
        run.folded()

    def lost(self):
        return sum(sum(run.losses.values()) + (run.journal.lost if run.journal else 0) for run in self.runs)

    def watch(self, graph):
        return attach(graph, self)


def functions_of_ours():
    """Every plain function and method of the loaded modules that may run beside a pipeline, by its code."""
    found = {}
    for name, module in sorted(sys.modules.items()):
        if not name.startswith(OURS) or (name in DOORS and DOORS[name] is None):
            continue
        for owner in (module, *(one for one in vars(module).values() if isinstance(one, type))):
            if getattr(owner, "__module__", name) != name:
                continue
            for attribute, value in list(vars(owner).items()):
                function = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
                code = getattr(function, "__code__", None)
                if code is None or getattr(function, "__module__", None) != name:
                    continue
                if function.__qualname__ not in (DOORS.get(name) or ()):
                    found[code] = (owner, attribute, value, f"{name}.{function.__qualname__}")
    return found


@contextlib.contextmanager
def profiled(entered):
    def note(frame, event, argument):
        if event == "call":
            entered.add(frame.f_code)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


class Fault(RuntimeError):
    """Ours."""


@contextlib.contextmanager
def failing(owner, attribute, value):
    """The function raises, wherever it was imported to."""

    def fails(*arguments, **options):
        fails.times += 1
        raise Fault("of ours")

    fails.times = 0
    if isinstance(value, property):
        new = property(fails)
    elif isinstance(value, (classmethod, staticmethod)):
        new = type(value)(fails)
    else:
        new = functools.wraps(value)(fails)
    places = [(owner, attribute)]
    if not isinstance(owner, type):
        places += [
            (module, name)
            for key, module in list(sys.modules.items())
            if key.startswith("argus.")
            for name, other in list(vars(module).items())
            if other is value
        ]
    for place, name in places:
        setattr(place, name, new)
    try:
        yield fails
    finally:
        for place, name in places:
            setattr(place, name, value)


@pytest.mark.parametrize(("way", "inside"), [(stream, ""), (astream, "argus.instrumentation.")], ids=["sync", "async"])
def test_whichever_of_our_functions_fails_the_pipeline_never_notices(way, inside, tmp_path):
    plain = told(way, *built())
    entered = set()
    watched = built(Sink(tmp_path).watch)
    with profiled(entered):
        assert told(way, *watched) == plain
    noticed, uncounted, tried = [], [], 0
    for code, (owner, attribute, value, name) in functions_of_ours().items():
        if code not in entered or not name.startswith(inside):
            continue
        sink = Sink(tmp_path)
        watched = built(sink.watch)
        before = sum(losses().values())
        with failing(owner, attribute, value) as fault:
            try:
                same = told(way, *watched) == plain
            except Exception:
                same = False
        tried += fault.times > 0
        if not same:
            noticed.append(name)
        elif fault.times and sum(losses().values()) == before and not sink.lost():
            uncounted.append(name)
    assert (noticed, uncounted) == ([], [])
    assert tried > (35 if inside else 140)
