"""What is hidden in messages, and what is left as it is."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.capture.redact import Redactor
from argus.config.settings import SecuritySettings
from argus.recording.tape.bodies import Collector, body_of
from argus.recording.tape.hiding import Hider, Unsearchable

HIDER = Hider(Redactor(SecuritySettings()))
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h.io/p?api_key=abc&q=1", "https://h.io/p?api_key=[REDACTED]&q=1"),
        ("https://h.io/p?q=1&key=abc", "https://h.io/p?q=1&key=[REDACTED]"),
        ("https://h.io/p?country_code=LV&sort_key=a", "https://h.io/p?country_code=LV&sort_key=a"),
        ("https://h.io/p?pageToken=7&accessToken=8", "https://h.io/p?pageToken=7&accessToken=[REDACTED]"),
        ("https://h.io/p?X-Amz-Signature=ff&X-Amz-Date=1", "https://h.io/p?X-Amz-Signature=[REDACTED]&X-Amz-Date=1"),
        ("https://h.io/p?client%5Fsecret=1", "https://h.io/p?client%5Fsecret=[REDACTED]"),
        ("https://me:pass@h.io:81/p#part", "https://h.io:81/p"),
        ("https://h.io/p?a=&b&api_key=", "https://h.io/p?a=&b&api_key="),
        ("https://[::1]:80/p", "https://[::1]:80/p"),
        ("https://[broken/p?token=x", "https://[broken/p?token=[REDACTED]"),
    ],
)
def test_addresses(url, shown):
    assert HIDER.url(url) == shown
    assert HIDER.url(shown) == shown, "hiding twice changes nothing more"


def test_headers_are_hidden_even_when_redaction_is_off():
    hider = Hider(Redactor(SecuritySettings(redact_keys=[], redact_values=[])))
    pairs = [
        ("Authorization", "x"),
        ("X-Goog-Api-Key", "x"),
        ("openai-organization", "me"),
        ("x-ratelimit-tokens", "9"),
    ]
    assert [value for _, value in hider.headers(pairs)] == ["[REDACTED]", "[REDACTED]", "me", "9"]


@pytest.mark.parametrize(
    ("text", "media_type", "shown"),
    [
        ('{"a": 1,  "b": "x"}', JSON, '{"a": 1,  "b": "x"}'),
        ('{"a": 1,  "password": "x"}', JSON, '{"a":1,"password":"[REDACTED]"}'),
        ('{"password": null, "ok": true}', JSON, '{"password": null, "ok": true}'),
        ('\ufeff{"token": "x"}', JSON, '{"token":"[REDACTED]"}'),
        ('[{"user": {"secret": {"deep": 1}}}]', "", '[{"user":{"secret":"[REDACTED]"}}]'),
        ('data: {"token": "x"}\r\n\r\ndata: [DONE]\r\n\r\n', "text/event-stream",
         'data: {"token":"[REDACTED]"}\r\n\r\ndata: [DONE]\r\n\r\n'),
        ("name=a+b&password=c%20d", FORM, "name=a+b&password=[REDACTED]"),
        ("<a>{not json</a>", "text/html", "<a>{not json</a>"),
        ("", JSON, ""),
    ],
)  # fmt: skip
def test_bodies(text, media_type, shown):
    assert HIDER.body(text, media_type) == shown
    assert HIDER.body(shown, media_type) == shown


def test_what_is_nested_too_deep_is_not_kept():
    with pytest.raises(Unsearchable):
        HIDER.body("[" * 100_000 + "]" * 100_000, JSON)


def test_own_rules_hold_for_bodies_too():
    hider = Hider(Redactor(SecuritySettings(redact_keys=["user.ssn"], redact_values=["PX-[0-9]+"])))
    text = json.dumps({"user": {"ssn": "1"}, "ssn": "2", "note": "PX-77"})
    assert json.loads(hider.body(text, JSON)) == {
        "user": {"ssn": "[REDACTED]"},
        "ssn": "2",
        "note": "[REDACTED:custom]",
    }


def kept(data, content_type="", limit=1000, **options):
    collected = Collector(limit)
    for piece in data if isinstance(data, list) else [data]:
        collected.add(piece)
    return body_of(collected, [("Content-Type", content_type)], HIDER, **{"ended": True, **options})


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8))
@settings(max_examples=60, deadline=None)
def test_what_holds_no_secret_comes_back_byte_for_byte_and_piece_by_piece(pieces):
    body = kept(pieces)
    assert body.data() == b"".join(pieces)
    assert not body.redacted
    assert list(body.chunks) == (list(map(len, pieces)) if len(pieces) > 1 else [])


@given(st.text(max_size=60), st.sampled_from(["utf-8", "utf-16", "latin-1", "cp1257", "hex", "no-such"]))
@settings(max_examples=60, deadline=None)
def test_text_of_any_encoding_comes_back(text, charset):
    try:
        data = text.encode(charset)
    except (LookupError, UnicodeError):
        data = text.encode("utf-8", "replace")
    assert kept(data, f"text/plain; charset={charset}").data() == data


@given(st.dictionaries(st.sampled_from(["password", "x", "token", "a.b"]), st.text(max_size=9), max_size=4))
@settings(max_examples=60, deadline=None)
def test_hiding_is_done_once(value):
    once = HIDER.body(json.dumps(value), JSON)
    assert HIDER.body(once, JSON) == once
    assert json.loads(once).keys() == value.keys()


def test_events_with_hidden_parts_stay_apart():
    body = kept([b'data: {"token": "x"}\n', b"\ndata: two\n\n"], "text/event-stream")
    assert body.redacted
    assert list(body.chunks) == [len(b'data: {"token":"[REDACTED]"}\n\n'), len(b"data: two\n\n")]


def test_one_byte_more_than_the_limit_is_not_kept_but_recognised():
    assert kept([b"x" * 600, b"y" * 400]).content == "x" * 600 + "y" * 400
    one, other = kept([b"x" * 600, b"y" * 401]), kept([b"x" * 500, b"x" * 100 + b"y" * 401])
    assert (one.content, one.length, one.missing) == (None, 1001, "longer than 1,000 bytes")
    assert one.digest == other.digest
    with pytest.raises(ValueError, match="longer than"):
        one.data()
