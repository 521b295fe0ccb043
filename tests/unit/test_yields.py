"""What the source of a node gives to each key, what it puts on top of a state, and what it reads of items."""

from __future__ import annotations

import operator
from typing import Any

import pytest

from argus.dataflow.reads import read_source


def kinds(function: Any) -> dict[str, set[str]]:
    return {key: set(found) for key, found in read_source(function).yields}


def plain(state):
    total = sum(line["price"] for line in state["lines"])
    parts = [f"Dear {state['name']},"]
    parts += [line["sku"] for line in state["lines"]]
    return {
        "text": f"Total: {total}",
        "letter": "\n".join(parts),
        "count": len(state["lines"]),
        "done": state["a"] > 3,
        "names": [line["sku"] for line in state["lines"]],
        "dear": [line for line in state["lines"] if line["price"] > 9],
        "total": round(total, 2),
        "none": None,
        "either": state.get("a") or "",
        "kept": state["a"],
        "asked": ask(state["a"]),
    }


def ask(question):
    import random

    return random.choice([question])


def test_each_kind_of_expression_is_told() -> None:
    assert kinds(plain) == {
        "text": {"text"},
        "letter": {"text"},
        "count": {"number"},
        "done": {"bool"},
        "names": {"list"},
        "dear": {"list", "empty"},
        "total": {"thing"},
        "none": {"null"},
        "either": {"any", "str", "empty"},
    }


def branches(state):
    if not state["docs"]:
        return {"answer": ""}
    return {"answer": f"found {state['docs']}"}


def built_up(state):
    out = {}
    out["n"] = 0
    for doc in state["docs"]:
        out["n"] += 1
        out["last"] = [doc]
    out.update({"n": "many"})
    return out


def unknown_key(state):
    out = {"n": 0}
    out[state["key"]] = "x"
    return out


def tried(state):
    value = None
    try:
        value = [1]
        risky(state)
    except ValueError:
        return {"value": value}
    return {"value": value}


def risky(state):
    raise ValueError(state)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (branches, {"answer": {"str", "empty", "text"}}),
        (built_up, {"n": {"text"}, "last": {"items"}}),
        (unknown_key, {"n": {"number", "text"}}),
        (tried, {"value": {"null", "items"}}),
    ],
)
def test_all_ways_are_joined(function: Any, expected: dict[str, set[str]]) -> None:
    assert kinds(function) == expected


def shifting(state):
    rows = [1]
    rows.clear()
    return {"rows": rows, "part": "abc"[state["n"] :], "first": [{"a": None}][0]}


def test_what_may_have_changed_in_between_is_not_taken_for_sure() -> None:
    assert kinds(shifting) == {"rows": {"list", "empty"}, "part": {"str"}}


def test_a_value_that_is_no_update_is_told_as_a_whole() -> None:
    assert kinds(lambda article: f"{article['title']}!") == {"__root__": {"text"}}


def on_top(state):
    state["seen"] = True
    return {**state, "text": "x"}


def any_key(state):
    state[state["name"]] = True
    return state


def another_dict(state):
    return {**state["inner"], "text": "x"}


@pytest.mark.parametrize(
    ("function", "expected"),
    [(on_top, ("text", "seen")), (any_key, None), (another_dict, None), (lambda state: state, ())],
)
def test_what_is_put_on_top_of_a_whole_state(function: Any, expected: Any) -> None:
    assert read_source(function).adds == expected


def over_items(state):
    for line in state["lines"]:
        line.get("note")
    best = max(state["offers"], key=lambda offer: offer["saving"])
    ranked = sorted(state["stops"], key=operator.itemgetter("bin"))
    names = [f"{place}: {person['name']}" for place, person in enumerate(state["people"])]
    by_id = {key: row["id"] for key, row in state["table"].items()}
    titles = list(map(title_of, state["docs"]))
    return {"x": (best["code"], ranked[0]["step"], names, by_id, titles, state["docs"][0]["text"])}


def title_of(doc):
    return doc["title"]


def test_reads_of_items_are_told_through_loops_keys_and_helpers() -> None:
    found = read_source(over_items)
    assert {read.path: read.required for read in found.item_reads} == {
        "lines[].note": False,
        "offers[].saving": True,
        "offers[].code": True,
        "stops[].bin": True,
        "stops[].step": True,
        "people[].name": True,
        "table[].id": True,
        "docs[].title": True,
        "docs[].text": True,
    }
    assert {read.path for read in found.reads or ()} == {"lines", "offers", "stops", "people", "table", "docs"}
