"""A real server on loopback, before a real store, and a client that asks it as a program would."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec
import pytest

from argus.config.sources import Configuration, load
from argus.model.detection import Detection, Evidence
from argus.model.forensics import CausalLink, Forensics, Suggestion, Suspect
from argus.model.trace import LlmCall, TokenUsage, ToolCall, Trace
from argus.server.running import Server, listen
from argus.server.security.tokens import Token
from argus.server.sources import Sources, StoreHandle
from argus.storage.sqlite import SqliteStore
from argus.testing.builders import build_graph, build_trace, ran

SECRET = "a secret for tests, of some length".replace(" ", "-")
HOSTILE = "\x1b]0;owned\x07<script>alert(1)</script>\u202egnp.exe\n`tick` |\ud800"


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Asks a server; every request is a connection of its own."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(
        self, method: str, target: str, *, token: str | None = SECRET, body: Any = None, **headers: str | None
    ) -> Answer:
        sent: dict[str, str] = {"Authorization": f"Bearer {token}"} if token else {}
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        sent.update({key.replace("_", "-"): value for key, value in headers.items() if value is not None})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, target, body=data, headers=sent)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, target: str, **parameters: Any) -> Any:
        """A document of the API, which must be there."""
        answer = self.ask("GET", f"/api/v1{target}" + (f"?{urlencode(parameters)}" if parameters else ""))
        assert answer.status == 200, answer.body
        return answer.json

    def raw(self, request: bytes, *, no_more: bool = False) -> bytes:
        """What a server says to bytes on a socket until it closes; nothing when it just closes."""
        parts: list[bytes] = []
        asked = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        with asked as connection, contextlib.suppress(ConnectionError):
            connection.sendall(request)
            if no_more:
                connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                parts.append(part)
        return b"".join(parts)


def sources_of(folder: Path, store: SqliteStore, app: str | None = None) -> Sources:
    configuration: Configuration = load(None, {"storage.url": store.url}, environ={}, start=folder)
    return Sources(
        configuration=configuration,
        store=StoreHandle(lambda: True, lambda: store, store.url),
        command=lambda *words: " ".join(["argus", *words]),
        recover=lambda: None,
        app=app,
    )


def serving(sources: Sources) -> Iterator[Client]:
    """A server in a thread for as long as the iterator is held."""
    listening = listen("127.0.0.1", 0)
    server = Server(sources, listening, Token(SECRET))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield Client(listening.port)
    finally:
        server.stop()
        thread.join(20)
        assert not thread.is_alive()


def later(trace: Trace, minutes: int) -> Trace:
    """The same run, some minutes later."""
    shift = timedelta(minutes=minutes)
    steps = tuple(msgspec.structs.replace(step, timestamp=step.timestamp + shift) for step in trace.steps)
    return msgspec.structs.replace(trace, created_at=trace.created_at + shift, steps=steps)


def broken_run(trace_id: str, pipeline: str = "support-rag", **changes: Any) -> Trace:
    """`retrieve` returns `docs` where `documents` is declared; `send` fails on it."""
    nodes = ["intake", "retrieve", "rank", "send"]
    graph = build_graph(
        nodes,
        state={"query": str, "documents": list, "ranked": list, "messages": list},
        edges=[("rank", "retrieve")],
        name=pipeline,
    )
    usage = TokenUsage(input_tokens=1500, output_tokens=206, total_tokens=1706)
    said = [{"role": "user", "content": "How long?"}, {"role": "assistant", "content": "60 days"}]
    chat = LlmCall(model="gpt-4o", messages=said, response="60 days", usage=usage, duration_ms=12.0)
    trace = build_trace(
        ran("intake", {"query": "How long?", "messages": said}, metadata={"superstep": 1}),
        ran("retrieve", {"docs": [{"id": 1}] * 4}, metadata={"superstep": 2, "dropped": ["docs"]}),
        *[
            ran("rank", {"ranked": []}, metadata={"superstep": 3, "kind": "push", "sent": index}) for index in range(3)
        ],
        ran("send", error=KeyError("citations"), metadata={"superstep": 4}, llm_calls=(chat,), token_usage=usage,
            tool_calls=(ToolCall(name="mail", arguments={"to": "[REDACTED]"}),)),
        input={"query": "?", "documents": []},
        graph=graph,
        trace_id=trace_id,
        pipeline_name=pipeline,
    )  # fmt: skip
    step = [one.id for one in trace.steps]
    return msgspec.structs.replace(
        trace,
        status="failed",
        summary="`retrieve` returned `docs` instead of `documents`; later `send` raised `KeyError: 'citations'`.",
        metadata={"outcome": "error"},
        detections=(
            Detection(id="d1", layer="behavioral", severity="critical", code="BEH301", message="`send` raised.",
                      step_id=step[5]),
            Detection(id="d2", layer="structural", severity="critical", code="STR402", message="`docs` was dropped.",
                      step_id=step[1], field="docs", confidence=0.97,
                      evidence=(Evidence(step_id=step[1], field="docs", note="returned", value=[{"id": 1}]),)),
            Detection(id="d3", layer="structural", severity="warning", code="STR403", message="suppressed",
                      step_id=step[2], suppressed="known"),
        ),
        forensics=Forensics(
            root_cause_step=step[1],
            explanation="It failed on what was never written.",
            confidence=0.94,
            proof="lineage",
            causal_chain=(
                CausalLink(step_id=step[1], node_name="retrieve", role="cause", field="documents", why="`docs`"),
                CausalLink(step_id=step[2], node_name="rank", role="path", field="ranked", why="read nothing"),
                CausalLink(step_id=step[5], node_name="send", role="symptom", field="citations", why="raised"),
            ),
            suspects=(Suspect(step_id=step[1], node_name="retrieve", score=0.94),),
            suggestions=(Suggestion(text="Return `documents`.", file="/srv/app.py", line=27),),
        ),
        **changes,
    )  # fmt: skip


def clean_run(trace_id: str, pipeline: str = "support-rag", **changes: Any) -> Trace:
    graph = build_graph(["intake", "retrieve", "rank", "send"], state={"query": str}, name=pipeline)
    trace = build_trace(
        *[ran(node, {"query": node}) for node in ("intake", "retrieve", "rank", "send")],
        graph=graph,
        trace_id=trace_id,
        pipeline_name=pipeline,
        summary="All 4 steps did what earlier runs did.",
    )
    return msgspec.structs.replace(trace, **changes)


def hostile_run(trace_id: str) -> Trace:
    trace = build_trace(
        ran(HOSTILE, {HOSTILE: HOSTILE, "nan": float("nan")}, error=ValueError(HOSTILE)),
        input={HOSTILE: [HOSTILE]},
        trace_id=trace_id,
        pipeline_name=HOSTILE,
    )
    return msgspec.structs.replace(
        trace,
        status="failed",
        summary=HOSTILE,
        metadata={HOSTILE: HOSTILE},
        detections=(Detection(layer=HOSTILE, severity="critical", message=HOSTILE, step_id="nowhere", field=HOSTILE),),
    )


CLEAN = [f"c1ea{number:012x}" for number in range(6)]
BROKEN = "8f2c1a5b00000001"


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """Six healthy runs, then a broken one, and one of another pipeline that is all attack."""
    store = SqliteStore(tmp_path_factory.mktemp("served") / ".argus" / "traces.db")
    store.save_many(
        [
            *[later(clean_run(one), index) for index, one in enumerate(CLEAN)],
            later(broken_run(BROKEN), 10),
            hostile_run("bad0000000000005"),
        ]
    )
    yield store
    store.close()


@pytest.fixture(scope="session")
def client(stored: SqliteStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server that all read-only tests share."""
    yield from serving(sources_of(tmp_path_factory.mktemp("project"), stored))


@pytest.fixture
def serve_project() -> Any:
    """Serves a project folder as the command line does: whatever store is there, or will be."""

    def serve(folder: Path, app: str | None = None) -> Iterator[Client]:
        from argus.cli.project import Project

        project = Project(None, None)
        configuration = load(None, {}, environ={}, start=folder)
        sources = Sources(
            configuration=configuration,
            store=StoreHandle(project.has_store, project.store, f"sqlite:///{configuration.sqlite_file}"),
            command=project.command,
            recover=project.recover,
            app=app,
        )
        try:
            yield from serving(sources)
        finally:
            project.close()

    return serve
