"""What a replay needs and does not have is said, with its name and what to do; a record never chooses code."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from langgraph.graph import START, StateGraph
from pydantic import BaseModel
from typing_extensions import TypedDict

import argus
from argus.errors import ReplayDiverged, ReplayError
from argus.model.codec import decode_trace, encode_trace
from argus.model.values import mark
from argus.replay import load_app


class State(TypedDict, total=False):
    text: str
    api_key: str
    thing: Any
    out: str


def chain(*nodes: Any) -> Any:
    graph = StateGraph(State)
    before = START
    for node in nodes:
        graph.add_node(node.__name__, node)
        graph.add_edge(before, node.__name__)
        before = node.__name__
    return graph.compile()


def first(state: State) -> Any:
    return {"text": state["text"] + "!"}


def uses_key(state: State) -> Any:
    return {"out": f"{state['text']} with {len(state['api_key'])}"}


def uses_text(state: State) -> Any:
    return {"out": state["text"]}


def uses_thing(state: State) -> Any:
    return {"out": str(state["thing"])}


def test_a_secret_that_is_needed_must_be_given(record: Any, store: Any) -> None:
    app = chain(first, uses_key)
    trace = record(app, {"text": "a", "api_key": "sk-1234"})
    with pytest.raises(ReplayError) as refused:
        argus.replay(trace, app, from_step=2, storage=store)
    assert "`api_key` is redacted in the record" in str(refused.value)
    assert "--set api_key=VALUE" in str(refused.value)
    result = argus.replay(trace, app, from_step=2, set={"api_key": "12345678"}, storage=store)
    assert result.trace.output["out"] == "a! with 8"


def test_a_secret_that_nobody_reads_is_no_hindrance(record: Any, store: Any) -> None:
    app = chain(first, uses_text)
    trace = record(app, {"text": "a", "api_key": "sk-1234"})
    assert argus.replay(trace, app, from_step=2, storage=store).trace.output["out"] == "a!"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("x" * 300, "was cut to 100 of 300 characters"),
        (object(), "is an object that the record only names"),
        (b"abc", "holds bytes"),
    ],
)
def test_what_the_record_does_not_hold_is_named(record: Any, store: Any, value: Any, reason: str) -> None:
    app = chain(first, uses_thing)
    trace = record(app, {"text": "a", "thing": [1, value]}, max_field_size=100)
    with pytest.raises(ReplayError) as refused:
        argus.replay(trace, app, from_step=2, storage=store)
    assert f"`thing.1` {reason}" in str(refused.value)
    assert argus.replay(trace, app, from_step=2, set={"thing": "given"}, storage=store).trace.output["out"] == "given"


def test_states_that_were_not_kept(record: Any, store: Any) -> None:
    app = chain(first, uses_text)
    record(app, {"text": "a"}, persist_state=False)
    with pytest.raises(ReplayError, match="recorded without states"):
        argus.replay("last", app, storage=store)


def test_a_graph_that_has_changed(record: Any, store: Any) -> None:
    trace = record(chain(first, uses_text), {"text": "a"})
    longer = chain(first, uses_text, uses_thing)
    result = argus.replay(trace, longer, from_step=1, set={"text": "b"}, storage=store)
    assert "`uses_thing` is new in the graph" in result.warnings[0]
    assert "steps that are served come from the old graph" in result.warnings[0]
    other = chain(uses_thing, uses_text)
    with pytest.raises(ReplayDiverged, match="came to `uses_thing`, where the record has `first`"):
        argus.replay(trace, other, from_step=2, storage=store)
    with pytest.raises(ReplayError, match="not a LangGraph graph"):
        argus.replay(trace, "no graph", storage=store)


def test_a_run_that_was_resumed_from_one_that_is_gone(record: Any, store: Any) -> None:
    app = chain(first, uses_text)
    trace = record(app, {"text": "a"})
    orphan = msgspec.structs.replace(trace, metadata={**trace.metadata, "resumes": "0123456789abcdef"})
    with pytest.raises(ReplayError, match="0123456789abcdef, which is not in the store"):
        argus.replay(orphan, app, storage=store)


MODULE = """
from langgraph.graph import START, StateGraph
from typing_extensions import TypedDict
class S(TypedDict):
    text: str
