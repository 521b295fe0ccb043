"""Who gets in: the token, the cookie, names and origins, sizes, paths; real requests to a real server."""

from __future__ import annotations

import re
from typing import Any

import pytest

from argus.server.security.headers import CONTENT_POLICY
from argus.server.security.origins import Origins

SECRET = "a-secret-for-tests,-of-some-length"
EVERYWHERE = (
    "/",
    "/runs",
    "/index.html",
    "/openapi.json",
    "/api/v1/meta",
    "/api/v1/traces",
    "/api/v1/events",
    "/nowhere",
)
PROBLEM = "application/problem+json"


@pytest.mark.parametrize("target", EVERYWHERE)
@pytest.mark.parametrize("token", [None, "wrong", SECRET[:-1], SECRET + "x", "é" * 30])
def test_nothing_is_said_without_the_token(client: Any, target: str, token: str | None) -> None:
    given = {} if token is None else {"Authorization": f"Bearer {token}".encode().decode("latin-1")}
    answer = client.ask("GET", target, token=None, **given)
    assert (answer.status, answer.headers["content-type"]) == (401, PROBLEM)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert b"support-rag" not in answer.body


@pytest.mark.parametrize("value", ["", "Bearer", "Basic YTpi", SECRET, f"Token {SECRET}"])
def test_only_a_bearer_token_counts(client: Any, value: str) -> None:
    assert client.ask("GET", "/api/v1/meta", token=None, Authorization=value).status == 401


def test_a_browser_trades_the_token_for_a_cookie(client: Any) -> None:
    first = client.ask("GET", f"/runs/8f2c?step=2&token={SECRET}&tab=change", token=None, Accept="text/html")
    assert (first.status, first.headers["location"]) == (303, "/runs/8f2c?step=2&tab=change")
    assert SECRET not in first.headers["set-cookie"]
    name, value, rest = re.fullmatch(r"(argus_\d+)=([0-9a-f]{64}); (.*)", first.headers["set-cookie"]).groups()
    assert set(rest.split("; ")) == {"Path=/", "HttpOnly", "SameSite=Strict"}
    assert client.ask("GET", "/api/v1/meta", token=None, Cookie=f"other=1; {name}={value}").status == 200
    assert client.ask("GET", "/api/v1/meta", token=None, Cookie=f"{name}={value[:-1]}0x").status == 401
    assert client.ask("GET", "/api/v1/meta", token=None, Cookie=f"{name}={SECRET}").status == 401
    assert client.ask("GET", "/api/v1/meta", token=None, Cookie=f"{name}x={value}").status == 401


def test_a_wrong_token_in_the_address_gets_a_page_that_says_nothing(client: Any) -> None:
    answer = client.ask("GET", "/?token=wrong", token=None, Accept="text/html")
    assert (answer.status, answer.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert "set-cookie" not in answer.headers
    assert b"argus ui" in answer.body


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example", "/%5Cevil.example", "/%2F%2Fevil.example"])
def test_the_redirect_stays_here(client: Any, path: str) -> None:
    answer = client.ask("GET", f"{path}?token={SECRET}", token=None)
    assert answer.status == 303
    assert re.match(r"/[^/\\]", answer.headers["location"])


def test_the_redirect_cannot_be_given_headers(client: Any) -> None:
    answer = client.ask("GET", f"/a%0d%0aset-cookie:x=y?token={SECRET}&b=%0d%0ax:y", token=None)
    assert answer.status == 303
    assert answer.headers["set-cookie"].startswith("argus_")
    assert "x" not in answer.headers


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", "127.0.0.1.evil.example:{port}", "", "127.0.0.1",
             "localhost.:{port}", "0.0.0.0:{port}", "[::1", "127.0.0.1:{port}@evil.example", "127.0.0.1:{port}:80"],
)  # fmt: skip
def test_another_name_than_its_own_is_refused(client: Any, host: str) -> None:
    answer = client.ask("GET", "/api/v1/meta", Host=host.format(port=client.port))
    assert (answer.status, answer.headers["content-type"]) == (403, PROBLEM)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_its_own_names_are_good(client: Any, host: str) -> None:
    assert client.ask("GET", "/api/v1/meta", Host=f"{host}:{client.port}").status == 200


def test_no_or_several_hosts_are_refused(client: Any) -> None:
    lead = f"GET /api/v1/meta HTTP/1.0\r\nAuthorization: Bearer {SECRET}\r\n"
    own = f"Host: 127.0.0.1:{client.port}\r\n"
    assert b" 403 " in client.raw(f"{lead}\r\n".encode()).split(b"\r\n")[0]
    twice = client.raw(f"{lead}{own}Host: evil.example\r\n\r\n".encode()).split(b"\r\n")[0]
    assert b" 403 " in twice or b" 400 " in twice
    assert b" 200 " in client.raw(f"{lead}{own}\r\n".encode()).split(b"\r\n")[0]


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "", "http://127.0.0.1:1", "https://127.0.0.1:{port}", "http://127.0.0.1",
               "http://127.0.0.1:{port}.evil.example", "file://", "http://localhost:{port}/x"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_pages_of_other_sites_are_refused(client: Any, method: str, origin: str) -> None:
    body = {"trace_id": "last"} if method == "POST" else None
    answer = client.ask(method, "/api/v1/replays", body=body, Origin=origin.format(port=client.port))
    assert answer.status == 403
    assert "access-control-allow-origin" not in answer.headers


