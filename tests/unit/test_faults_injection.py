"""Faults in real graphs: put in, striking, and leaving everything else as it was."""

import asyncio
import inspect
import operator
from typing import Annotated, Literal, TypedDict

import pytest
from langchain_core.messages import AIMessage
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, RetryPolicy, Send

from argus.testing.faults import (
    FAULTS,
    Crash,
    DroppedField,
    EndlessLoop,
    InjectionFailed,
    MissingBranch,
    MissingResult,
    MissingValue,
    Placeholder,
    RenamedKey,
    RetryStorm,
    SkippedStep,
    SlowNode,
    StaleResult,
    StuckLoop,
    UnexpectedTransition,
    inject,
    make,
    replace_branch,
    replace_node,
    spoil,
)


class State(TypedDict, total=False):
    text: str
    words: list[str]
    count: int
    rounds: int


def split(state: State) -> State:
    return {"words": state["text"].split()}


def count(state: State) -> State:
    return {"count": len(state["words"])}


async def count_async(state: State) -> State:
    return {"count": len(state["words"])}


def chain(last=count):
    graph = StateGraph(State)
    graph.add_node("split", split)
    graph.add_node("count", last)
    graph.add_edge(START, "split")
    graph.add_edge("split", "count")
    graph.add_edge("count", END)
    return graph


def test_a_fault_strikes_its_node_and_knows_the_truth():
    graph = chain()
    injection = inject(graph, "count", MissingValue(field="count"), symptom="report")
    assert graph.compile().invoke({"text": "a b"})["count"] is None
    assert injection.applied == 1
    truth = injection.truth
    assert (truth.kind, truth.culprit, truth.symptom, truth.layer) == ("missing_value", "count", "report", "structural")
    assert not truth.needs_history
    assert truth.field == "count"
    assert truth.note == MissingValue().description


def test_the_original_function_is_still_found_and_its_schema_kept():
    graph = chain()
    before = graph.nodes["split"]
    inject(graph, "split", DroppedField(field="words"))
    after = graph.nodes["split"]
    assert inspect.unwrap(after.runnable.func) is split
    assert after.input_schema is before.input_schema
    assert inspect.signature(after.runnable.func) == inspect.signature(split)


def test_other_graphs_that_share_the_function_stay_healthy():
    spoilt, healthy = chain(), chain()
    inject(spoilt, "split", RenamedKey(field="words", seed=1))
    with pytest.raises(KeyError):
        spoilt.compile().invoke({"text": "a"})
    assert healthy.compile().invoke({"text": "a"})["count"] == 1


def test_asynchronous_nodes():
    graph = chain(count_async)
    injection = inject(graph, "count", MissingValue(field="count"))
    result = asyncio.run(graph.compile().ainvoke({"text": "a b"}))
    assert result["count"] is None
    assert injection.applied == 1


def test_synchronous_nodes_of_an_asynchronous_run():
    graph = chain()
    injection = inject(graph, "count", MissingValue(field="count"))
    assert asyncio.run(graph.compile().ainvoke({"text": "a b"}))["count"] is None
    assert injection.applied == 1
    replace_node(graph, "count", lambda state: {"count": -1})
    assert asyncio.run(graph.compile().ainvoke({"text": "a b"}))["count"] == -1


def test_only_the_calls_asked_for_are_spoilt():
    graph = chain()
    injection = inject(graph, "count", MissingValue(field="count", calls=(2,)))
    app = graph.compile()
    assert [app.invoke({"text": "a"})["count"] for _ in range(3)] == [1, None, 1]
    assert injection.applied == 1
    injection.reset()
    assert [app.invoke({"text": "a"})["count"] for _ in range(2)] == [1, None]


def test_places_that_do_not_exist_are_refused():
    graph = chain()
    with pytest.raises(InjectionFailed, match="no node 'conut'; it has: split, count"):
        inject(graph, "conut", DroppedField())
    graph.add_node("inner", chain().compile())
    with pytest.raises(InjectionFailed, match="the subgraph's own StateGraph"):
        inject(graph, "inner", DroppedField())
    with pytest.raises(InjectionFailed, match="0 conditional edges"):
        replace_branch(graph, "split", lambda state: END)
    with pytest.raises(InjectionFailed, match="no kind of fault 'nonsense'"):
        make("nonsense")


def test_a_node_can_be_given_faulty_code():
    def count_text(state: State) -> State:
        return {"count": str(len(state["words"]))}

    graph = chain()
    replace_node(graph, "count", count_text)
    assert graph.compile().invoke({"text": "a b"})["count"] == "2"
    assert graph.nodes["count"].runnable.func is count_text


def test_a_slow_node_takes_many_times_as_long():
    graph = chain()
    injection = inject(graph, "count", SlowNode(factor=50))
    assert graph.compile().invoke({"text": "a b"})["count"] == 2
    assert injection.applied == 1


def test_a_retry_storm_is_hidden_by_the_policy():
    graph = StateGraph(State)
    policy = RetryPolicy(max_attempts=5, initial_interval=0.001, jitter=False, retry_on=ConnectionError)
    graph.add_node("split", split, retry_policy=policy)
    graph.add_edge(START, "split")
    injection = inject(graph, "split", RetryStorm(failures=3))
    assert graph.compile().invoke({"text": "a"})["words"] == ["a"]
    assert injection.applied == 3


