"""``ArgusWatcher`` on real graphs: lifecycle, options, strict mode, stores that fail, custom detectors."""

import json
import logging
import operator
import sqlite3
import subprocess
import sys
import textwrap
from typing import Annotated, TypedDict

import pytest
from langgraph.graph import END, START, StateGraph

import argus
from argus import ArgusWatcher, Detection, DetectionError, WatcherStateError
from argus.detectors.base import BaseDetector


class State(TypedDict, total=False):
    question: str
    documents: list[str]
    answer: str
    log: Annotated[list[str], operator.add]


def retrieve(state: State) -> dict:
    return {"documents": [f"Notes that speak of {state['question']}."], "log": ["retrieved"]}


def answer(state: State) -> dict:
    return {"answer": f"The notes say: {state['documents'][0]}", "log": ["answered"]}


def explode(state: State) -> dict:
    raise KeyError("documents")


def build(second=answer):
    graph = StateGraph(State)
    graph.add_node("retrieve", retrieve)
    graph.add_node("answer", second)
    graph.add_edge(START, "retrieve")
    graph.add_edge("retrieve", "answer")
    graph.add_edge("answer", END)
    return graph


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


QUESTION = {"question": "holiday allowance"}


def test_a_state_graph_and_its_compiled_graph_can_be_watched():
    expected = build().compile().invoke(QUESTION)
    for make in (build, lambda: build().compile()):
        watcher = ArgusWatcher()
        graph = make()
        assert watcher.watch(graph) is graph
        app = graph.compile() if isinstance(graph, StateGraph) else graph
        assert app.invoke(QUESTION) == expected
        trace = watcher.finalize()
        assert [step.node_name for step in trace.steps] == ["retrieve", "answer"]
        assert trace.status == "ok"
        assert trace.steps[1].input_state["documents"] == expected["documents"]
        assert trace.steps[1].state_after["log"] == ["retrieved", "answered"]
        assert trace.steps[1].output_state["log"] == ["answered"]


def test_nodes_added_after_watch_are_covered():
    watcher = ArgusWatcher()
    graph = watcher.watch(StateGraph(State))
    graph.add_node("retrieve", retrieve)
    graph.add_edge(START, "retrieve")
    graph.compile().invoke(QUESTION)
    assert [step.node_name for step in watcher.finalize().steps] == ["retrieve"]


def test_lifecycle():
    watcher = ArgusWatcher()
    assert watcher.state == "created"
    with pytest.raises(WatcherStateError, match="nothing was recorded"):
        watcher.finalize()
    app = watcher.watch(build().compile())
    assert watcher.state == "watching"
    with pytest.raises(WatcherStateError, match="run the watched graph"):
        watcher.finalize()
    app.invoke(QUESTION)
    assert watcher.state == "recording"
    with pytest.raises(WatcherStateError, match="finalize"):
        watcher.get_trace()
    trace = watcher.finalize()
    assert watcher.state == "finalized"
    assert watcher.finalize() is trace
    assert watcher.get_trace() is trace
    with pytest.raises(WatcherStateError, match="new ArgusWatcher"):
        watcher.watch(build())
    app.invoke(QUESTION)
    assert watcher.traces == (trace,)


def test_the_constructor_can_watch_and_a_fresh_watcher_reads_the_latest_trace():
    app = build().compile()
    watcher = ArgusWatcher(app, pipeline_name="helpdesk", metadata={"release": "7"})
    app.invoke(QUESTION)
    trace = watcher.finalize()
    assert (trace.pipeline_name, trace.metadata["release"]) == ("helpdesk", "7")
    assert ArgusWatcher().get_trace() == trace


def test_every_item_of_a_batch_is_a_trace():
    app = build().compile()
    watcher = ArgusWatcher(app)
    app.batch([{"question": word} for word in ("one", "two", "three")])
    watcher.finalize()
    assert len(watcher.traces) == 3
    assert {trace.input["question"] for trace in watcher.traces} == {"one", "two", "three"}


def test_finalize_after_an_exception_that_passes_untouched():
    app = build(explode).compile()
    watcher = ArgusWatcher(app)
    with pytest.raises(KeyError, match="documents"):
        app.invoke(QUESTION)
    trace = watcher.finalize()
    assert trace.status == "failed"
    assert trace.error is not None
    assert trace.error.type == "KeyError"
    assert "BEH301" in {finding.code for finding in trace.detections}


def test_strict_raises_after_storing():
    app = build(explode).compile()
    watcher = ArgusWatcher(app, strict=True)
    with pytest.raises(KeyError):
        app.invoke(QUESTION)
    with pytest.raises(DetectionError) as caught:
        watcher.finalize()
    assert ArgusWatcher().get_trace() == caught.value.trace
    assert caught.value.trace.status == "failed"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_field_size": 0}, "max_field_size"),
        ({"investigate": "sometimes"}, "investigate"),
        ({"redact_keys": "password"}, "redact_keys"),
        ({"validators": {"answer": "not a function"}}, "validators"),
        ({"config": "nowhere.yaml"}, "nowhere.yaml"),
        ({"detectors": [object()]}, "object"),
        ({"storage": "nosuch://x"}, "nosuch"),
    ],
)
def test_wrong_options_are_refused_with_their_name(options, message):
    with pytest.raises(argus.ArgusError, match=message):
        ArgusWatcher(**options)


