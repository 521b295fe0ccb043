"""Structural and behavioural detection on graphs that really run: faults are found, suspicious healthy runs are not."""

from __future__ import annotations

import contextlib
import operator
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypedDict

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Command, RetryPolicy, Send
from pydantic import BaseModel

from argus import ArgusSession, ArgusWatcher

OURS = ("STR", "BEH")


def found(graph: Any, given: Any, **options: Any) -> list[tuple[str, str, str]]:
    """What structural and behavioural detectors say about a run, info left out: code, node and field."""
    watcher = ArgusWatcher(storage="memory:", **options)
    app = watcher.watch(graph.compile() if isinstance(graph, StateGraph) else graph)
    with contextlib.suppress(Exception):  # the watcher tells what happened
        app.invoke(given)
    trace = watcher.finalize()
    assert "detector_failures" not in trace.metadata
    return [
        (one.code, trace.step(one.step_id).node_name, one.field or "-")
        for one in trace.detections
        if one.code.startswith(OURS) and one.severity != "info"
    ]


def chain(schema: type, *nodes: Any) -> StateGraph:
    graph = StateGraph(schema)
    before = START
    for node in nodes:
        graph.add_node(node)
        graph.add_edge(before, node.__name__)
        before = node.__name__
    graph.add_edge(before, END)
    return graph


# types and contracts


class Line(TypedDict):
    sku: str
    price: float


class Shop(TypedDict, total=False):
    order: dict
    lines: list[Line]
    rows: list
    total: float
    text: str
    label: Literal["cheap", "dear"]


def read_lines(state: Shop) -> dict:
    return {"lines": [{"sku": "pen", "price": 2}, {"sku": "cap", "price": 2.5}], "rows": [{"n": 1}, {"n": 2}]}


def add_up(state: Shop) -> dict:
    return {"total": sum(line["price"] for line in state["lines"]), "label": "cheap"}


def show(state: Shop) -> dict:
    return {"text": f"{state['total']:.2f} EUR, {state['label']}"}


def test_a_healthy_chain_is_silent():
    assert found(chain(Shop, read_lines, add_up, show), {"order": {"id": 1}}) == []


def test_a_price_as_text_is_found_where_it_was_written():
    def read_text(state: Shop) -> dict:
        return {"lines": [{"sku": "pen", "price": "2,00"}, {"sku": "cap", "price": 2.5}]}

    assert ("STR404", "read_text", "lines.0.price") in found(chain(Shop, read_text, add_up, show), {"order": {}})


def test_a_record_without_a_key_in_an_untyped_list_is_found_at_its_writer():
    def load(state: Shop) -> dict:
        return {"rows": [{"amount": 1.0}, {"amount": 2.0}, {"sum": 3.0}]}

    def add(state: Shop) -> dict:
        return {"total": sum(row["amount"] for row in state["rows"])}

    assert ("STR405", "load", "rows.2.amount") in found(chain(Shop, load, add), {"order": {}})


def test_a_word_outside_a_literal_is_found():
    def judge(state: Shop) -> dict:
        return {"total": 3.0, "label": "medium"}

    assert ("STR404", "judge", "label") in found(chain(Shop, judge, show), {"order": {}})


class Loan(BaseModel):
    amount: float
    income: float | None = None
    notes: list[str] = []
    verdict: str = ""


def test_a_pydantic_state_with_none_zero_and_empty_lists_is_silent():
    def check(state: Loan) -> dict:
        return {"income": None, "notes": [], "verdict": "no"}

    def sign(state: Loan) -> dict:
        return {"verdict": f"{state.verdict}, {state.amount}"}

    assert found(chain(Loan, check, sign), {"amount": 0}) == []


@dataclass
class Sample:
    values: list[float]
    mean: float = 0.0
    outliers: list[float] = field(default_factory=list)


def test_a_dataclass_state_with_tuples_and_negative_numbers_is_silent():
    def clean(state: Sample) -> dict:
        return {"values": tuple(value for value in state.values if value < 100), "outliers": []}

    def average(state: Sample) -> dict:
        return {"mean": sum(state.values) / len(state.values)}

    assert found(chain(Sample, clean, average), {"values": [-1.0, 0.0, -3.5]}) == []


def test_a_dataclass_state_with_a_none_among_numbers_is_found():
    def clean(state: Sample) -> dict:
        return {"values": [1.0, None]}

    def average(state: Sample) -> dict:
        return {"mean": sum(state.values) / len(state.values)}

    assert ("STR404", "clean", "values.1") in found(chain(Sample, clean, average), {"values": [1.0]})


def test_lambdas_and_states_without_types_are_silent():
    graph = StateGraph(dict)
    graph.add_node("a", lambda state: {"x": 1})
    graph.add_node("b", lambda state: None)
    graph.add_edge(START, "a")
    graph.add_edge("a", "b")
    graph.add_edge("b", END)
    assert found(graph, {"y": 2}) == []


