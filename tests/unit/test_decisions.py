"""Branches put into rules, and what the rules answer for recorded states."""

from __future__ import annotations

import functools
from enum import Enum
from typing import Any

import pytest
from langgraph.types import Command, Send

from argus.dataflow.answers import Uncertain, answer_of
from argus.dataflow.decisions import decides_by_command, decision_rule

LIMIT = 3
KNOWN = {"SPRING": 0.1}


class Tone(str, Enum):
    CALM = "calm"


def threshold(state):
    """Publishes what is good enough."""
    if state["score"] >= 0.9 or state["rounds"] >= LIMIT:
        return "publish"
    return "revise"


def chain(state):
    return "both" if 0 < state["a"] <= 5 and state.get("b") else "none"


def table(state):
    return {"red": "alarm", "green": "wait"}[state.get("urgency") or "green"]


def items(state):
    return "fill" if any(gap["missing"] > 0 for gap in state["short"]) else "pack"


def helper(state):
    return "yes" if is_known(state["voucher"]) else "no"


def is_known(code):
    return code in KNOWN


def tone(state):
    return "soft" if state["tone"] == Tone.CALM else "hard"


def last(state):
    message = state["messages"][-1]
    return "tools" if message.get("tool_calls") else "end"


def fan_out(state):
    return [Send("judge", {"heat": heat}) for heat in state["heats"] if heat["lanes"]]


class Desk:
    def way(self, state):
        return "on" if not state["done"] else "off"


def bound(limit, state):
    return state["n"] > limit


@pytest.mark.parametrize(
    ("function", "state", "answer"),
    [
        (threshold, {"score": 0.5, "rounds": 1}, "revise"),
        (threshold, {"score": 0.5, "rounds": 3}, "publish"),
        (chain, {"a": 2, "b": "x"}, "both"),
        (chain, {"a": 6, "b": "x"}, "none"),
        (chain, {"a": 2}, "none"),
        (table, {"urgency": "red"}, "alarm"),
        (table, {"urgency": None}, "wait"),
        (items, {"short": [{"missing": 0}, {"missing": 2}]}, "fill"),
        (items, {"short": []}, "pack"),
        (helper, {"voucher": "SPRING"}, "yes"),
        (helper, {"voucher": None}, "no"),
        (tone, {"tone": "calm"}, "soft"),
        (last, {"messages": [{"tool_calls": []}, {"tool_calls": [1]}]}, "tools"),
        (fan_out, {"heats": [{"lanes": [1]}, {"lanes": []}]}, [{"send": "judge"}]),
        (Desk().way, {"done": False}, "on"),
        (functools.partial(bound, 4), {"n": 5}, True),
        (lambda state: state["next"].strip().lower(), {"next": " Writer"}, "writer"),
    ],
)
def test_a_rule_answers_as_its_function(function: Any, state: dict[str, Any], answer: Any) -> None:
    rule = decision_rule(function)
    assert rule is not None
    assert answer_of(rule, state) == answer


@pytest.mark.parametrize(
    "state",
    [
        {"rounds": 1},
        {"score": "0.5", "rounds": 1},
        {"score": {"$argus": "object", "type": "Score"}, "rounds": 1},
        {"score": None, "rounds": 1},
    ],
    ids=["absent", "number as text", "not recorded", "none"],
)
def test_what_was_not_recorded_as_it_was_makes_the_answer_uncertain(state: dict[str, Any]) -> None:
    with pytest.raises(Uncertain):
        answer_of(decision_rule(threshold), state)


def test_a_list_that_was_cut_makes_the_answer_uncertain() -> None:
    state = {"short": [{"missing": 0}, {"$argus": "more", "count": 900}]}
    with pytest.raises(Uncertain):
        answer_of(decision_rule(items), state)


counted = 0


def with_a_counter(state):
    return "again" if counted < 3 else "stop"


def with_a_list_that_grows(state):
    problems = []
    problems.append(state["x"])
    return "bad" if problems else "good"


def with_a_loop(state):
    for one in state["xs"]:
        if one:
            return "found"
    return "none"


class Stateful:
    def __init__(self) -> None:
        self.calls = 0

    def way(self, state):
        return "again" if self.calls < 2 else "stop"


@pytest.mark.parametrize("function", [with_a_counter, with_a_list_that_grows, with_a_loop, Stateful().way, len, 3])
def test_what_may_hang_on_more_than_the_state_is_never_answered(function: Any) -> None:
    rule = decision_rule(function)
    if rule is not None:
        with pytest.raises(Uncertain):
            answer_of(rule, {"x": 1, "xs": [1]})


def supervisor(state) -> Command[Any]:
    if "draft" not in state:
        return Command(goto="writer", update={"log": ["write"]})
    return Command(goto=state["next"])


def test_a_node_that_returns_commands_decides_on_what_it_was_given() -> None:
    rule = decides_by_command(supervisor)
    assert answer_of(rule, {}) == "writer"
    assert answer_of(rule, {"draft": "x", "next": "critic"}) == "critic"
    assert decides_by_command(threshold) is None


def test_no_code_of_the_function_runs() -> None:
    def careful(state):
        raise AssertionError("it ran")

    rule = decision_rule(careful)
    with pytest.raises(Uncertain):
        answer_of(rule, {})
