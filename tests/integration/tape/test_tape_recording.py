"""A recorded client gets what it would get anyway, at the same moments, and the tape answers it again."""

from __future__ import annotations

import contextlib
import json
import threading
from pathlib import Path

import pytest

from argus.errors import TapeMiss

EVENTS = 4
LONGEST_WAIT_S = 30.0


def test_an_answer_is_recorded_and_given_again_without_network(server, client, taped, served, exchanges):
    def work():
        return [client.ask("POST", f"{server.url}/echo?b=2&a=1", json={"x": [1, 2]}) for _ in range(2)]

    live, trace = taped(work)
    assert [json.loads(body)["number"] for _, body in live] == [1, 2]
    first, second = exchanges(trace)
    assert (first.request.method, first.request.url) == ("POST", f"{server.url}/echo?b=2&a=1")
    assert json.loads(first.request.body.content) == {"x": [1, 2]}
    assert (first.answer.status, first.number, second.number) == (200, 1, 2)
    assert first.answer.duration_ms > 0
    server.close()
    with served(trace) as serving:
        assert work() == live, "the same request is answered in the order of the recording"
    assert [one.number for one in serving.answered] == [1, 2]
    assert len(server.hits) == 2


def test_events_arrive_one_by_one_while_recorded_and_from_the_tape(server, client, taped, served, exchanges):
    """The server sends an event only after the one before was acknowledged: nothing may be held back."""
    pieces: list[bytes] = []

    def work():
        pieces.clear()
        client.pieces(f"{server.url}/events", on_piece)

    def on_piece(piece):
        pieces.append(bytes(piece))
        server.acknowledged.release()

    _, trace = taped(work)
    assert not server.late, "an event was held back until the server gave up"
    expected = [b"data: event %d\n\n" % one for one in range(EVENTS)]
    assert b"".join(pieces) == b"".join(expected)
    (exchange,) = exchanges(trace)
    assert exchange.answer.body.ended
    server.close()
    live = list(pieces)
    with served(trace):
        work()
    assert pieces == live == expected


def test_a_request_that_was_never_made_names_the_nearest_one(server, client, taped, served):
    _, trace = taped(lambda: client.ask("POST", f"{server.url}/echo", json={"city": "Rome", "days": 3}))
    with pytest.raises(TapeMiss) as caught, served(trace):
        client.ask("POST", f"{server.url}/echo", json={"city": "Riga", "days": 3})
    miss = caught.value
    assert miss.asked == miss.nearest == f"POST {server.url}/echo"
    assert miss.difference == 'body.city, from character 2: asked "Riga", recorded "Rome"'
    assert len(server.hits) == 1


def test_a_miss_that_the_code_swallowed_comes_out_at_the_end(server, client, taped, served):
    _, trace = taped(lambda: client.ask("GET", f"{server.url}/echo"))

    def careless():
        client.ask("GET", f"{server.url}/echo")
        with contextlib.suppress(BaseException):
            client.ask("GET", f"{server.url}/echo")

    with pytest.raises(TapeMiss, match="recorded once, and is asked once more"), served(trace):
        careless()


def test_live_lets_what_is_not_recorded_through_and_records_it(server, client, taped, served, exchanges):
    _, trace = taped(lambda: client.ask("GET", f"{server.url}/echo"))

    def again():
        return [client.ask("GET", f"{server.url}/{path}") for path in ("echo", "status/404")]

    with served(trace, live=True) as serving:
        answers, second = taped(again)
    assert [status for status, _ in answers] == [200, 404]
    assert serving.passed == [f"GET {server.url}/status/404"]
    assert [one.answer.served for one in exchanges(second)] == [True, False]
    with served(second):
        assert again() == answers, "what was replayed is a tape itself"


def test_every_method_and_status_comes_back(server, client, taped, served):
    methods, statuses = ("GET", "HEAD", "DELETE", "PUT"), (200, 204, 404, 503)

    def work():
        return [client.ask(method, f"{server.url}/status/{status}") for method in methods for status in statuses]

    live, trace = taped(work)
    server.close()
    with served(trace):
        assert work() == live


