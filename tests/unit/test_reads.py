"""What static analysis tells of node functions in all the shapes people write them."""

from __future__ import annotations

import asyncio
import copy
import functools
import json
import operator
import sys
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypedDict, cast

import pytest

from argus.dataflow.reads import SourceReads, read_source

DOCS = "documents"
NEEDED = ("alpha", "beta")
DEFAULTS = {"tone": "calm"}


class Field(str, Enum):
    DRAFT = "draft"


class State(TypedDict, total=False):
    question: str
    documents: list[Any]
    order: dict[str, Any]


class Command:
    def __init__(self, update: Any = None, goto: Any = None) -> None:
        self.update = update


@dataclass
class Out:
    answer: str = ""
    score: float = 0.0


def reads(function: Any) -> dict[str, bool]:
    found = read_source(function)
    assert found.reads is not None
    return {read.path: read.required for read in found.reads}


def whole(function: Any) -> SourceReads:
    return read_source(function)


# the shapes of access


def subscript(state):
    return {"answer": state["question"] + state["tone"]}


def get_and_in(state):
    if "tone" in state:
        pass
    return {"answer": state.get("question", "")}


def attribute(state):
    return {"answer": state.question.strip(), "total": state.order.total}


def nested(state):
    return {"sum": state["order"]["total"] + state["order"]["items"][0]["price"]}


def alias(state):
    s = state
    order = s["order"]
    return {"sum": order["total"], "who": order.get("customer", {}).get("name")}


def alias_used_whole(state):
    order = state["order"]
    first = order["total"]
    return {"sum": first, "copy": order}


def constants(state):
    rows = state[DOCS]
    return {DOCS: rows, Field.DRAFT: state[Field.DRAFT]}


def in_loop(state):
    found = {}
    for key in NEEDED:
        found[key] = state[key]
    return found


def comprehension(state):
    return {key: state[key] for key in ("gamma", "delta")}


def element_access(state):
    return {"text": " ".join(d["text"] for d in state["documents"]), "last": state["messages"][-1].content}


def formatted(state):
    return {"prompt": "Answer {question} in {tone}".format(**state), "x": f"{state['draft']}"}


def getattr_access(state):
    return {"a": getattr(state, "question", None), "b": hasattr(state, "tone")}


def picked(state):
    question, tone = operator.itemgetter("question", "tone")(state)
    return {"answer": question + tone}


def matched(state):
    match state:
        case {"kind": "refund", "amount": amount}:
            return {"result": amount}
        case _:
            return {"result": None}


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (subscript, {"question": True, "tone": True}),
        (get_and_in, {"tone": False, "question": False}),
        (attribute, {"question": True, "order.total": True}),
        (nested, {"order.total": True, "order.items": True}),
        (alias, {"order.total": True, "order.customer": False, "order.customer.name": False}),
        (alias_used_whole, {"order": True, "order.total": True}),
        (constants, {"documents": True, "draft": True}),
        (in_loop, {"alpha": True, "beta": True}),
        (comprehension, {"gamma": True, "delta": True}),
        (element_access, {"documents": True, "messages": True}),
        (formatted, {"question": True, "tone": True, "draft": True}),
        (getattr_access, {"question": False, "tone": False}),
        (picked, {"question": True, "tone": True}),
        (matched, {"kind": False, "amount": False}),
    ],
)
def test_reads_by_shape_of_access(function, expected):
    assert reads(function) == expected
    assert whole(function).reads_complete


# presence and conditions


def guarded(state):
    if "tone" in state:  # noqa: SIM108 - the statement is the shape under test
        tone = state["tone"]
    else:
        tone = "calm"
    style = state["style"] if "style" in state else None  # noqa: SIM401 - as above
    extra = "extra" in state and state["extra"]
    return {"answer": tone, "style": style, "extra": extra}


def early_return(state):
    if not state.get("question"):
        return {}
    return {"answer": state["question"], "more": state["tone"]}


def caught(state):
    try:
        tone = state["tone"]
    except KeyError:
        tone = "calm"
    return {"answer": tone}


def set_by_itself(state):
    state["scratch"] = 1
    return {"answer": state["scratch"]}


