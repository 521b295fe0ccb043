"""Runs to show, a store that holds them, and a way to call the command line as a user would."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from argus.cli.main import run
from argus.model.detection import Detection, Evidence
from argus.model.forensics import CausalLink, Forensics, Suggestion, Suspect
from argus.model.trace import LlmCall, TokenUsage, ToolCall, Trace
from argus.testing.builders import build_graph, build_trace, ran

SNAPSHOTS = Path(__file__).parent / "snapshots"


class Called(NamedTuple):
    """What a call of the command line gave."""

    code: int
    out: str
    err: str


class _Stream(io.TextIOWrapper):
    def __init__(self, encoding: str, terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, newline="")
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)  # type: ignore[attr-defined]


Call = Callable[..., Called]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls ``argus`` in an empty folder, at 80 columns unless told otherwise."""
    for name in [name for name in os.environ if name.startswith("ARGUS_")]:
        monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()

    def invoke(
        *words: str, columns: int = 80, encoding: str = "utf-8", terminal: bool = False, **environ: str
    ) -> Called:
        with monkeypatch.context() as patch:
            patch.setenv("COLUMNS", str(columns))
            for name, value in environ.items():
                patch.setenv(name, value)
            out, err = _Stream(encoding, terminal), _Stream(encoding, terminal)
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            code = run(list(words))
            return Called(code, out.text(), err.text())

    return invoke


@pytest.fixture(autouse=True)
def _zone() -> Iterator[None]:
    yield
    time.tzset()


@pytest.fixture
def stored(tmp_path: Path) -> Callable[..., None]:
    """Puts traces into the store that ``call`` reads."""

    def put(*traces: Trace) -> None:
        from argus.config.settings import StorageSettings
        from argus.storage.locate import open_configured

        store = open_configured(StorageSettings(), tmp_path)
        try:
            store.save_many(traces)
        finally:
            store.close()

    return put


