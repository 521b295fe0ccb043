"""Replays of graphs of every shape end as the recorded run did, from every step, and run no more than they must."""

from __future__ import annotations

import asyncio
import operator
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.func import entrypoint, task
from langgraph.graph import START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Command, RetryPolicy, Send, interrupt
from pydantic import BaseModel
from typing_extensions import NotRequired, TypedDict

import argus
from argus import ArgusWatcher, Trace
from argus.views.comparison import compare

RAN: Counter[str] = Counter()


class Text(TypedDict, total=False):
    text: str
    parts: Annotated[list[str], operator.add]
    rounds: int
    out: str


def counted(function: Callable[..., Any]) -> Callable[..., Any]:
    name = function.__name__

    def node(state: Any) -> Any:
        RAN[name] += 1
        return function(state)

    node.__name__ = name
    return node


def looping() -> Any:
    def work(state: Text) -> Any:
        return {"rounds": state.get("rounds", 0) + 1, "parts": [f"round {state.get('rounds', 0) + 1}"]}

    def again(state: Text) -> Literal["work", "end"]:
        return "work" if state["rounds"] < 3 else "end"

    graph = StateGraph(Text)
    graph.add_node("work", counted(work))
    graph.add_node("end", lambda state: {"out": ", ".join(state["parts"])})
    graph.add_edge(START, "work")
    graph.add_conditional_edges("work", again)
    return graph.compile()


def branching() -> Any:
    graph = StateGraph(Text)
    for name in ("left", "middle", "right"):
        graph.add_node(name, lambda state, name=name: {"parts": [f"{name} of {state['text']}"]})
    graph.add_node("late", lambda state: {"parts": ["late"]})
    graph.add_node("join", lambda state: {"out": "; ".join(sorted(state["parts"]))})
    for name in ("left", "middle", "right"):
        graph.add_edge(START, name)
    graph.add_edge("right", "late")
    graph.add_edge(["left", "middle", "late"], "join")
    return graph.compile()


class Letter(TypedDict):
    letter: str
    place: NotRequired[int]


def fan(state: Text) -> list[Send]:
    return [Send("spell", {"letter": letter, "place": place}) for place, letter in enumerate(state["text"])]


def sending() -> Any:
    def spell(state: Letter) -> Any:
        return {"parts": [f"{state['letter']}{state['place']}"]}

    graph = StateGraph(Text)
    graph.add_node("begin", lambda state: {"text": state["text"].upper()})
    graph.add_node("spell", spell, input_schema=Letter)
    graph.add_node("join", lambda state: {"out": "".join(state["parts"])})
    graph.add_edge(START, "begin")
    graph.add_conditional_edges(
        "begin",
        lambda state: [Send("spell", {"letter": x, "place": i}) for i, x in enumerate(state["text"])],
        ["spell"],
    )
    graph.add_edge("spell", "join")
    return graph.compile()


def commanding() -> Any:
    def choose(state: Text) -> Command[Literal["short", "long", "spell"]]:
        if len(state["text"]) > 2:
            sends = [Send("spell", {"text": x}) for x in state["text"]]
            return Command(update={"rounds": 7}, goto=["long", *sends])
        return Command(update={"rounds": 1}, goto="short")

    graph = StateGraph(Text)
    graph.add_node("choose", choose)
    graph.add_node("short", lambda state: {"out": "short"})
    graph.add_node("long", lambda state: {"parts": [f"long {state['rounds']}"]})
    graph.add_node("spell", lambda state: {"parts": [state["text"]]})
    graph.add_node("end", lambda state: {"out": "-".join(state["parts"])})
    graph.add_edge(START, "choose")
    graph.add_edge("long", "end")
    return graph.compile()


def nesting() -> Any:
    inner = StateGraph(Text)
    inner.add_node("first", lambda state: {"text": state["text"] + "!"})
    inner.add_node("second", lambda state: {"out": state["text"] * 2})
    inner.add_edge(START, "first")
    inner.add_edge("first", "second")
    small = inner.compile()

    def twice(state: Text) -> Any:
        a = small.invoke({"text": state["text"]})["out"]
        return {"out": small.invoke({"text": a})["out"]}

    outer = StateGraph(Text)
    outer.add_node("before", lambda state: {"text": state["text"].strip()})
    outer.add_node("inside", small)
    outer.add_node("twice", twice)
    outer.add_node("after", lambda state: {"parts": [state["out"]]})
    outer.add_edge(START, "before")
    outer.add_edge("before", "inside")
    outer.add_edge("inside", "twice")
    outer.add_edge("twice", "after")
    return outer.compile()


def leaving() -> Any:
    """A subgraph that sends its parent elsewhere."""

    def leave(state: Text) -> Any:
        return Command(graph=Command.PARENT, update={"text": "left"}, goto="after")

    inner = StateGraph(Text)
    inner.add_node("leave", leave)
    inner.add_edge(START, "leave")
    outer = StateGraph(Text)
    outer.add_node("inside", inner.compile(), destinations=("after",))
    outer.add_node("after", lambda state: {"out": state["text"]})
    outer.add_node("end", lambda state: {"parts": [state["out"]]})
    outer.add_edge(START, "inside")
    outer.add_edge("after", "end")
    return outer.compile()