def test_redirects_are_followed_again(server, client, taped, served):
    live, trace = taped(lambda: client.ask("GET", f"{server.url}/redirect"))
    assert json.loads(live[1])["path"] == "/echo?redirected=1"
    server.close()
    with served(trace):
        assert client.ask("GET", f"{server.url}/redirect") == live


def test_a_packed_answer_is_kept_unpacked(server, client, taped, served, exchanges):
    live, trace = taped(lambda: client.ask("GET", f"{server.url}/gzip"))
    assert live == (200, server.text)
    (exchange,) = exchanges(trace)
    assert exchange.answer.body.content == server.text.decode()
    assert exchange.answer.body.unpacked == "gzip"
    server.close()
    with served(trace):
        assert client.ask("GET", f"{server.url}/gzip") == live


def test_bytes_that_are_no_text_come_back_the_same(server, client, taped, served):
    server.text, server.media_type = bytes(range(256)) * 40, "application/octet-stream"
    live, trace = taped(lambda: client.ask("POST", f"{server.url}/text", data=bytes(range(256))))
    assert live[1] == server.text
    server.close()
    with served(trace):
        assert client.ask("POST", f"{server.url}/text", data=bytes(range(256))) == live
    with pytest.raises(TapeMiss), served(trace):
        client.ask("POST", f"{server.url}/text", data=bytes(range(255)))


def test_a_body_that_is_too_long_is_not_kept_and_says_so(server, client, taped, served, exchanges):
    server.text = b'"' + b"x" * 5000 + b'"'
    Path("argus.yaml").write_text("watcher:\n  http_max_body: 1000\n")
    live, trace = taped(lambda: client.ask("GET", f"{server.url}/text"))
    assert live[1] == server.text
    (exchange,) = exchanges(trace)
    assert (exchange.answer.body.content, exchange.answer.body.length) == (None, 5002)
    with pytest.raises(TapeMiss, match="its body was not kept: longer than 1,000 bytes"), served(trace):
        client.ask("GET", f"{server.url}/text")


def failure_of(work):
    try:
        work()
    except Exception as error:
        return type(error), str(error)
    raise AssertionError("it did not fail")


@pytest.mark.parametrize("case", ["refused", "drop", "half", "never"])
def test_a_failure_comes_back_as_the_same_exception(server, client, case, taped, served, exchanges, free_port):
    url = f"http://127.0.0.1:{free_port}/" if case == "refused" else f"{server.url}/{case}"
    sent = {"timeout": 0.2} if case == "never" else {}
    live, trace = taped(lambda: failure_of(lambda: client.ask("GET", url, **sent)))
    assert exchanges(trace)[-1].answer.failure is not None
    server.close()
    with served(trace):
        again = failure_of(lambda: client.ask("GET", url, **sent))
    assert again == live


def test_nothing_outside_of_a_step_is_recorded(server, client, taped, exchanges):
    client.ask("GET", f"{server.url}/echo")
    live, trace = taped(lambda: client.ask("GET", f"{server.url}/echo"))
    client.ask("GET", f"{server.url}/echo")
    assert [one.number for one in exchanges(trace)] == [1]
    assert json.loads(live[1])["number"] == 2


def test_many_at_once_do_not_mix(server, client, taped, served, exchanges):
    paths = [f"/echo?n={number}" for number in range(6)]

    def work():
        import contextvars

        answers = {}

        def ask(path):
            answers[path] = json.loads(client.ask("GET", f"{server.url}{path}")[1])["path"]

        threads = [threading.Thread(target=contextvars.copy_context().run, args=(ask, path)) for path in paths]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LONGEST_WAIT_S)
        return answers

    live, trace = taped(work)
    assert live == {path: path for path in paths}
    assert len(exchanges(trace)) == len(paths)
    server.close()
    with served(trace):
        assert work() == live


def test_a_streamed_upload_is_recorded_as_it_was_sent(server, taped, served, exchanges, optional):
    httpx = optional("httpx")

    def pieces():
        yield b"first,"
        yield b"second"

    def work():
        with httpx.Client() as one:
            return one.post(f"{server.url}/echo", content=pieces()).json()["body"]

    live, trace = taped(work)
    assert live == "first,second"
    assert exchanges(trace)[0].request.body.content == "first,second"
    server.close()
    with served(trace):
        assert work() == live
