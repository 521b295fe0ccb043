"""Blame on traces made by hand: the cause, the way, the symptom, and when to name nobody."""

from __future__ import annotations

import msgspec
import pytest

from argus.forensics.analyzer import NAMED_FROM, investigate
from argus.forensics.explain import VERDICT_LENGTH, summary
from argus.model.detection import Detection
from argus.model.graph import EdgeSpec, FieldRead, FieldSpec, GraphSpec, NodeSpec, TypeSpec
from argus.model.trace import ErrorInfo, LlmCall, ToolCall
from argus.testing.builders import build_graph, build_trace, fields_of, ran

TRACE = "00000000000000a1"


def found(code, number, message="something is wrong", severity="warning", **more):
    return Detection(
        layer=more.pop("layer", "structural"),
        code=code,
        severity=severity,
        message=message,
        step_id=f"{TRACE}-s{number}",
        id=f"{TRACE}-d{number}{code}",
        **more,
    )


def raising(number, node, error):
    text = f"`{node}` raised {type(error).__name__}: {error}"
    return found("BEH301", number, text, "critical", layer="behavioral", details={"exception": type(error).__name__})


def blamed(forensics):
    """The number of the step that is blamed, and the numbers on the chain."""
    number = None if forensics.root_cause_step is None else int(forensics.root_cause_step.rpartition("-s")[2])
    return number, [int(link.step_id.rpartition("-s")[2]) for link in forensics.causal_chain]


RAG = build_graph(
    ["retrieve", "rank", "draft", "send"],
    state={"question": str, "documents": list, "ranked": list, "answer": str, "citations": list, "sent": bool},
    reads={"retrieve": ["question"], "rank": ["documents"], "draft": ["question", "ranked"], "send": ["citations"]},
    writes={"retrieve": ["documents"], "rank": ["ranked"], "draft": ["answer", "citations"], "send": ["sent"]},
)


def dropped_documents(*detections):
    return build_trace(
        ran("retrieve", {"docs": [{"t": "Refunds take 30 days"}]}, metadata={"dropped": ["docs"]}),
        ran("rank", {"ranked": []}),
        ran("draft", {"answer": "I think so."}),
        ran("send", error=KeyError("citations")),
        input={"question": "How long do refunds take?"},
        graph=RAG,
        detections=detections,
    )


def test_the_example_of_the_design():
    trace = dropped_documents(raising(4, "send", KeyError("citations")))
    forensics = investigate(trace)
    assert blamed(forensics) == (1, [1, 2, 3, 4])
    assert [link.role for link in forensics.causal_chain] == ["cause", "path", "path", "symptom"]
    assert [link.field for link in forensics.causal_chain] == ["documents", "ranked", "citations", "citations"]
    assert forensics.confidence >= NAMED_FROM
    assert forensics.proof == "lineage"
    assert forensics.explanation == (
        "`retrieve` returned `docs` instead of `documents`; later `send` raised `KeyError: 'citations'`. "
        "It went through `rank` and `draft`."
    )
    assert forensics.id == f"{TRACE}-f"
    assert forensics.detection_ids == (f"{TRACE}-d4BEH301",)
    assert "documents" in forensics.suggestions[0].text
    assert forensics.suspects[0].node_name == "retrieve"


@pytest.mark.parametrize(
    ("meant", "advice"),
    [
        ("documents", "Let `retrieve` return `documents` where it returns `docs`."),
        (None, "Declare `docs` in the state, or let `retrieve` return a declared field in its place."),
    ],
)
def test_a_dropped_key_without_a_crash_is_answered_with_the_key_that_was_meant(meant, advice):
    message = "`retrieve` returned `docs`, which the state does not declare"
    dropped = found(
        "STR402", 1, message, "critical", field="docs", confidence=0.95, details={"keys": ["docs"], "nearest": meant}
    )
    trace = build_trace(
        ran("retrieve", {"docs": [{"t": "Refunds take 30 days"}]}, metadata={"dropped": ["docs"]}),
        ran("draft", {"answer": "I think so."}),
        input={"question": "How long do refunds take?"},
        graph=RAG,
        detections=[dropped],
    )
    assert [one.text for one in investigate(trace).suggestions] == [advice]


