"""``argus trace ID --lineage FIELD``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from argus.cli.output.cells import width
from argus.model.trace import Trace
from argus.testing.builders import build_graph, build_trace, ran

CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
Runs = dict[str, Trace]


def drafting_run() -> Trace:
    """A run with a loop, a message list and a field that is left out in the end."""
    graph = build_graph(
        ["ask", "draft", "critique", "send"],
        state={"question": str, "messages": list, "answer": str, "grade": int},
        reads={
            "ask": ["question"],
            "draft": ["question", "grade"],
            "critique": ["answer"],
            "send": ["answer", "citations"],
        },
        writes={"ask": ["messages"], "draft": ["answer", "messages"], "critique": ["grade"], "send": []},
        edges=[("critique", "draft")],
    )
    state = tuple(
        msgspec.structs.replace(field, reducer="add_messages") if field.name == "messages" else field
        for field in graph.state
    )
    nodes = tuple(
        msgspec.structs.replace(node, file="/srv/faq/nodes.py", line=10 * number)
        for number, node in enumerate(graph.nodes, start=1)
    )
    graph = msgspec.structs.replace(graph, state=state, nodes=nodes)

    def said(number: int, text: str) -> dict[str, Any]:
        return {"type": "ai", "content": text, "id": f"m{number}"}

    whole = [said(0, "How long is the warranty?"), said(1, "Let me look."), said(2, "Two years."), said(3, "3 years.")]
    return build_trace(
        ran("ask", {"messages": [whole[1]]}),
        ran("draft", {"answer": "Two years.", "messages": [whole[2]]}),
        ran("critique", {"grade": 2}),
        ran("draft", {"messages": [whole[3]]}),
        ran("critique", {"grade": 5}),
        ran("send", error=KeyError("citations"), state_after={"messages": whole}),
        input={"question": "How long is the warranty?", "messages": [whole[0]]},
        graph=graph,
        trace_id="11aa000000000007",
        pipeline_name="faq",
        status="failed",
    )


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("field", ["answer", "messages", "citations"])
def test_the_life_of_a_field(
    field: str, columns: int, call: Any, stored: Any, snapshot: Callable[[str, str], None]
) -> None:
    stored(drafting_run())
    shown = call("trace", "11aa", "--lineage", field, columns=columns)
    assert (shown.code, shown.err) == (0, "")
    snapshot(f"lineage_{field}_{columns}", shown.out)


def test_json_has_the_shape_that_help_tells(call: Any, stored: Any) -> None:
    stored(drafting_run())
    document = json.loads(call("trace", "--lineage", "answer", "--json").out)
    promised = call("trace", "--help").out
    for name in (*document, *document["events"][0]):
        assert f'"{name}"' in promised
    assert [(event["kind"], event["version"]) for event in document["events"]] == [("wrote", 1), ("omitted", None)]
    assert document["events"][0]["place"]["node_name"] == "draft"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--lineage", "anwser"), "Did you mean answer?"),
        (("--lineage", "zzz"), "It knows question, messages"),
        (("--lineage", "messages[0].contnet"), "Did you mean messages[0].content"),
        (("--lineage", "answer", "--step", "2"), "leave out --step"),
        (("--lineage", "answer", "--diff"), "leave out --step"),
        (("--lineage", ""), "knows no field ''"),
    ],
)
def test_what_it_cannot_tell(words: tuple[str, ...], said: str, call: Any, stored: Any) -> None:
    stored(drafting_run())
    for more in ((), ("--json",)):
        shown = call("trace", "11aa", *words, *more)
        assert (shown.code, shown.out) == (2, "")
        assert said in " ".join(shown.err.split())


def test_a_run_without_states_says_so(call: Any, stored: Any) -> None:
    bare = build_trace(ran("a"), trace_id="22aa000000000007", metadata={"states": "not persisted"})
    stored(bare)
    shown = call("trace", "22aa", "--lineage", "x")
    assert shown.code == 2
    assert "no fields at all" in shown.err


def test_an_incomplete_run_tells_what_was_running(call: Any, stored: Any) -> None:
    stored(build_trace(ran("a", {"x": 1}), status="incomplete", metadata={"running": ["b"], "outcome": "incomplete"}))
    assert "Running when the process ended: b." in call("trace", "--lineage", "x").out


def test_long_lives_are_cut_and_counted(call: Any, stored: Any) -> None:
    stored(build_trace(*[ran("n", {"x": number, "list": list(range(number))}) for number in range(100)]))
    shown = call("trace", "--lineage", "x").out
    assert "76 more; --verbose shows all" in shown
    assert "76 more" not in call("trace", "--lineage", "x", "--verbose").out
    assert len(call("trace", "--lineage", "list").out.splitlines()) < 300


def test_hostile_fields_do_no_harm_and_keep_the_width(call: Any, stored: Any, runs: Runs) -> None:
    stored(runs["hostile"])
    (name,) = [one for one in runs["hostile"].steps[0].output_state if one != "list"]
    for field in ("list", "q", "x", name):
        for columns in (40, 66, 80):
            shown = call("trace", "bad0", "--lineage", field, columns=columns)
            assert not CONTROL.search(shown.out + shown.err)
            assert all(width(line) <= columns for line in shown.out.splitlines())
    assert not CONTROL.search(call("trace", "bad0", "--lineage", "list", "--json").out)
    assert call("trace", "bad0", "--lineage", "list", encoding="ascii").out.isascii()
