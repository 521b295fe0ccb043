"""Text and JSON in a form that every database holds and that comes back exactly."""

import datetime
import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.model.detection import Evidence
from argus.storage.exact_json import (
    escape,
    from_json,
    from_optional_text,
    optional_text,
    record_from_json,
    to_json,
    unescape,
)
from argus.testing.full_trace import HOSTILE

# Characters that the escape is about, among all others, lone surrogates included.
text = st.text(st.sampled_from("\0\x1a\ud800\udc00\udfff0\\\"'a1é\U0001f600") | st.characters(), max_size=30)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4))


@given(text)
def test_any_text_comes_back_and_fits_a_utf8_column(original):
    stored = escape(original)
    assert unescape(stored) == original
    assert "\0" not in stored
    stored.encode("utf-8")


@given(text, text)
def test_different_texts_stay_different(one, other):
    assert (escape(one) == escape(other)) == (one == other)


def test_ordinary_text_stays_as_it_is():
    for ordinary in ("", "plain", "é \U0001f600 \n\t", "\x1b[31m"):
        assert escape(ordinary) == ordinary


@given(st.none() | text)
def test_text_or_nothing_comes_back(original):
    assert from_optional_text(optional_text(original)) == original


@settings(max_examples=200)
@given(values)
def test_any_json_comes_back_with_its_kinds(original):
    stored = to_json(original)
    assert repr(from_json(stored)) == repr(original)
    json.loads(stored.encode("utf-8"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({1: "one", None: "\ud800"}, {"1": "one", "None": "\ud800"}),
        ((1, 2), [1, 2]),
        ({datetime.date(2026, 1, 2)}, ["2026-01-02"]),
        (["\0", datetime.date(2026, 1, 2)], ["\0", "2026-01-02"]),
        (["\ud800", datetime.date(2026, 1, 2), Evidence(step_id="\ud800")],
         ["\ud800", "2026-01-02", {"step_id": "\ud800", "field": None, "note": "", "value": None}]),
        (float("nan"), None),
    ],
)  # fmt: skip
def test_what_is_almost_json_becomes_json(value, expected):
    assert from_json(to_json(value)) == expected


def test_what_json_cannot_hold_becomes_a_mark():
    class Thing:
        pass

    marked = from_json(to_json({"ok": 1, "thing": Thing()}))
    assert marked["ok"] == 1
    assert marked["thing"]["$argus"] == "object"
    assert "Thing" in marked["thing"]["type"]


def test_bottomless_values_end_in_a_mark():
    endless: list = []
    endless.append(endless)
    deep = []
    for _ in range(5000):
        deep = [deep]
    assert '"$argus":"deep"' in to_json(endless)
    assert to_json(deep).startswith("[[[")  # how deep the encoder goes depends on the Python
    for value in (endless, deep):
        from_json(to_json(value))


def test_records_come_back():
    record = Evidence(step_id=HOSTILE, field="f", note="\x1a", value={"x": [HOSTILE, 2**70]})
    assert record_from_json(to_json(record), Evidence) == record
    assert record_from_json(to_json((record, record)), tuple[Evidence, ...]) == (record, record)
    with pytest.raises(msgspec.ValidationError):
        record_from_json('{"note":1}', Evidence)
