"""What the API answers, asked over HTTP of a server with a real store."""

from __future__ import annotations

import json
from typing import Any

import pytest

BROKEN = "8f2c1a5b00000001"
HOSTILE_ID = "bad0000000000005"
CLEAN = [f"c1ea{number:012x}" for number in range(6)]


def ids(client: Any, q: str, **more: Any) -> list[str]:
    return [row["id"][:4] for row in client.get("/traces", q=q, **more)["items"]]


def test_what_is_served(client: Any) -> None:
    meta = client.get("/meta")
    assert meta["trace_count"] == 8
    assert meta["runs_by_pipeline"]["support-rag"] == 7
    assert meta["pipelines"] == sorted(meta["runs_by_pipeline"])
    assert meta["replay"] is None
    assert meta["problems"] == []
    known = {one["key"]: one["values"] for one in meta["filter_keys"]}
    assert "failed" in known["status"]
    assert "STR402" in known["code"]


def test_a_row_says_what_broke_where_it_began_and_where_it_showed(client: Any) -> None:
    row = client.get("/traces", q="status:failed pipeline:support-rag")["items"][0]
    assert (row["id"], row["short_id"], row["status"], row["outcome"]) == (BROKEN, "8f2c1a5b", "failed", "error")
    assert row["cause"] == {"step_number": 2, "node": "retrieve", "code": "STR402", "confidence": 0.94}
    assert (row["symptom"]["step_number"], row["symptom"]["node"], row["symptom"]["code"]) == (6, "send", "BEH301")
    assert row["counts"] == {"critical": 2, "warning": 0, "info": 0}
    assert row["tokens"] == 1706
    assert row["graph_version"] == "v1"
    assert row["ribbon"] == {"ticks": [1.0] * 6, "cause": 1, "path": [2], "symptom": 5}
    assert row["headline"].startswith("`retrieve` returned `docs`")


def test_pages_follow_each_other_without_gaps_or_doubles(client: Any) -> None:
    seen: list[str] = []
    cursor = ""
    for _ in range(10):
        page = client.get("/traces", limit=3, cursor=cursor)
        assert len(page["items"]) <= 3
        assert page["total"] == 8
        seen += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [BROKEN, *reversed(CLEAN[1:]), *sorted([CLEAN[0], HOSTILE_ID], reverse=True)]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("status:failed", {"8f2c", "bad0"}),
        ("status:failed,warning -pipeline:support-rag", {"bad0"}),
        ("code:STR4*", {"8f2c"}),
        ("-status:ok field:docs", {"8f2c"}),
        ("layer:behavioral", {"8f2c"}),
        ("tokens:>1k", {"8f2c"}),
        ("steps:6", {"8f2c"}),
        ("steps:<2", {"bad0"}),
        ("node:send status:ok", {"c1ea"}),
        ("node:send,nothing -status:ok", {"8f2c"}),
        ("dur:>50ms", {"8f2c"}),
        ('"instead of"', {"8f2c"}),
        ("version:v1 severity:critical", {"8f2c"}),
        ("replay-of:8f2c", set()),
        ("since:2026-01-01T12:08:00Z", {"8f2c"}),
        ("code:STR403", set()),
    ],
)
def test_filters(client: Any, q: str, found: set[str]) -> None:
    assert set(ids(client, q)) == found


def test_a_word_that_is_not_understood_is_told_and_the_rest_holds(client: Any) -> None:
    page = client.get("/traces", q='statsu:failed status:failed dur:soon text:"open')
    told = {one["token"]: one["hint"] for one in page["query"]["problems"]}
    assert "'status'" in told["statsu:failed"]
    assert "dur:>5s" in told["dur:soon"]
    assert "not closed" in told['text:"open']
    assert [row["id"] for row in page["items"]] == [BROKEN, HOSTILE_ID]


def test_a_filtered_page_can_be_short_and_goes_on(client: Any) -> None:
    first = client.get("/traces", q="-status:ok", limit=2)
    assert first["total"] is None
    found = [row["id"] for row in first["items"]]
    while first["next_cursor"]:
        first = client.get("/traces", q="-status:ok", limit=2, cursor=first["next_cursor"])
        found += [row["id"] for row in first["items"]]
    assert found == [BROKEN, HOSTILE_ID]


