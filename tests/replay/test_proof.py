"""Blame that is proved, blame that is not, and suffixes that misbehave."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langgraph.graph import START, StateGraph
from typing_extensions import TypedDict

from argus.errors import ReplayError
from argus.replay import prove

MOOD = {"wrong": False, "last": "fine"}


class State(TypedDict, total=False):
    numbers: list[int]
    doubled: list[int]
    total: int
    out: str


def double(state: State) -> Any:
    doubled = [one * 2 for one in state["numbers"]]
    return {"doubled": [str(one) for one in doubled] if MOOD["wrong"] else doubled}


def passes(state: State) -> Any:
    return {"doubled": list(state["doubled"])}


def add(state: State) -> Any:
    return {"total": sum(state["doubled"])}


def say(state: State) -> Any:
    if MOOD["last"] == "hangs":
        time.sleep(60)
    if MOOD["last"] == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if MOOD["last"] == "leaves":
        os._exit(3)
    return {"out": f"it is {state['total']}"}


def build() -> Any:
    graph = StateGraph(State)
    before = START
    for node in (double, passes, add, say):
        graph.add_node(node.__name__, node)
        graph.add_edge(before, node.__name__)
        before = node.__name__
    return graph.compile()


@pytest.fixture
def failed(record: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A run in which `double` gave texts, and a healthy one of the same input before it."""
    app = build()
    record(app, {"numbers": [1, 2]})
    monkeypatch.setitem(MOOD, "wrong", True)
    trace = record(app, {"numbers": [1, 2]})
    assert trace.error is not None
    return trace, app


def test_the_cause_is_proved_and_kept(failed: Any, store: Any) -> None:
    trace, app = failed
    proof = prove(trace, app, storage=store)
    assert proof.proved
    assert (proof.step_number, proof.node_name) == (1, "double")
    assert proof.forensics is not None
    assert proof.forensics.proof == "counterfactual"
    kept = store.get(trace.id)
    assert kept.forensics.proof == "counterfactual"
    assert (kept.steps, kept.detections, kept.output) == (trace.steps, trace.detections, trace.output)
    replayed = store.get(proof.attempts[0].trace_id)
    assert replayed.metadata["proof"] == {"trace": trace.id, "step": 1, "proved": True}
    assert replayed.output["out"] == "it is 6"


def test_a_later_step_that_would_clear_it_too_is_not_the_cause(failed: Any, store: Any) -> None:
    trace, app = failed
    proof = prove(trace, app, from_step=2, storage=store, store=False, isolate=False)
    assert not proof.proved
    assert "Not proved" in proof.sentence


def test_an_own_repair(record: Any, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    app = build()
    monkeypatch.setitem(MOOD, "wrong", True)
    trace = record(app, {"numbers": [4]})
    assert not prove(trace, app, storage=store, isolate=False).proved
    proof = prove(trace, app, patch={"doubled": [8]}, storage=store, isolate=False)
    assert proof.proved
    assert proof.attempts[0].repaired_with == "patch"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that can copy a process")
@pytest.mark.parametrize(
    ("how", "told"),
    [("hangs", "within 1 seconds"), ("dies", "by signal 9"), ("leaves", "ended the process")],
)
def test_a_suffix_that_hangs_or_dies_is_told(
    failed: Any, store: Any, monkeypatch: pytest.MonkeyPatch, how: str, told: str
) -> None:
    trace, app = failed
    monkeypatch.setitem(MOOD, "last", how)
    proof = prove(trace, app, from_step=1, storage=store, time_limit=1.0 if how == "hangs" else 30.0)
    assert not proof.proved
    assert told in proof.attempts[0].reason


def test_a_clean_run_has_nothing_to_prove(record: Any, store: Any) -> None:
    app = build()
    trace = record(app, {"numbers": [1]})
    with pytest.raises(ReplayError, match="nothing serious was found"):
        prove(trace, app, storage=store)


def test_models_are_not_called_again_unless_allowed(record: Any, store: Any) -> None:
    model = GenericFakeChatModel(messages=iter([AIMessage("x")] * 5))

    def break_it(state: State) -> Any:
        return {"numbers": None}

    def ask(state: State) -> Any:
        return {"out": model.invoke("hello").content, "total": len(state["numbers"])}

    graph = StateGraph(State)
    graph.add_node(break_it)
    graph.add_node(ask)
    graph.add_edge(START, "break_it")
    graph.add_edge("break_it", "ask")
    app = graph.compile()
    trace = record(app, {})
    with pytest.raises(ReplayError, match="--allow-side-effects"):
        prove(trace, app, from_step=1, patch={"numbers": [1]}, storage=store)
    allowed = prove(
        trace, app, from_step=1, patch={"numbers": [1]}, storage=store, allow_side_effects=True, isolate=False
    )
    assert allowed.attempts[0].changes[0].after == [1]