class Colour(Enum):
    RED = "red"


class Person(BaseModel):
    name: str
    born: datetime | None = None
    colour: Colour = Colour.RED


@dataclass
class Place:
    town: str
    tags: set[str] = field(default_factory=set)


class Typed(BaseModel):
    person: Person
    place: Place | None = None
    pairs: list[tuple[str, int]] = []
    by_number: dict[int, Person] = {}
    messages: Annotated[list[AnyMessage], add_messages] = []


def typing() -> Any:
    def greet(state: Typed) -> Any:
        assert isinstance(state.person, Person)
        assert state.person.born is not None
        assert state.person.born.tzinfo is not None
        return {
            "place": Place("Ulm", {"a", "b"}),
            "pairs": [("x", 1)],
            "by_number": {3: state.person},
            "messages": [AIMessage(f"hello {state.person.name}", name="bot")],
        }

    def check(state: Typed) -> Any:
        assert isinstance(state.place, Place)
        assert state.place.tags == {"a", "b"}
        assert state.pairs == [("x", 1)]
        assert state.by_number[3].colour is Colour.RED
        assert isinstance(state.messages[-1], AIMessage)
        assert isinstance(state.messages[0], HumanMessage)
        return {"messages": [AIMessage(f"bye after {len(state.messages)}")]}

    graph = StateGraph(Typed)
    graph.add_node("greet", greet)
    graph.add_node("check", check)
    graph.add_node("check_again", check)
    graph.add_edge(START, "greet")
    graph.add_edge("greet", "check")
    graph.add_edge("check", "check_again")
    return graph.compile()


def retrying() -> Any:
    failed: list[int] = []

    def shaky(state: Text) -> Any:
        if not failed:
            failed.append(1)
            raise ConnectionError("busy")
        return {"text": "done"}

    graph = StateGraph(Text)
    policy = RetryPolicy(initial_interval=0.001, jitter=False)
    graph.add_node("shaky", shaky, retry_policy=policy)
    graph.add_node("after", lambda state: {"out": state["text"]})
    graph.add_edge(START, "shaky")
    graph.add_edge("shaky", "after")
    return graph.compile()


def functional() -> Any:
    @task
    def double(number: int) -> int:
        RAN["double"] += 1
        return number * 2

    @task
    def total(numbers: list[int], *, extra: int = 0) -> dict[str, int]:
        RAN["total"] += 1
        return {"sum": sum(numbers) + extra}

    @entrypoint()
    def flow(numbers: list[int]) -> dict[str, int]:
        doubled = [future.result() for future in [double(one) for one in numbers]]
        return total(doubled, extra=1).result()

    return flow


