"""A run is recorded as it happened, and read back as a trace."""

import threading
from itertools import pairwise

import msgspec
import pytest
from langchain_core.messages import AIMessage, HumanMessage

from argus._internal.clock import CounterClock
from argus._internal.guard import losses, reraise_in_tests
from argus._internal.ids import CounterIds
from argus.config.settings import CaptureSettings, SecuritySettings, Settings, WatcherSettings
from argus.model.trace import TokenUsage
from argus.recording import run as run_module
from argus.recording.assemble import assemble
from argus.recording.recorder import Recorder
from argus.recording.run import UNSET
from argus.testing.builders import build_graph


@pytest.fixture(autouse=True)
def strict():
    with reraise_in_tests():
        yield


def recorder(settings=None, **options):
    return Recorder(settings=settings or Settings(), clock=CounterClock(), ids=CounterIds(), **options)


class Drive:
    """Plays the part of instrumentation: supersteps over a state."""

    def __init__(self, run=None, **options):
        self.run = run or recorder(**options).open_run(graph=None, value={"question": "?"})
        self.state = {}
        self.number = 0

    def step(self, node, update=None, *, within=lambda state: None, **finish):
        self.number += 1
        step = self.run.start_step(node, superstep=self.number, read_state=lambda: self.state, triggers=["edge"])
        within(self.state)
        finish.setdefault("outcome", "ok")
        self.run.finish_step(step, update=update, **finish)
        self.state = {**self.state, **(update or {})}
        return step

    def trace(self, outcome="completed", **close):
        self.run.note_state("", self.number, self.state)
        self.run.close(outcome, output=self.state, **close)
        return assemble(self.run)


def test_states_flow_from_step_to_step():
    drive = Drive()
    drive.step("a", {"x": 1, "text": "one"}, wall_ns=2_000_000, cpu_ns=1_000_000, writes=["x", "text"])
    drive.step("b", {"x": 2}, goto=["c"], branch=["c"], dropped=["y"])
    trace = drive.trace()
    one, two = trace.steps
    assert (one.input_state, one.output_state, one.state_after) == (
        {},
        {"x": 1, "text": "one"},
        {"x": 1, "text": "one"},
    )
    assert (two.input_state, two.output_state, two.state_after) == (one.state_after, {"x": 2}, {"x": 2, "text": "one"})
    assert (one.duration_ms, one.cpu_ms, two.cpu_ms) == (2.0, 1.0, None)
    assert one.metadata == {"kind": "pull", "superstep": 1, "triggers": ["edge"], "writes": ["x", "text"]}
    assert two.metadata["goto"] == two.metadata["branch"] == ["c"]
    assert two.metadata["dropped"] == ["y"]
    assert (trace.id, one.id, one.step_number) == ("0000000000000001", "0000000000000001-s1", 1)
    assert (trace.input, trace.output, trace.metadata["outcome"]) == ({"question": "?"}, drive.state, "completed")
    assert trace.created_at < one.timestamp < two.timestamp
    assert msgspec.json.decode(trace.to_json())["node_count"] == 2


def test_what_does_not_change_is_the_same_object():
    drive = Drive()
    drive.state = {"messages": [HumanMessage("hi " * 200)], "tree": {str(i): list(range(9)) for i in range(99)}, "n": 0}
    for number in range(5):
        drive.step("a", {"n": number, "messages": [*drive.state["messages"], AIMessage(f"{number} " * 200)]})
    states = [step.input_state for step in drive.trace().steps]
    assert all(state["tree"] is states[0]["tree"] for state in states)
    assert [len(state["messages"]) for state in states] == [1, 2, 3, 4, 5]
    assert all(a["messages"][0] is b["messages"][0] for a, b in pairwise(states))


def test_an_unchanged_state_is_one_object():
    drive = Drive()
    drive.state = {"x": 1}
    drive.step("a")
    drive.step("b")
    one, two = drive.trace().steps
    assert one.input_state is two.input_state is two.state_after


def test_later_changes_by_the_host_do_not_reach_the_trace():
    drive = Drive()
    update = {"rows": [{"id": 1}]}
    drive.step("a", update)
    update["rows"][0]["id"] = 99
    update["rows"].append("late")
    assert drive.trace().steps[0].output_state == {"rows": [{"id": 1}]}