def test_a_crash_raises_a_fresh_exception_each_time():
    error = ValueError("no")
    graph = chain()
    injection = inject(graph, "count", Crash(error=error))
    with pytest.raises(ValueError, match="no") as caught:
        graph.compile().invoke({"text": "a"})
    assert caught.value is not error
    assert injection.applied == 1


def test_a_stale_result_is_that_of_the_first_run():
    graph = chain()
    inject(graph, "split", StaleResult())
    app = graph.compile()
    assert app.invoke({"text": "one two three"})["count"] == 3
    assert app.invoke({"text": "one"})["count"] == 3


def loop(limit=5):
    def grow(state: State) -> State:
        return {"words": [*state.get("words", []), "w"], "rounds": state.get("rounds", 0) + 1}

    def again(state: State) -> Literal["grow", "__end__"]:
        return END if len(state["words"]) >= 3 or state["rounds"] >= limit else "grow"

    graph = StateGraph(State)
    graph.add_node("grow", grow)
    graph.add_edge(START, "grow")
    graph.add_conditional_edges("grow", again)
    return graph


def test_a_stuck_loop_repeats_its_first_result():
    graph = loop()
    inject(graph, "grow", StuckLoop(field="words"))
    assert graph.compile().invoke({})["rounds"] == 5


def test_an_endless_loop_ends_when_it_is_let_go():
    graph = loop()
    injection = inject(graph, "grow", EndlessLoop(target="grow", rounds=7))
    assert graph.compile().invoke({}, {"recursion_limit": 30})["rounds"] == 8
    assert injection.applied == 5


class Fan(TypedDict):
    items: list[int]
    results: Annotated[list[int], operator.add]


def fan():
    def send(state: Fan):
        return [Send("work", item) for item in state["items"]]

    graph = StateGraph(Fan)
    graph.add_node("plan", lambda state: {})
    graph.add_node("work", lambda item: {"results": [item]})
    graph.add_edge(START, "plan")
    graph.add_conditional_edges("plan", send, ["work"])
    return graph


@pytest.mark.parametrize(("seed", "left"), [(0, [1, 2, 3]), (1, [2, 3, 4]), (2, [1, 2, 4])])
def test_a_branch_is_missing(seed, left):
    graph = fan()
    inject(graph, "plan", MissingBranch(seed=seed))
    assert sorted(graph.compile().invoke({"items": [1, 2, 3, 4]})["results"]) == left


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_result_is_missing(seed):
    graph = fan()
    injection = inject(graph, "work", MissingResult(seed=seed))
    assert len(graph.compile().invoke({"items": [1, 2, 3]})["results"]) == 2
    assert injection.applied == 1


def test_commands_are_redirected_and_their_update_spoilt():
    def boss(state: State) -> Command[Literal["split", "count"]]:
        return Command(goto="split", update={"rounds": 1})

    def build():
        graph = StateGraph(State)
        graph.add_node("boss", boss)
        graph.add_node("split", split)
        graph.add_node("count", lambda state: {"count": -1})
        graph.add_edge(START, "boss")
        return graph

    skipping = build()
    inject(skipping, "boss", SkippedStep(target="count", instead_of="split"))
    assert skipping.compile().invoke({"text": "a"})["count"] == -1
    spoiling = build()
    inject(spoiling, "boss", MissingValue(field="rounds"))
    assert spoiling.compile().invoke({"text": "a"}) == {"text": "a", "words": ["a"], "rounds": None}


def test_a_send_keeps_its_payload_on_the_wrong_way():
    graph = fan()
    graph.add_node("other", lambda item: {"results": [-item]})
    inject(graph, "plan", UnexpectedTransition(target="other"))
    graph.branches["plan"]["send"] = graph.branches["plan"]["send"]._replace(ends=None)
    assert sorted(graph.compile().invoke({"items": [1, 2]})["results"]) == [-2, -1]


def test_a_branch_can_be_given_faulty_code():
    graph = fan()
    replace_branch(graph, "plan", lambda state: [Send("work", 7)])
    assert graph.compile().invoke({"items": [1, 2]})["results"] == [7]


def test_plain_functions_are_spoilt_too():
    faulty, injection = spoil(split, Placeholder(field="words.0", seed=4), name="cutter")
    assert faulty({"text": "a b"}) == {"words": ["placeholder", "b"]}
    assert injection.truth.culprit == "cutter"

    async def later(state):
        return {"words": ["a"]}

    faulty_async, _ = spoil(later, MissingValue(field="words"))
    assert asyncio.run(faulty_async({})) == {"words": None}


def test_every_kind_has_a_name_a_layer_and_a_line_and_is_made_by_name():
    assert len(FAULTS) >= 50
    for kind, cls in FAULTS.items():
        fault = make(kind, seed=3, **({"target": "x"} if "target" in cls.__dataclass_fields__ else {}))
        assert fault.kind == kind
        assert fault.layer in {"structural", "signature", "behavioral", "statistical", "semantic"}
        assert fault.description.endswith(".")
        hash(fault)


def test_messages_keep_their_class():
    faulty, _ = spoil(lambda state: {"messages": [AIMessage("fine", id="1")]}, Placeholder(field="messages.0.content"))
    message = faulty({})["messages"][0]
    assert isinstance(message, AIMessage)
    assert (message.id, message.content) == ("1", "TODO")