def test_the_page_of_a_run(client: Any) -> None:
    page = client.get("/traces/8f2c")
    said = page["verdict"]
    assert "".join(one["text"] for one in said["segments"]) == said["sentence"]
    linked = [(one["text"], one["step_number"], one["role"]) for one in said["segments"] if one["step_number"]]
    assert linked == [("`retrieve`", 2, "cause"), ("`send`", 6, "symptom")]
    assert (said["named"], said["score"], said["proof"]) == (True, 0.94, "lineage")
    assert [(one["node"], one["role"], one["field"]) for one in page["chain"]] == [
        ("retrieve", "cause", "documents"), ("rank", "path", "ranked"), ("send", "symptom", "citations"),
    ]  # fmt: skip
    assert page["chain"][0]["elapsed_ms"] == 0
    assert page["chain"][2]["elapsed_ms"] == 40
    assert page["usual"]["healthy_runs"] == 6
    assert page["usual"]["last_good"]["id"] == CLEAN[-1]
    assert page["usual"]["node_ms"]["retrieve"] == 10
    assert {one["name"]: one["line"] for one in page["commands"]}["compare"] == f"argus diff {CLEAN[-1]} {BROKEN}"
    finding = next(one for one in page["detections"] if one["code"] == "STR402")
    assert (finding["name"], finding["step_number"], finding["node"]) == ("Undeclared key", 2, "retrieve")
    assert finding["evidence"][0]["value"]["value"] == [{"id": 1}]
    assert [one["suppressed"] for one in page["detections"]] == [None, None, "known"]
    assert page["suggestions"] == [{"text": "Return `documents`.", "file": "/srv/app.py", "line": 27}]


def test_the_graph_of_a_run(client: Any) -> None:
    graph = client.get(f"/traces/{BROKEN}")["graph"]
    nodes = {one["name"]: one for one in graph["nodes"]}
    assert (graph["declared"], graph["ran"]) == (4, 4)
    assert (nodes["rank"]["executions"], nodes["rank"]["steps"], nodes["rank"]["role"]) == (3, [3, 4, 5], "path")
    assert (nodes["retrieve"]["role"], nodes["retrieve"]["findings"], nodes["retrieve"]["worst"]) == (
        "cause",
        1,
        "critical",
    )
    assert (nodes["send"]["fact"], nodes["send"]["error"]) == ("raised KeyError", "KeyError")
    edges = {(one["source"], one["target"]): one for one in graph["edges"]}
    assert edges["intake", "retrieve"]["taken"]
    assert edges["__start__", "intake"]["count"] == 1
    back = edges["rank", "retrieve"]
    assert (back["conditional"], back["taken"], back["count"]) == (True, False, 0)
    assert [(one["source"], one["field"]) for one in graph["thread"]] == [("retrieve", "documents"), ("rank", "ranked")]


def test_steps_come_as_columns_of_one_length(client: Any) -> None:
    columns = client.get(f"/traces/{BROKEN}/steps")
    assert {len(one) for one in columns.values() if isinstance(one, list)} == {6}
    assert columns["number"] == [1, 2, 3, 4, 5, 6]
    assert columns["branch"] == [0, 0, 1, 2, 3, 0]
    assert columns["branches"] == [0, 0, 3, 3, 3, 0]
    assert columns["role"] == [None, "cause", "path", None, None, "symptom"]
    assert columns["findings"][1] == [["critical", "STR402"]]
    assert columns["findings"][2] == []
    assert columns["outcome"][5] == "error"
    assert columns["error"][5] == "KeyError"
    assert columns["usual_ms"] == [10.0] * 6
    assert columns["has_messages"] == [True] * 6
    assert columns["tokens"][5] == 1706


def test_a_step(client: Any) -> None:
    step = client.get(f"/traces/{BROKEN}/steps/2")
    assert [(one["mark"], one["path"]) for one in step["changes"]] == [("!", "docs"), ("∅", "documents")]
    assert step["changes"][0]["after"]["value"] == [{"id": 1}] * 4
    assert step["changes"][1]["before"]["text"] == "[]"
    assert (step["before"], step["after"], step["beside"]) == (["intake"], ["rank"], 0)
    assert client.get(f"/traces/{BROKEN}/steps/4")["beside"] == 2
    last = client.get(f"/traces/{BROKEN}/steps/6")
    assert last["error"]["type"] == "KeyError"
    assert last["tool_calls"][0]["arguments"]["redacted"] is True
    assert [(one["side"], one["path"], one["count"]) for one in last["messages"]] == [
        ("state", "messages", 2), ("llm", "0.messages", 2),
    ]  # fmt: skip
    assert last["findings"][0]["code"] == "BEH301"


