"""Runs of every shape that the pages must draw: real graphs under a real watcher; made ones for thousands of steps.

python bench/ui_scenes.py STORE.db    writes them all to a store, to be looked at with `argus ui --store STORE.db`
"""

from __future__ import annotations

import contextlib
import operator
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, TypedDict

import msgspec

from argus import ArgusWatcher
from argus._internal.ids import step_id
from argus.model.detection import Detection, Evidence
from argus.model.forensics import CausalLink, Forensics
from argus.model.graph import END, START, EdgeSpec, GraphSpec, NodeSpec
from argus.model.trace import ErrorInfo, Trace, TraceStep

HOSTILE_NODE = '<img src=x onerror="window.hurt=1">\u202etxt.exe'
LONG_NODE = "a_node_with_a_very_long_name_" * 7

TEN_THOUSAND = 10_240
BRANCHES = 480
ROUNDS = 212


class Support(TypedDict, total=False):
    """The state of the support pipeline."""

    question: str
    account: dict[str, Any]
    documents: list[dict[str, Any]]
    rulings: Annotated[list[str], operator.add]
    ranked: list[dict[str, Any]]
    answer: str
    citations: list[str]
    rounds: int
    api_key: str
    sent: bool


_DOCUMENTS = [
    {
        "id": f"kb-{number}",
        "text": f"{what} can be returned within {days} days of the purchase; {how}.",
        "score": 0.9 - number / 1000,
    }
    for number, what, days, how in (
        (118, "Orders", 30, "the refund goes to the card that paid"),
        (42, "Vouchers", 14, "they must not have been used"),
        (7, "Machines", 60, "the seal may be broken but not missing"),
        (230, "Gifts", 90, "the receiver gets a voucher"),
    )
]


def support_graph(broken: bool) -> Any:
    """Questions answered from documents, with a fan-out, a subgraph, a loop and a way that is seldom taken.

    Args:
        broken: Whether ``retrieve`` writes its documents under a key that the state does not have.
    """
    from langgraph.graph import StateGraph
    from langgraph.types import Send

    def intake(state: Support) -> dict[str, Any]:
        time.sleep(0.012)
        return {"question": state["question"].strip(), "rounds": 0}

    def retrieve(state: Support) -> dict[str, Any]:
        time.sleep(0.08)
        return {"docs" if broken else "documents": _DOCUMENTS}

    def find(state: Support) -> dict[str, Any]:
        time.sleep(0.03)
        return {"account": {"id": 4471, "plan": "team", "since": "2023-04-01"}}

    def verify(state: Support) -> dict[str, Any]:
        time.sleep(0.05)
        return {"account": {**state["account"], "verified": True}}

    def policy(state: Any) -> dict[str, Any]:
        time.sleep(0.02 + 0.012 * len(state["region"]))
        return {"rulings": [f"{state['region']}: 30 days"]}

    def rank(state: Support) -> dict[str, Any]:
        time.sleep(0.006)
        documents = state.get("documents") or []
        return {"ranked": sorted(documents, key=lambda one: -one["score"])[:3]}

    def draft(state: Support) -> dict[str, Any]:
        time.sleep(0.16)
        ranked = state["ranked"]
        if not ranked:
            return {"answer": "Refunds are open for a while.", "rounds": state["rounds"] + 1}
        return {
            "answer": "Orders can be returned within 30 days of the purchase.",
            "citations": [one["id"] for one in ranked],
            "rounds": state["rounds"] + 1,
        }

    def critique(state: Support) -> dict[str, Any]:
        time.sleep(0.06)
        return {}

    def send(state: Support) -> dict[str, Any]:
        time.sleep(0.008)
        return {"sent": bool(state["citations"])}

    def escalate(state: Support) -> dict[str, Any]:
        return {"sent": False}

    def fan(state: Support) -> list[Any]:
        return ["retrieve", "account", *(Send("policy", {"region": region}) for region in ("EU", "UK", "US", "APAC"))]

    def judged(state: Support) -> str:
        return "draft" if state["rounds"] < 2 else "send"

    account = StateGraph(Support)
    account.add_node("find", find)
    account.add_node("verify", verify)
    account.add_edge("__start__", "find")
    account.add_edge("find", "verify")
    account.add_edge("verify", "__end__")

    graph = StateGraph(Support)
    for node in (intake, retrieve, policy, rank, draft, critique, send, escalate):
        graph.add_node(node.__name__, node)
    graph.add_node("account", account.compile())
    graph.add_edge("__start__", "intake")
    graph.add_conditional_edges("intake", fan, ["retrieve", "account", "policy"])
    graph.add_edge(["retrieve", "account", "policy"], "rank")
    graph.add_edge("rank", "draft")
    graph.add_edge("draft", "critique")
    graph.add_conditional_edges("critique", judged, ["draft", "send", "escalate"])
    graph.add_edge("send", "__end__")
    graph.add_edge("escalate", "__end__")
    return graph


