"""The gate's answer in other programs' formats: their structure, and that no recorded text breaks out of it.

No installable package carries the official SARIF schema, so its rules that matter here are checked by hand.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from markdown_it import MarkdownIt

from argus.model.detection import Detection
from argus.model.gate import Gate, gate_of, judge_run
from argus.model.trace import Trace
from argus.reports.gate.base import FORMATS, GateContext, RuleText, headline, render_gate
from argus.reports.gate.json import json_schema
from argus.reports.gate.places import file_uri, relative_path, repository_root
from argus.testing.builders import build_graph, build_trace, ran

HOSTILE = (
    "\x1b]0;x\x07 ]]></failure><b>&amp;\n::error::forged\r##[add-mask]x %0A"
    " | `` <script>alert(1)</script> \ufffe\ud800\u202e"
)
RULES = {"STR402": RuleText(name="undeclared_key", summary="A key got lost.", help="Declare it.")}
CONTEXT = GateContext(root=Path("/srv/app"), rules=RULES)


def run_of(
    *detections: Detection,
    trace_id: str = "00000000000000a1",
    file: str | None = "/srv/app/src/my app.py",
    **changes: Any,
) -> Trace:
    graph = build_graph(["search", "answer"], state={"documents": list}, name="faq")
    nodes = tuple(msgspec.structs.replace(node, file=file, line=16) for node in graph.nodes)
    graph = msgspec.structs.replace(graph, nodes=nodes)
    trace = build_trace(ran("search"), ran("answer"), graph=graph, trace_id=trace_id, pipeline_name="faq")
    return msgspec.structs.replace(trace, detections=detections, **changes)


def found(**changes: Any) -> Detection:
    given: dict[str, Any] = {
        "layer": "structural",
        "severity": "critical",
        "code": "STR402",
        "message": "`docs`: lost, 100%",
    }
    return Detection(**{**given, "step_id": "00000000000000a1-s1", **changes})


def mixed() -> Gate:
    first = run_of(
        found(),
        found(code="STR403", severity="warning", field="answer"),
        found(code="BEH304", severity="info"),
        found(code="SIG101", suppressed="ignore[0]: known to us"),
        found(code="SIG102"),
    )
    known = {one.fingerprint for one in judge_run(first).findings if one.code == "SIG102"}
    dead = run_of(trace_id="00000000000000b2", status="incomplete", metadata={"outcome": "incomplete"})
    clean = run_of(trace_id="00000000000000c3")
    return gate_of([judge_run(trace, "warning", known) for trace in (first, dead, clean)], "warning")


def hostile() -> Gate:
    bad = found(code="", layer=HOSTILE, message=HOSTILE, field=HOSTILE, suppressed=None)
    hidden = found(code=HOSTILE, message=HOSTILE, suppressed=HOSTILE)
    trace = build_trace(ran(HOSTILE), pipeline_name=HOSTILE, trace_id="00000000000000a1")
    trace = msgspec.structs.replace(trace, detections=(bad, hidden), summary=HOSTILE, status="incomplete")
    return gate_of([judge_run(trace)], "warning")


def unread() -> Gate:
    return gate_of([judge_run(run_of(metadata={"analysis_error": "MemoryError"}))], "warning")


@pytest.mark.parametrize("name", FORMATS)
def test_a_run_that_was_not_analysed_is_told(name: str) -> None:
    assert "could not be analysed: MemoryError" in render_gate(name, unread(), CONTEXT)


GATES = {
    "unread": unread,
    "mixed": mixed,
    "hostile": hostile,
    "clean": lambda: gate_of([judge_run(run_of())], "warning"),
}


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("name", FORMATS)
def test_every_document_is_harmless_text(name: str, gate: str) -> None:
    text = render_gate(name, GATES[gate](), CONTEXT)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e\ud800-\udfff\ufffe]", text)
    assert text.encode()
    assert text.endswith("\n")


@pytest.mark.parametrize("gate", GATES)
def test_junit_has_the_structure_of_jenkins(gate: str) -> None:
    root = ElementTree.fromstring(render_gate("junit", GATES[gate](), CONTEXT))
    assert root.tag == "testsuites"
    for suite in root:
        assert suite.tag == "testsuite"
        assert {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"} == set(suite.attrib)
        assert int(suite.attrib["tests"]) == len(suite)
        assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
        for case in suite:
            assert case.tag == "testcase"
            assert {"name", "classname", "time"} == set(case.attrib)
            assert float(case.attrib["time"]) >= 0
            assert {inner.tag for inner in case} <= {"failure", "system-out"}
            for failure in case.findall("failure"):
                assert set(failure.attrib) == {"message", "type"}
    assert int(root.attrib["tests"]) == sum(len(suite) for suite in root)


def test_junit_tells_what_fails_and_what_does_not() -> None:
    first, dead, clean = ElementTree.fromstring(render_gate("junit", mixed(), CONTEXT)).findall(".//testcase")
    assert "critical STR402 at search (src/my app.py:16): `docs`: lost, 100%" in first.findtext("failure", "")
    assert "STR403" in first.findtext("failure", "")
    assert "suppressed: critical SIG101" in first.findtext("system-out", "")
    assert "known: critical SIG102" in first.findtext("system-out", "")
    assert "incomplete" in dead.findtext("failure", "")
    assert len(clean) == 0


def sarif(gate: Gate) -> dict[str, Any]:
    log = json.loads(render_gate("sarif", gate, CONTEXT))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    return run


@pytest.mark.parametrize("gate", GATES)
def test_sarif_has_the_required_structure(gate: str) -> None:
    run = sarif(GATES[gate]())
    assert set(run) <= {"tool", "invocations", "columnKind", "results"}
    driver = run["tool"]["driver"]
    assert driver["name"] == "ARGUS"
    rules = driver["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    assert run["invocations"] == [{"executionSuccessful": True}]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        assert all(isinstance(value, str) for value in result["partialFingerprints"].values())
        (location,) = result["locations"]
        assert re.fullmatch(r"[A-Za-z0-9._~:/%-]+", location["physicalLocation"]["artifactLocation"]["uri"])
        assert location["physicalLocation"].get("region", {"startLine": 1})["startLine"] >= 1
        for suppression in result.get("suppressions", ()):
            assert suppression["kind"] == "external"
            assert suppression["status"] == "accepted"
            assert suppression["justification"]


def test_sarif_tells_levels_places_rules_and_what_is_put_aside() -> None:
    run = sarif(mixed())
    by_rule = {result["ruleId"]: result for result in run["results"]}
    assert [by_rule[code]["level"] for code in ("STR402", "STR403", "BEH304")] == ["error", "warning", "note"]
    assert {code for code, result in by_rule.items() if "suppressions" in result} == {"SIG101", "SIG102"}
    assert by_rule["SIG101"]["suppressions"][0]["justification"] == "ignore[0]: known to us"
    physical = by_rule["STR402"]["locations"][0]["physicalLocation"]
    assert physical == {
        "artifactLocation": {"uri": "src/my%20app.py", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 16},
    }
    assert by_rule["INCOMPLETE"]["level"] == "error"
    rule = run["tool"]["driver"]["rules"][by_rule["STR402"]["ruleIndex"]]
    assert (rule["name"], rule["shortDescription"]["text"]) == ("undeclared_key", "A key got lost.")


def test_sarif_without_a_source_file_says_so() -> None:
    (result,) = sarif(gate_of([judge_run(run_of(found(), file=None))], "warning"))["results"]
    assert result["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "source-not-recorded"}}


def test_github_annotations() -> None:
    lines = render_gate("github", mixed(), CONTEXT).splitlines()
    assert lines[0] == "::error file=src/my app.py,line=16,title=ARGUS STR402 at search::`docs`: lost, 100%25"
    assert lines[1].startswith("::warning file=src/my app.py,line=16,title=ARGUS STR403")
    assert next(line for line in lines if "BEH304" in line).startswith("::notice ")
    assert not [line for line in lines if "SIG10" in line]
    assert lines[-1] == (
        "::error title=ARGUS::Failed: 2 findings and 1 incomplete run in 2 of 3 runs"
        " (1 too mild to fail, 1 known, 1 suppressed)."
    )


def test_github_commands_cannot_be_forged() -> None:
    for line in render_gate("github", hostile(), CONTEXT).splitlines():
        (properties,) = re.fullmatch(r"::(?:error|notice) ([^:]*)::.*", line).groups()  # type: ignore[union-attr]
        assert set(re.findall(r"(?:^|,)(\w+)=", properties)) <= {"file", "line", "title"}


def test_markdown_keeps_its_tables_and_holds_no_html() -> None:
    text = render_gate("markdown", hostile(), CONTEXT)
    tokens = MarkdownIt().enable("table").parse(text)
    rows = [token for token in tokens if token.type == "tr_open"]
    cells = [token for token in tokens if token.type in ("td_open", "th_open")]
    assert len(cells) == 5 * len(rows)
    assert not re.search("<script|</?b>", MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


def test_markdown_shows_every_finding() -> None:
    text = render_gate("markdown", mixed(), CONTEXT)
    for code in ("STR402", "STR403", "BEH304", "SIG101", "SIG102"):
        assert f"`{code}`" in text
    assert "`src/my app.py:16`" in text
    assert "<summary>Suppressed by configuration: 1</summary>" in text


@pytest.mark.parametrize("gate", GATES)
def test_json_has_the_published_shape(gate: str) -> None:
    text = render_gate("json", GATES[gate](), CONTEXT)
    document = json.loads(text)
    definitions = json_schema()["$defs"]
    for name, part in (
        ("Gate", [document]),
        ("GateRun", document["runs"]),
        ("GateFinding", [finding for run in document["runs"] for finding in run["findings"]]),
    ):
        assert all(set(one) == set(definitions[name]["properties"]) for one in part)
    if gate != "hostile":  # lone surrogates are no text to a strict reader
        assert msgspec.json.decode(text, type=Gate) == GATES[gate]()


def test_the_headline() -> None:
    assert headline(mixed()) == "Failed: 2 findings and 1 incomplete run in 2 of 3 runs"
    assert headline(GATES["clean"]()) == "Passed: 1 run without findings that count"


@pytest.mark.parametrize(
    ("file", "relative"),
    [
        ("/srv/app/a/b.py", "a/b.py"),
        ("/srv/application/b.py", None),
        ("/else/b.py", None),
        ("a/b.py", "a/b.py"),
        ("../b.py", None),
        ("C:\\work\\b.py", None),
        ("<string>", "<string>"),
    ],
)
def test_files_are_named_from_the_repository(file: str, relative: str | None) -> None:
    assert relative_path(file, Path("/srv/app")) == relative


def test_uris_of_files_elsewhere() -> None:
    assert file_uri("/a b/c.py") == "file:///a%20b/c.py"
    assert file_uri("C:\\a b\\c.py") == "file:///C:/a%20b/c.py"


def test_the_repository_is_found(tmp_path: Path) -> None:
    inner = tmp_path / "one" / "two"
    inner.mkdir(parents=True)
    (tmp_path / "one" / ".git").mkdir()
    assert repository_root(inner) == tmp_path / "one"
