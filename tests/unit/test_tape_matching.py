"""Which recorded answer belongs to a request, and what is said when there is none."""

import pytest

from argus.capture.redact import Redactor
from argus.config.settings import SecuritySettings
from argus.errors import TapeMiss
from argus.model.exchange import HttpAnswer, HttpBody, HttpExchange, HttpRequest
from argus.recording.tape import Hider, Tape
from argus.recording.tape.tape import Asker

HIDER = Hider(Redactor(SecuritySettings()))
URL = "http://h.io/chat"


def request(body="", method="POST", url=URL, content_type="application/json"):
    kept = HttpBody(content=body, length=len(body)) if body else None
    return HttpRequest(method=method, url=url, headers=(("content-type", content_type),), body=kept)


def tape(*requests, nodes=(), answer=None):
    return Tape(
        [
            (
                Asker(nodes[place] if nodes else "node"),
                place + 1,
                HttpExchange(number=place + 1, library="httpx", request=one, answer=answer or HttpAnswer(status=200)),
            )
            for place, one in enumerate(requests)
        ],
        HIDER,
    )


@pytest.mark.parametrize(
    ("recorded", "asked"),
    [
        (request('{"a": 1, "b": [2]}'), request('{"b":[2],"a":1}')),
        (request(url="http://H.io:80/p?b=2&a=1"), request(url="http://h.io/p?a=1&b=2")),
        (request("b=2&a=1", content_type="application/x-www-form-urlencoded"),
         request("a=1&b=2", content_type="application/x-www-form-urlencoded")),
        (request("--x1\r\n\r\nhi--x1--", content_type="multipart/form-data; boundary=x1"),
         request("--y2\r\n\r\nhi--y2--", content_type="multipart/form-data; boundary=y2")),
        (request(url="http://h.io/?key=[REDACTED]"), request(url=HIDER.url("http://h.io/?key=another"))),
    ],
)  # fmt: skip
def test_spelling_does_not_matter(recorded, asked):
    assert tape(recorded).take(asked).number == 1


def test_the_same_request_is_answered_in_order_and_by_node_first():
    given = tape(request("x"), request("x"), request("x"), nodes=["a", "b", "a"])
    assert [given.take(request("x"), Asker(node)).number for node in ("b", "a", "c")] == [2, 1, 3]
    with pytest.raises(TapeMiss, match="recorded 3 times, and is asked once more"):
        given.take(request("x"))
    assert given.left() == []


@pytest.mark.parametrize(
    ("asked", "difference"),
    [
        (request('{"m": [{"t": "abcd"}]}'), 'body.m[0].t, from character 4: asked "abcd", recorded "abce"'),
        (request('{"m": [{"t": "abce"}, 1]}'), "body.m: asked 2 items, recorded 1"),
        (request('{"m": [{"t": "abce"}], "n": 1}'), "body.n: asked 1, not in the recorded one"),
        (request("{}"), 'body.m: recorded [{"t": "abce"}], not asked now'),
        (request("text"), 'body: asked "text", recorded "{\\"m\\": [{\\"t\\": \\"abce\\"}]}"'),
        (request(), "asked without a body, recorded with one"),
        (request('{"m": [{"t": "abce"}]}', method="PUT"), "method: asked PUT, recorded POST"),
        (request('{"m": [{"t": "abce"}]}', url="http://h.io/other"),
         "address: asked http://h.io/other, recorded http://h.io/chat"),
    ],
)  # fmt: skip
def test_the_first_difference_from_the_nearest(asked, difference):
    with pytest.raises(TapeMiss) as caught:
        tape(request("far", url="http://far.io/"), request('{"m": [{"t": "abce"}]}')).take(asked)
    assert caught.value.nearest == f"POST {URL}"
    assert caught.value.difference == difference
    assert difference in str(caught.value)


def test_an_empty_tape_says_so():
    with pytest.raises(TapeMiss, match="the tape is empty"):
        tape().take(request())


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (HttpAnswer(), "the caller gave up before the answer came"),
        (HttpAnswer(status=200, body=HttpBody(missing="longer than 9 bytes")), "not kept: longer than 9 bytes"),
        (HttpAnswer(status=200, body=HttpBody(content="%%%", form="base64")), "its body is damaged"),
        (HttpAnswer(status=200, body=HttpBody(content="a", charset="no-such")), "its body is damaged"),
        (HttpAnswer(status=-1), "its status is damaged"),
    ],
)
def test_an_answer_that_cannot_be_given_says_why(answer, why):
    with pytest.raises(TapeMiss, match=why):
        tape(request("x"), answer=answer).take(request("x"))
