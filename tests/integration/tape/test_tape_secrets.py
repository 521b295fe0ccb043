"""Secrets of every default kind go over HTTP in every place they can stand in; no byte under ``.argus`` holds one."""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest


def _canary():
    path = Path(__file__).parents[1] / "test_canary.py"
    spec = importlib.util.spec_from_file_location("canary_for_tapes", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CANARY = _canary()
SECRETS, KEYED = CANARY.SECRETS, CANARY.KEYED
TEXT = "ordinary-words and " + " and ".join(f"see {secret}, please" for secret in SECRETS)
NESTED = {
    "by key": KEYED,
    "list": [{"deep": [TEXT]}],
    "texts": SECRETS,
    "inside": json.dumps(KEYED),
    "kept": "plain-value",
}
BOUNDARY = "b0undary"
PARTS = "".join(
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
    for name, value in [*KEYED.items(), ("note", TEXT), ("kept", "plain-value")]
) + (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.json"\r\n'
    f"Content-Type: application/json\r\n\r\n{json.dumps(NESTED)}\r\n--{BOUNDARY}--\r\n"
)
LINES = "\n".join(json.dumps({"n": number, **KEYED, "text": secret}) for number, secret in enumerate(SECRETS))
EVENTS = (
    "".join(f"event: x\ndata: {json.dumps({**KEYED, 'text': secret})}\n\n" for secret in SECRETS)
    + "data: plain-value\n\n"
)
BINARY = b"\xff\xfe\x00\x01plain-value" + TEXT.encode() + b"\x80\x81" + json.dumps(NESTED).encode() + b"\xff"

BODIES = {
    "json": ("application/json", json.dumps(NESTED).encode()),
    "json without a type": ("", json.dumps(NESTED, indent=1).encode()),
    "json in utf-16": ("application/json; charset=utf-16", json.dumps(NESTED).encode("utf-16")),
    "form": ("application/x-www-form-urlencoded", urlencode({**KEYED, "note": TEXT, "kept": "plain-value"}).encode()),
    "multipart": (f"multipart/form-data; boundary={BOUNDARY}", PARTS.encode()),
    "json lines": ("application/x-ndjson", f"{LINES}\nplain-value\n".encode()),
    "events": ("text/event-stream", EVENTS.encode()),
    "text": ("text/plain", f"{TEXT} plain-value {json.dumps(KEYED)} {KEYED!r}".encode()),
    "binary": ("application/octet-stream", BINARY),
}


def no_secret_is_kept(folder: Path) -> None:
    assert CANARY.found_in(folder / ".argus") == []


@pytest.mark.parametrize("kind", BODIES)
def test_no_secret_of_a_body_is_kept(kind, server, taped, served, exchanges, optional, tmp_path):
    httpx = optional("httpx")
    media_type, body = BODIES[kind]
    server.text, server.media_type = body, media_type
    headers = {"content-type": media_type} if media_type else {}

    def work():
        with httpx.Client(verify=False) as client:
            return client.post(f"{server.url}/text", content=body, headers=headers).content

    live, trace = taped(work)
    assert live == body, "the client gets what it would get anyway"
    no_secret_is_kept(tmp_path)
    (exchange,) = exchanges(trace)
    for kept in (exchange.request.body, exchange.answer.body):
        assert kept.redacted
        assert b"plain-value" in kept.data().replace(b"\x00", b"")
    server.close()
    with served(trace):
        assert work() == exchange.answer.body.data()


def test_no_secret_of_an_address_or_header_is_kept(server, client, taped, served, exchanges, tmp_path):
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in KEYED.items())
    query += "&sig=canaryword-of-token&kept=plain-value&" + "&".join(
        f"s{n}={quote(one)}" for n, one in enumerate(SECRETS)
    )
    url = f"{server.url.replace('//', '//canaryword-of-api:canaryPassw0rd@')}/status/200?{query}"
    headers = {
        "Authorization": f"Own {KEYED['authorization']}",
        "X-Api-Key": KEYED["api_key"],
        "Cookie": f"sid={KEYED['cookie']}",
        "X-Goog-Api-Key": KEYED["token"],
        "X-Session-Token": KEYED["token"],
        "Referer": f"http://x.invalid/?token={KEYED['token']}",
        "X-Note": SECRETS[0],
        "X-Kept": "plain-value",
    }
    if client.name == "aiohttp":
        url = url.replace("canaryword-of-api:canaryPassw0rd@", "")  # it takes one or the other

    def work():
        return client.ask("GET", url, headers=headers)[0]

    _, trace = taped(work)
    no_secret_is_kept(tmp_path)
    (exchange,) = exchanges(trace)
    assert "kept=plain-value" in exchange.request.url
    assert "plain-value" in dict(exchange.request.headers).values()
    assert {name.lower(): value for name, value in exchange.answer.headers}["set-cookie"] == "[REDACTED]"
    server.close()
    with served(trace):
        assert work() == 200


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd", "x-own"])
def test_no_secret_of_a_packed_body_is_kept(encoding, server, taped, exchanges, optional, tmp_path):
    import zlib

    httpx = optional("httpx")
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "x-own": bytes}
    if encoding == "zstd":
        zstandard = optional("zstandard")
        pack["zstd"] = zstandard.ZstdCompressor().compress
    server.text = pack[encoding](json.dumps(NESTED).encode())

    def work():
        with httpx.Client(verify=False) as client, client.stream("GET", f"{server.url}/packed/{encoding}") as response:
            return b"".join(response.iter_raw())

    live, trace = taped(work)
    assert live == server.text
    no_secret_is_kept(tmp_path)
    body = exchanges(trace)[0].answer.body
    if encoding == "x-own":
        assert (body.content, "cannot be searched for secrets" in body.missing) == (None, True)
    else:
        assert json.loads(body.content)["kept"] == "plain-value"