def test_an_item_that_was_written_is_not_said_to_be_missing():
    wrong = found("SEM202", 1, "`draft` answers with a figure", layer="semantic", field="messages.0.content")
    trace = build_trace(ran("draft", {"messages": [{"content": "5310"}]}), detections=[wrong])
    (advice,) = investigate(trace).suggestions
    assert advice.text == "Look at how `draft` makes `messages.0.content`; what it was given looks right."


def test_a_wrong_way_on_is_not_looked_for_in_the_output():
    wrong = found("BEH308", 1, "`retrieve` started no branch of `rank` for item 3", layer="behavioral")
    trace = build_trace(
        ran("retrieve", {"documents": ["a", "b", "c"]}), ran("rank", {"ranked": []}), detections=[wrong]
    )
    (advice,) = investigate(trace).suggestions
    assert (
        advice.text == "Look at how it is decided where the run goes after `retrieve`; what it was given looks right."
    )


def test_origin_and_crash_site_stay_apart_whatever_the_order_of_findings():
    findings = [
        raising(4, "send", KeyError("citations")),
        found("STR402", 1, "`retrieve` returned `docs`, which the state does not declare", "critical", field="docs",
              details={"keys": ["docs"], "nearest": "documents"}),
        found("STR403", 2, "`rank` wrote an empty list into `ranked`", field="ranked", confidence=0.6),
    ]  # fmt: skip
    for detections in (findings, findings[::-1]):
        forensics = investigate(dropped_documents(*detections))
        assert blamed(forensics) == (1, [1, 2, 3, 4])
        assert set(forensics.detection_ids) == {one.id for one in findings}
        assert forensics.explanation.startswith("`retrieve` ")
        assert "`send` raised" in forensics.explanation


def test_a_silent_failure_is_traced_without_any_exception():
    trace = build_trace(
        ran("retrieve", {"docs": ["x"]}, metadata={"dropped": ["docs"]}),
        ran("rank", {"ranked": []}),
        ran("draft", {"answer": ""}),
        graph=RAG,
        input={"question": "q"},
        detections=(found("STR403", 3, "`draft` wrote an empty text into `answer`", field="answer", confidence=0.85),),
    )
    forensics = investigate(trace)
    assert blamed(forensics) == (1, [1, 2, 3])
    assert "`draft` wrote an empty text into `answer`" in forensics.explanation


@pytest.mark.parametrize("distance", [0, 1, 2, 3, 5, 8])
@pytest.mark.parametrize("crash", [True, False])
def test_distance(distance, crash):
    nodes = [f"n{i}" for i in range(distance + 3)]
    graph = build_graph(
        nodes,
        state={f"f{i}": list for i in range(len(nodes))},
        reads={node: [f"f{i}"] for i, node in enumerate(nodes)},
        writes={node: [f"f{i + 1}"] for i, node in enumerate(nodes)},
    )
    steps = [ran("n0", {"f1": [0]}), ran("n1", {"f2": []})]
    steps += [ran(f"n{i}", {f"f{i + 1}": []}) for i in range(2, distance + 1)]
    last = len(steps) if distance else 2
    if crash and distance:
        steps.append(ran(f"n{distance + 1}", error=IndexError("list index out of range")))
        detection = raising(len(steps), f"n{distance + 1}", IndexError("list index out of range"))
    else:
        last = len(steps)
        field = f"f{last}"
        node = f"n{last - 1}"
        detection = found("STR403", last, f"`{node}` wrote an empty list into `{field}`", field=field, confidence=0.9)
    trace = build_trace(*steps, graph=graph, input={"f0": [0]}, detections=(detection,))
    forensics = investigate(trace)
    assert blamed(forensics)[0] == 2
    assert blamed(forensics)[1] == list(range(2, len(steps) + 1))


