"""Two runs side by side: which steps belong together, and what differs."""

from __future__ import annotations

import msgspec

from argus.model.codec import decode, encode
from argus.model.detection import Detection
from argus.model.trace import TokenUsage
from argus.testing.builders import build_trace, ran
from argus.views.comparison import Comparison, compare


def run(*steps, trace_id="00000000000000a1", **more):
    return build_trace(*steps, trace_id=trace_id, **more)


def other(*steps, **more):
    return run(*steps, trace_id="00000000000000b2", **more)


def kinds(comparison):
    return [(pair.kind, pair.node_name, pair.a_number, pair.b_number) for pair in comparison.steps]


def test_two_equal_runs():
    comparison = compare(run(ran("a", {"x": 1}), ran("b", {"y": 2})), other(ran("a", {"x": 1}), ran("b", {"y": 2})))
    assert kinds(comparison) == [("same", "a", 1, 1), ("same", "b", 2, 2)]
    assert comparison.first_difference is None
    assert comparison.sentence == "Both runs did the same in 2 steps, with the same output."
    assert comparison.counts == {"same": 2}


def test_what_differs_is_named_to_the_nested_key():
    one = run(ran("a", {"order": {"total": 3, "lines": [1, 2], "note": "x"}, "gone": 1}))
    two = other(ran("a", {"order": {"total": 4, "lines": [1, 2]}, "new": None}))
    (pair,) = compare(one, two).steps
    assert pair.kind == "changed"
    assert [(one.mark, one.path, one.a, one.b) for one in pair.fields] == [
        ("~", "order.total", 3, 4),
        ("-", "order.note", "x", None),
        ("-", "gone", 1, None),
        ("+", "new", None, None),
    ]
    assert compare(one, two).sentence == (
        "The first difference is at step 1, `a`: `order.total` differs and 3 more fields."
    )


def test_one_and_true_are_different_and_equal_objects_are_not():
    assert compare(run(ran("a", {"x": 1})), other(ran("a", {"x": True}))).steps[0].kind == "changed"
    assert compare(run(ran("a", {"x": [1.5]})), other(ran("a", {"x": [1.5]}))).steps[0].kind == "same"


def test_missing_and_inserted_steps_keep_the_others_together():
    one = run(ran("a"), ran("check"), ran("send"))
    two = other(ran("a"), ran("repair"), ran("send"))
    assert kinds(compare(one, two)) == [
        ("same", "a", 1, 1),
        ("inserted", "repair", None, 2),
        ("missing", "check", 2, None),
        ("same", "send", 3, 3),
    ]


def test_rounds_of_a_loop_are_matched_in_order():
    one = run(ran("draft", {"v": 1}), ran("grade"), ran("draft", {"v": 2}), ran("grade"), ran("send"))
    two = other(
        ran("draft", {"v": 1}), ran("grade"), ran("draft", {"v": 9}), ran("grade"), ran("draft"), ran("grade"),
        ran("send"),
    )  # fmt: skip
    comparison = compare(one, two)
    assert [(pair.kind, pair.node_name, pair.round) for pair in comparison.steps] == [
        ("same", "draft", 1), ("same", "grade", 1), ("changed", "draft", 2), ("same", "grade", 2),
        ("repeated", "draft", 3), ("repeated", "grade", 3), ("same", "send", 1),
    ]  # fmt: skip
    assert comparison.first_difference == 2


def fan(*parts, lost=None):
    steps = [
        ran("work", {"done": part.upper()}, input_state={"part": part}, metadata={"superstep": 2, "kind": "push"})
        for part in parts
        if part != lost
    ]
    return [ran("plan", metadata={"superstep": 1}), *steps, ran("join", metadata={"superstep": 3})]


def test_branches_are_matched_by_what_they_were_given():
    comparison = compare(run(*fan("a", "b", "c")), other(*fan("c", "a", "b", lost="b")))
    assert [(pair.kind, pair.a_number, pair.b_number) for pair in comparison.steps] == [
        ("same", 1, 1), ("same", 2, 3), ("missing", 3, None), ("same", 4, 2), ("same", 5, 4),
    ]  # fmt: skip
    assert [pair.branch for pair in comparison.steps] == [0, 1, 2, 3, 0]