def test_a_graph_that_is_none_is_refused():
    with pytest.raises(argus.InstrumentationError, match="int"):
        ArgusWatcher().watch(3)


def test_persist_state_false_keeps_no_state_on_disk(folder):
    app = build().compile()
    watcher = ArgusWatcher(app, persist_state=False)
    app.invoke({"question": "canary-7f3a"})
    assert watcher.finalize().steps[0].input_state == {"question": "canary-7f3a", "log": []}
    for path in (folder / ".argus").rglob("*"):
        if path.is_file():
            assert b"canary-7f3a" not in path.read_bytes(), path


def test_a_store_that_cannot_be_opened_never_harms_the_run(folder, caplog):
    (folder / ".argus").mkdir()
    (folder / ".argus" / "traces.db").write_bytes(b"this is no database" * 100)
    app = build().compile()
    watcher = ArgusWatcher(app)
    assert app.invoke(QUESTION)["answer"]
    with caplog.at_level(logging.WARNING, logger="argus"):
        trace = watcher.finalize()
    assert "traces.db" in trace.metadata["store_error"]
    assert "trace_not_stored" in caplog.text
    assert (folder / ".argus" / "traces.db").read_bytes().startswith(b"this is no database")


def test_any_sqlite_client_reads_the_promised_columns(folder):
    app = build().compile()
    watcher = ArgusWatcher(app)
    app.invoke(QUESTION)
    watcher.finalize()
    rows = sqlite3.connect(folder / ".argus" / "traces.db").execute(
        "select node_name, input_state, output_state from trace_steps order by step_number"
    )
    states = [(name, json.loads(before), json.loads(update)) for name, before, update in rows]
    assert states[1][0] == "answer"
    assert states[1][1]["documents"] == ["Notes that speak of holiday allowance."]
    assert states[1][2]["answer"].startswith("The notes say")


class MyDetector(BaseDetector):
    def detect(self, trace):
        return [
            Detection(layer="custom", severity="warning", message="Custom check failed", step_id=step.id)
            for step in trace.steps
            if "answer" in step.output_state
        ]


def custom_findings(watcher):
    app = watcher.watch(build().compile())
    app.invoke(QUESTION)
    return [finding.message for finding in watcher.finalize().detections if finding.layer == "custom"]


def test_a_custom_detector_by_argument():
    assert custom_findings(ArgusWatcher(detectors=[MyDetector()])) == ["Custom check failed"]
    assert custom_findings(ArgusWatcher(detectors=[MyDetector])) == ["Custom check failed"]


CUSTOM = """
from argus.detectors.base import BaseDetector, Detection

class MyDetector(BaseDetector):
    def detect(self, trace):
        detections = []
        for step in trace.steps:
            if "answer" in step.output_state:
                detections.append(
                    Detection(layer="custom", severity="warning", message="Custom check failed", step_id=step.id)
                )
        return detections
"""


def test_a_custom_detector_by_configuration(folder, monkeypatch):
    (folder / "my_checks.py").write_text(CUSTOM)
    (folder / "argus.yaml").write_text('detection: {custom: ["my_checks:MyDetector"]}\n')
    monkeypatch.syspath_prepend(str(folder))
    assert custom_findings(ArgusWatcher()) == ["Custom check failed"]


def test_a_custom_detector_by_entry_point(folder, monkeypatch):
    (folder / "entry_checks.py").write_text(CUSTOM)
    info = folder / "my_checks-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-checks\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[argus.detectors]\nmine = entry_checks:MyDetector\n")
    monkeypatch.syspath_prepend(str(folder))
    assert custom_findings(ArgusWatcher()) == ["Custom check failed"]


def test_a_failing_detector_is_visible_and_harmless():
    class Broken(BaseDetector):
        def detect(self, trace):
            raise ZeroDivisionError("my own fault")

    app = build().compile()
    watcher = ArgusWatcher(app, detectors=[Broken()])
    app.invoke(QUESTION)
    trace = watcher.finalize()
    assert trace.status == "ok"
    (failure,) = trace.metadata["detector_failures"]
    assert "Broken" in str(failure)
    assert "my own fault" in str(failure)


def test_a_watcher_never_finalized_is_finalized_at_exit(folder):
    (folder / "script.py").write_text(
        textwrap.dedent(
            """
            from typing import TypedDict
            from langgraph.graph import START, StateGraph
            from argus import ArgusWatcher

            class State(TypedDict, total=False):
                text: str

            def shout(state):
                return {"txet": state["text"].upper()}

            graph = StateGraph(State)
            graph.add_node("shout", shout)
            graph.add_edge(START, "shout")
            app = ArgusWatcher().watch(graph).compile()
            app.invoke({"text": "hello"})
            """
        )
    )
    done = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, cwd=folder, check=True)
    trace = ArgusWatcher().get_trace()
    assert trace.status != "ok"
    lines = done.stderr.splitlines()
    assert len(lines) == 3
    assert lines[2].strip() == f"argus trace {trace.id}"
    assert "txet" in lines[0]