def test_a_step_whose_input_was_right_is_to_blame_itself():
    graph = build_graph(["a", "b"], reads={"b": ["x"]}, writes={"a": ["x"], "b": ["y"]})
    trace = build_trace(
        ran("a", {"x": 4}),
        ran("b", error=ZeroDivisionError("division by zero")),
        graph=graph,
        detections=(raising(2, "b", ZeroDivisionError("division by zero")),),
    )
    forensics = investigate(trace)
    assert blamed(forensics) == (2, [2])
    assert forensics.proof == "observed"
    assert forensics.explanation == "`b` raised `ZeroDivisionError: division by zero`."


def test_trouble_outside_is_nobody_elses_fault():
    graph = build_graph(["a", "b"], reads={"b": ["x"]}, writes={"a": ["x"]})
    error = ErrorInfo(type="httpx.ReadTimeout", message="timed out")
    trace = build_trace(
        ran("a", {"x": []}), ran("b", error=error, outcome="error"), graph=graph,
        detections=(found("BEH301", 2, "`b` raised httpx.ReadTimeout", "critical", details={"exception": error.type}),),
    )  # fmt: skip
    assert blamed(investigate(trace)) == (2, [2])


def test_no_cause_is_named_where_nothing_is_sure():
    trace = build_trace(
        ran("a", {"one": 1}),
        ran("b", {"two": 2}),
        ran("c", error=KeyError("mystery")),
        detections=(raising(3, "c", KeyError("mystery")),),
    )
    forensics = investigate(trace)
    assert forensics.root_cause_step is None
    assert forensics.causal_chain == ()
    assert forensics.confidence < NAMED_FROM
    assert "No earlier step explains it" in forensics.explanation
    assert {one.node_name for one in forensics.suspects} >= {"a", "b"}


def test_what_the_caller_did_not_give_is_no_steps_fault():
    graph = build_graph(["a"], state={"q": str, "x": str}, reads={"a": ["q"]}, writes={"a": ["x"]})
    trace = build_trace(
        ran("a", error=KeyError("q")), graph=graph, input={"other": 1}, detections=(raising(1, "a", KeyError("q")),)
    )
    forensics = investigate(trace)
    assert forensics.root_cause_step is None
    assert forensics.explanation.startswith("The caller gave no `q`")


def test_a_key_without_a_place_is_recognised_even_under_an_unlike_name():
    graph = build_graph(
        ["understand", "review"],
        state={"q": str, "terms": list},
        reads={"understand": ["q"], "review": ["terms"]},
        writes={"understand": ["keywords"]},
    )
    trace = build_trace(
        ran("understand", {"keywords": ["a"], "count": 3}, metadata={"dropped": ["keywords", "count"]}),
        ran("review", error=KeyError("terms")),
        graph=graph,
        input={"q": "why"},
        detections=(raising(2, "review", KeyError("terms")),),
    )
    forensics = investigate(trace)
    assert blamed(forensics) == (1, [1, 2])
    assert "`keywords` instead of `terms`" in forensics.explanation


# what an exception stumbled over


def chain_of_three(**outputs):
    graph = build_graph(
        ["fetch", "shape", "use"],
        state={"raw": list, "shaped": object, "q": str},
        reads={"fetch": ["q"], "shape": ["raw"], "use": ["shaped"]},
        writes={"fetch": ["raw"], "shape": ["shaped"], "use": ["done"]},
    )
    error = outputs.pop("error")
    return build_trace(
        ran("fetch", {"raw": outputs["raw"]}),
        ran("shape", {"shaped": outputs["shaped"]}),
        ran("use", error=error),
        graph=graph,
        input={"q": "why"},
        detections=(raising(3, "use", error),),
    )