_QUESTION = {"question": "  Can I still get a refund for order 4471? ", "api_key": "sk-not-a-real-key"}


def support_runs(store: Path, healthy: int = 6) -> list[Trace]:
    """Some healthy runs and a broken one, stored; the broken one comes last.

    Args:
        store: A SQLite file.
        healthy: How many healthy runs come first.
    """
    broken = [*[False] * healthy, True]
    return [_watch(store, "support-rag", support_graph(one), _QUESTION) for one in broken]


class Team(TypedDict, total=False):
    """The state of the nested pipeline."""

    topic: str
    notes: Annotated[list[str], operator.add]
    report: str


def nested_run(store: Path) -> Trace:
    """Subgraphs three deep, the innermost one broken.

    Args:
        store: A SQLite file.
    """
    from langgraph.graph import StateGraph

    def step(name: str, **update: Any) -> Callable[[Team], dict[str, Any]]:
        def run(state: Team) -> dict[str, Any]:
            time.sleep(0.01)
            return {"notes": [name], **update}

        run.__name__ = name
        return run

    def publish(state: Team) -> dict[str, Any]:
        return {"notes": [state["report"].upper()]}

    def chain(*nodes: tuple[str, Any]) -> Any:
        graph = StateGraph(Team)
        for name, node in nodes:
            graph.add_node(name, node)
        names = ["__start__", *(name for name, _ in nodes), "__end__"]
        for one, other in pairwise(names):
            graph.add_edge(one, other)
        return graph

    reading = chain(("search", step("search")), ("read", step("read")), ("note", step("note"))).compile()
    research = chain(
        ("plan", step("plan")), ("reading", reading), ("digest", step("digest", summary="left out"))
    ).compile()
    outer = chain(("brief", step("brief")), ("research", research), ("write", step("write")), ("publish", publish))
    return _watch(store, "research-team", outer, {"topic": "tides"})


class Fan(TypedDict, total=False):
    """The state of the wide pipeline."""

    pages: list[int]
    texts: Annotated[list[str], operator.add]
    count: int


def fan_run(store: Path, branches: int = BRANCHES) -> Trace:
    """One fan-out of many branches, one of which comes back with nothing.

    Args:
        store: A SQLite file.
        branches: How many.
    """
    from langgraph.graph import StateGraph
    from langgraph.types import Send

    def plan(state: Fan) -> dict[str, Any]:
        return {"pages": list(range(branches))}

    def crawl(state: Any) -> dict[str, Any]:
        if state["page"] == branches // 3:
            return {"texts": [""]}
        return {"texts": [f"Page {state['page']} says that the tide is high at {state['page'] % 12} o'clock."]}

    def merge(state: Fan) -> dict[str, Any]:
        return {"count": sum(1 for text in state["texts"] if text)}

    graph = StateGraph(Fan)
    for node in (plan, crawl, merge):
        graph.add_node(node.__name__, node)
    graph.add_edge("__start__", "plan")
    graph.add_conditional_edges(
        "plan", lambda state: [Send("crawl", {"page": page}) for page in state["pages"]], ["crawl"]
    )
    graph.add_edge("crawl", "merge")
    graph.add_edge("merge", "__end__")
    return _watch(store, "crawler", graph, {})