PERSON = {"person": Person(name="Ada", born=datetime(1815, 12, 10, tzinfo=timezone.utc))}
SHAPES: dict[str, tuple[Callable[[], Any], Any]] = {
    "loop": (looping, {"text": "a"}),
    "branches": (branching, {"text": "a"}),
    "send": (sending, {"text": "abc"}),
    "command": (commanding, {"text": "abc"}),
    "command, one way": (commanding, {"text": "a"}),
    "subgraphs": (nesting, {"text": " a "}),
    "command to the parent": (leaving, {"text": "a"}),
    "types": (typing, {**PERSON, "messages": [HumanMessage("hi")]}),
    "retry": (retrying, {"text": "a"}),
    "functional": (functional, [1, 2, 3]),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_step_leads_to_the_same_end(record: Any, store: Any, shape: str) -> None:
    build, given = SHAPES[shape]
    app = build()
    trace: Trace = record(app, given)
    assert trace.error is None
    for step in trace.steps:
        result = argus.replay(trace, app, from_step=step.step_number, storage=store, store=False)
        assert result.trace.error is None, step
        assert not result.comparison.output, (step.node_name, result.comparison.output)
        assert len(result.trace.steps) == len(trace.steps) - sum(1 for one in trace.steps if lost(one, step, trace))
        assert result.verdict == "resolved" or shape == "retry" or not trace.is_clean


def lost(one: Any, chosen: Any, trace: Trace) -> bool:
    """A failed attempt of a task that runs again and now succeeds at once."""
    same = one.node_name == chosen.node_name and one.parent_id == chosen.parent_id
    return one.outcome == "error" and same


def test_only_what_must_run_again_does(record: Any, store: Any) -> None:
    app = looping()
    trace = record(app, {"text": "a"})
    RAN.clear()
    result = argus.replay(trace, app, from_node="work#3", storage=store)
    assert RAN["work"] == 1
    assert [(one.node_name, one.source) for one in result.steps] == [
        ("work", "served"), ("work", "served"), ("work", "ran"), ("end", "ran"),
    ]  # fmt: skip


def test_tasks_before_the_chosen_one_are_served(record: Any, store: Any) -> None:
    app = functional()
    trace = record(app, [1, 2, 3])
    RAN.clear()
    result = argus.replay(trace, app, from_node="total", storage=store)
    assert (RAN["double"], RAN["total"]) == (0, 1)
    assert [one.source for one in result.steps] == ["entered", "served", "served", "served", "ran"]


def test_a_branch_is_patched_alone(record: Any, store: Any) -> None:
    app = sending()
    trace = record(app, {"text": "abc"})
    result = argus.replay(trace, app, from_node="spell#2", set={"letter": "?"}, storage=store)
    assert result.trace.output["out"] == "A0?1C2"


def test_a_step_inside_a_subgraph_is_patched(record: Any, store: Any) -> None:
    app = nesting()
    trace = record(app, {"text": " a "})
    second = next(step.step_number for step in trace.steps if step.node_name == "second")
    result = argus.replay(trace, app, from_step=second, set={"text": "x"}, storage=store)
    inner = next(step for step in result.trace.steps if step.step_number == second)
    assert inner.output_state == {"out": "xx"}
    assert {one.node_name for one in result.steps if one.source == "entered"} == {"inside"}


def test_awaited_graphs_replay_inside_and_outside_of_a_loop(store: Any) -> None:
    async def one(state: Text) -> Any:
        await asyncio.sleep(0)
        return {"text": state["text"] + "1"}

    graph = StateGraph(Text)
    graph.add_node("one", one)
    graph.add_node("two", lambda state: {"out": state["text"] + "2"})
    graph.add_edge(START, "one")
    graph.add_edge("one", "two")
    app = graph.compile()
    watcher = ArgusWatcher(app, storage=store)
    asyncio.run(app.ainvoke({"text": "a"}))
    trace = watcher.finalize()

    async def inside() -> Any:
        return argus.replay(trace, app, from_step=1, storage=store)

    for result in (argus.replay(trace, app, from_step=2, storage=store), asyncio.run(inside())):
        assert result.trace.output["out"] == "a12"


def interrupting(saver: Any) -> Any:
    def ask(state: Text) -> Any:
        RAN["ask"] += 1
        first = interrupt({"question": "name?"})
        second = interrupt({"question": "town?"})
        return {"parts": [first, second]}

    graph = StateGraph(Text)
    graph.add_node("before", lambda state: {"text": state["text"] + "."})
    graph.add_node("ask", ask)
    graph.add_node("after", lambda state: {"out": " of ".join(state["parts"])})
    graph.add_edge(START, "before")
    graph.add_edge("before", "ask")
    graph.add_edge("ask", "after")
    return graph.compile(checkpointer=saver)


def test_resumed_runs_replay_with_the_recorded_answers_and_leave_the_saver_alone(record: Any, store: Any) -> None:
    saver = InMemorySaver()
    app = interrupting(saver)
    config = {"configurable": {"thread_id": "t"}}
    watcher = ArgusWatcher(app, storage=store)
    for given in ({"text": "a"}, Command(resume="Ada"), Command(resume="Ulm")):
        app.invoke(given, config)
    watcher.finalize()
    asked, once, twice = watcher.traces
    kept = list(saver.list(None))
    RAN.clear()
    assert argus.replay(asked, app, from_node="ask", storage=store).verdict == "resolved"
    assert argus.replay(once, app, from_step=1, storage=store).verdict == "resolved"
    result = argus.replay(twice, app, from_step=1, storage=store)
    assert result.trace.output["out"] == "Ada of Ulm"
    assert RAN["ask"] == 3
    changed = argus.replay(twice, app, from_node="after", set={"parts": ["Bob", "Bonn"]}, storage=store)
    assert changed.trace.output["out"] == "Bob of Bonn"
    assert RAN["ask"] == 3
    assert list(saver.list(None)) == kept


def test_a_later_turn_of_a_thread_starts_with_what_the_thread_held(record: Any, store: Any) -> None:
    graph = StateGraph(Text)
    graph.add_node("add", lambda state: {"parts": [state["text"]]})
    graph.add_node("end", lambda state: {"out": "+".join(state["parts"])})
    graph.add_edge(START, "add")
    graph.add_edge("add", "end")
    app = graph.compile(checkpointer=InMemorySaver())
    trace = record(app, {"text": "a"}, {"text": "b"}, config={"configurable": {"thread_id": "t"}})
    for number in (1, 2):
        assert argus.replay(trace, app, from_step=number, storage=store).trace.output["out"] == "a+b"


def test_the_new_run_reads_like_one_that_was_never_split(record: Any, store: Any) -> None:
    app = nesting()
    trace = record(app, {"text": " a "})
    result = argus.replay(trace, app, from_node="after", storage=store)
    assert compare(trace, result.trace).first_difference is None
    assert [step.id for step in result.trace.steps] == [
        f"{result.trace.id}-s{number}" for number in range(1, len(trace.steps) + 1)
    ]