def test_a_value_by_its_path(client: Any) -> None:
    def value(number: int, **more: Any) -> Any:
        return client.get(f"/traces/{BROKEN}/steps/{number}/value", **more)

    assert value(2, side="output", path="docs[1].id")["value"] == 1
    assert value(2, side="output", path="docs.1.id")["value"] == 1
    assert value(2, side="output")["value"] == {"docs": [{"id": 1}] * 4}
    assert value(2, side="input", path="query")["type"] == "text"
    assert value(6, side="llm", path="0.messages.1.content")["value"] == "60 days"
    assert value(6, side="tools", path="0.arguments.to") | {"value": ""} != {}
    assert value(6, side="tools", path="0.arguments.to")["redacted"] is True
    missing = client.ask("GET", f"/api/v1/traces/{BROKEN}/steps/2/value?side=output&path=nothing")
    assert (missing.status, missing.json["hint"]) == (404, "There is docs.")


def test_the_life_of_a_field(client: Any) -> None:
    told = client.get(f"/traces/{BROKEN}/lineage", field="ranked")
    assert told["known"] is True
    assert {(one["step_number"], one["kind"]) for one in told["points"]} >= {(3, "write"), (6, "read")}
    unknown = client.get(f"/traces/{BROKEN}/lineage", field="documnts")
    assert (unknown["known"], unknown["near"][0]) == (False, "documents")


def test_the_brief_fences_what_was_recorded(client: Any) -> None:
    text = client.get(f"/traces/{BROKEN}/fix")["text"]
    assert text.startswith("# Mend the node `retrieve`")
    assert "argus diff" in text


def test_two_runs_side_by_side(client: Any) -> None:
    told = client.get(f"/compare/{CLEAN[0]}/last")
    assert (told["a"]["id"], told["b"]["id"]) == (CLEAN[0], BROKEN)
    first = told["steps"][told["first_difference"]]
    assert (first["node"], first["a"], first["b"]) == ("intake", 1, 1)
    assert {one["code"] for one in told["gained"]} == {"BEH301", "STR402"}
    assert told["lost"] == []
    assert told["sentence"].startswith("The first difference")
    assert told["commands"][0]["line"] == f"argus diff {CLEAN[0]} {BROKEN}"


def test_problems_are_groups_of_runs(client: Any) -> None:
    told = client.get("/problems")
    assert told["headline"].startswith("2 problems need you.")
    group = next(one for one in told["items"] if one["pipeline"] == "support-rag")
    assert (group["node"], group["code"], group["name"], group["is_cause"]) == (
        "retrieve", "STR402", "Undeclared key", True,
    )  # fmt: skip
    assert (group["runs"], group["of_runs"], group["example_id"]) == (1, 7, BROKEN)
    assert sum(group["spark"]) == 1
    assert ids(client, group["where"]) == ["8f2c"]
    assert client.get("/problems", q="status:ok")["items"] == []
    assert client.get("/problems", q="status:ok")["headline"] == "No problems in these runs."


def test_the_trend_counts_every_run_once(client: Any) -> None:
    told = client.get("/trend", q="pipeline:support-rag until:2026-01-01T12:11:00Z", buckets=4)
    assert [one["runs"] for one in told["buckets"]] == [3, 3, 0, 1]
    assert told["buckets"][3]["failed"] == 1
    assert told["buckets"][3]["findings_per_100"] == 200.0
    assert told["buckets"][3]["tokens"] == 1706
    assert told["buckets"][2]["p50_ms"] is None
    assert (told["looked_at"], told["of_runs"]) == (7, 7)


def test_the_history_of_a_pipeline(client: Any) -> None:
    told = client.get("/pipelines/support-rag/history")
    assert [one["id"] for one in told["points"]] == [*CLEAN, BROKEN]
    assert told["band"] == {"median_ms": 40.0, "low_ms": 40.0, "high_ms": 40.0, "runs": 6}
    assert {one["code"] for one in told["points"][-1]["findings"]} == {"BEH301", "STR402"}
    assert told["versions"][0]["runs"] == 7
    assert told["of_runs"] == 7
    late = client.get(
        "/pipelines/support-rag/history", **{"from": "2026-01-01T12:04:30Z", "to": "2026-01-01T12:06:00Z"}
    )
    assert [one["id"] for one in late["points"]] == [CLEAN[5]]
    assert client.ask("GET", "/api/v1/pipelines/nobody/history").status == 404
    assert client.ask("GET", "/api/v1/pipelines/support-rag/history?from=soon").status == 400


