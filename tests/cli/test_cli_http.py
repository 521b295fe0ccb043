"""The HTTP exchanges of a step on the terminal."""

import pytest

from argus.model.exchange import HttpAnswer, HttpBody, HttpExchange, HttpFailure, HttpRequest
from argus.storage.locate import open_store
from argus.testing.builders import build_trace, ran

URL = "https://api.host.io/v1/chat"
BODY = HttpBody(content='{"ask":"Which city?"}', length=21)
ASKED = HttpRequest(method="POST", url=f"{URL}?key=[REDACTED]", body=BODY)
EXCHANGES = (
    HttpExchange(
        number=1, library="httpx", request=ASKED,
        answer=HttpAnswer(status=200, body=BODY, duration_ms=812.4, served=True),
    ),
    HttpExchange(
        number=2, library="httpx", request=ASKED,
        answer=HttpAnswer(status=429, body=HttpBody(missing="longer than 9 bytes"), duration_ms=3.0),
    ),
    HttpExchange(
        number=3, library="httpx", request=ASKED, answer=HttpAnswer(failure=HttpFailure(type="httpx.ReadTimeout"))
    ),
    HttpExchange(number=4, library="httpx", request=HttpRequest(method="GET", url="https://h.io/\x1b[31m")),
)  # fmt: skip


@pytest.fixture
def shown(call, tmp_path):
    trace = build_trace(ran("ask", {"a": 1}, http_exchanges=EXCHANGES), trace_id="aa" * 8)
    store = open_store(f"sqlite:///{tmp_path}/.argus/traces.db")
    store.save(trace)
    store.close()
    return lambda *options: call("trace", "aa", "--step", "1", *options).out


def test_each_exchange_is_one_line(shown):
    _, _, listed = shown().partition("HTTP\n")
    assert listed.splitlines() == [
        f"  POST {URL} 200, 812 ms, from the tape",
        f"  POST {URL} 429, 3.0 ms",
        f"  POST {URL} httpx.ReadTimeout",
        "  GET https://h.io/␛[31m not answered",
    ]


def test_bodies_are_shown_on_request(shown):
    told = shown("--verbose")
    assert 'sent  "{"ask":"Which city?"}"' in told
    assert "received  not kept: longer than 9 bytes" in told
    assert "?key=[REDACTED]" in told


def test_json_has_all(shown):
    import json

    exchanges = json.loads(shown("--json"))["step"]["http_exchanges"]
    assert [one["request"]["method"] for one in exchanges] == ["POST", "POST", "POST", "GET"]
    assert exchanges[0]["answer"]["body"]["content"] == '{"ask":"Which city?"}'