@pytest.mark.parametrize(
    ("raw", "shaped", "error", "guilty", "clause"),
    [
        ([{"id": 1, "tag": "x"}], [{"id": 1}], KeyError("tag"), 2, "left `tag` out of `shaped`"),
        ([{"id": 1}], [{"id": 1}], KeyError("tag"), 1, "left `tag` out of `raw`"),
        ([{"id": 1, "land": "Ireland"}], {"land": "Ireland"}, KeyError("Ireland"), 1, "wrote 'Ireland' into `raw`"),
        ([{"id": 1, "land": "IE"}], {"land": "Ireland"}, KeyError("Ireland"), 2, "wrote 'Ireland' into `shaped`"),
        ([{"price": 3}], [{"price": None}], TypeError("unsupported operand type(s) for *: 'NoneType' and 'int'"), 2,
         "set `shaped.price` to None"),
        ([{"price": None}], [{"price": None}], TypeError("'NoneType' and 'int'"), 1, "set `raw.price` to None"),
        ([{"n": "12"}], [{"n": "twelve"}], ValueError("invalid literal for int() with base 10: 'twelve'"), 2,
         "wrote 'twelve' into `shaped`"),
    ],
)  # fmt: skip
def test_what_an_exception_stumbled_over_is_followed_to_where_it_came_in(raw, shaped, error, guilty, clause):
    forensics = investigate(chain_of_three(raw=raw, shaped=shaped, error=error))
    assert blamed(forensics) == (guilty, list(range(guilty, 4)))
    assert clause in forensics.explanation


def test_none_where_none_is_allowed_is_no_suspect():
    state = (
        FieldSpec(name="coupon", type=TypeSpec(kind="str"), nullable=True),
        FieldSpec(name="net", type=TypeSpec(kind="str")),
    )
    graph = msgspec.structs.replace(
        build_graph(["read", "discount", "tax"], reads={"discount": ["coupon"], "tax": ["net"]},
                    writes={"read": ["coupon"], "discount": ["net"]}),
        state=state,
    )  # fmt: skip
    trace = build_trace(
        ran("read", {"coupon": None}), ran("discount", {}), ran("tax", error=KeyError("net")), graph=graph,
        detections=(raising(3, "tax", KeyError("net")),),
    )  # fmt: skip
    assert blamed(investigate(trace)) == (2, [2, 3])


# shapes of graphs


def test_fan_out_names_the_branch_that_went_wrong():
    state = (
        FieldSpec(name="parts", type=TypeSpec(kind="list")),
        FieldSpec(name="graded", type=TypeSpec(kind="list"), reducer="operator.add"),
    )
    graph = msgspec.structs.replace(
        build_graph(["plan", "grade", "merge"], reads={"grade": ["part"], "merge": ["graded"]},
                    writes={"plan": ["parts"], "grade": ["graded"], "merge": ["score"]}),
        state=state, closed=False,
    )  # fmt: skip
    grades = [{"part": f"part {i}", "score": None if i == 2 else i} for i in range(4)]
    trace = build_trace(
        ran("plan", {"parts": [f"part {i}" for i in range(4)]}, metadata={"superstep": 1, "branch": ["grade"] * 4}),
        *(
            ran("grade", {"graded": [grades[i]]}, input_state={"part": f"part {i}"},
                metadata={"superstep": 2, "kind": "push"})
            for i in range(4)
        ),
        ran("merge", error=TypeError("unsupported operand type(s) for +: 'int' and 'NoneType'"),
            input_state={"parts": [], "graded": grades}, metadata={"superstep": 3}),
        graph=graph,
        detections=(raising(6, "merge", TypeError("unsupported operand type(s) for +: 'int' and 'NoneType'")),),
    )  # fmt: skip
    assert blamed(investigate(trace)) == (4, [4, 6])


def test_what_was_sent_is_recognised_by_its_value():
    graph = msgspec.structs.replace(
        build_graph(["plan", "work"], reads={"plan": ["goal"], "work": ["part"]}, writes={"plan": ["parts"]}),
        closed=False,
    )
    parts = [{"name": "first part", "size": None}, {"name": "second part", "size": 2}]
    error = TypeError("'NoneType' object is not iterable")
    trace = build_trace(
        ran("plan", {"parts": parts}, metadata={"superstep": 1, "branch": ["work", "work"]},
            state_after={"goal": "g", "parts": parts}),
        ran("work", error=error, input_state={"part": parts[0]}, metadata={"superstep": 2, "kind": "push"}),
        ran("work", {}, input_state={"part": parts[1]}, metadata={"superstep": 2, "kind": "push"}),
        graph=graph, input={"goal": "g"}, detections=(raising(2, "work", error),),
    )  # fmt: skip
    forensics = investigate(trace)
    assert blamed(forensics) == (1, [1, 2])


