"""What is told while it happens: running pipelines, a changing store, replays in processes of their own."""

from __future__ import annotations

import http.client
import json
import os
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from argus.session import ArgusSession

SECRET = "a-secret-for-tests,-of-some-length"


class Reader:
    """Reads server-sent events."""

    def __init__(self, port: int, path: str, last: str | None = None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Authorization": f"Bearer {SECRET}", **({"Last-Event-ID": last} if last else {})}
        self._connection.request("GET", f"/api/v1{path}", headers=headers)
        self.answer = self._connection.getresponse()

    def events(self) -> Iterator[tuple[str, str, Any]]:
        told: dict[str, str] = {}
        for line in self.answer:
            key, _, value = line.decode().rstrip("\r\n").partition(": ")
            if key in ("id", "event", "data"):
                told[key] = value
            elif not key and told.get("event"):
                yield told["id"], told["event"], json.loads(told["data"])
                told = {}

    def until(self, *kinds: str) -> list[tuple[str, str, Any]]:
        found = []
        for one in self.events():
            found.append(one)
            if one[1] in kinds:
                return found
        return found

    def close(self) -> None:
        self.answer.close()
        self._connection.close()


def until_its_end(client: Any, job: str) -> list[Any]:
    """All news of a replay; they end with it."""
    reader = Reader(client.port, f"/replays/{job}/events")
    try:
        return [data for _, _, data in reader.events()]
    finally:
        reader.close()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("ARGUS_")]:
        monkeypatch.delenv(name)
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def served(project: Path, serve_project: Any) -> Iterator[Any]:
    yield from serve_project(project)


def test_a_run_is_told_step_by_step_and_read_while_it_goes_on(served: Any) -> None:
    assert served.get("/meta")["trace_count"] == 0
    assert served.get("/traces")["items"] == []
    reader = Reader(served.port, "/events")
    try:
        assert reader.answer.headers["Content-Type"].startswith("text/event-stream")
        with ArgusSession(pipeline_name="shop") as session:
            with session.node("weigh"):
                pass
            with session.node("pack"):
                told = reader.until("step_finished")
                run_id = told[0][2]["trace_id"]
                row = served.get("/traces")["running"][0]
                assert (row["id"], row["status"], row["pipeline"]) == (run_id, "running", "shop")
                page = served.get(f"/traces/{run_id}")
                assert page["header"]["status"] == "running"
                assert page["header"]["headline"] == "In `pack`, step 2."
                columns = served.get(f"/traces/{run_id}/steps")
                assert (columns["status"], columns["node"]) == ("running", ["weigh", "pack"])
                assert columns["duration_ms"][0] is not None
                assert columns["duration_ms"][1] is None
                assert served.get(f"/traces/{run_id}/steps/2")["running"] is True
            told += reader.until("step_finished")
        rest = reader.until("store_changed")
    finally:
        reader.close()
    kinds = [(kind, data["node"]) for _, kind, data in told + rest if kind.startswith(("run", "step"))]
    expected = [
        ("run_started", None), ("step_started", "weigh"), ("step_finished", "weigh"),
        ("step_started", "pack"), ("step_finished", "pack"), ("run_finished", None),
    ]  # fmt: skip
    assert kinds in (expected, expected[:-1])  # a run that was stored before the next look is told as stored only
    assert (rest[-1][2]["trace_id"], rest[-1][2]["status"]) == (run_id, "ok")
    assert served.get(f"/traces/{run_id}")["header"]["status"] == "ok"
    again = Reader(served.port, "/events", last=told[0][0])
    try:
        assert again.until("store_changed")[0] == told[1]
    finally:
        again.close()
    stranger = Reader(served.port, "/events", last="19990101-7")
    try:
        _, kind, data = next(stranger.events())
        assert (kind, data["trace_id"]) == ("store_changed", None)
    finally:
        stranger.close()