class Loop(TypedDict, total=False):
    """The state of the pipeline that goes round."""

    goal: str
    thought: str
    turns: int


def loop_run(store: Path, rounds: int = ROUNDS) -> Trace:
    """Two nodes that take turns without getting anywhere.

    Args:
        store: A SQLite file.
        rounds: How often.
    """
    from langgraph.graph import StateGraph

    def plan(state: Loop) -> dict[str, Any]:
        return {"thought": f"I should look for {state['goal']} once more."}

    def act(state: Loop) -> dict[str, Any]:
        return {"turns": state.get("turns", 0) + 1}

    graph = StateGraph(Loop)
    graph.add_node("plan", plan)
    graph.add_node("act", act)
    graph.add_edge("__start__", "plan")
    graph.add_edge("plan", "act")
    graph.add_conditional_edges(
        "act", lambda state: "plan" if state["turns"] < rounds else "__end__", ["plan", "__end__"]
    )
    return _watch(store, "triage", graph, {"goal": "the cause"})


def hostile_run(store: Path) -> Trace:
    """Names and values that would do harm if they were taken for anything but text.

    Args:
        store: A SQLite file.
    """
    from langgraph.graph import StateGraph

    nasty = "</script><script>window.hurt=1</script>\u202egnp.exe\u0007 javascript:alert(1)"

    def first(state: dict[str, Any]) -> dict[str, Any]:
        return {
            nasty: "<b onmouseover=window.hurt=1>",
            "text": nasty * 40,
            "__proto__": {"hurt": 1},
            "page": "x" * 120_000,
        }

    def second(state: dict[str, Any]) -> dict[str, Any]:
        raise KeyError(nasty)

    graph: Any = StateGraph(dict)
    graph.add_node(HOSTILE_NODE, first)
    graph.add_node(LONG_NODE, second)
    graph.add_edge("__start__", HOSTILE_NODE)
    graph.add_edge(HOSTILE_NODE, LONG_NODE)
    graph.add_edge(LONG_NODE, "__end__")
    return _watch(store, "hostile", graph, {"text": "hello"})


def chat_run(store: Path) -> Trace:
    """A conversation with a tool, whose answer claims what no source says.

    Args:
        store: A SQLite file.
    """
    from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
    from langgraph.graph import MessagesState, StateGraph

    call = {"name": "lookup_order", "args": {"order": 4471, "api_key": "sk-not-a-real-key"}, "id": "call-1"}

    def agent(state: Any) -> dict[str, Any]:
        if len(state["messages"]) == 1:
            return {"messages": [AIMessage("", tool_calls=[call])]}
        return {"messages": [AIMessage("Yes, refunds are open for 60 days.")]}

    def tools(state: Any) -> dict[str, Any]:
        return {
            "messages": [ToolMessage("Order 4471: shipped 12 days ago. Refunds within 30 days.", tool_call_id="call-1")]
        }

    graph = StateGraph(MessagesState)
    graph.add_node("agent", agent)
    graph.add_node("tools", tools)
    graph.add_edge("__start__", "agent")
    graph.add_conditional_edges(
        "agent", lambda state: "tools" if state["messages"][-1].tool_calls else "__end__", ["tools", "__end__"]
    )
    graph.add_edge("tools", "agent")
    return _watch(store, "order-chat", graph, {"messages": [HumanMessage("Can I still get a refund for order 4471?")]})