def test_a_fault_inside_a_subgraph_is_found_inside():
    inner = GraphSpec(
        name="inner", version="v", state=fields_of(q=str, found=list, best=str),
        nodes=(
            NodeSpec(name="dig", reads=(FieldRead(path="q", required=True),), writes=("found",)),
            NodeSpec(name="sort", reads=(FieldRead(path="found", required=True),), writes=("best",)),
        ),
    )  # fmt: skip
    outer = GraphSpec(
        name="outer", version="v", state=fields_of(q=str, best=str, told=str),
        nodes=(
            NodeSpec(name="ask", writes=("q",), reads=()),
            NodeSpec(name="search", kind="subgraph", subgraph=inner),
            NodeSpec(name="tell", reads=(FieldRead(path="best", required=True),), writes=("told",)),
        ),
    )  # fmt: skip
    parent = f"{TRACE}-s2"
    trace = build_trace(
        ran("ask", {"q": "what"}),
        ran("search", {"q": "what", "best": ""}, input_state={"q": "what"}),
        ran("dig", {"found": []}, input_state={"q": "what"}, parent_id=parent, metadata={"namespace": "s"}),
        ran("sort", {"best": ""}, input_state={"q": "what", "found": []}, parent_id=parent,
            metadata={"namespace": "s"}),
        ran("tell", {"told": ""}, input_state={"q": "what", "best": ""}),
        graph=outer,
        detections=(found("STR403", 5, "`tell` wrote an empty text into `told`", field="told", confidence=0.9),
                    found("STR403", 3, "`dig` wrote an empty list into `found`", field="found", confidence=0.7)),
    )  # fmt: skip
    assert blamed(investigate(trace)) == (3, [3, 4, 5])


def test_the_decision_that_skipped_the_writer_is_blamed():
    reads = (FieldRead(path="kind", required=True),)
    graph = msgspec.structs.replace(
        build_graph(["classify", "enrich", "report"], reads={"classify": ["q"], "report": ["profile"]},
                    writes={"classify": ["kind"], "enrich": ["profile"], "report": ["text"]}),
        edges=(
            EdgeSpec(source="__start__", target="classify"),
            EdgeSpec(source="classify", target="enrich", conditional=True, reads=reads),
            EdgeSpec(source="classify", target="report", conditional=True, reads=reads),
            EdgeSpec(source="enrich", target="report"),
        ),
    )  # fmt: skip
    trace = build_trace(
        ran("classify", {"kind": "plain"}, metadata={"branch": ["report"]}),
        ran("report", error=KeyError("profile")),
        graph=graph, input={"q": "why"}, detections=(raising(2, "report", KeyError("profile")),),
    )  # fmt: skip
    forensics = investigate(trace)
    assert forensics.suspects[0].node_name == "classify"
    assert "went on to `report` without `enrich`" in forensics.suspects[0].reasons[0]


def looping(rounds=6, counter=False):
    reads = (FieldRead(path="score", required=True), FieldRead(path="rounds", required=True))
    graph = msgspec.structs.replace(
        build_graph(["write", "grade"], reads={"write": ["text", "rounds"], "grade": ["text"]},
                    writes={"write": ["text", "rounds"], "grade": ["score"]}),
        edges=(
            EdgeSpec(source="write", target="grade"),
            EdgeSpec(source="grade", target="write", conditional=True, reads=reads),
            EdgeSpec(source="grade", target="__end__", conditional=True, reads=reads),
        ),
    )  # fmt: skip
    steps = []
    for number in range(rounds):
        text = f"draft {number}" if counter else "draft"
        steps.append(ran("write", {"text": text, "rounds": 1 if counter else number}))
        steps.append(ran("grade", {"score": 0.4}, metadata={"branch": ["write"]}))
    detection = found("BEH302", 2 * rounds - 1, "`write` ran too often", layer="behavioral", details={"visits": {}})
    return build_trace(*steps, graph=graph, input={"text": "", "rounds": 0}, detections=(detection,))


