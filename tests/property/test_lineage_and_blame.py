"""What holds for every run: causes precede symptoms, links can be looked up, the order of findings does not matter."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.dataflow.lineage import Lineage
from argus.dataflow.values import ABSENT, at, same
from argus.forensics.analyzer import NAMED_FROM, investigate
from argus.forensics.explain import VERDICT_LENGTH, summary
from argus.forensics.wording import excerpt
from argus.model.codec import decode_trace, encode_trace
from argus.model.detection import Detection
from argus.model.trace import ErrorInfo, Trace
from argus.testing.builders import build_graph, build_trace, ran

FIELDS = ["alpha", "beta", "gamma", "docs"]
NODES = ["one", "two", "three", "four"]

values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "text", "12", "Ireland", "x" * 300]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "tag", "price"]), inner, max_size=3)
    ),
    max_leaves=6,
)
updates = st.dictionaries(st.sampled_from([*FIELDS, "documents"]), values, max_size=3)
errors = st.sampled_from(
    [
        ("KeyError", "'alpha'"),
        ("KeyError", "'tag'"),
        ("KeyError", "'Ireland'"),
        ("TypeError", "'NoneType' object is not subscriptable"),
        ("TypeError", "string indices must be integers, not 'str'"),
        ("IndexError", "list index out of range"),
        ("ValueError", "could not convert string to float: 'text'"),
        ("JSONDecodeError", "Expecting value: line 1 column 1 (char 0)"),
        ("httpx.ReadTimeout", "timed out"),
    ]
)
field_lists = st.lists(st.sampled_from(FIELDS), max_size=3, unique=True)


@st.composite
def traces(draw) -> Trace:
    reads = {node: draw(field_lists) for node in NODES if draw(st.booleans())}
    writes = {node: draw(field_lists) for node in NODES if draw(st.booleans())}
    state = dict.fromkeys(FIELDS, object) if draw(st.booleans()) else None
    graph = build_graph(NODES, state=state, reads=reads, writes=writes) if draw(st.booleans()) else None
    steps = []
    count = draw(st.integers(1, 8))
    parallel = draw(st.booleans())
    for number in range(count):
        metadata = {"superstep": number // 2 + 1} if parallel else {}
        if draw(st.booleans()):
            metadata["kind"] = draw(st.sampled_from(["pull", "push"]))
        if draw(st.booleans()):
            metadata["branch"] = [draw(st.sampled_from(NODES))]
        changes = {"metadata": metadata}
        if number and draw(st.integers(0, 4)) == 0:
            changes["parent_id"] = f"00000000000000a1-s{draw(st.integers(1, number))}"
        if draw(st.integers(0, 3)) == 0 or (number == count - 1 and draw(st.booleans())):
            kind, message = draw(errors)
            changes |= {"error": ErrorInfo(type=kind, message=message), "outcome": "error"}
        steps.append(ran(draw(st.sampled_from(NODES)), draw(updates), **changes))
    trace = build_trace(*steps, graph=graph, input=draw(updates))
    found = []
    for number in range(draw(st.integers(0, 5))):
        step = draw(st.sampled_from(trace.steps))
        found.append(
            Detection(
                layer=draw(st.sampled_from(["structural", "behavioral", "semantic", "statistical", "custom"])),
                code=draw(st.sampled_from(["STR401", "STR403", "BEH301", "BEH302", "STA101", ""])),
                severity=draw(st.sampled_from(["info", "warning", "critical"])),
                message=draw(st.sampled_from([f"`{step.node_name}` did it", "Custom check failed"])),
                step_id=step.id,
                id=f"{trace.id}-d{number}",
                field=draw(st.none() | st.sampled_from([*FIELDS, "alpha.tag"])),
            )
        )
    return msgspec.structs.replace(trace, detections=tuple(found))


@settings(max_examples=100, deadline=None)
@given(traces())
def test_blame_keeps_its_promises(trace):
    forensics = investigate(trace)
    counted = [one for one in trace.detections if one.severity != "info"]
    assert (forensics is None) == (not counted)
    if forensics is None:
        return
    assert 0 <= forensics.confidence <= 1
    assert all(0 <= one.score <= 1 and one.reasons for one in forensics.suspects)
    scores = [round(one.score, 2) for one in forensics.suspects]
    assert scores == sorted(scores, reverse=True)
    assert {*forensics.detection_ids} <= {one.id for one in trace.detections}
    told = summary(msgspec.structs.replace(trace, forensics=forensics))
    assert len(told) <= VERDICT_LENGTH
    if forensics.root_cause_step is None:
        assert forensics.causal_chain == ()
        return
    assert forensics.confidence >= NAMED_FROM
    chain = forensics.causal_chain
    assert chain[0].role == "cause"
    assert chain[0].step_id == forensics.root_cause_step
    assert [link.role for link in chain[1:-1]] == ["path"] * len(chain[1:-1])
    assert len(chain) == 1 or chain[-1].role == "symptom"
    assert forensics.suggestions
    cause_comes_first(trace, forensics)
    links_can_be_looked_up(trace, forensics)


def cause_comes_first(trace, forensics):
    numbers = [trace.step(link.step_id).step_number for link in forensics.causal_chain]
    inside = {step.id for step in trace.steps if step.parent_id == forensics.causal_chain[-1].step_id}
    if forensics.root_cause_step not in inside:  # a step that ran inside another one began after it
        assert numbers[0] <= numbers[-1]


def links_can_be_looked_up(trace, forensics):
    for link in forensics.causal_chain:
        assert link.why
        assert link.evidence
        for fact in link.evidence:
            step = trace.step(fact.step_id)
            assert step is not None
            check(step, fact, trace)


def check(step, fact, trace):
    """Compares a fact with the trace, by what it says is to be seen."""
    given = at(step.input_state, fact.field) if fact.field else ABSENT
    made = at(step.output_state, fact.field) if fact.field else ABSENT
    state_after = at(step.state_after, fact.field) if fact.field else ABSENT
    if fact.note == "found":
        seen = [given, state_after, made]
        assert any(one is not ABSENT and same(excerpt(one), fact.value) for one in seen)
    elif fact.note == "not found":
        assert given is ABSENT
    elif fact.note in ("returned", "wrote") and fact.field:
        assert made is not ABSENT or fact.value is None
        assert same(excerpt(made), fact.value)
    elif fact.note == "not returned":
        assert made is ABSENT
    elif fact.note == "raised":
        assert step.error.type == fact.value
    elif fact.note.startswith("finding"):
        assert any(one.step_id == step.id for one in trace.detections)
    else:
        assert fact.note in ("went on", "returned")


@settings(max_examples=30, deadline=None)
@given(traces(), st.randoms(use_true_random=False))
def test_the_order_of_findings_does_not_matter(trace, random):
    mixed = list(trace.detections)
    random.shuffle(mixed)
    other = investigate(msgspec.structs.replace(trace, detections=tuple(mixed)))
    mine = investigate(trace)
    assert (mine and mine.root_cause_step) == (other and other.root_cause_step)


@settings(max_examples=30, deadline=None)
@given(traces())
def test_a_stored_trace_is_explained_like_a_fresh_one(trace):
    assert investigate(decode_trace(encode_trace(trace))) == investigate(trace)


@settings(max_examples=50, deadline=None)
@given(traces())
def test_lineage_agrees_with_itself(trace):
    lineage = Lineage(trace)
    for step in trace.steps:
        for read in lineage.reads(step):
            version = lineage.version_before(read.path, step)
            if version is not None:
                assert version.moment < lineage.order.moment(step)
            for one in lineage.contributors(read.path, step):
                assert one.field == read.path.partition(".")[0]
            writer = lineage.writer_of(read.path, step)
            assert writer is None or writer in trace.steps
        lineage.origins("docs", step)
    for field in [*FIELDS, "alpha.tag"]:
        events = lineage.history(field)
        assert [one.step_number for one in events] == sorted(one.step_number for one in events)
        for event in events:
            if event.action == "wrote":
                assert same(at(trace.step(event.step_id).output_state, field), event.value)