def stops_loudly(state):
    if "question" not in state:
        raise ValueError("no question")
    return {"answer": state["question"], "more": state["tone"]}


def branches(state):
    if state["kind"] == "a":
        return {"x": state["a_info"]}
    return {"x": state["b_info"]}


def test_a_field_known_to_be_there_is_not_demanded():
    assert reads(guarded) == {"tone": False, "style": False, "extra": False}
    assert reads(caught) == {"tone": False}
    assert reads(set_by_itself) == {}
    assert reads(early_return) == {"question": False, "tone": True}
    assert reads(stops_loudly) == {"question": False, "tone": True}


def test_reads_under_a_condition_are_marked():
    by_path = {read.path: read for read in whole(branches).reads}
    assert not by_path["kind"].conditional
    assert by_path["a_info"].conditional
    assert by_path["b_info"].conditional
    assert {r.path: r.conditional for r in whole(early_return).reads}["tone"]
    assert not {r.path: r.conditional for r in whole(stops_loudly).reads}["tone"]


# helpers


def _title(state):
    return state["title"].upper()


def _of_order(order):
    return order["total"]


def _by_name(question, tone="calm", **rest):
    return question + tone


def _update(state):
    return {"answer": state["question"]}


def _endless(state):
    return _endless(state) + state["depth"]


def calls_helpers(state):
    return {"t": _title(state), "s": _of_order(state["order"])}


def calls_by_name(state):
    return {"t": _by_name(question=state["q"])}


def spreads_into_names(state):
    def inner(question, tone="calm"):
        return question + tone

    return {"t": inner(**state)}


def hands_on_the_update(state):
    return _update(state)


def recursive(state):
    return {"x": _endless(state)}


async def in_thread(state):
    return await asyncio.to_thread(_update, state)


def closure_inside(state):
    def score(doc):
        return len(state["query"]) + doc["length"]

    return {"ranked": sorted(state["documents"], key=score)}


def test_helpers_of_the_same_package_are_followed():
    assert reads(calls_helpers) == {"title": True, "order.total": True}
    assert reads(calls_by_name) == {"q": True}
    assert reads(spreads_into_names) == {"question": True, "tone": False}
    assert reads(recursive) == {"depth": True}
    assert reads(in_thread) == {"question": True}
    assert set(reads(closure_inside)) == {"query", "documents"}
    assert whole(hands_on_the_update).writes == ("answer",)
    assert whole(in_thread).writes == ("answer",)
    assert all(whole(f).reads_complete for f in (calls_helpers, spreads_into_names, recursive, in_thread))


# escape


def escapes(state):
    return {"x": json.dumps(state), "y": state["question"]}


def unknown_key(state):
    return {"x": state[json.loads("1")], "y": state["question"]}


def walks_items(state):
    return {key: value for key, value in state.items() if value}


def only_prints(state):
    print(state)
    return {"x": len(state["documents"]), "y": isinstance(state, dict)}


def carries_on(state):
    return {**state, "x": state["question"]}


@pytest.mark.parametrize("function", [escapes, unknown_key])
def test_known_reads_stand_when_the_state_escapes(function):
    found = whole(function)
    assert {read.path for read in found.reads} == {"question"}
    assert not found.reads_complete


def test_what_is_no_escape():
    assert whole(only_prints).reads_complete
    assert whole(carries_on).reads_complete
    assert not whole(walks_items).reads_complete


# writes


def returns_nothing(state):
    state["x"]


def built_up(state):
    update = {"a": 1}
    update["b"] = 2
    update.update({"c": 3}, d=4)
    if state["more"]:
        update["e"] = 5
    update |= {"f": 6}
    return update


def by_dict(state):
    return dict({"a": 1}, b=2)


def either(state):
    if state["ok"]:
        return {"a": 1}
    return {"b": 2} if state["maybe"] else None


def commands(state):
    return [Command(update={"a": 1}, goto="x"), {"b": 2}]


def command_only_goes(state):
    return Command(goto="x")


def with_defaults(state):
    return {**DEFAULTS, "a": 1}


def copied_state(state):
    new = dict(state)
    new["x"] = 1
    return new


def unknown_update(state):
    return json.loads(state["reply"])


def partly_unknown(state):
    return {"a": 1, **json.loads(state["reply"])}