@pytest.mark.parametrize("size", [3, 3000])
def test_a_change_in_place_is_told_of_the_step_that_made_it(size):
    drive = Drive()
    drive.state = {"log": [["entry"] for _ in range(size)], "other": {"a": [1]}, "text": "t"}
    drive.step("innocent", {"text": "u"})
    drive.step("guilty", within=lambda state: state["log"].append("boo"))
    drive.step("innocent too", {"text": "v"})
    drive.step("nested", within=lambda state: state["other"]["a"].append(2))
    trace = drive.trace()
    assert [step.metadata.get("mutated") for step in trace.steps] == [None, ["log"], None, ["other"]]
    assert len(trace.steps[1].input_state["log"]) == size
    assert trace.steps[2].input_state["log"][-1] == "boo"
    assert trace.steps[3].input_state["other"] == {"a": [1]}
    assert trace.steps[3].state_after["other"] == {"a": [1, 2]}


def test_a_change_deep_in_a_large_field_is_late_not_lost():
    drive = Drive()
    drive.state = {"tree": {f"b{i}": {f"l{j}": j for j in range(50)} for i in range(50)}}
    drive.step("a", within=lambda state: state["tree"]["b7"].update(l7="changed"))
    for number in range(3):
        drive.step("b", {"n": number})
    trace = drive.trace()
    assert trace.steps[-1].state_after["tree"]["b7"]["l7"] == "changed"
    blamed = [step.node_name for step in trace.steps if "mutated" in step.metadata]
    assert blamed in ([], ["a"])


def test_reducers_that_change_in_place_are_no_nodes_fault():
    drive = Drive()
    drive.state = {"log": ["a"], "messages": []}
    message = AIMessage("x" * 2000)
    drive.step("a", {"messages": [message]})
    drive.state["log"].append("by a reducer")
    message.id = "given by a reducer"
    drive.step("b")
    trace = drive.trace()
    assert not any("mutated" in step.metadata for step in trace.steps)
    assert trace.steps[0].output_state["messages"][0].get("id") is None
    assert trace.steps[1].input_state["messages"][0]["id"] == "given by a reducer"
    assert trace.steps[1].input_state["log"] == ["a", "by a reducer"]


def test_of_steps_side_by_side_none_is_accused_alone():
    run = recorder().open_run(graph=None)
    state = {"log": ["a"]}
    one = run.start_step("one", superstep=1, read_state=lambda: state)
    two = run.start_step("two", superstep=1, read_state=lambda: pytest.fail("read twice in a superstep"))
    state["log"].append("by one of them")
    run.finish_step(one, outcome="ok")
    run.finish_step(two, outcome="ok")
    run.close("completed")
    first, second = assemble(run).steps
    assert (first.metadata.get("mutated"), first.metadata["mutated_together"]) == (None, ["log"])
    assert "mutated_together" not in second.metadata


def test_the_state_is_read_once_a_superstep_and_scope():
    run = recorder().open_run(graph=None)
    reads = []

    def read(scope):
        reads.append(scope)
        return {"scope": scope}

    for scope in ("", "sub:1"):
        for superstep in (1, 1, 2):
            step = run.start_step("n", scope=scope, superstep=superstep, read_state=lambda scope=scope: read(scope))
            run.finish_step(step, outcome="ok")
    assert reads == ["", "", "sub:1", "sub:1"]


def test_explicit_inputs_and_parts_of_the_state():
    run = recorder().open_run(graph=None)
    state = {"x": 1, "y": 2}
    sent = run.start_step("sent", superstep=1, read_state=lambda: state, given={"item": 7}, kind="push", task_id="t")
    part = run.start_step("part", superstep=1, fields=["y", "z"], attempt=2, parent=sent)
    odd = run.start_step("odd", given=[1, 2])
    for step in (part, odd, sent):
        run.finish_step(step, outcome="ok", returned=[3])
    run.note_state("", 1, {"x": 5})
    run.close("completed")
    one, two, three = assemble(run).steps
    assert (one.input_state, one.metadata["kind"], one.metadata["task_id"]) == ({"item": 7}, "push", "t")
    assert (two.input_state, two.attempt, two.parent_id) == ({"y": 2}, 2, one.id)
    assert (three.input_state, three.output_state) == ({"__root__": [1, 2]}, {"__root__": [3]})
    assert one.state_after == two.state_after == {"x": 5}