def test_rules_settings_baselines_and_figures(client: Any) -> None:
    rules = {one["code"]: one for one in client.get("/rules")}
    assert (rules["STR402"]["findings"], rules["STR402"]["severity"], rules["STR402"]["enabled"]) == (
        1,
        "critical",
        True,
    )
    page = client.get("/rules/str402")
    assert "How it decides" in [one["title"] for one in page["sections"]]
    assert "How it decides" in page["manual"]
    wrong = client.ask("GET", "/api/v1/rules/STR4O2")
    assert (wrong.status, wrong.json["hint"]) == (404, "Did you mean STR402?")
    settings = {one["key"]: one for one in client.get("/settings")["items"]}
    assert settings["storage.url"]["source"] == "argument"
    assert settings["detection.behavioral.max_loop_count"]["value"] == 10
    assert settings["detection.behavioral.max_loop_count"]["source"] == "default"
    known = client.get("/baselines")["items"]
    assert [(one["pipeline"], one["runs"], one["learned"]) for one in known] == [("support-rag", 6, None)]
    assert client.get("/baselines", pipeline="support-rag")["items"][0]["learned"]["nodes"]
    assert client.ask("GET", "/api/v1/baselines?pipeline=nobody").status == 404
    assert client.get("/stats")["runs"] == 8
    assert client.get("/stats", q="status:failed")["scope"] == "where status:failed"
    assert client.ask("GET", "/api/v1/stats?q=-status:ok").status == 400


@pytest.mark.parametrize("path", ["", "/steps", "/steps/1", "/steps/1/value", "/lineage?field=x", "/fix"])
def test_what_a_pipeline_wrote_is_only_ever_data(client: Any, path: str) -> None:
    answer = client.ask("GET", f"/api/v1/traces/{HOSTILE_ID}{path}")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    json.loads(answer.body.decode("utf-8"))
    assert client.ask("GET", f"/api/v1/compare/{HOSTILE_ID}/{BROKEN}").status == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/traces/none", 404), ("/traces/c1ea", 409), ("/traces/8f2c/steps/0", 400), ("/traces/8f2c/steps/7", 404),
        ("/traces/8f2c/steps/x", 404), ("/traces/8f2c/steps/99999999999999999999", 400), ("/traces?limit=0", 400),
        ("/traces?limit=201", 400), ("/traces?limit=x", 400), ("/traces?cursor=nonsense", 400), ("/nothing", 404),
        ("/traces/8f2c/lineage", 400), ("/traces/8f2c/steps/1/value?side=elsewhere", 400), ("/trend?buckets=0", 400),
        ("/replays/none", 404), ("/replays/none/events", 404), ("/rules/NONE", 404), ("/compare/8f2c/none", 404),
        ("", 404), ("/", 404), ("/traces/%00", 404), ("/traces/last~99", 404),
    ],
)  # fmt: skip
def test_every_error_is_a_problem_document(client: Any, path: str, status: int) -> None:
    answer = client.ask("GET", f"/api/v1{path}")
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert {"type", "title", "status", "detail", "hint"} == set(answer.json)
    assert answer.json["status"] == status
    assert answer.json["detail"]


def test_wrong_bodies(client: Any) -> None:
    for body in (b"", b"{", b"[]", b'"x"', b"{}", b'{"trace_id": 1}', b'{"trace_id": "last", "from_step": 0}'):
        answer = client.ask("POST", "/api/v1/replays", body=body)
        assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json"), body
    without = client.ask("POST", "/api/v1/replays", body={"trace_id": "last"})
    assert without.status == 409
    assert "--app" in without.json["detail"]
    assert "--app" in without.json["hint"]
    assert client.ask("POST", "/api/v1/traces", body={}).status == 405
    assert client.ask("DELETE", "/api/v1/meta").status == 405


def test_the_document_is_served_and_every_answer_is_in_it(client: Any) -> None:
    document = client.ask("GET", "/openapi.json").json
    assert document["openapi"].startswith("3.1")
    schemas = document["components"]["schemas"]
    assert set(client.get("/meta")) == set(schemas["Meta"]["properties"]) == set(schemas["Meta"]["required"])
    assert schemas["RunRow"]["properties"]["headline"]["description"]
    assert "LiveEvent" in schemas


def test_addresses_of_pages_give_the_page(client: Any) -> None:
    for path in ("/", "/runs", "/runs/8f2c?step=2", "/compare/a/b", "/settings"):
        answer = client.ask("GET", path)
        assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert client.ask("GET", "/assets/none.js").status == 404
    assert client.ask("GET", "/api").status == 404
