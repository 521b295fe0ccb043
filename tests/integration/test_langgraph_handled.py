"""An exception that the graph recovered from says so; one that ended the run does not."""

import inspect
import operator
from typing import Annotated

import pytest
from langgraph.graph import START, StateGraph
from langgraph.types import RetryPolicy
from typing_extensions import TypedDict


class State(TypedDict, total=False):
    x: int
    log: Annotated[list[str], operator.add]


RETRIES = RetryPolicy(initial_interval=0.001, jitter=False, retry_on=ValueError, max_attempts=3)


def chain(*nodes, **options):
    graph = StateGraph(State)
    for number, node in enumerate(nodes):
        graph.add_node(f"n{number}", node, **options)
        graph.add_edge(f"n{number - 1}" if number else START, f"n{number}")
    return graph.compile()


def failing(times):
    tries = iter(range(times))

    def node(state):
        for number in tries:
            raise ValueError(f"try {number}")
        return {"x": 1}

    return node


def boom(state):
    raise KeyError("x")


def handled(recorded):
    return [(step.node_name, step.error.handled) for step in recorded.trace.steps if step.error]


def test_attempts_that_another_followed_are_handled(recorded):
    recorded.watch(chain(failing(2), retry_policy=RETRIES)).invoke({})
    assert handled(recorded) == [("n0", True), ("n0", True)]


def test_the_last_attempt_of_a_run_that_failed_is_not(recorded):
    with pytest.raises(ValueError, match="try 2"):
        recorded.watch(chain(failing(9), retry_policy=RETRIES)).invoke({})
    assert handled(recorded) == [("n0", True), ("n0", True), ("n0", False)]
    assert recorded.trace.error.handled is False


def test_a_retry_stays_handled_when_a_later_node_fails(recorded):
    app = recorded.watch(chain(failing(1), boom, retry_policy=RETRIES))
    with pytest.raises(KeyError):
        app.invoke({})
    assert handled(recorded) == [("n0", True), ("n1", False)]


@pytest.mark.parametrize("later", ["ends well", "fails"])
def test_what_an_outer_node_caught_is_handled(recorded, later):
    inner = chain(boom)

    def catches(state):
        try:
            inner.invoke({})
        except KeyError:
            return {"log": ["caught"]}

    app = recorded.watch(chain(catches, boom if later == "fails" else lambda s: {"x": 2}))
    if later == "fails":
        with pytest.raises(KeyError):
            app.invoke({})
    else:
        app.invoke({})
    inner_step = next(step for step in recorded.trace.steps if step.parent_id)
    assert inner_step.error.handled
    assert recorded.trace.steps[-1].error is None or not recorded.trace.steps[-1].error.handled


def test_what_passed_through_the_outer_node_is_not(recorded):
    with pytest.raises(KeyError):
        recorded.watch(chain(chain(boom))).invoke({})
    assert handled(recorded) == [("n0", False), ("n0", False)]


@pytest.mark.skipif(
    "error_handler" not in inspect.signature(StateGraph.add_node).parameters,
    reason="this LangGraph has no error_handler",
)
@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("rescuer", ["rescues", "fails"])
def test_what_an_error_handler_took_care_of_is_handled_even_in_a_run_that_fails(recorded, nested, rescuer):
    def rescue(state: State) -> dict:
        if rescuer == "fails":
            raise RuntimeError("worse")
        return {"log": ["rescued"]}

    graph = StateGraph(State)
    graph.add_node("wrong", boom, error_handler=rescue)
    graph.add_node("sibling", failing(1))
    graph.add_edge(START, "wrong")
    graph.add_edge(START, "sibling")
    app = chain(graph.compile()) if nested else graph.compile()
    with pytest.raises((ValueError, RuntimeError)):
        recorded.watch(app).invoke({})
    told = dict(handled(recorded))
    assert told.pop("n0", False) is False
    assert told["sibling"] is False
    ran = [step for step in recorded.trace.steps if step.node_name.startswith("__error_handler")]
    assert told["wrong"] is any(step.outcome == "ok" for step in ran)