def _watch(store: Path, pipeline: str, graph: Any, state: dict[str, Any]) -> Trace:
    watcher = ArgusWatcher(storage=f"sqlite:///{store}", pipeline_name=pipeline)
    watched = watcher.watch(graph)
    with contextlib.suppress(Exception):  # what a run raises is in its trace
        watched.compile(name=pipeline).invoke(dict(state), {"recursion_limit": 1000})
    return watcher.finalize()


def huge_trace(steps: int = TEN_THOUSAND, *, trace_id: str = "f00d000000000001") -> Trace:
    """A run of very many steps: a fan-out, a loop that stops making progress, and a long crawl that ends in a crash.

    Args:
        steps: How many, a thousand or more.
        trace_id: Its id.
    """
    names = ["plan", *["crawl"] * BRANCHES, "merge", *["think", "act"] * ROUNDS]
    names += ["fetch"] * (steps - len(names) - 1) + ["send"]
    supersteps = [0, *[1] * BRANCHES, *range(2, 2 + steps - BRANCHES - 1)]
    began = datetime(2026, 11, 24, 13, 2, 11, tzinfo=timezone.utc)
    cause = BRANCHES + 2 + 9 * 2
    found: list[TraceStep] = []
    at = 0.0
    for index, name in enumerate(names):
        took = 30.0 + (index * 37 % 61) + (900.0 if index % 997 == 0 else 0.0)
        start = 40.0 if name == "crawl" else at
        last = index == steps - 1
        found.append(
            TraceStep(
                id=step_id(trace_id, index + 1),
                step_number=index + 1,
                node_name=name,
                input_state={"topic": "tides", "page": index, "texts": []},
                output_state={} if last else {"page": index + 1},
                state_after={} if last else {"topic": "tides", "page": index + 1, "texts": []},
                duration_ms=took,
                timestamp=began + timedelta(milliseconds=start),
                outcome="error" if last or index % 4001 == 4000 else "ok",
                error=ErrorInfo(type="KeyError", message="'answer'", file="app.py", line=88) if last else None,
                metadata={"superstep": supersteps[index]},
            )
        )
        at = max(at, start + took)
    names_once = list(dict.fromkeys(names))
    stops = [START, *names_once, END]
    graph = GraphSpec(
        name="research",
        version="made",
        nodes=tuple(NodeSpec(name=name) for name in names_once),
        edges=(
            *(EdgeSpec(source=one, target=other) for one, other in pairwise(stops)),
            EdgeSpec(source="act", target="think", conditional=True),
            EdgeSpec(source="fetch", target="fetch", conditional=True),
        ),
    )
    culprit, victim = found[cause], found[-1]
    return Trace(
        id=trace_id,
        pipeline_name="research-agent",
        created_at=began,
        status="failed",
        duration_ms=at,
        steps=tuple(found),
        graph=graph,
        error=victim.error,
        summary="`think` repeated its plan from round 9 on; much later `send` raised `KeyError: 'answer'`.",
        detections=(
            Detection(
                id="d1",
                code="BEH303",
                layer="behavioral",
                severity="critical",
                step_id=culprit.id,
                confidence=0.91,
                field="plan",
                message="`think` and `act` took 203 turns without new state, usually 3.",
                evidence=(Evidence(step_id=culprit.id, field="plan", note="as one round before", value="look again"),),
            ),
            Detection(
                id="d2",
                code="STR401",
                layer="structural",
                severity="critical",
                step_id=victim.id,
                message="`answer` was never written.",
            ),
        ),
        forensics=Forensics(
            root_cause_step=culprit.id,
            explanation="The plan never changed.",
            confidence=0.88,
            proof="lineage",
            causal_chain=(
                CausalLink(
                    step_id=culprit.id, node_name="think", role="cause", field="plan", why="wrote the same plan again"
                ),
                CausalLink(
                    step_id=victim.id,
                    node_name="send",
                    role="symptom",
                    field="answer",
                    why="raised `KeyError: 'answer'`",
                ),
            ),
        ),
        metadata={"outcome": "error"},
    )