def test_its_own_pages_are_not(client: Any) -> None:
    own = f"http://127.0.0.1:{client.port}"
    assert client.ask("GET", "/api/v1/meta", Origin=own, Sec_Fetch_Site="same-origin").status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_browser_that_says_who_asks_is_believed(client: Any, site: str) -> None:
    other = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}
    assert client.ask("GET", "/api/v1/meta", **other).status == 403
    link = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert client.ask("GET", "/runs", **link).status == 200
    assert client.ask("POST", "/api/v1/replays", body={}, **link).status == 403


def test_a_form_of_another_page_cannot_post(client: Any) -> None:
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
        answer = client.ask("POST", "/api/v1/replays", body=b"{}", Content_Type=kind)
        assert answer.status == 415


def test_preflights_get_no_leave(client: Any) -> None:
    answer = client.ask("OPTIONS", "/api/v1/replays", Access_Control_Request_Method="POST")
    assert answer.status == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "TRACE", "CONNECT", "PROPFIND"])
def test_other_methods_are_not_here(client: Any, method: str) -> None:
    own = f"Host: 127.0.0.1:{client.port}\r\nAuthorization: Bearer {SECRET}\r\n"
    said = client.raw(f"{method} /api/v1/meta HTTP/1.1\r\n{own}Connection: close\r\n\r\n".encode())
    assert re.match(rb"HTTP/1\.1 (405|400) ", said)


@pytest.mark.parametrize("target", [*EVERYWHERE[:6], "/api/v1/traces/none", "/api/v1/nothing", "/assets/nothing.js"])
@pytest.mark.parametrize("token", [SECRET, None])
def test_every_answer_keeps_a_browser_in_bounds(client: Any, target: str, token: str | None) -> None:
    answer = client.ask("GET", target, token=token)
    assert answer.headers["content-security-policy"] == CONTENT_POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in answer.headers
    assert answer.status in (200, 401, 404)


def test_the_policy_is_strict() -> None:
    assert CONTENT_POLICY == (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert "unsafe" not in CONTENT_POLICY
    assert "*" not in CONTENT_POLICY


def test_sizes_are_limited(client: Any) -> None:
    assert client.ask("GET", "/api/v1/traces?q=" + "x" * 9000).status == 414
    assert client.ask("GET", "/" + "x" * 3000).status == 414
    large = client.ask("POST", "/api/v1/replays", body={"trace_id": "x" * 1_100_000})
    assert (large.status, large.headers["content-type"]) == (413, PROBLEM)
    own = f"Host: 127.0.0.1:{client.port}\r\nAuthorization: Bearer {SECRET}\r\nContent-Type: application/json\r\n"
    lead = f"POST /api/v1/replays HTTP/1.1\r\n{own}Connection: close\r\n"
    assert b" 411 " in client.raw(f"{lead}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".encode())[:20]
    assert b" 413 " in client.raw(f"{lead}Content-Length: 99999999\r\n\r\n{{}}".encode())[:20]
    huge = client.raw(f"GET / HTTP/1.1\r\n{own}X: {'y' * 200_000}\r\n\r\n".encode())
    assert re.match(rb"HTTP/1\.1 4", huge) or huge == b""


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd", "/..%2f..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/application.py",
        "/assets/../../desk.py",
        "/assets/..%5c..%5cdesk.py", "//etc/passwd", "/etc/passwd", "/%00", "/assets/%00.js", "/static_files.py",
        "/.gitignore", "/%c0%ae%c0%ae/desk.py", "/file:///etc/passwd",
    ],
)  # fmt: skip
def test_files_outside_are_out_of_reach(client: Any, path: str) -> None:
    own = f"Host: 127.0.0.1:{client.port}\r\nAuthorization: Bearer {SECRET}\r\nConnection: close\r\n"
    said = client.raw(f"GET {path} HTTP/1.1\r\n{own}\r\n".encode("latin-1"))
    assert re.match(rb"HTTP/1\.1 (200|400|404) ", said)
    assert b"root:" not in said
    assert b"class Desk" not in said
    if said.startswith(b"HTTP/1.1 200"):
        assert b"text/html" in said


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\0\0\0",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"GET / HTTP/1.1\r\n x\r\n\r\n",
    ],
)
def test_what_is_no_http_does_no_harm(client: Any, said: bytes) -> None:
    client.raw(said, no_more=True)
    assert client.ask("GET", "/api/v1/meta").status == 200


def test_no_websocket(client: Any) -> None:
    own = f"Host: 127.0.0.1:{client.port}\r\nAuthorization: Bearer {SECRET}\r\nConnection: Upgrade, close\r\n"
    ask = f"GET /api/v1/events HTTP/1.1\r\n{own}Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    assert b" 101 " not in client.raw((ask.replace("/api/v1/events", "/api/v1/meta") + key).encode())[:20]


def test_names_of_a_server_bound_to_everything() -> None:
    everything = Origins("0.0.0.0", 8484)
    assert everything.is_host("192.168.1.7:8484")
    assert everything.is_host("localhost:8484")
    assert not everything.is_host("evil.example:8484")
    assert not everything.is_host("192.168.1.7")
    named = Origins("runs.internal", 80)
    assert named.is_host("runs.internal")
    assert named.is_host("RUNS.internal:80")
    assert not named.is_host("localhost:81")
    six = Origins("::1", 8484)
    assert six.is_host("[::1]:8484")
    assert six.is_origin("http://[::1]:8484")
    assert not six.is_origin("http://[::1]:8484/")