def test_nodes_without_source_are_silent():
    scope: dict[str, Any] = {}
    exec("def made(state):\n    return {'total': 1.0, 'label': 'cheap'}", scope)  # as in a REPL
    assert found(chain(Shop, scope["made"], show), {"order": {}}) == []


# validators


def test_validators_speak_and_broken_ones_do_not_accuse_the_node():
    checks = {"total": lambda value: (value > 100, "too small"), "node:show": lambda output: 1 / 0}
    assert found(chain(Shop, read_lines, add_up, show), {"order": {}}, validators=checks) == [
        ("STR406", "add_up", "total")
    ]


# loops


class Essay(TypedDict, total=False):
    draft: str
    remarks: list[str]
    rounds: int
    text: str


def essay(revise: Any) -> StateGraph:
    def critique(state: Essay) -> dict:
        remarks = [f"remove '{word}'" for word in ("very", "quite", "really") if word in state["draft"]]
        return {"remarks": remarks, "rounds": state.get("rounds", 0) + 1}

    def again(state: Essay) -> str:
        return "revise" if state["remarks"] and state["rounds"] < 7 else "publish"

    def publish(state: Essay) -> dict:
        return {"text": state["draft"]}

    graph = StateGraph(Essay)
    graph.add_node("critique", critique)
    graph.add_node("revise", revise)
    graph.add_node("publish", publish)
    graph.add_edge(START, "critique")
    graph.add_conditional_edges(
        "critique",
        lambda state: "revise" if state["remarks"] and state["rounds"] < 7 else "publish",
        ["revise", "publish"],
    )
    graph.add_edge("revise", "critique")
    graph.add_edge("publish", END)
    return graph


DRAFT = {"draft": "It is very, quite and really simple: the tides follow the moon."}


def test_a_loop_that_converges_is_silent():
    def revise(state: Essay) -> dict:
        return {"draft": state["draft"].replace(state["remarks"][0].split("'")[1], "", 1)}

    assert found(essay(revise), DRAFT) == []


def test_a_loop_that_stands_still_is_found():
    def revise(state: Essay) -> dict:
        return {"draft": state["draft"]}

    assert [code for code, *_ in found(essay(revise), DRAFT)] == ["BEH303"]


def test_a_loop_that_swings_is_found():
    def revise(state: Essay) -> dict:
        draft = state["draft"]
        return {"draft": draft.replace("very", "utterly") if "very" in draft else draft.replace("utterly", "very")}

    assert [code for code, *_ in found(essay(revise), DRAFT)] == ["BEH304"]


def test_retries_that_succeed_are_silent_and_storms_are_not():
    def flaky(failures: int) -> StateGraph:
        left = [failures]

        def fetch(state: Essay) -> dict:
            if left[0]:
                left[0] -= 1
                raise ConnectionError("reset by peer")
            return {"draft": "The tides follow the moon."}

        graph = StateGraph(Essay)
        graph.add_node("fetch", fetch, retry_policy=RetryPolicy(max_attempts=7, initial_interval=0.001, jitter=False))
        graph.add_edge(START, "fetch")
        graph.add_edge("fetch", END)
        return graph

    assert found(flaky(2), {"rounds": 0}) == []
    assert found(flaky(5), {"rounds": 0}) == [("BEH305", "fetch", "-")]


# fan-out


class Reviews(TypedDict, total=False):
    reviews: list[dict]
    scored: Annotated[list[dict], operator.add]
    average: float


def fan(send: Any, score: Any) -> StateGraph:
    def prepare(state: Reviews) -> dict:
        return {}

    def tally(state: Reviews) -> dict:
        return {"average": sum(one["score"] for one in state["scored"]) / max(1, len(state["scored"]))}

    graph = StateGraph(Reviews)
    graph.add_node("prepare", prepare)
    graph.add_node("score", score)
    graph.add_node("tally", tally)
    graph.add_edge(START, "prepare")
    graph.add_conditional_edges("prepare", send, ["score"])
    graph.add_edge("score", "tally")
    graph.add_edge("tally", END)
    return graph


REVIEWS = {"reviews": [{"text": text, "spam": text == "buy"} for text in ("good", "fine", "poor", "great", "buy")]}


def test_every_item_has_its_branch():
    every = fan(
        lambda state: [Send("score", review) for review in state["reviews"]],
        lambda review: {"scored": [{"score": len(review["text"])}]},
    )
    assert found(every, REVIEWS) == []


def test_items_left_out_for_a_reason_are_silent():
    filtered = fan(
        lambda state: [Send("score", review) for review in state["reviews"] if not review["spam"]],
        lambda review: {"scored": [{"score": len(review["text"])}]},
    )
    assert found(filtered, REVIEWS) == []