def test_a_secret_in_an_exception_is_not_kept(taped, exchanges, optional, tmp_path):
    httpx = optional("httpx")

    def work():
        try:
            httpx.get(f"http://user:canaryPassw0rd@{SECRETS[4]}.invalid/", verify=False)
        except httpx.ConnectError as error:
            return error
        raise AssertionError("there is no such host")

    _, trace = taped(work)
    assert exchanges(trace)[0].answer.failure.type == "httpx.ConnectError"
    no_secret_is_kept(tmp_path)


SCRIPT = """
    import os, sys, httpx
    from argus import ArgusSession
    url, text = sys.argv[1], sys.stdin.read()
    session = ArgusSession(record_http=True, pipeline_name="killed")

    @session.node("first")
    def first():
        return httpx.post(url + "/text", content=text, headers={"authorization": "Bearer " + text[:9]}).status_code

    @session.node("second")
    def second():
        with httpx.stream("GET", url + "/events") as response:
            for piece in response.iter_raw():
                os.kill(os.getpid(), 9)

    with session:
        first()
        second()
"""


def test_a_killed_process_loses_no_answer_that_it_has_got(server, exchanges, tmp_path):
    from argus import ArgusWatcher

    server.text = json.dumps(NESTED).encode()
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), server.url],
        input=json.dumps(NESTED), cwd=tmp_path, text=True, capture_output=True, check=False, timeout=60,
        env={**os.environ, "ARGUS_QUIET": "1"},
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    no_secret_is_kept(tmp_path)
    subprocess.run([sys.executable, "-m", "argus", "trace", "--last"], cwd=tmp_path, check=False, capture_output=True)
    trace = ArgusWatcher().get_trace()
    whole, torn = exchanges(trace)
    assert (trace.status, whole.answer.status) == ("incomplete", 200)
    assert json.loads(whole.answer.body.content)["kept"] == "plain-value"
    assert (torn.request.url, torn.answer) == (f"{server.url}/events", None)
    no_secret_is_kept(tmp_path)


def test_without_states_nothing_that_was_sent_is_kept(server, client, taped, served, exchanges, tmp_path):
    from argus.errors import TapeMiss

    def work():
        return client.ask("POST", f"{server.url}/echo?q=plain-value", json={"kept": "plain-value"})[0]

    _, trace = taped(work, persist_state=False)
    assert not [
        path for path in (tmp_path / ".argus").rglob("*") if path.is_file() and b"plain-value" in path.read_bytes()
    ]
    (exchange,) = exchanges(trace)
    assert (exchange.request.method, exchange.answer.status) == ("POST", 200)
    with pytest.raises(TapeMiss), served(trace):
        work()