@pytest.fixture
def snapshot(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compares text with the file of this name; ``--update-snapshots`` writes it."""

    def compare(name: str, text: str) -> None:
        path = SNAPSHOTS / f"{name}.txt"
        if request.config.getoption("--update-snapshots", default=False):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-snapshots", action="store_true", help="write the snapshots of the command line anew")


def _step(trace_id: str, number: int) -> str:
    return f"{trace_id}-s{number}"


def broken_run(trace_id: str = "8f2c1a5b00000001") -> Trace:
    """A retrieval pipeline whose second step returns `docs` where `documents` is declared."""
    nodes = ["intake", "retrieve", "account", "policy", "rank", "draft", "critique", "send"]
    graph = build_graph(
        nodes,
        state={"query": str, "documents": list, "ranked": list, "answer": str, "citations": list},
        edges=[("critique", "draft")],
        name="support-rag",
    )
    graph = msgspec.structs.replace(
        graph,
        nodes=tuple(
            msgspec.structs.replace(node, file="/srv/support/app.py", line=20 + 7 * index)
            for index, node in enumerate(graph.nodes)
        ),
    )
    usage = TokenUsage(input_tokens=1500, output_tokens=206, total_tokens=1706)
    chat = LlmCall(model="gpt-4o", messages=[{"role": "user"}], response="…", usage=usage, duration_ms=1200.0)

    def at(superstep: int, node: str, update: dict[str, Any] | None = None, **changes: Any) -> Any:
        metadata = {"superstep": superstep, **changes.pop("metadata", {})}
        return ran(node, update, metadata=metadata, **changes)

    steps = [
        at(1, "intake", {"query": "How long may I return shoes?"}, duration_ms=38.0),
        at(2, "retrieve", {"docs": [{"id": 1}] * 4}, duration_ms=412.0, metadata={"dropped": ["docs"]}),
        at(2, "account", {}, duration_ms=649.0, tool_calls=(ToolCall(name="crm.lookup", duration_ms=601.0),)),
        *[at(2, "policy", {}, duration_ms=210.0 + 20 * index) for index in range(4)],
        at(3, "rank", {"ranked": []}, duration_ms=12.0),
        at(4, "draft", {"answer": "60 days"}, duration_ms=1270.0, llm_calls=(chat,), token_usage=usage),
        at(5, "critique", {}, duration_ms=458.0),
        at(6, "draft", {"answer": "within 60 days"}, duration_ms=1248.0, llm_calls=(chat,), token_usage=usage),
        at(7, "critique", {}, duration_ms=458.0),
        at(8, "send", error=KeyError("citations"), duration_ms=62.0),
    ]
    trace = build_trace(
        *steps, input={"query": "?", "documents": []}, graph=graph, trace_id=trace_id, pipeline_name="support-rag"
    )
    offsets = [0, 40, 41, 42, 42, 42, 43, 692, 706, 1982, 2442, 3692, 4152]
    from datetime import timedelta

    timed = tuple(
        msgspec.structs.replace(step, timestamp=trace.created_at + timedelta(milliseconds=offset))
        for step, offset in zip(trace.steps, offsets, strict=True)
    )
    error = msgspec.structs.replace(timed[-1].error, file="/srv/support/app.py", line=88)  # type: ignore[type-var]
    timed = (*timed[:-1], msgspec.structs.replace(timed[-1], error=error))
    return msgspec.structs.replace(
        trace,
        steps=timed,
        status="failed",
        duration_ms=4214.0,
        summary="`retrieve` returned `docs` instead of `documents`; 3.7 s later `send` raised `KeyError: 'citations'`.",
        detections=(
            Detection(
                id=f"{trace_id}-d1",
                layer="behavioral",
                severity="critical",
                code="BEH301",
                message="`send` raised `KeyError: 'citations'`.",
                step_id=_step(trace_id, 13),
            ),
            Detection(
                id=f"{trace_id}-d2",
                layer="structural",
                severity="critical",
                code="STR402",
                message="`docs` looks like a renamed `documents`: the state declares no `docs`, so it was dropped.",
                step_id=_step(trace_id, 2),
                field="docs",
                confidence=0.97,
                details={"similar_to": "documents"},
                evidence=(Evidence(step_id=_step(trace_id, 2), field="docs", note="returned", value=[{"id": 1}]),),
            ),
            Detection(
                id=f"{trace_id}-d3",
                layer="structural",
                severity="warning",
                code="STR403",
                message="`rank` returned an empty list in `ranked`.",
                step_id=_step(trace_id, 8),
                field="ranked",
            ),
        ),
        forensics=Forensics(
            root_cause_step=_step(trace_id, 2),
            explanation="`retrieve` wrote its documents under a key that the state does not have; `send` failed on it.",
            confidence=0.94,
            proof="lineage",
            causal_chain=(
                CausalLink(
                    step_id=_step(trace_id, 2),
                    node_name="retrieve",
                    role="cause",
                    field="documents",
                    why="returned `docs`; the state has no such key, so LangGraph dropped it",
                ),
                CausalLink(
                    step_id=_step(trace_id, 8),
                    node_name="rank",
                    role="path",
                    field="ranked",
                    why="read 0 documents",
                ),
                CausalLink(
                    step_id=_step(trace_id, 11),
                    node_name="draft",
                    role="path",
                    field="citations",
                    why="answered from no sources and left out `citations`",
                ),
                CausalLink(
                    step_id=_step(trace_id, 13),
                    node_name="send",
                    role="symptom",
                    field="citations",
                    why="raised `KeyError: 'citations'`",
                ),
            ),
            suspects=(Suspect(step_id=_step(trace_id, 2), node_name="retrieve", score=0.94),),
            suggestions=(Suggestion(text="Return `documents` from `retrieve`.", file="/srv/support/app.py", line=27),),
        ),
    )


def clean_run(trace_id: str = "7b90e2aa00000002") -> Trace:
    """A short run without findings."""
    return build_trace(
        ran("intake", {"query": "hours"}, duration_ms=3.0),
        ran("answer", {"answer": "nine to five"}, duration_ms=820.0),
        input={"query": "?"},
        trace_id=trace_id,
        pipeline_name="faq",
        duration_ms=830.0,
        summary="All 2 steps did what 48 earlier runs did.",
    )


def doubtful_run(trace_id: str = "c41d07ee00000003") -> Trace:
    """A run whose cause is not certain."""
    trace = build_trace(
        ran("plan", {"plan": "p"}),
        ran("fetch", {"page": "HTTP 429"}),
        ran("write", error=ValueError("no page")),
        input={"plan": ""},
        trace_id=trace_id,
        pipeline_name="research",
    )
    return msgspec.structs.replace(
        trace,
        status="failed",
        summary="`write` raised `ValueError`. No earlier step explains it for certain; 2 suspects.",
        detections=(
            Detection(
                layer="behavioral",
                severity="critical",
                code="BEH301",
                message="`write` raised `ValueError: no page`.",
                step_id=_step(trace_id, 3),
            ),
        ),
        forensics=Forensics(
            root_cause_step=None,
            explanation="",
            confidence=0.4,
            suspects=(
                Suspect(step_id=_step(trace_id, 2), node_name="fetch", score=0.41, reasons=("last wrote `page`",)),
                Suspect(step_id=_step(trace_id, 1), node_name="plan", score=0.2),
            ),
        ),
    )


def looping_run(trace_id: str = "1009000000000004") -> Trace:
    """Forty rounds of two nodes, one of them with a finding."""
    steps = [ran("plan"), *[ran(node) for _ in range(40) for node in ("act", "check")], ran("end")]
    trace = build_trace(*steps, trace_id=trace_id, pipeline_name="agent")
    return msgspec.structs.replace(
        trace,
        status="warning",
        summary="`act` and `check` took 40 turns without new state, usually 3.",
        detections=(
            Detection(
                layer="behavioral",
                severity="warning",
                code="BEH302",
                message="`act` ran 11 times; the limit is 10.",
                step_id=_step(trace_id, 22),
            ),
        ),
    )


HOSTILE = "\x1b]0;owned\x07\x1b[2J<script>alert(1)</script>\u202egnp.exe\n**bold** `tick` |\ud800"


def hostile_run(trace_id: str = "bad0000000000005") -> Trace:
    """Every text that a pipeline controls is an attack."""
    trace = build_trace(
        ran(
            HOSTILE,
            {HOSTILE: HOSTILE, "list": [HOSTILE]},
            error=ValueError(HOSTILE),
            metadata={"dropped": [HOSTILE]},
            tool_calls=(ToolCall(name=HOSTILE, arguments=HOSTILE, result=HOSTILE),),
        ),
        ran("wide 数据流水线节点名称很长很长很长很长很长很长很长很长很长", {"x": "数据" * 400}),
        input={"q": HOSTILE},
        trace_id=trace_id,
        pipeline_name=HOSTILE,
    )
    return msgspec.structs.replace(
        trace,
        status="incomplete",
        summary=HOSTILE,
        metadata={"running": [HOSTILE], "outcome": "incomplete"},
        detections=(
            Detection(
                layer=HOSTILE,
                severity="critical",
                message=HOSTILE,
                step_id=_step(trace_id, 1),
                field=HOSTILE,
                details={HOSTILE: HOSTILE},
                evidence=(Evidence(step_id="nowhere", field=HOSTILE, note=HOSTILE, value=HOSTILE),),
            ),
            Detection(layer="custom", severity="info", message=HOSTILE, step_id="nowhere"),
        ),
        forensics=Forensics(
            root_cause_step=_step(trace_id, 1),
            explanation=HOSTILE,
            confidence=1.0,
            causal_chain=(
                CausalLink(step_id=_step(trace_id, 1), node_name=HOSTILE, role="cause", field=HOSTILE, why=HOSTILE),
                CausalLink(step_id="nowhere", node_name=HOSTILE, role="symptom", field=HOSTILE, why=HOSTILE),
            ),
            suggestions=(Suggestion(text=HOSTILE, file=HOSTILE, line=1),),
        ),
    )


@pytest.fixture
def runs() -> dict[str, Trace]:
    """The runs by name."""
    return {
        "broken": broken_run(),
        "clean": clean_run(),
        "doubtful": doubtful_run(),
        "looping": looping_run(),
        "hostile": hostile_run(),
    }