def incomplete_trace(trace_id: str = "f00d000000000002") -> Trace:
    """A run whose process ended while a step was running.

    Args:
        trace_id: Its id.
    """
    began = datetime(2026, 11, 24, 13, 31, 5, tzinfo=timezone.utc)
    names = ("outline", "search", "read", "extract", "check", "compare", "summarize")
    steps = [
        TraceStep(
            id=step_id(trace_id, number),
            step_number=number,
            node_name=name,
            input_state={"topic": "tides"},
            output_state={} if name == "summarize" else {name: f"{name} is done"},
            duration_ms=900.0 + 350 * number,
            timestamp=began + timedelta(milliseconds=2000 * number),
            outcome="cancelled" if name == "summarize" else "ok",
            metadata={"superstep": number, **({"unfinished": True} if name == "summarize" else {})},
        )
        for number, name in enumerate(names, start=1)
    ]
    stops = [START, *names, END]
    return Trace(
        id=trace_id,
        pipeline_name="research-team",
        created_at=began,
        status="incomplete",
        duration_ms=17_300.0,
        steps=tuple(steps),
        graph=GraphSpec(
            name="research-team",
            version="made",
            nodes=tuple(NodeSpec(name=name) for name in names),
            edges=tuple(EdgeSpec(source=one, target=other) for one, other in pairwise(stops)),
        ),
        summary="The process ended while `summarize` was running; 6 steps are complete.",
        metadata={"outcome": "incomplete", "running": ["summarize"]},
    )


def save(store: Path, traces: Sequence[Trace]) -> None:
    """Stores traces as they are.

    Args:
        store: A SQLite file.
        traces: Any.
    """
    from argus.storage.locate import open_store

    opened = open_store(f"sqlite:///{store}")
    opened.save_many(traces)
    opened.close()


def many_traces(count: int, start: int = 0) -> list[Trace]:
    """Small runs of a few pipelines, newest first, one in ten with a finding.

    Args:
        count: How many.
        start: How many there are already.
    """
    model = incomplete_trace()
    began = datetime(2026, 11, 24, 13, 0, tzinfo=timezone.utc)
    made: list[Trace] = []
    for index in range(start, start + count):
        trace_id = f"{index:08x}beefbeef"
        steps = tuple(
            msgspec.structs.replace(step, id=step_id(trace_id, step.step_number), metadata={})
            for step in model.steps[:4]
        )
        bad = index % 10 == 0
        made.append(
            msgspec.structs.replace(
                model,
                id=trace_id,
                pipeline_name=f"pipeline-{index % 4}",
                created_at=began - timedelta(seconds=index * 7),
                status="warning" if bad else "ok",
                steps=steps,
                summary="`read` took 9.4 s, usually 0.4." if bad else "No findings in 4 steps.",
                detections=(
                    Detection(
                        id="d1",
                        code="STA101",
                        layer="statistical",
                        severity="warning",
                        step_id=steps[2].id,
                        message="`read` took 9.4 s, usually 0.4.",
                    ),
                )
                if bad
                else (),
                metadata={"outcome": "completed"},
            )
        )
    return made


def main() -> None:
    """Writes every scene to the store named on the command line, and says which run is which."""
    store = Path(sys.argv[1]).resolve()
    *_, clean, failed = support_runs(store)
    scenes: dict[str, Trace] = {"failed": failed, "clean": clean}
    scenes["nested"] = nested_run(store)
    scenes["rounds"] = loop_run(store)
    scenes["fan"] = fan_run(store)
    scenes["chat"] = chat_run(store)
    scenes["hostile"] = hostile_run(store)
    scenes["huge"], scenes["incomplete"] = huge_trace(), incomplete_trace()
    save(store, [scenes["huge"], scenes["incomplete"]])
    for name, trace in scenes.items():
        print(f"{name:12} {trace.id}  {len(trace.steps):6} steps  {trace.status:10} {trace.summary}")


if __name__ == "__main__":
    main()
