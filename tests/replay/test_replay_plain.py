"""Replays of plain graphs: what runs, what is served, what comes out."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict

import argus
from argus.errors import ReplayError
from argus.model.codec import encode_trace


class Order(TypedDict, total=False):
    text: str
    words: list[str]
    count: int
    answer: str


class Calls:
    """A chain of three nodes that counts how often each ran."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def split(self, state: Order) -> dict[str, Any]:
        self.ran.append("split")
        return {"words": state["text"].split()}

    def tally(self, state: Order) -> dict[str, Any]:
        self.ran.append("tally")
        return {"count": len(state["words"])}

    def answer(self, state: Order) -> dict[str, Any]:
        self.ran.append("answer")
        return {"answer": f"{state['count']} words"}

    def build(self) -> Any:
        graph = StateGraph(Order)
        for name in ("split", "tally", "answer"):
            graph.add_node(name, getattr(self, name))
        graph.add_edge(START, "split")
        graph.add_edge("split", "tally")
        graph.add_edge("tally", "answer")
        graph.add_edge("answer", END)
        return graph.compile()


@pytest.mark.parametrize(
    ("step", "ran"), [(1, ["split", "tally", "answer"]), (2, ["tally", "answer"]), (3, ["answer"])]
)
def test_steps_before_the_chosen_one_do_not_run(record: Any, store: Any, step: int, ran: list[str]) -> None:
    calls = Calls()
    app = calls.build()
    trace = record(app, {"text": "a b c"})
    calls.ran.clear()
    result = argus.replay(trace, app, from_step=step, storage=store)
    assert calls.ran == ran
    assert [one.node_name for one in result.ran] == ran
    assert result.trace.output == trace.output
    assert result.verdict == "resolved"
    assert result.trace.metadata["replay_of"] == trace.id
    assert [one.node_name for one in result.trace.steps] == ["split", "tally", "answer"]
    assert store.get(result.trace.id).output == trace.output


def test_a_patch_changes_what_follows_and_never_the_record(record: Any, store: Any) -> None:
    app = Calls().build()
    trace = record(app, {"text": "a b c"})
    before = encode_trace(trace)
    result = argus.replay(trace.id, app, from_node="tally", patch={"words": ["x"]}, storage=store)
    assert result.trace.output == {"text": "a b c", "words": ["x"], "count": 1, "answer": "1 words"}
    assert [(one.path, one.before, one.after) for one in result.changes] == [("words", ["a", "b", "c"], ["x"])]
    assert result.verdict == "different"
    assert encode_trace(trace) == before == encode_trace(store.get(trace.id))


def test_a_value_is_set_by_path(record: Any, store: Any) -> None:
    app = Calls().build()
    trace = record(app, {"text": "a b c"})
    result = argus.replay(trace, app, from_node="answer", set={"count": 7, "words.1": "z"}, storage=store)
    assert result.trace.output == {"text": "a b c", "words": ["a", "z", "c"], "count": 7, "answer": "7 words"}


def test_a_failed_run_is_resolved_by_a_patch(record: Any, store: Any) -> None:
    app = Calls().build()
    trace = record(app, {})
    assert trace.status == "failed"
    again = argus.replay(trace, app, from_step=1, storage=store)
    assert again.verdict == "not_resolved"
    mended = argus.replay(trace, app, from_step=1, set={"text": "now it is here"}, storage=store)
    assert mended.verdict == "resolved"
    assert mended.trace.output["answer"] == "4 words"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"from_step": 4}, "there is no step 4: the run has the steps 1 to 3"),
        ({"from_node": "tellly"}, "did you mean `tally`"),
        ({"from_node": "tally#2"}, "ran 1 times"),
        ({"from_step": 1, "from_node": "tally"}, "not by both"),
        ({"from_step": 2, "set": {"word": []}}, "did you mean `words`"),
        ({"from_step": 2, "set": {"words": 5}}, "`words` must be list"),
        ({"from_step": 2, "set": {"words.9": "x"}}, "has no position `9`"),
        ({"from_step": 2, "patch": ["words"]}, "must be a JSON object"),
        ({"from_step": 2, "set": {"text": object()}}, "must be JSON"),
        ({"from_step": 2, "set": {"text": {"$argus": "object"}}}, "placeholder"),
    ],
)
def test_what_cannot_be_meant_is_refused(record: Any, store: Any, options: dict[str, Any], message: str) -> None:
    app = Calls().build()
    trace = record(app, {"text": "a b c"})
    with pytest.raises(ReplayError) as refused:
        argus.replay(trace, app, storage=store, **options)
    assert message in str(refused.value)