def test_an_explicit_input_changed_in_place():
    run = recorder().open_run(graph=None)
    given = {"rows": [1], "large": [["x" * 50] for _ in range(200)]}
    step = run.start_step("n", given=given)
    given["rows"].append(2)
    given["large"].append("y")
    run.finish_step(step, outcome="ok")
    run.close("completed")
    (only,) = assemble(run).steps
    assert sorted(only.metadata["mutated"]) == ["large", "rows"]
    assert only.input_state["rows"] == [1]


def test_errors_and_outcomes():
    drive = Drive()
    error = ValueError("token=abc postgres://u:pw@h")
    drive.step("bad", outcome="error", error=error)
    open_step = drive.run.start_step("cut off", superstep=1)
    drive.run.close("error", error=error)
    trace = assemble(drive.run)
    bad, cut_off = trace.steps
    assert (bad.outcome, bad.error.type) == ("error", "ValueError")
    assert "pw" not in bad.error.message
    assert trace.error == bad.error
    assert (cut_off.outcome, cut_off.metadata["unfinished"]) == ("cancelled", True)
    assert open_step.node_name == "cut off"


def test_calls_inside_a_step():
    drive = Drive()
    run = drive.run
    messages = [HumanMessage("hi " * 600)]
    drive.state = {"messages": messages}
    step = run.start_step("n", superstep=1, read_state=lambda: drive.state)
    asked = run.capture([[*messages, HumanMessage("and " * 100)]])
    messages.append("late")
    arguments = run.capture({"q": ["x"]})
    run.record_llm(step, model="m", messages=asked, response=AIMessage("yes"), usage=(3, 4, None), wall_ns=5_000_000)
    run.record_llm(step, usage=(1, None, 9), finish_reason="stop")
    run.record_llm(step, error=TimeoutError("late"))
    run.record_tool(step, name="search", arguments=arguments, result=["r"], call_id="c", wall_ns=1000)
    run.record_tool(step, name="broken", error=KeyError("k"))
    run.finish_step(step, outcome="ok", returned=[run.capture({"chunk": [1]}), run.capture("text")])
    run.close("completed")
    (only,) = assemble(run).steps
    first = only.llm_calls[0]
    assert [[m["content"][:3] for m in batch] for batch in first.messages] == [["hi ", "and"]]
    assert first.messages[0][0] is only.input_state["messages"][0]
    assert (first.model, first.response["content"], first.duration_ms) == ("m", "yes", 5.0)
    assert only.token_usage == TokenUsage(input_tokens=4, output_tokens=4, total_tokens=9)
    assert only.llm_calls[2].error.type == "TimeoutError"
    assert (only.tool_calls[0].arguments, only.tool_calls[0].result) == ({"q": ["x"]}, ["r"])
    assert only.tool_calls[1].error.type == "KeyError"
    assert only.output_state == {"__root__": [{"chunk": [1]}, "text"]}


def test_usage_that_nobody_told_stays_unknown():
    drive = Drive()
    step = drive.run.start_step("n")
    drive.run.record_llm(step, model="m")
    drive.run.finish_step(step, outcome="ok")
    assert drive.trace().steps[0].token_usage is None


def test_metadata_is_merged_and_redacted():
    graph = build_graph(["a"], name="from graph")
    run = recorder(metadata={"team": "x", "run": 1}).open_run(graph=graph, metadata={"run": 2, "api_key": "k"})
    run.note(thread_id="t", run=3, odd=object)
    run.close("interrupted")
    trace = assemble(run)
    assert (trace.pipeline_name, trace.graph) == ("from graph", graph)
    assert trace.metadata["team"] == "x"
    assert (trace.metadata["run"], trace.metadata["api_key"], trace.metadata["thread_id"]) == (3, "[REDACTED]", "t")
    assert trace.metadata["outcome"] == "interrupted"
    assert (
        Recorder(settings=Settings(watcher=WatcherSettings(pipeline_name="named"))).open_run(graph=graph).pipeline_name
        == "named"
    )


def test_an_open_run_reads_as_incomplete():
    drive = Drive()
    drive.step("a", {"x": 1})
    drive.run.start_step("b", superstep=2)
    trace = assemble(drive.run)
    assert (trace.status, trace.metadata["outcome"], trace.metadata["running"]) == ("incomplete", "incomplete", ["b"])