def unknown_key_written(state):
    return {state["name"]: 1}


def record(state):
    return Out(answer=state["q"])


def casts(state):
    typed = cast("State", state)
    other = copy.deepcopy(typed)
    return {"a": other["question"]}


def generates(state):
    yield {"a": 1}
    yield {"b": state["q"]}


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (returns_nothing, ()),
        (built_up, ("a", "b", "c", "d", "e", "f")),
        (by_dict, ("a", "b")),
        (either, ("a", "b")),
        (commands, ("a", "b")),
        (command_only_goes, ()),
        (with_defaults, ("tone", "a")),
        (in_loop, ("alpha", "beta")),
        (comprehension, ("delta", "gamma")),
        (constants, ("documents", "draft")),
        (copied_state, None),
        (carries_on, None),
        (unknown_update, None),
        (partly_unknown, None),
        (unknown_key_written, None),
        (record, ("answer",)),
        (casts, ("a",)),
        (generates, ("a", "b")),
    ],
)
def test_writes(function, expected):
    assert whole(function).writes == expected


def _fill(update, state):
    update["filled"] = state["q"]


def filled_by_helper(state):
    update = {"a": 1}
    _fill(update, state)
    return update


def filled_somewhere(state):
    update = {"a": 1}
    json.JSONEncoder().default(update)
    return update


def either_of_two_in_a_loop(state):
    update = {}
    for row in state["rows"]:
        if row:
            update["a"] = 1
        else:
            update["b"] = 1
    return update


def sometimes_in_a_loop(state):
    update = {}
    for row in state["rows"]:
        if row:
            update["a"] = 1
    return update


def falls_through(state):  # noqa: RET503 - the missing return is the shape under test
    if state["ok"]:
        return {"a": 1}


def counted(state):
    return len(state["rows"])


def spread_twice(state):
    more = {"b": 1} if state["ok"] else {}
    return {"a": 1, **more}


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (subscript, (("answer",),)),
        (returns_nothing, ((),)),
        (built_up, (("a", "b", "c", "d", "f"), ("a", "b", "c", "d", "e", "f"))),
        (either, ((), ("a",), ("b",))),
        (falls_through, ((), ("a",))),
        (spread_twice, (("a",), ("a", "b"))),
        (with_defaults, (("tone", "a"),)),
        (command_only_goes, ((),)),
        (sometimes_in_a_loop, ((), ("a",))),
        (comprehension, (("delta", "gamma"),)),
        (hands_on_the_update, (("answer",),)),
        (filled_by_helper, (("a", "filled"),)),
        (either_of_two_in_a_loop, None),
        (filled_somewhere, None),
        (in_loop, None),
        (commands, None),
        (generates, None),
        (record, None),
        (copied_state, None),
        (unknown_update, None),
        (partly_unknown, None),
        (counted, None),
    ],
)
def test_ways_to_return(function, expected):
    assert whole(function).returns == expected


def test_what_a_helper_puts_into_the_update_is_written():
    assert whole(filled_by_helper).writes == ("a", "filled")


def makes_records(state):
    lines = [{"sku": line["sku"], "price": 2} for line in state["lines"]]
    lines[0]["note"] = "first"
    return {"lines": lines, "total": {"net": 1}}


def test_keys_that_are_made_anywhere():
    assert set(whole(makes_records).makes) == {"sku", "price", "note", "lines", "total", "net"}


# the shapes of callables


class Node:
    key = "from_class"

    def __init__(self, field: str) -> None:
        self.field = field

    def __call__(self, state):
        return {self.field: state[self.key]}

    def method(self, state):
        return {"out": self._helper(state)}

    def _helper(self, state):
        return state[self.field]

    @staticmethod
    def static(state):
        return {"out": state["s"]}

    @classmethod
    def klass(cls, state):
        return {"out": state[cls.key]}


class Wrapper:
    """Keeps its function like the wrappers of graph libraries do."""

    def __init__(self, func=None, afunc=None) -> None:
        self.func = func
        self.afunc = afunc


def factory(source: str, sink: str):
    def node(state):
        return {sink: state[source]}

    return node


def with_options(state, model, *, field):
    return {"out": state[field]}


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        result = function(*args, **kwargs)
        return {**result, "logged": True}

    return wrapper