graph = StateGraph(S)
graph.add_node("one", lambda state: {"text": "x"})
graph.add_edge(START, "one")
def build():
    return graph
async def abuild():
    return graph.compile()
def needs(what):
    return graph
def fails():
    raise RuntimeError("no database")
"""


def test_applications_are_loaded_by_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    Path("replayed_app_a.py").write_text(MODULE)
    Path("broken_app_b.py").write_text("raise SystemExit('not here')")
    for reference in ("replayed_app_a:graph", "replayed_app_a.py:build", "replayed_app_a:abuild"):
        assert hasattr(load_app(reference), "nodes")
    for reference, message in {
        "replayed_app_a": "must be given as module:attribute",
        "replayed_app_a:grph": "did you mean `graph`",
        "replayed_app_a:needs": "needs `what`",
        "replayed_app_a:fails": "raised RuntimeError: no database",
        "broken_app_b:graph": "cannot be imported from",
        "nowhere_c:graph": "cannot be imported from",
        "nowhere_c.py:graph": "there is no file",
    }.items():
        with pytest.raises(ReplayError, match=message):
            load_app(reference)


# hostile records


@dataclass
class Harmless:
    name: str


class Trap(BaseModel):
    name: str

    def model_post_init(self, context: Any) -> None:
        raise AssertionError("a class that the graph does not declare was made")


HOSTILE = [
    {"$argus": "object", "type": "subprocess.Popen", "repr": "Popen('touch /tmp/x')"},
    {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "HumanMessage"], "kwargs": {"content": "x"}},
    {"__class__": "test_replay_refusals.Trap", "name": "x"},
    {"py/object": "os.system", "py/reduce": [{"py/function": "os.system"}, ["true"]]},
    {"$type": "test_replay_refusals:Trap", "name": "x"},
    ["os.system", {"type": "human; import os", "content": "x"}],
    {"type": "Trap", "content": "x", "name": "x"},
]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_record_never_chooses_a_class_or_a_module(
    record: Any, store: Any, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def look(state: State) -> Any:
        seen.append(state.get("thing"))
        return {"out": "looked"}

    app = chain(first, look)
    trace = record(app, {"text": "a", "thing": "harmless"})
    document = encode_trace(trace).replace(b'"harmless"', msgspec.json.encode(value))
    hostile = decode_trace(document)
    argus.replay(trace, app, from_step=2, storage=store)  # everything that a replay needs is imported now
    before = set(sys.modules)
    seen.clear()
    with suppress(ReplayError):  # an object that is only named is refused
        argus.replay(hostile, app, from_step=2, storage=store)
    assert set(sys.modules) == before
    for thing in seen:
        assert type(thing) in (dict, list), thing


def test_a_declared_class_is_made_without_running_its_code(record: Any, store: Any) -> None:
    class Declared(TypedDict, total=False):
        made: Harmless
        out: str

    def make(state: Declared) -> Any:
        return {"made": Harmless("a")}

    def look(state: Declared) -> Any:
        assert type(state["made"]) is Harmless
        return {"out": state["made"].name}

    graph = StateGraph(Declared)
    graph.add_node("make", make)
    graph.add_node("look", look)
    graph.add_edge(START, "make")
    graph.add_edge("make", "look")
    app = graph.compile()
    trace = record(app, {})
    Harmless.__post_init__ = lambda self: pytest.fail("a constructor ran")  # type: ignore[attr-defined]
    try:
        assert argus.replay(trace, app, from_step=2, storage=store).trace.output["out"] == "a"
    finally:
        del Harmless.__post_init__  # type: ignore[attr-defined]


def test_placeholders_cannot_be_put_in_by_a_patch(record: Any, store: Any) -> None:
    app = chain(first, uses_text)
    trace = record(app, {"text": "a"})
    with pytest.raises(ReplayError, match="placeholder"):
        argus.replay(trace, app, patch={"thing": {"deep": [mark("object", type="x")]}}, storage=store)
