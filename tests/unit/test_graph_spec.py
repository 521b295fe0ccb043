"""The shape of a graph as data: nodes with source, edges, state, and a version that only the shape decides."""

import operator
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Annotated, Literal

import pytest
from langchain_core.runnables import RunnableLambda
from langgraph.channels import EphemeralValue, LastValue, Topic
from langgraph.func import entrypoint
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.managed import RemainingSteps
from langgraph.prebuilt import ToolNode
from langgraph.pregel import NodeBuilder, Pregel
from langgraph.types import Command, RetryPolicy, Send
from typing_extensions import TypedDict

from argus.instrumentation.langgraph.spec import graph_spec


class State(TypedDict):
    question: str
    log: Annotated[list[str], operator.add]
    found: Annotated[list, Topic]
    left: RemainingSteps


class Given(TypedDict):
    question: str


class Answer(TypedDict):
    log: list[str]


def first(state: State) -> dict:
    return {"log": [state["question"]]}


def decide(state: State) -> Command[Literal["first", "__end__"]]:
    return Command(goto="first" if state.get("log") else END)


def route(state: State) -> Literal["decide", "__end__"]:
    return "decide" if state["log"] else END


def build(**schemas):
    graph = StateGraph(State, **schemas)
    graph.add_node(first, retry_policy=RetryPolicy(max_attempts=4))
    graph.add_node(decide, defer=True)
    graph.add_edge(START, "first")
    graph.add_conditional_edges("first", route)
    return graph


def edges(spec):
    return {(edge.source, edge.target): (edge.conditional, edge.label) for edge in spec.edges}


def test_nodes_say_where_they_come_from_and_what_they_read_and_write():
    node = graph_spec(build()).node("first")
    assert (node.kind, node.retries, node.deferred) == ("node", 4, False)
    assert node.qualname.endswith("test_graph_spec.first")
    assert node.file == __file__
    assert node.line == first.__code__.co_firstlineno
    assert [(read.path, read.required) for read in node.reads] == [("question", True)]
    assert node.writes == ("log",)
    assert node.input is None
    assert graph_spec(build()).node("decide").deferred


def test_edges_of_all_kinds():
    assert edges(graph_spec(build())) == {
        (START, "first"): (False, None),
        ("first", "decide"): (True, None),
        ("first", END): (True, None),
        ("decide", "first"): (True, None),
        ("decide", END): (True, None),
    }


def test_a_branch_says_what_it_reads():
    (edge,) = [one for one in graph_spec(build()).edges if (one.source, one.target) == ("first", "decide")]
    assert [read.path for read in edge.reads] == ["log"]


def test_labels_and_waiting_edges():
    graph = StateGraph(State)
    for name in ("a", "b", "c"):
        graph.add_node(name, first)
    graph.add_edge(START, "a")
    graph.add_conditional_edges("a", lambda s: "yes", {"yes": "b", "no": END})
    graph.add_edge(["a", "b"], "c")
    found = edges(graph_spec(graph))
    assert found["a", "b"] == (True, "yes")
    assert found["a", END] == (True, "no")
    assert found["a", "c"] == found["b", "c"] == (False, None)


def test_a_branch_without_declared_targets_may_lead_anywhere():
    graph = StateGraph(State)
    graph.add_node("a", first)
    graph.add_node("b", first)
    graph.add_edge(START, "a")
    graph.add_conditional_edges("a", lambda s: [Send("b", s)])
    assert {target for source, target in edges(graph_spec(graph)) if source == "a"} == {"a", "b", END}


def test_state_fields_in_order_with_reducers():
    spec = graph_spec(build())
    assert [(field.name, field.reducer, field.required) for field in spec.state] == [
        ("question", None, True), ("log", "operator.add", True), ("found", "Topic", True), ("left", None, False),
    ]  # fmt: skip
    assert spec.field("log").type.args[0].kind == "str"
    assert (spec.input, spec.output, spec.closed) == (None, None, True)


def test_input_and_output_schemas_of_their_own():
    spec = graph_spec(build(input_schema=Given, output_schema=Answer))
    assert [field.name for field in spec.input] == ["question"]
    assert [(field.name, field.reducer) for field in spec.output] == [("log", "operator.add")]


