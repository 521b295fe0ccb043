"""All signature detectors together: any input is survived, a megabyte is read in time, one fault is one finding."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.detectors.base import DetectorContext
from argus.detectors.engine import detect
from argus.detectors.registry import builtin_detectors
from argus.detectors.signatures.passages import LONGEST, passages_of
from argus.model.values import cut_marker
from argus.testing.builders import build_trace, ran

DETECTORS = [one for one in builtin_detectors() if one.code.startswith("SIG")]
TEXT = st.text(st.characters(), max_size=120) | st.sampled_from(
    ["TODO", "{x}", '{"a": 1', "Ã©" * 9, "\ud800", "é»", "```"]
)
VALUE = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def findings(trace):
    result = detect(trace, DETECTORS, DetectorContext())
    assert result.failures == ()
    return result.detections


@given(st.dictionaries(TEXT, VALUE, max_size=4), st.dictionaries(TEXT, VALUE, max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_state_is_survived(before, after):
    findings(build_trace(ran("one", before), ran("two", after), input=before))


@pytest.mark.parametrize(
    "fields",
    [
        lambda size: {f"f{number}": "Lake Baikal is 1,642 metres deep. " * 30 for number in range(size)},
        lambda size: {f"f{number}": "Größe: übermäßig, straße. " * 40 for number in range(size)},
        lambda size: {f"f{number}": '{"a": [1, 2, ' * 80 for number in range(size)},
        lambda size: {"answer": "The lake is very deep and cold, they say. " * 24 * size},
        lambda size: {"answer": {"error": {"message": "x " * 500 * size}}},
        lambda size: {"rows": [{"name": "Ann", "note": "TODO"} for _ in range(40 * size)]},
    ],
    ids=["prose", "accents", "json", "one text", "record", "rows"],
)
def test_time_grows_with_the_text_and_not_faster(fields):
    """A megabyte beside an eighth of it: a ratio with a wide margin, whatever the machine does meanwhile."""
    findings(build_trace(ran("warm", {"answer": "up"})))
    eighth, whole = (min(_seconds(fields(size)) for _ in range(2)) for size in (125, 1000))
    assert whole <= 5 * 8 * eighth + 1.0


def _seconds(fields):
    trace = build_trace(ran("work", fields))
    begun = time.process_time()
    findings(trace)
    return time.process_time() - begun


def test_the_middle_of_a_long_text_is_sampled_and_the_finding_says_so():
    filler = "The lake is deep and nobody has ever been down there for long. It was measured in 1837 by Kruse. "
    text = "".join(f"{number}: {filler}" for number in range(400))
    assert len(text) > LONGEST
    (finding,) = findings(build_trace(ran("write", {"answer": text + "<|im_end|>"})))
    assert finding.code == "SIG510"
    assert finding.details["sampled"] is True
    assert "evenly spread sample" in finding.message


def test_one_text_that_is_wrong_in_several_ways_is_one_finding():
    text = "<html><head><title>502 Bad Gateway</title></head><body>{{reason}} Ã©</body></html>"
    (finding,) = findings(build_trace(ran("write", {"answer": text})))
    assert finding.code in {"SIG505", "SIG506"}
    assert finding.details["also"]


def test_several_texts_of_one_field_are_one_finding():
    documents = [{"text": "TODO"}, {"text": "Lake Baikal is deep."}, {"text": "[insert text here]"}]
    (finding,) = findings(build_trace(ran("retrieve", {"documents": documents})))
    assert finding.details["paths"] == ["documents.0.text", "documents.2.text"]


def test_a_text_that_the_recorder_cut_is_not_called_cut():
    cut = "The lake is deep. It lies in Siberia and" + cut_marker(90_000, "0" * 32)
    assert findings(build_trace(ran("write", {"answer": cut}))) == ()
    assert findings(build_trace(ran("write", {"payload": '{"a": [1, 2' + cut_marker(90_000, "0" * 32)}))) == ()


def test_messages_of_people_and_of_the_system_are_not_read():
    messages = [
        {"type": "system", "content": "You are a helpful assistant. Answer briefly."},
        {"type": "human", "content": "TODO"},
        {"type": "ai", "content": [{"type": "text", "text": "Yes."}, {"type": "image"}]},
    ]
    step = build_trace(ran("talk", {"messages": messages})).steps[0]
    assert [one.text for one in passages_of(step, ["messages"])] == ["Yes."]
    assert findings(build_trace(ran("talk", {"messages": messages}))) == ()


def test_a_finish_reason_in_a_message_counts_without_a_recorded_call():
    message = {
        "type": "ai",
        "content": "The lake is the deepest of",
        "response_metadata": {"stop_reason": "max_tokens"},
    }
    (finding,) = findings(build_trace(ran("talk", {"messages": [message]})))
    assert (finding.code, finding.confidence) == ("SIG511", 0.95)


def test_an_error_that_a_tool_answered_is_dealt_with_by_owning_up_or_asking_again():
    def trace(*after):
        answered = {"messages": [{"type": "tool", "content": "503 Service Unavailable", "name": "search"}]}
        return build_trace(ran("tools", answered), *after)

    def speaks(text):
        return ran("agent", {"messages": [{"type": "ai", "content": text}]})

    assert [one.code for one in findings(trace(speaks("The lake is 1,642 metres deep.")))] == ["SIG503"]
    assert findings(trace(speaks("The search is unavailable, so I could not find it."))) == ()
    again = ran("tools", {"messages": [{"type": "tool", "content": "1,642 m", "name": "search"}]})
    assert findings(trace(again, speaks("The lake is 1,642 metres deep."))) == ()
