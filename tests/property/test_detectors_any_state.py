"""Structural and behavioural detectors on states of every kind: no failure, and the same answer twice."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from argus.detectors.base import DetectorContext
from argus.detectors.engine import detect
from argus.detectors.registry import builtin_detectors
from argus.instrumentation.langgraph.types import describe_type
from argus.model.graph import EdgeSpec, FieldRead, FieldSpec, GraphSpec, NodeSpec
from argus.model.trace import ErrorInfo, ToolCall
from argus.model.values import mark
from argus.testing.builders import build_trace, ran

OURS = [
    one for one in builtin_detectors() if one.layer in ("structural", "behavioral") and not one.code.startswith("SIG")
]
NAMES = st.sampled_from(["docs", "answer", "done", "messages", "status", "__root__", "\ud800", ""])
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.sampled_from(["[REDACTED]", "done", "\ud800", "error", "x" * 3_000]),
    st.sampled_from([mark("cycle"), mark("more", count=3), mark("object", type="T", repr="<T>")]),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(NAMES, inner, max_size=3),
        st.fixed_dictionaries({"type": st.sampled_from(["ai", "tool", "human"]), "content": inner}),
    ),
    max_leaves=8,
)
STATES = st.dictionaries(NAMES, VALUES, max_size=4)
TYPES = st.sampled_from(
    [
        str,
        int,
        float,
        bool,
        list[float],
        dict[str, int],
        tuple[int, str],
        set[str],
        int | None,
        list[dict[str, str]],
        object,
    ]
).map(describe_type)
ERRORS = st.sampled_from(
    [
        KeyError("docs"),
        TypeError("unsupported operand type(s) for +: 'int' and 'str'"),
        AttributeError("'NoneType' object has no attribute 'x'"),
        ValueError("'"),
    ]
)
FIELDS = st.builds(
    FieldSpec,
    name=NAMES,
    type=TYPES,
    nullable=st.booleans(),
    reducer=st.sampled_from([None, "operator.add", "add_messages", "mine"]),
)
READS = st.builds(FieldRead, path=st.sampled_from(["docs", "docs.x", "answer.y.z", "", "."]), required=st.booleans())


@st.composite
def traces(draw):
    nodes = draw(st.lists(st.sampled_from(["a", "b", "\ud800"]), min_size=1, max_size=7))
    graph = GraphSpec(
        name="g",
        version="1",
        nodes=tuple(NodeSpec(name=name, reads=tuple(draw(st.lists(READS, max_size=2)))) for name in set(nodes)),
        edges=tuple(
            EdgeSpec(source=one, target=other) for one, other in draw(st.lists(st.tuples(NAMES, NAMES), max_size=3))
        ),
        state=tuple(draw(st.lists(FIELDS, max_size=4))),
        closed=draw(st.booleans()),
    )
    steps = []
    for place, name in enumerate(nodes):
        error = draw(st.one_of(st.none(), ERRORS))
        facts = draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "superstep": st.just(place // 2),
                    "kind": st.just("push"),
                    "branch": st.lists(st.sampled_from(["a", "b", 3]), max_size=3),
                    "mutated": st.just(["docs", None]),
                    "goto": st.just("a"),
                },
            )
        )
        calls = draw(st.lists(st.builds(ToolCall, name=NAMES, arguments=VALUES, result=VALUES), max_size=3))
        more = {"error": ErrorInfo(type=type(error).__name__, message=str(error)), "outcome": "error"} if error else {}
        steps.append(ran(name, draw(STATES), metadata=facts, tool_calls=tuple(calls), state_after=draw(STATES), **more))
    return build_trace(*steps, input=draw(STATES), graph=draw(st.sampled_from([graph, None])))


@settings(max_examples=60, deadline=None)
@given(traces())
def test_any_state_is_survived_and_judged_the_same_twice(trace):
    context = DetectorContext(validators={"docs": bool, "*": len, "node:a/answer": lambda value: value["x"]})
    first = detect(trace, OURS, context)
    assert first.failures == ()
    assert detect(trace, OURS, context) == first