def test_a_loop_is_the_fault_of_who_did_not_move_on():
    forensics = investigate(looping(counter=True))
    assert blamed(forensics)[0] is not None
    assert "`write` left `rounds` at 1 in every round" in forensics.explanation
    assert "`write` left `text`" in investigate(looping()).explanation


# other evidence


def test_findings_about_cost_do_not_take_the_blame_for_data():
    trace = build_trace(
        ran("a", {"x": ["y"]}), ran("b", {"z": ""}),
        graph=build_graph(["a", "b"], reads={"b": ["x"]}, writes={"a": ["x"], "b": ["z"]}),
        detections=(
            found("STA101", 1, "`a` took 9.4 s, usually 0.4", layer="statistical"),
            found("STR403", 2, "`b` wrote an empty text into `z`", field="z", confidence=0.9),
        ),
    )  # fmt: skip
    assert blamed(investigate(trace)) == (2, [2])


def test_a_slow_step_is_its_own_cause():
    trace = build_trace(
        ran("a", {"x": 1}), detections=(found("STA101", 1, "`a` took 9.4 s, usually 0.4", layer="statistical"),)
    )
    forensics = investigate(trace)
    assert blamed(forensics) == (1, [1])
    assert forensics.explanation == "`a` took 9.4 s, usually 0.4."


@pytest.mark.parametrize(
    "calls",
    [
        {"tool_calls": (ToolCall(name="search", error=ErrorInfo(type="HTTPError", message="429")),)},
        {"llm_calls": (LlmCall(finish_reason="length"),)},
        {"llm_calls": (LlmCall(error=ErrorInfo(type="APIError", message="overloaded")),)},
    ],
)
def test_a_failed_call_inside_a_step_weighs(calls):
    graph = build_graph(["a", "b", "c"], reads={"b": ["x"], "c": ["y"]}, writes={"a": ["x"], "b": ["y"], "c": ["z"]})
    trace = build_trace(
        ran("a", {"x": "partial"}, **calls), ran("b", {"y": "so so"}), ran("c", {"z": "bad"}), graph=graph,
        detections=(found("SEM202", 3, "`c` claims what no source says", field="z", confidence=0.6),),
    )  # fmt: skip
    assert blamed(investigate(trace)) == (1, [1, 2, 3])


def test_an_earlier_finding_on_other_data_does_not_take_the_blame():
    graph = build_graph(["a", "b", "c"], reads={"a": [], "b": ["q"], "c": ["y"]},
                        writes={"a": ["x"], "b": ["y"], "c": ["z"]})  # fmt: skip
    trace = build_trace(
        ran("a", {"x": "TODO"}), ran("b", {"y": "fine"}), ran("c", {"z": ""}), graph=graph, input={"q": "q"},
        detections=(found("SIG501", 1, "`a` wrote a placeholder into `x`", field="x"),
                    found("STR403", 3, "`c` wrote an empty text into `z`", "critical", field="z")),
    )  # fmt: skip
    forensics = investigate(trace)
    assert blamed(forensics) == (3, [3])
    assert "a" in {one.node_name for one in forensics.suspects}


def test_a_custom_finding_keeps_its_own_words():
    trace = build_trace(ran("a", {"x": 1}), detections=(found("", 1, "Custom check failed", layer="custom"),))
    assert investigate(trace).explanation == "Custom check failed at `a`."


def test_without_states_the_order_of_steps_is_all_there_is():
    trace = build_trace(
        ran("a"), ran("b"), ran("c", error=ValueError("no")),
        detections=(found("SIG501", 1, "`a` wrote a placeholder"), raising(3, "c", ValueError("no"))),
    )  # fmt: skip
    bare = tuple(msgspec.structs.replace(step, input_state={}, state_after={}) for step in trace.steps)
    forensics = investigate(msgspec.structs.replace(trace, steps=bare))
    assert forensics.suspects[0].node_name == "a"