def test_a_branch_too_few_is_found():
    plain = {"reviews": [{"text": text} for text in ("good", "fine", "poor", "great")]}
    short = fan(
        lambda state: [Send("score", state["reviews"][place]) for place in range(1, len(state["reviews"]))],
        lambda review: {"scored": [{"score": len(review["text"])}]},
    )
    assert [code for code, *_ in found(short, plain)] == ["BEH308"]


def test_a_branch_without_a_result_is_found():
    def score(review: dict) -> dict:
        scored = [{"score": 1}] if review["text"] != "poor" else []
        return {"scored": scored}

    lossy = fan(lambda state: [Send("score", review) for review in state["reviews"]], score)
    assert found(lossy, REVIEWS) == [("BEH308", "score", "scored")]


# state that belongs to others


def test_a_field_changed_in_place_is_found():
    def load(state: Shop) -> dict:
        return {"order": {"id": 1, "items": ["pen", "cap"]}}

    def price(state: Shop) -> dict:
        state["order"]["items"].pop()
        return {"total": 2.0}

    def pack(state: Shop) -> dict:
        return {"text": ", ".join(state["order"]["items"])}

    assert ("BEH309", "price", "order") in found(chain(Shop, load, price, pack), {"lines": []})


def test_logging_and_pass_through_nodes_are_silent():
    def log(state: Shop) -> None:
        return None

    def passing(state: Shop) -> dict:
        return {**state}

    def nothing(state: Shop) -> dict:
        return {}

    assert found(chain(Shop, read_lines, log, passing, nothing, add_up, show), {"order": {}}) == []


# agents


class Chat(TypedDict):
    messages: Annotated[list[AnyMessage], add_messages]


def agent(says: list[AIMessage], answers: list[ToolMessage]) -> StateGraph:
    script, results = iter(says), iter(answers)

    def model(state: Chat) -> dict:
        return {"messages": [next(script)]}

    def tools(state: Chat) -> dict:
        return {"messages": [next(results)]}

    graph = StateGraph(Chat)
    graph.add_node("model", model)
    graph.add_node("tools", tools)
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", lambda s: "tools" if s["messages"][-1].tool_calls else END, ["tools", END])
    graph.add_edge("tools", "model")
    return graph


ASKS = AIMessage("", tool_calls=[{"name": "get_order", "args": {"id": "A-9"}, "id": "c1"}])
FAILS = ToolMessage("no order A-9", tool_call_id="c1", name="get_order", status="error")
WISH = {"messages": [HumanMessage("Where is A-9?")]}


def test_an_answer_that_swallows_a_tool_error_is_found():
    assert found(agent([ASKS, AIMessage("It arrives on Thursday.")], [FAILS]), WISH) == [("BEH310", "model", "-")]


@pytest.mark.parametrize(
    "answer", ["I could not find that order.", "Das hat leider nicht geklappt.", "Which shop was it?"]
)
def test_an_answer_that_owns_up_is_silent(answer):
    assert found(agent([ASKS, AIMessage(answer)], [FAILS]), WISH) == []


def test_a_command_that_goes_anywhere_is_silent():
    def route(state: Shop) -> Command:
        return Command(update={"total": 1.0, "label": "cheap"}, goto="show")

    graph = StateGraph(Shop)
    graph.add_node("route", route)
    graph.add_node("unused", read_lines)
    graph.add_node("show", show)
    graph.add_edge(START, "route")
    assert found(graph, {"order": {}}) == []


# sessions


def test_a_session_that_leaves_a_step_out_is_found():
    session = ArgusSession(storage="memory:", pipeline_name="nightly")
    session.set_edges({"load": ["check"], "check": ["store"], "store": []})
    load, store = session.wrap("load", lambda path: [1, 2]), session.wrap("store", lambda rows: len(rows))
    with session:
        store(load("a.csv"))
    assert "BEH306" in {one.code for one in session.trace.detections} | {
        code for one in session.trace.detections for code in one.details.get("also", ())
    }


def test_a_step_that_always_ran_is_missed_as_info_only():
    def build(skip: bool) -> StateGraph:
        graph = StateGraph(Shop)
        for node in (read_lines, add_up, show):
            graph.add_node(node)
        graph.add_edge(START, "read_lines")
        graph.add_conditional_edges("read_lines", lambda state: END if skip else "add_up", ["add_up", END])
        graph.add_edge("add_up", "show")
        graph.add_edge("show", END)
        return graph

    watcher = ArgusWatcher(storage="memory:habits")
    app = watcher.watch(build(skip=False).compile())
    for _ in range(6):
        app.invoke({"order": {}})
    watcher.finalize()
    late = ArgusWatcher(storage="memory:habits")
    late.watch(build(skip=True).compile()).invoke({"order": {}})
    trace = late.finalize()
    assert [(one.code, one.severity) for one in trace.detections if one.code == "BEH306"] == [("BEH306", "info")]
    assert trace.status == "ok"
