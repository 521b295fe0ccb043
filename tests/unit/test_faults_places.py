"""Paths into nested values: found, replaced, removed; originals stay as they were."""

import copy
from collections import namedtuple
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage
from langgraph.types import Command
from pydantic import BaseModel

from argus.testing.faults.places import fields_of, first_path, has, look_up, removed, replaced, set_at


class Model(BaseModel):
    amount: float
    tags: list[str] = []


@dataclass
class Record:
    amount: float
    inner: dict


Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("value", "path", "expected"),
    [
        ({"a": {"b": 1}}, "a.b", [1]),
        ({"rows": [{"x": 1}, {"x": 2}]}, "rows.*.x", [1, 2]),
        ({"rows": [{"x": 1}, {"x": 2}]}, "rows.-1.x", [2]),
        ({"a": 1}, "", [{"a": 1}]),
        ({"a": 1}, "b.c", []),
        ({"a": [1]}, "a.7", []),
        ({"a": "text"}, "a.upper", []),
        (Record(2.0, {"k": 3}), "inner.k", [3]),
        (Model(amount=4.0), "amount", [4.0]),
        (Point(1, 2), "1", [2]),
        (Command(update={"a": {"b": 5}}, goto="x"), "a.b", [5]),
        ({"messages": [AIMessage("hello")]}, "messages.0.content", ["hello"]),
        ({"summaries": {"one": "a", "two": "b"}}, "summaries.*", ["a", "b"]),
    ],
)
def test_what_stands_at_a_path(value, path, expected):
    assert look_up(value, path) == expected
    assert has(value, path) == bool(expected)


def test_every_kind_of_holder_is_copied_with_the_change_and_left_alone():
    values = [
        {"a": [{"b": 1}]},
        Record(1.0, {"a": [{"b": 1}]}),
        Command(update={"a": [{"b": 1}]}, goto="next"),
        {"a": ({"b": 1},)},
    ]
    paths = ["a.0.b", "inner.a.0.b", "a.*.b", "a.0.b"]
    for value, path in zip(values, paths, strict=True):
        before = copy.deepcopy(value)
        changed = replaced(value, path, lambda _: 9)
        assert look_up(changed, path) == [9]
        assert value == before
        assert type(changed) is type(value)
    assert replaced(values[2], "a.0.b", lambda _: 9).goto == "next"


def test_models_messages_and_named_tuples_keep_their_class():
    assert replaced(Model(amount=1.0), "amount", lambda _: "x").amount == "x"
    assert replaced(AIMessage("a"), "content", lambda _: "b").content == "b"
    assert replaced(Point(1, 2), "1", lambda y: y + 1) == Point(1, 3)


def test_nothing_to_change_gives_the_very_same_value():
    value = {"a": [1, 2]}
    assert replaced(value, "b.c", lambda _: 0) is value
    assert replaced(value, "a.*", lambda item: item) is value


def test_removal():
    assert removed({"a": 1, "b": 2}, "a") == {"b": 2}
    assert removed({"rows": [{"x": 1, "y": 2}, {"x": 3}]}, "rows.*.x") == {"rows": [{"y": 2}, {}]}
    assert removed({"rows": [1, 2, 3]}, "rows.1") == {"rows": [1, 3]}
    assert removed(Command(update={"a": 1, "b": 2}, goto="n"), "a").update == {"b": 2}
    assert removed({"r": Record(1.0, {})}, "r.amount")["r"].amount is None


def test_fields_are_those_of_the_update():
    assert fields_of({"a": 1}) == {"a": 1}
    assert fields_of(Command(update={"a": 1}, goto="x")) == {"a": 1}
    assert set(fields_of(Model(amount=1.0))) == {"amount", "tags"}
    assert set(fields_of(Record(1.0, {}))) == {"amount", "inner"}
    assert fields_of("text") == {}
    assert first_path({"a": 1, "b": "x"}, lambda v: isinstance(v, str)) == "b"
    assert first_path("x", lambda v: isinstance(v, str)) == ""
    assert first_path({"a": 1}, lambda v: isinstance(v, str)) is None


def test_a_key_is_added():
    assert set_at({"a": 1}, "b", 2) == {"a": 1, "b": 2}
    assert set_at(Command(update=None, goto="x"), "b", 2).update == {"b": 2}


nested = st.recursive(
    st.integers() | st.text(max_size=3) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
)
paths = st.lists(st.sampled_from(["a", "b", "c", "0", "1", "-1", "*"]), max_size=4).map(".".join)


@settings(deadline=None)  # a busy machine is no failure
@given(nested, paths)
def test_a_copy_has_the_change_everywhere_and_the_original_nowhere(value, path):
    before, marker = copy.deepcopy(value), object()
    found = look_up(value, path)
    changed = replaced(value, path, lambda _: marker)
    assert value == before
    assert [item is marker for item in look_up(changed, path)] == [True] * len(found)
    if path and not path.endswith("*"):
        removed(value, path)
        assert value == before