# nothing to explain


def test_nothing_to_explain():
    assert investigate(build_trace(ran("a", {"x": 1}))) is None
    info = found("STR402", 1, severity="info")
    assert investigate(build_trace(ran("a", {"x": 1}), detections=(info,))) is None
    hidden = msgspec.structs.replace(found("STR403", 1), suppressed="known")
    assert investigate(build_trace(ran("a", {"x": 1}), detections=(hidden,))) is None


def test_near_misses_are_told_on_request():
    tool = ToolCall(name="search", error=ErrorInfo(type="HTTPError", message="429"))
    trace = build_trace(ran("a", {"x": 1}, tool_calls=(tool,)), ran("b", {"y": 1}, attempt=2))
    forensics = investigate(trace, near_misses=True)
    assert forensics.root_cause_step is None
    assert [one.node_name for one in forensics.suspects] == ["a", "b"]
    assert forensics.explanation.startswith("Nothing went wrong. Closest to it: `a` got `HTTPError")
    assert investigate(build_trace(ran("a", {})), near_misses=True).suspects == ()


# summaries


def test_summaries_of_all_kinds_of_runs():
    assert summary(build_trace(ran("a"), ran("b"))) == "All 2 steps ran without findings."
    assert summary(build_trace()) == "No step ran."
    stopped = build_trace(ran("a"), metadata={"outcome": "interrupted"})
    assert summary(stopped) == "The run stopped at an interrupt after 1 step, without findings."
    died = build_trace(ran("a"), status="incomplete", metadata={"running": ["b"]})
    assert summary(died) == "The process died while `b` ran; 1 step were recorded."
    two = build_trace(ran("a"), detections=(found("X1", 1, "`a` did this"), found("X2", 1, "`a` did that")))
    assert summary(two) == "`a` did this; 1 more finding."
    trace = dropped_documents(raising(4, "send", KeyError("citations")))
    told = summary(msgspec.structs.replace(trace, forensics=investigate(trace)))
    assert told == "`retrieve` returned `docs` instead of `documents`; later `send` raised `KeyError: 'citations'`."


def test_sentences_stay_short_and_harmless():
    node = "a" * 300 + "\n`\u202e\ud800"
    error = KeyError("x" * 5000 + "\x00")
    graph = build_graph([node, "b"], reads={"b": ["k" * 400]}, writes={node: ["k" * 400]})
    trace = build_trace(
        ran(node, {}), ran("b", error=error), graph=graph,
        detections=(raising(2, "b", error),
                    found("STR401", 1, f"`{node}` did not write " + "y" * 4000, field="k" * 400)),
    )  # fmt: skip
    forensics = investigate(trace)
    told = summary(msgspec.structs.replace(trace, forensics=forensics))
    assert len(told) <= VERDICT_LENGTH
    for char in "\n\x00\u202e\ud800":
        assert char not in forensics.explanation


def test_a_state_that_is_one_dict_is_looked_into():
    graph = build_graph(["read", "scale", "spell"], reads={"scale": ["items"], "spell": ["title", "items"]})
    error = KeyError("title")
    trace = build_trace(
        ran("read", {"__root__": {"title": "cake", "items": [1]}}, input_state={"__root__": {"text": "t"}}),
        ran("scale", {"__root__": {"items": [2]}}, input_state={"__root__": {"title": "cake", "items": [1]}}),
        ran("spell", error=error, input_state={"__root__": {"items": [2]}}),
        graph=graph,
        input={"__root__": {"text": "t"}},
        detections=(raising(3, "spell", error),),
    )
    forensics = investigate(trace)
    assert blamed(forensics) == (2, [2, 3])
    assert forensics.explanation == "`scale` did not hand on `title`; later `spell` raised `KeyError: 'title'`."
    assert [link.field for link in forensics.causal_chain] == ["__root__.title", "__root__.title"]


# faults of behaviour


