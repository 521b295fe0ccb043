"""``argus diff``: two runs side by side, in text and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from argus.model.detection import Detection
from argus.model.trace import TokenUsage, Trace
from argus.testing.builders import build_trace, ran

Runs = dict[str, Trace]
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def mended(broken: Trace) -> Trace:
    """The broken run as it went after the repair: other values, one step less, one round more, another end."""
    steps = []
    for step in broken.steps:
        if step.node_name == "account":
            continue
        update = dict(step.output_state)
        if step.node_name == "retrieve":
            update = {"documents": [{"id": 1}]}
        if step.node_name == "send":
            step = msgspec.structs.replace(step, error=None, outcome="ok")
            update = {"citations": [1]}
        metadata = {**step.metadata, "dropped": []}
        steps.append(msgspec.structs.replace(step, output_state=update, metadata=metadata, input_state={}))
        if step.node_name == "critique" and step.metadata["superstep"] == 7:
            steps += [ran("draft", {"answer": "30 days"}, metadata={"superstep": 7.5}), ran("audit", {})]
    trace = build_trace(*steps, trace_id="9d3e000000000006", pipeline_name="support-rag", graph=broken.graph)
    kept = msgspec.structs.replace(broken.detections[2], id="", step_id=f"{trace.id}-s7")
    new = Detection(layer="statistical", severity="warning", code="STA101", message="`audit` was slow.", step_id="x")
    return msgspec.structs.replace(
        trace, detections=(kept, new), status="warning", duration_ms=3100.0, metadata={"outcome": "completed"}
    )


@pytest.mark.parametrize("columns", [80, 40])
def test_two_runs_as_they_are_shown(
    columns: int, call: Any, stored: Any, runs: Runs, snapshot: Callable[[str, str], None]
) -> None:
    stored(runs["broken"], mended(runs["broken"]))
    shown = call("diff", "8f2c", "9d3e", columns=columns)
    assert (shown.code, shown.err) == (0, "")
    snapshot(f"diff_{columns}", shown.out)


def test_everything(call: Any, stored: Any, runs: Runs, snapshot: Callable[[str, str], None]) -> None:
    stored(runs["broken"], mended(runs["broken"]))
    snapshot("diff_verbose", call("diff", "8f2c", "9d3e", "--verbose").out)


def test_json_has_the_shape_that_help_tells(call: Any, stored: Any, runs: Runs) -> None:
    stored(runs["broken"], mended(runs["broken"]))
    document = json.loads(call("diff", "8f2c", "9d3e", "--json").out)
    assert document.keys() == {"runs", "notes", "comparison"}
    assert document["runs"].keys() == {"a", "b"}
    told = document["comparison"]
    promised = call("diff", "--help").out
    for name in (*told, *told["steps"][0]):
        assert f'"{name}"' in promised
    kinds = {(pair["kind"], pair["node_name"]) for pair in told["steps"] if pair["kind"] != "same"}
    assert kinds == {
        ("changed", "retrieve"), ("missing", "account"), ("changed", "send"), ("repeated", "draft"),
        ("inserted", "audit"),
    }  # fmt: skip
    assert [finding["code"] for finding in told["lost"]] == ["BEH301", "STR402"]
    assert [finding["code"] for finding in told["gained"]] == ["STA101"]
    assert (told["a_ms"], told["b_ms"]) == (4214.0, 3100.0)
    assert (document["runs"]["a"]["tokens"], told["a_tokens"]) == (3412, 3412)
    assert document["runs"]["b"]["status"] == "warning"


def test_runs_by_age_and_the_same_run_twice(call: Any, stored: Any, runs: Runs) -> None:
    stored(*runs.values())
    one = json.loads(call("diff", "last~1", "last", "--json").out)
    two = json.loads(call("diff", "last", "last~1", "--json").out)
    assert one["runs"]["a"]["id"] == two["runs"]["b"]["id"] != one["runs"]["b"]["id"]
    same = call("diff", "8f2c", "8f2c")
    assert "A and B are the same run." in same.out
    assert "with the same output." in same.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("8f2c", "zzz"), "no trace 'zzz'"),
        (("zzz", "8f2c"), "no trace 'zzz'"),
        (("last", "last~99"), "last~99"),
        (("8f2c",), "Missing argument 'B'"),
        ((), "Missing argument 'A'"),
    ],
)
def test_a_run_that_is_not_there(words: tuple[str, ...], said: str, call: Any, stored: Any, runs: Runs) -> None:
    stored(runs["broken"])
    shown = call("diff", *words)
    assert (shown.code, shown.out) == (2, "")
    assert said in shown.err


def test_an_ambiguous_id_and_an_empty_store(call: Any, stored: Any) -> None:
    empty = call("diff", "last~1", "last")
    assert (empty.code, empty.out) == (2, "")
    assert "argus demo" in empty.err
    stored(*[build_trace(ran("a"), trace_id=f"abc{number:013x}") for number in range(3)])
    shown = call("diff", "abc", "abc0000000000002")
    assert shown.code == 2
    assert "abc0000000000001" in shown.err


def test_what_cannot_be_compared_is_said(call: Any, stored: Any) -> None:
    hidden = build_trace(ran("a", {"x": "[REDACTED]"}), trace_id="aa00000000000001", pipeline_name="one")
    died = build_trace(
        ran("a"), trace_id="bb00000000000001", pipeline_name="two", status="incomplete",
        metadata={"resumes": "aa00000000000001"},
    )  # fmt: skip
    stored(hidden, died)
    notes = json.loads(call("diff", "aa", "bb", "--json").out)["notes"]
    assert notes == [
        "They began at the same time.",
        "B resumes A: it begins where that one stopped.",
        "They are runs of different pipelines.",
        "A holds 2 values redacted or left out: whether those differ is not known.",
        "B is incomplete: what it would have done after its last step is not known.",
        "B holds no states: only the way it went is compared.",
    ]
    shown = " ".join(call("diff", "aa", "bb", columns=40).out.split())
    for note in notes:
        assert note in shown


def test_tokens_that_nobody_told_are_not_made_up(call: Any, stored: Any) -> None:
    told = build_trace(ran("a", token_usage=TokenUsage(total_tokens=0)), trace_id="aa00000000000001")
    stored(told, build_trace(ran("a"), trace_id="bb00000000000001"))
    runs = json.loads(call("diff", "aa", "bb", "--json").out)["runs"]
    assert (runs["a"]["tokens"], runs["b"]["tokens"]) == (0, None)


def test_texts_that_begin_alike_are_shown_where_they_part(call: Any, stored: Any) -> None:
    same = "word " * 100
    stored(
        build_trace(ran("a", {"x": f"{same}left"}), trace_id="aa00000000000001"),
        build_trace(ran("a", {"x": f"{same}right"}), trace_id="bb00000000000001"),
    )
    shown = call("diff", "aa", "bb").out
    assert "left" in shown
    assert "right" in shown


def test_long_likeness_is_folded_and_many_differences_are_counted(call: Any, stored: Any) -> None:
    def long(trace_id: str, change: int) -> Trace:
        return build_trace(*[ran("n", {"x": number * change}) for number in range(200)], trace_id=trace_id)

    stored(long("aa00000000000001", 1), long("bb00000000000001", 1), long("cc00000000000001", 2))
    assert "200 steps the same" in call("diff", "aa", "bb").out
    shown = call("diff", "aa", "cc").out
    assert len(shown.splitlines()) < 160
    assert "140 differences more; --verbose shows all" in shown


def test_hostile_runs_do_no_harm_and_keep_the_width(call: Any, stored: Any, runs: Runs) -> None:
    from argus.cli.output.cells import width

    stored(runs["hostile"], runs["broken"])
    for words in (("bad0", "8f2c"), ("8f2c", "bad0"), ("bad0", "8f2c", "-v")):
        for columns in (40, 61, 80):
            shown = call("diff", *words, columns=columns)
            assert shown.code == 0
            assert not CONTROL.search(shown.out)
            assert all(width(line) <= columns for line in shown.out.splitlines())
    assert not CONTROL.search(call("diff", "bad0", "8f2c", "--json").out)
    assert call("diff", "bad0", "8f2c", encoding="ascii").out.isascii()


def test_colour_only_on_a_terminal(call: Any, stored: Any, runs: Runs) -> None:
    stored(runs["broken"], runs["clean"])
    assert "\x1b[" not in call("diff", "8f2c", "7b90").out
    assert "\x1b[1;31m" in call("diff", "8f2c", "7b90", terminal=True).out
    assert "\x1b[" not in call("diff", "8f2c", "7b90", "--json", terminal=True).out
