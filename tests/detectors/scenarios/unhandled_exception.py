from __future__ import annotations

import msgspec
from scenarios.kit import build_trace, fires, graph, node, ran, silent

from argus.model.trace import ErrorInfo

WHERE = "behavioral/unhandled_exception"

SHOP = graph("sku:str price:float text:str", node("price", "sku", "price"), node("write", "price", "text"))
BUSY = ErrorInfo(type="httpx.ReadTimeout", message="timed out")

fires(
    WHERE,
    "left_the_graph",
    "the price service timed out",
    build_trace(ran("price", error=BUSY, outcome="error"), input={"sku": "a-1"}, graph=SHOP),
    "BEH301 critical price#1 -",
)
silent(
    WHERE,
    "left_the_graph_mended",
    "it answered",
    build_trace(ran("price", {"price": 4.5}), ran("write", {"text": "4.50"}), input={"sku": "a-1"}, graph=SHOP),
)
fires(
    WHERE,
    "all_attempts_failed",
    "three attempts, one finding at the last",
    build_trace(
        *(ran("price", error=BUSY, outcome="error", attempt=number) for number in (1, 2, 3)),
        input={"sku": "a-1"},
        graph=SHOP,
    ),
    "BEH301 critical price#3 -",
)


def inside_a_subgraph() -> object:
    trace = build_trace(
        ran("team", error=ValueError("kein Treffer"), metadata={"superstep": 1}),
        ran("search", error=ValueError("kein Treffer"), metadata={"superstep": 1, "namespace": "team:1"}),
    )
    outer, inner = trace.steps
    return msgspec.structs.replace(trace, steps=(outer, msgspec.structs.replace(inner, parent_id=outer.id)))


fires(
    WHERE,
    "inside_a_subgraph",
    "the innermost step is named, not the one it passed through",
    inside_a_subgraph(),
    "BEH301 critical search#2 -",
)
fires(
    WHERE,
    "no_node_raised_it",
    "the recursion limit ended the run between two nodes",
    build_trace(
        ran("think", {"n": 1}),
        ran("think", {"n": 2}),
        error=ErrorInfo(type="langgraph.errors.GraphRecursionError", message="Recursion limit of 25 reached"),
    ),
    "BEH301 critical think#2 -",
)
fires(
    WHERE,
    "before_any_node",
    "the input did not fit, no node ran",
    build_trace(error=ErrorInfo(type="ValidationError", message="1 validation error for State")),
    "BEH301 critical - -",
)
fires(
    WHERE,
    "about_a_field",
    "a KeyError about a field carries the field",
    build_trace(ran("write", error=KeyError("price")), input={"sku": "a-1"}, graph=SHOP),
    "BEH301 critical write#1 price",
)

silent(
    WHERE,
    "retried",
    "the second attempt succeeded",
    build_trace(
        ran("price", error=BUSY, outcome="error"),
        ran("price", {"price": 4.5}, attempt=2),
        ran("write", {"text": "4.50"}),
        input={"sku": "a-1"},
        graph=SHOP,
    ),
)
silent(
    WHERE,
    "taken_by_an_error_handler",
    "the graph went on by its handler",
    build_trace(
        ran("price", outcome="error", error=msgspec.structs.replace(BUSY, handled=True)),
        ran("fallback", {"price": 5.0}),
        ran("write", {"text": "5.00"}),
        input={"sku": "a-1"},
        graph=SHOP,
    ),
)
silent(
    WHERE,
    "caught_by_the_program",
    "a session's caller caught it and went on to a result",
    build_trace(
        ran("price", outcome="error", error=BUSY),
        ran("write", {"text": "price on request"}),
        input={"sku": "a-1"},
        metadata={"outcome": "completed"},
    ),
)
silent(
    WHERE,
    "interrupted",
    "waiting for a person is no exception",
    build_trace(ran("approve", outcome="interrupted"), input={"sku": "a-1"}, metadata={"outcome": "interrupted"}),
)
silent(
    WHERE,
    "prose_about_an_exception",
    "a text that tells of a KeyError",
    build_trace(ran("write", {"text": "The service raised KeyError: 'price' yesterday; it was repaired."})),
)