def unnamed_wrapper(function):
    def wrapper(state, config=None):
        return function(state)

    return wrapper


@logged
def decorated(state, config=None):
    return {"out": state["question"], "c": config["configurable"]}


async def asynchronous(state):
    return {"out": state["question"]}


lambdas = [lambda s: {"a": s["x"]}, lambda s: {"b": s["y"]}]


def test_callables_of_every_shape():
    assert reads(Node("made")) == {"from_class": True}
    assert whole(Node("made")).writes == ("made",)
    assert reads(Node("made").method) == {"made": True}
    assert reads(Node.static) == {"s": True}
    assert reads(Node.klass) == {"from_class": True}
    assert reads(factory("src", "dst")) == {"src": True}
    assert whole(factory("src", "dst")).writes == ("dst",)
    assert reads(functools.partial(with_options, model=object(), field="chosen")) == {"chosen": True}
    assert reads(unnamed_wrapper(subscript)) == {"question": True, "tone": True}
    assert reads(asynchronous) == {"question": True}
    assert reads(Wrapper(func=asynchronous)) == {"question": True}
    assert reads(Wrapper(afunc=Node("made").method)) == {"made": True}
    assert [reads(one) for one in lambdas] == [{"x": True}, {"y": True}]
    assert [whole(one).writes for one in lambdas] == [("a",), ("b",)]


def test_a_decorated_function_is_shown_where_it_is_written():
    found = whole(decorated)
    assert {read.path for read in found.reads} == {"question"}
    assert found.writes == ("out", "c", "logged")
    assert found.qualname is not None
    assert found.qualname.endswith("decorated")
    assert found.file == __file__


def test_where_a_read_stands():
    found = whole(subscript)
    assert found.file == __file__
    assert found.line == subscript.__code__.co_firstlineno
    assert {read.line for read in found.reads} == {found.line + 1}
    assert found.qualname == f"{__name__}.subscript"


# hostile and unreadable


class Hostile:
    def __getattr__(self, name):
        raise RuntimeError("asked for " + name)

    @property
    def __class__(self):
        raise RuntimeError("asked for the class")

    def __eq__(self, other):
        raise RuntimeError("compared")

    __hash__ = None


hostile = Hostile()


def uses_hostile(state):
    return {"x": hostile.anything(state["q"]), "y": hostile == state["z"]}


def test_unreadable_things_give_nothing_and_never_raise():
    for thing in (len, None, 3, "text", object(), hostile, Wrapper(), dict, functools.partial(len)):
        assert whole(thing).reads is None
        assert whole(thing).writes is None
    scope: dict[str, Any] = {}
    exec("def made(state):\n    return {'a': state['b']}", scope)
    assert whole(scope["made"]).reads is None
    assert whole(scope["made"]).qualname is not None


def test_no_code_of_the_program_runs():
    assert reads(uses_hostile) == {"q": True, "z": True}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the statement is new in Python 3.11")
def test_groups_of_exceptions(tmp_path):
    import importlib.util

    file = tmp_path / "group_nodes.py"
    file.write_text(
        "def node(state):\n    try:\n        x = state['a']\n    except* KeyError:\n"
        "        x = 0\n    return {'b': x}\n"
    )
    spec = importlib.util.spec_from_file_location("group_nodes", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert reads(module.node) == {"a": False}


def test_a_changed_source_file_is_not_trusted(tmp_path):
    import importlib.util

    file = tmp_path / "changing_nodes.py"
    file.write_text("def node(state):\n    return {'a': state['b']}\n")
    spec = importlib.util.spec_from_file_location("changing_nodes", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    file.write_text("import os\n\n\ndef other(state, more):\n    return {'z': state['z']}\n")
    assert whole(module.node).reads is None


def test_a_huge_function_is_given_up_in_bounded_time(tmp_path):
    import importlib.util

    file = tmp_path / "huge_node.py"
    body = "\n".join(f"    x{i} = state['f'] + {i}" for i in range(12_000))
    file.write_text(f"def node(state):\n{body}\n    return {{'a': x1}}\n")
    spec = importlib.util.spec_from_file_location("huge_node", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = whole(module.node)
    assert found.reads is None
    assert found.line == 1