def test_steps_inside_are_matched_with_their_outer_step():
    def nested(trace_id, value):
        parent = f"{trace_id}-s1"
        return build_trace(
            ran("team", {"v": value}), ran("leaf", {"v": value}, parent_id=parent), ran("end"), trace_id=trace_id
        )

    comparison = compare(nested("00000000000000a1", 1), nested("00000000000000b2", 2))
    assert [(pair.kind, pair.node_name, pair.depth) for pair in comparison.steps] == [
        ("changed", "team", 0), ("changed", "leaf", 1), ("same", "end", 0),
    ]  # fmt: skip


def test_outcomes_retries_durations_and_tokens():
    usage = TokenUsage(total_tokens=30)
    one = run(ran("a", error=KeyError("x")), ran("a", {"x": 1}, attempt=2, token_usage=usage))
    two = other(ran("a", {"x": 1}, duration_ms=90.0))
    comparison = compare(one, two)
    assert comparison.steps[0].outcomes == ("KeyError", "ok")
    assert (comparison.steps[0].a_ms, comparison.steps[0].b_ms) == (10.0, 90.0)
    assert comparison.steps[1].kind == "missing"
    assert (comparison.a_tokens, comparison.b_tokens) == (30, None)
    assert comparison.sentence == "The first difference is at step 1, `a`: KeyError became ok."


def test_findings_that_come_and_go():
    def found(trace_id, code, number):
        return Detection(
            layer="structural", severity="warning", message="m", step_id=f"{trace_id}-s{number}", code=code
        )

    one = run(ran("a"), ran("b", {"x": 1}))
    one = msgspec.structs.replace(one, detections=(found(one.id, "STR401", 1), found(one.id, "STR403", 2)))
    two = other(ran("a"), ran("b", {"x": 2}))
    two = msgspec.structs.replace(two, detections=(found(two.id, "STR403", 2), found(two.id, "SIG501", 2)))
    comparison = compare(one, two)
    assert [one.code for one in comparison.lost] == ["STR401"]
    assert [one.code for one in comparison.gained] == ["SIG501"]
    assert comparison.sentence.endswith("; findings: 1 gone, 1 new.")


def test_ids_that_are_made_up_anew_do_not_count():
    def told(number):
        return {
            "messages": [{"type": "ai", "content": "hello", "id": f"run-{number}", "usage_metadata": {"n": number}}]
        }

    assert compare(run(ran("a", told(1))), other(ran("a", told(2)))).steps[0].kind == "same"
    records = compare(run(ran("a", {"row": {"id": 1}})), other(ran("a", {"row": {"id": 2}})))
    assert records.steps[0].kind == "changed"


def test_outputs_and_inputs():
    one = run(ran("a", {"x": 1}), input={"q": 1})
    two = other(ran("a", {"x": 1}), input={"q": 2})
    comparison = compare(one, two)
    assert comparison.steps[0].input_differs
    assert [change.path for change in comparison.output] == ["q"]
    assert comparison.sentence == "Both runs did the same in 1 step, but their outputs differ."


def test_hostile_and_empty_runs():
    wild = "\u202e`\n" * 50
    comparison = compare(run(ran(wild, {wild: wild})), other())
    assert comparison.steps[0].kind == "missing"
    assert "\u202e" not in comparison.sentence
    assert "\n" not in comparison.sentence
    assert compare(run(), other()).steps == ()
    deep = nested = {}
    for _ in range(3000):
        nested["x"] = nested = {}
    compare(run(ran("a", {"v": deep})), other(ran("a", {"v": {"x": {"x": 1}}})))


def test_many_differences_are_counted_not_listed():
    (pair,) = compare(run(ran("a", {f"f{i}": 1 for i in range(500)})), other(ran("a"))).steps
    assert len(pair.fields) == 200
    assert pair.fields_left_out == 300


def test_it_can_be_stored():
    comparison = compare(run(ran("a", {"x": 1})), other(ran("a", {"x": 2}), ran("b")))
    assert decode(encode(comparison), Comparison) == comparison
