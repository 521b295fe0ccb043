"""Traces in which every field says something, for tests of whatever carries traces from one place to another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from argus.model.detection import Detection, Evidence
from argus.model.exchange import HttpAnswer, HttpBody, HttpExchange, HttpFailure, HttpRequest
from argus.model.forensics import CausalLink, Forensics, Suggestion, Suspect
from argus.model.graph import DecisionSpec, EdgeSpec, FieldRead, FieldSpec, GraphSpec, NodeSpec, TypeSpec
from argus.model.knowledge import SourceKnowledge, packed
from argus.model.trace import ErrorInfo, LlmCall, TokenUsage, ToolCall, Trace
from argus.model.values import cut_marker, mark
from argus.testing.builders import CREATED_AT, build_trace, ran

__all__ = ["HOSTILE", "full_trace", "hostile_trace", "small_trace"]

HOSTILE = "a\0b \ud800 \ud83d\ude00 \udfff\x1a001a \x1a\"\\\r\n\t\x7f\u2028 \u202e<script>%_'; -- \U0001f600 é\ufffe"
"""Text that is hard to store: NUL, lone surrogates, two of them in a row, control characters, quotes, wildcards."""


def full_trace(trace_id: str = "00000000000000f1") -> Trace:
    """A trace in which no field has its default value.

    Args:
        trace_id: The trace's id.
    """
    error = ErrorInfo(
        type="KeyError", message="'docs'", traceback="Traceback …", file="app/nodes.py", line=12, handled=True
    )
    usage = TokenUsage(input_tokens=10, output_tokens=5, total_tokens=15)
    first = ran(
        "retrieve",
        {"docs": ["one", {"two": [2, None, 2.5, True]}], "long": "x" * 50 + cut_marker(90_000, "0" * 32)},
        cpu_ms=1.25,
        duration_ms=12.5,
        tool_calls=(
            ToolCall(
                name="search",
                arguments={"q": "why", "k": 3},
                result=["one", "two"],
                error=error,
                duration_ms=3.5,
                call_id="call-1",
            ),
            ToolCall(name="bare"),
        ),
        llm_calls=(
            LlmCall(
                model="gpt-4o",
                messages=[{"role": "user", "content": "why"}],
                response={"content": "because"},
                usage=usage,
                finish_reason="stop",
                error=error,
                duration_ms=7.75,
            ),
            LlmCall(),
        ),
        http_exchanges=_exchanges("POST", "http://h.io/chat?q=1", '{"q":"why"}'),
        token_usage=usage,
        parent_id="outer-s1",
        metadata={"superstep": 1, "triggers": ["branch:to:retrieve"], "writes": ["docs"]},
    )
    second = ran(
        "answer", {"answer": mark("object", type="Thing", repr="<Thing>")}, error=error, outcome="error", attempt=2
    )
    step_ids = (f"{trace_id}-s1", f"{trace_id}-s2")
    evidence = (Evidence(step_id=step_ids[0], field="docs", note="missing", value={"seen": [1, None]}),)
    return build_trace(
        first,
        second,
        trace_id=trace_id,
        pipeline_name="support desk",
        input={"question": "why", "empty": {}, "none": None},
        graph=_graph(),
        created_at=CREATED_AT.replace(microsecond=123456),
        status="failed",
        duration_ms=1234.5678,
        detections=(
            Detection(
                layer="structural",
                severity="critical",
                message="`docs` was never written",
                step_id=step_ids[1],
                id=f"{trace_id}-d1",
                details={"field": "docs", "seen": 0},
                code="STR401",
                field="docs",
                confidence=0.75,
                evidence=evidence,
            ),
            Detection(
                layer="custom",
                severity="info",
                message="quiet",
                step_id=step_ids[0],
                suppressed="ignored by configuration",
            ),
        ),
        forensics=Forensics(
            root_cause_step=step_ids[0],
            explanation="`retrieve` returned nothing.",
            causal_chain=(
                CausalLink(
                    step_id=step_ids[0],
                    node_name="retrieve",
                    role="cause",
                    field="docs",
                    why="empty",
                    evidence=evidence,
                ),
                CausalLink(step_id=step_ids[1], node_name="answer", role="symptom"),
            ),
            detection_ids=(f"{trace_id}-d1",),
            id=f"{trace_id}-f",
            confidence=0.5,
            proof="lineage",
            suspects=(Suspect(step_id=step_ids[0], node_name="retrieve", score=0.9, reasons=("wrote `docs`",)),),
            suggestions=(Suggestion(text="Return `docs`.", file="app/nodes.py", line=7),),
        ),
        output={"answer": None, "docs": []},
        error=error,
        summary="Failed in `answer`.",
        metadata={"tags": ["nightly"], "outcome": "error", "thread_id": "t-1", "nested": {"deep": [{"er": 1.5}]}},
    )


def hostile_trace() -> Trace:
    """A trace whose every free text is :data:`HOSTILE`."""
    text = HOSTILE
    error = ErrorInfo(type=text, message=text, traceback=text, file=text)
    evidence = (Evidence(step_id=text, field=text, note=text, value={text: text}),)
    step = ran(
        text,
        {text: text, "nested": {text: [text, {text: text}]}, "list": [text * 40] * 3, "\0": 1, "\x1a": 2, "": 3},
        error=error,
        outcome="error",
        parent_id=text,
        metadata={text: text},
        tool_calls=(ToolCall(name=text, arguments={text: text}, result=text, error=error, call_id=text),),
        llm_calls=(LlmCall(model=text, messages=[text], response=text, finish_reason=text, error=error),),
        http_exchanges=_exchanges(text, text, text),
    )
    finding = Detection(
        layer=text,
        severity="info",
        message=text,
        step_id=text,
        id=text,
        details={text: [text]},
        code=text,
        field=text,
        evidence=evidence,
        suppressed=text,
    )
    return build_trace(
        step,
        step,
        trace_id=text,
        pipeline_name=text,
        input={text: text},
        graph=GraphSpec(name=text, version=text, nodes=(NodeSpec(name=text, qualname=text, file=text),)),
        detections=(finding,),
        forensics=Forensics(
            root_cause_step=text,
            explanation=text,
            causal_chain=(CausalLink(step_id=text, node_name=text, role="path", field=text, why=text),),
            detection_ids=(text,),
            id=text,
            suspects=(Suspect(step_id=text, node_name=text, score=0.1, reasons=(text,)),),
            suggestions=(Suggestion(text=text, file=text),),
        ),
        output=[text],
        error=error,
        summary=text,
        metadata={text: text},
    )


def small_trace(number: int, **changes: Any) -> Trace:
    """A trace of one step whose id, start and answer tell its number.

    Args:
        number: A greater one started that many seconds later.
        **changes: As for :func:`argus.testing.builders.build_trace`, and ``steps``.
    """
    defaults = {
        "trace_id": f"{number:016x}",
        "created_at": CREATED_AT + timedelta(seconds=number),
        "input": {"question": "why"},
    }
    steps = changes.pop("steps", (ran("ask", {"answer": f"because {number}"}),))
    return build_trace(*steps, **{**defaults, **changes})


def _exchanges(method: str, url: str, text: str) -> tuple[HttpExchange, ...]:
    """A whole exchange, one that failed, one that was never answered, one whose bodies were not kept."""
    headers = (("content-type", "application/json"), (text, text))
    left_out = HttpBody(length=9, ended=False, missing=text, digest="0" * 32)
    request = HttpRequest(method=method, url=url, headers=headers, body=HttpBody(content=text, length=9, redacted=True))
    failure = HttpFailure(type=text, message=text, cause=text, cause_message=text, status=502)
    whole = HttpAnswer(
        status=200, reason=text, http_version="HTTP/2", headers=headers, url=url, duration_ms=1.5, served=True,
        body=HttpBody(content="AAE=", form="base64", charset="latin-1", length=2, chunks=(1, 1), unpacked="gzip"),
    )  # fmt: skip
    return (
        HttpExchange(number=1, library="httpx", request=request, answer=whole, started_ms=0.25),
        HttpExchange(number=2, library="aiohttp", request=request, answer=HttpAnswer(failure=failure)),
        HttpExchange(number=3, library="urllib3", request=HttpRequest(method="GET", url=url)),
        HttpExchange(
            number=4, library="httpx2", request=HttpRequest(method=method, url=url, body=left_out),
            answer=HttpAnswer(status=200, body=left_out),
        ),
    )  # fmt: skip


def _graph() -> GraphSpec:
    docs = FieldSpec(
        name="docs",
        type=TypeSpec(
            kind="union",
            name="list[str] | None",
            args=(
                TypeSpec(kind="list", name="list[str]", args=(TypeSpec(kind="str", name="str"),)),
                TypeSpec(kind="literal", values=("none", 0, None)),
                TypeSpec(kind="object", fields=(FieldSpec(name="x", type=TypeSpec(kind="int")),), total=True),
                TypeSpec(kind="tuple", args=(TypeSpec(kind="any"),), variadic=True),
            ),
        ),
        required=False,
        nullable=True,
        reducer="operator.add",
    )
    reads = (FieldRead(path="docs.first", required=True, file="app/nodes.py", line=3, conditional=True),)
    return GraphSpec(
        name="support desk",
        version="9f2c",
        nodes=(
            NodeSpec(
                name="retrieve",
                kind="subgraph",
                qualname="app.nodes:retrieve",
                file="app/nodes.py",
                line=2,
                input=(docs,),
                reads=reads,
                reads_complete=False,
                item_reads=reads,
                writes=("docs",),
                adds=("query",),
                yields=(("docs", ("list", "text")),),
                output=(docs,),
                returns=(("docs",), ()),
                makes=("docs", "query"),
                says=("document", "found", "nothing"),
                knows=SourceKnowledge(
                    sealed=True,
                    numbers=(0.5, 30.0),
                    words=packed({7, 4_000_000_000}),
                    sums=2,
                    subtracts=True,
                    folds=True,
                    products=1,
                    counts=True,
                    negates=True,
                    dates=True,
                    rewrites=True,
                    opaque=True,
                    repeats=True,
                    truncates=True,
                    cuts=True,
                    glues=True,
                ),
                deferred=True,
                retries=3,
                subgraph=GraphSpec(name="inner", version="1", nodes=(NodeSpec(name="n"),)),
            ),
        ),
        edges=(EdgeSpec(source="retrieve", target="answer", conditional=True, label="found", reads=reads),),
        decisions=(DecisionSpec(source="retrieve", rule={"if": ["docs"]}, ends=(("found", "answer"),), command=True),),
        state=(docs,),
        input=(docs,),
        output=(docs,),
        closed=False,
    )