APP = """
    from typing import TypedDict
    from langgraph.graph import END, START, StateGraph

    class Order(TypedDict, total=False):
        wish: str
        found: list
        answer: str

    def ask(state):
        print('{"verdict": "the pipeline prints, too"}')
        return {"wish": state["wish"].strip()}

    def find(state):
        return {"found": [state["wish"]] if state["wish"] else []}

    def say(state):
        return {"answer": state["found"][0].upper()}

    def build():
        graph = StateGraph(Order)
        for name, function in (("ask", ask), ("find", find), ("say", say)):
            graph.add_node(name, function)
        graph.add_edge(START, "ask")
        graph.add_edge("ask", "find")
        graph.add_edge("find", "say")
        graph.add_edge("say", END)
        return graph
"""


@pytest.fixture
def broken(project: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a run of the app that failed because nothing was asked for."""
    import argus

    (project / "shop_app.py").write_text(textwrap.dedent(APP))
    monkeypatch.syspath_prepend(str(project))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    from shop_app import build  # type: ignore[import-not-found]

    watcher = argus.ArgusWatcher()
    app = watcher.watch(build()).compile()
    with pytest.raises(IndexError):
        app.invoke({"wish": "  "})
    return watcher.finalize().id


def test_a_replay_runs_apart_and_is_followed(project: Path, broken: str, serve_project: Any) -> None:
    for client in serve_project(project, app="shop_app.py:build"):
        assert client.get("/meta")["replay"] == {"app": "shop_app.py:build"}
        wanted = {"trace_id": broken[:8], "from_step": 2, "patch": {"wish": "tea"}}
        begun = client.ask("POST", "/api/v1/replays", body=wanted)
        assert (begun.status, begun.json["status"], begun.json["trace_id"]) == (202, "running", broken)
        assert "--from-step 2" in begun.json["command"]
        job = begun.json["job"]
        news = until_its_end(client, job)
        assert [one["status"] for one in news[:-1]] == ["running"] * (len(news) - 1)
        assert [one["step"]["node"] for one in news if one["step"]] == ["ask", "find", "say"]
        done = client.get(f"/replays/{job}")
        assert (done["status"], done["verdict"], done["error"]) == ("done", "resolved", None)
        assert [one["source"] for one in done["steps"]] == ["served", "ran", "ran"]
        assert client.get(f"/traces/{done['new_trace_id']}")["header"]["replay_of"] == broken
        assert client.get("/traces", q=f"replay-of:{broken}")["items"][0]["id"] == done["new_trace_id"]
        compared = client.get(f"/compare/{broken}/{done['new_trace_id']}")
        assert [one["origin"] for one in compared["steps"]] == ["recorded", "patched", "live"]
        assert client.ask("DELETE", f"/api/v1/replays/{job}").json == done

        wrong = client.ask("POST", "/api/v1/replays", body={"trace_id": broken, "from_step": 9}).json["job"]
        until_its_end(client, wrong)
        told = client.get(f"/replays/{wrong}")
        assert told["status"] == "failed"
        assert "no step 9" in told["error"]


def test_a_replay_is_ended_with_all_that_it_started(project: Path, broken: str, serve_project: Any) -> None:
    source = (project / "shop_app.py").read_text()
    (project / "shop_app.py").write_text(
        source.replace("def find(state):", "def find(state):\n    import time; time.sleep(600)")
    )
    for client in serve_project(project, app="shop_app.py:build"):
        job = client.ask("POST", "/api/v1/replays", body={"trace_id": broken, "from_step": 2}).json["job"]
        second = client.ask("POST", "/api/v1/replays", body={"trace_id": broken, "from_step": 2})
        assert second.status == 202
        assert client.ask("POST", "/api/v1/replays", body={"trace_id": broken}).status == 429
        assert client.ask("DELETE", f"/api/v1/replays/{job}").status == 200
        until_its_end(client, job)
        assert client.get(f"/replays/{job}")["status"] == "cancelled"