def test_who_asked_a_tool_is_to_blame_not_the_step_that_runs_it():
    tools = NodeSpec(name="tools", kind="tools")
    graph = msgspec.structs.replace(build_graph(["agent"]), nodes=(NodeSpec(name="agent"), tools))
    trace = build_trace(
        ran("agent", {"messages": ["call it"]}, metadata={"branch": ["tools"]}),
        ran("tools", {"messages": ["done"]}),
        graph=graph,
        detections=(found("BEH311", 2, "the tool was asked the same 5 times in a row", layer="behavioral"),),
    )
    forensics = investigate(trace)
    assert blamed(forensics) == (1, [1, 2])
    assert forensics.explanation.startswith("`agent` asked `tools` for it; ")


def test_a_storm_of_retries_is_no_loop():
    error = ErrorInfo(type="ConnectionError", message="reset", handled=True)
    steps = [ran("reserve", error=error, outcome="error", attempt=number) for number in range(1, 5)]
    trace = build_trace(
        *steps, ran("reserve", {"ok": True}, attempt=5),
        detections=(found("BEH305", 5, "`reserve` succeeded after 4 failures in a row", layer="behavioral"),),
    )  # fmt: skip
    assert blamed(investigate(trace)) == (5, [5])


def test_what_a_reducer_could_not_take_is_blamed_on_who_wrote_it():
    state = (FieldSpec(name="log", type=TypeSpec(kind="list"), reducer="operator.add"),)
    graph = msgspec.structs.replace(build_graph(["a", "b"]), state=state)
    error = ErrorInfo(type="TypeError", message='can only concatenate list (not "NoneType") to list')
    trace = build_trace(
        ran("a", {"log": [1]}), ran("b", {"log": None}), graph=graph, error=error, output=None,
        detections=(
            found("BEH301", 2, "the run ended with TypeError", "critical", layer="behavioral",
                  details={"exception": "TypeError"}),
        ),
    )  # fmt: skip
    forensics = investigate(trace)
    assert blamed(forensics) == (2, [2])
    assert forensics.explanation.startswith("`b` wrote None into `log`; the run ended with `TypeError")


def test_a_decision_is_not_excused_by_data():
    graph = build_graph(["look", "answer"], reads={"answer": ["rows"]}, writes={"look": ["rows"], "answer": ["text"]})
    tool = ToolCall(name="query", error=ErrorInfo(type="Timeout", message="slow"))
    trace = build_trace(
        ran("look", {"rows": []}, tool_calls=(tool,)), ran("answer", {"text": "All is well."}), graph=graph,
        detections=(found("BEH310", 2, "`answer` answered as if nothing had happened", layer="behavioral"),),
    )  # fmt: skip
    assert blamed(investigate(trace)) == (2, [2])


def test_the_first_step_that_stood_still_although_it_had_news():
    """A critic that repeats its first remarks stands still before the writer who has nothing left to mend."""
    reads = (FieldRead(path="remarks", required=True),)
    graph = msgspec.structs.replace(
        build_graph(["critique", "revise"], reads={"critique": ["draft"], "revise": ["draft", "remarks"]},
                    writes={"critique": ["remarks"], "revise": ["draft"]}),
        edges=(
            EdgeSpec(source="critique", target="revise", conditional=True, reads=reads),
            EdgeSpec(source="critique", target="__end__", conditional=True, reads=reads),
            EdgeSpec(source="revise", target="critique"),
        ),
    )  # fmt: skip
    steps = []
    for _ in range(5):
        steps.append(ran("critique", {"remarks": ["too long"]}, metadata={"branch": ["revise"]}))
        steps.append(ran("revise", {"draft": "short"}))
    trace = build_trace(
        *steps, graph=graph, input={"draft": "a long text"},
        detections=(found("BEH303", 10, "`revise` returned the same 5 times in a row", layer="behavioral"),),
    )  # fmt: skip
    forensics = investigate(trace)
    assert blamed(forensics)[0] == 3
    assert "`critique` wrote the same `remarks` in every round" in forensics.explanation
