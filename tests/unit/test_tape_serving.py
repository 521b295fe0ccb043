"""Answers from a tape that somebody tampered with: harmless, and with an error that says what is wrong."""

import ssl
import subprocess

import pytest

from argus.instrumentation.http.answers import head_to_serve, pieces_of
from argus.instrumentation.http.failures import class_of, found_class, made_without_init
from argus.instrumentation.http.serving import Stopped
from argus.instrumentation.http.wire import response_from_wire
from argus.model.exchange import HttpAnswer, HttpBody

LIBRARY = type(pytest)("library")
LIBRARY.Own = type("Own", (ConnectionError,), {})
LIBRARY.run = subprocess.run


@pytest.mark.parametrize(
    "name", ["subprocess.Popen", "library.run", "os.system", "builtins.SystemExit", "builtins.eval", ""]
)
def test_only_exceptions_of_the_library_and_of_python_are_made(name):
    assert found_class(name, (LIBRARY,)) is None
    with pytest.raises(Stopped) as caught:
        class_of(name, (LIBRARY,))
    assert f"an exception {name} was recorded" in str(caught.value)


def test_exceptions_are_found_where_they_belong():
    assert found_class("library.Own", (LIBRARY,)) is LIBRARY.Own
    assert found_class("library2.other.Own", (LIBRARY,)) is LIBRARY.Own, "a client that moved to another library"
    assert found_class("builtins.TimeoutError", (LIBRARY,)) is TimeoutError
    assert found_class("ssl.SSLError", ()) is ssl.SSLError
    made = made_without_init("library.Own", "gone", (LIBRARY,), url="/x")
    assert (str(made), made.url) == ("gone", "/x")


@pytest.mark.parametrize("chunks", [(), (2, 2), (4,), (1, 2), (10**9,), (-4, 8), (0, 4), (4, 4)])
def test_sizes_that_do_not_fit_lose_nothing(chunks):
    body = HttpBody(content="abcd", length=4, chunks=chunks)
    assert b"".join(pieces_of(HttpAnswer(status=200, body=body))) == b"abcd"


def test_a_header_cannot_become_two():
    answer = HttpAnswer(
        status=200, reason="OK\r\nX-Evil: 1", headers=(("a", "b\r\nX-Evil: 1"),), body=HttpBody(content="x", length=1)
    )
    response = response_from_wire(head_to_serve(answer), pieces_of(answer), None, "GET")
    assert response.getheader("x-evil") is None
    assert response.getheader("a") == "b  X-Evil: 1"
    assert response.read() == b"x"


def test_hidden_headers_are_left_out_and_lengths_told_anew():
    body = HttpBody(content="[REDACTED]", length=40, redacted=True, unpacked="gzip")
    headers = (("Set-Cookie", "[REDACTED]"), ("Content-Length", "40"), ("Content-Encoding", "gzip"), ("ETag", "1"))
    head = head_to_serve(HttpAnswer(status=200, headers=headers, body=body))
    assert head.headers == [("Content-Length", "10"), ("ETag", "1")]