def test_what_comes_after_the_end_is_counted_and_ignored():
    drive = Drive()
    run = drive.run
    step = run.start_step("open at the end")
    run.close("completed")
    assert run.closed
    frames = list(run.frames)
    run.close("error")
    run.finish_step(step, outcome="ok")
    run.start_step("late")
    run.note(x=1)
    run.note_state("", 1, {})
    run.record_llm(step)
    run.record_tool(None, name="t")
    assert run.capture([1]) is None
    assert run.frames == frames
    methods = "close", "finish_step", "start_step", "note", "note_state", "record_llm", "record_tool", "capture"
    assert run.losses == dict.fromkeys(methods, 1)
    assert assemble(run).metadata["outcome"] == "completed"


def test_nothing_of_the_host_is_held_after_the_end():
    import gc
    import weakref

    class Big(list):
        pass

    big = Big([1])
    drive = Drive()
    drive.state = {"big": big, "nested": [big]}
    drive.step("a", {"other": [big]})
    watch = weakref.ref(big)
    drive.trace()
    drive.state = {}
    del big
    gc.collect()
    assert watch() is None


def test_a_state_that_cannot_be_read_costs_the_step_not_the_host(monkeypatch):
    from argus._internal import guard

    monkeypatch.setattr(guard._ledger, "reraise", False)
    before = losses()
    drive = Drive()
    step = drive.run.start_step("n", superstep=1, read_state=lambda: 1 / 0)
    drive.run.finish_step(step, outcome="ok", update={"x": 1})
    assert losses() != before
    assert step.number == 1


def test_a_host_that_holds_us_up_costs_a_record_not_the_run(monkeypatch):
    monkeypatch.setattr(run_module, "_LONGEST_WAIT_S", 0.05)
    drive = Drive()
    run = drive.run
    step = run.start_step("n")
    held, let_go = threading.Event(), threading.Event()

    class Waits:
        def __repr__(self):
            held.set()
            let_go.wait(5)
            return "waits"

    thread = threading.Thread(target=run.finish_step, args=(step,), kwargs={"outcome": "ok", "update": {"x": Waits()}})
    thread.start()
    held.wait(5)
    run.record_tool(step, name="t")
    let_go.set()
    thread.join()
    run.close("completed")
    trace = assemble(run)
    assert trace.metadata["losses"] == {"record_tool": 1}
    assert trace.steps[0].output_state["x"]["repr"] == "waits"


def test_steps_from_many_threads():
    run = recorder().open_run(graph=None)

    def work(number):
        for index in range(50):
            step = run.start_step(f"n{number}", given={"index": index})
            run.finish_step(step, outcome="ok", update={"number": number, "index": index})

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.close("completed")
    steps = assemble(run).steps
    assert [step.step_number for step in steps] == list(range(1, 201))
    assert all(step.output_state["index"] == step.input_state["index"] for step in steps)
    assert all(step.node_name == f"n{step.output_state['number']}" for step in steps)


def test_settings_reach_the_trace():
    settings = Settings(
        watcher=WatcherSettings(max_field_size=10),
        security=SecuritySettings(redact_keys=("hidden",)),
        capture=CaptureSettings(fields={"skip": "skip"}, max_depth=2),
    )
    drive = Drive(settings=settings)
    drive.step("a", {"long": "x" * 50, "hidden": 1, "skip": 2, "deep": [[[1]]], "text": "Ada"})
    output = drive.trace().steps[0].output_state
    assert output["long"].startswith("x" * 10 + "⟦cut length=50")
    assert (output["hidden"], output["skip"]) == ("[REDACTED]", {"$argus": "skipped"})
    assert output["deep"] == [[{"$argus": "deep", "type": "list"}]]
    assert Drive(redact=lambda text: text.upper()).run.id
    drive = Drive(redact=lambda text: text.upper())
    drive.step("a", {"text": "Ada"})
    assert drive.trace().steps[0].output_state == {"text": "ADA"}


@pytest.mark.parametrize("value", [None, UNSET, 5, [1, {"a": 2}], {"a": [1]}, HumanMessage("hi"), "text"])
def test_inputs_and_outputs_of_any_kind(value):
    run = recorder().open_run(graph=None, value=value)
    run.close("completed", output=value)
    trace = assemble(run)
    expected = (
        None if value is UNSET else {"content": "hi", "type": "human"} if isinstance(value, HumanMessage) else value
    )
    assert trace.input == trace.output == expected