def test_a_node_with_a_schema_of_its_own():
    def narrow(state: Given) -> dict:
        return {}

    graph = StateGraph(State)
    graph.add_node(narrow)
    graph.add_edge(START, "narrow")
    assert [field.name for field in graph_spec(graph).node("narrow").input] == ["question"]


def test_messages_are_messages():
    spec = graph_spec(StateGraph(MessagesState).add_node("m", first).add_edge(START, "m"))
    field = spec.field("messages")
    assert field.reducer == "add_messages"
    assert (field.type.kind, field.type.args[0].kind, field.type.name) == ("list", "message", "list[AnyMessage]")


def test_kinds_of_nodes():
    inner = build().compile(name="inner")
    graph = StateGraph(State)
    graph.add_node("sub", inner)
    graph.add_node("calls", lambda s: inner.invoke(s))
    graph.add_node("tools", ToolNode([]))
    graph.add_node("chain", RunnableLambda(first) | RunnableLambda(first))
    graph.add_edge(START, "sub")
    spec = graph_spec(graph.compile())
    assert [node.kind for node in spec.nodes] == ["subgraph", "node", "tools", "node"]
    assert spec.node("sub").subgraph.name == spec.node("calls").subgraph.name == "inner"
    assert spec.node("sub").subgraph.node("first").line == first.__code__.co_firstlineno
    assert spec.node("chain").reads is None
    assert graph_spec(graph).node("sub").subgraph.name == "inner"


def test_a_graph_that_holds_itself_ends():
    def again(state: State) -> dict:
        return app.invoke(state)

    graph = StateGraph(State)
    graph.add_node(again)
    graph.add_edge(START, "again")
    app = graph.compile()
    app.nodes["again"].subgraphs = [app]
    assert graph_spec(app).node("again").subgraph is None


def test_the_functional_api():
    @entrypoint()
    def flow(x: int) -> int:
        return x

    spec = graph_spec(flow)
    assert (spec.name, [node.name for node in spec.nodes], spec.state, spec.closed) == ("flow", ["flow"], (), False)
    assert list(edges(spec)) == [(START, "flow"), ("flow", END)]


def test_a_raw_graph():
    app = Pregel(
        nodes={
            "one": NodeBuilder().subscribe_only("a").do(lambda x: x + "!").write_to("b"),
            "two": NodeBuilder().subscribe_only("b").do(lambda x: x + "?").write_to("c"),
        },
        channels={"a": EphemeralValue(str), "b": LastValue(str), "c": LastValue(str)},
        input_channels=["a"],
        output_channels=["c"],
    )
    spec = graph_spec(app)
    assert list(edges(spec)) == [(START, "one"), ("one", "two"), ("two", END)]
    assert [(field.name, field.type.kind) for field in spec.state] == [("a", "str"), ("b", "str"), ("c", "str")]


def test_a_state_that_is_one_value():
    graph = StateGraph(str)
    graph.add_node("n", lambda text: text)
    graph.add_edge(START, "n")
    assert [(field.name, field.type.kind) for field in graph_spec(graph).state] == [("__root__", "str")]


CODE = textwrap.dedent(
    """
    import operator
    from typing import Annotated
    from langgraph.graph import START, StateGraph
    from typing_extensions import TypedDict
    from argus.instrumentation.langgraph.spec import graph_spec

    class State(TypedDict):
        a: {annotation}
        b: Annotated[list, operator.add]
        c: set[int] | None

    def node(state: State) -> dict:
        return {body}

    graph = StateGraph(State)
    graph.add_node("node", node)
    graph.add_edge(START, "node")
    print(graph_spec(graph).version)
    """
)


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    def run(annotation="int", body="{}", indent=0):
        path: Path = tmp_path_factory.mktemp("code") / "graph.py"
        path.write_text("\n" * indent + CODE.format(annotation=annotation, body=body))
        done = subprocess.run([sys.executable, "-W", "ignore", path], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    return run


def test_the_version_follows_the_shape_alone(version):
    usual = version()
    assert version(body="{'a': 1}", indent=7) == usual
    assert version(annotation="str") != usual
