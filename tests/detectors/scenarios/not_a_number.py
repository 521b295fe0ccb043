from __future__ import annotations

from typing import Any

from scenarios.kit import build_trace, fires, graph, node, ran, silent

from argus.model.values import mark

WHERE = "structural/not_a_number"
NAN = mark("float", value="nan")
SHAPE = graph("values:list mean:any verdict:str", node("average", "values", "mean"), node("decide", "mean", "verdict"))


def averaged(mean: Any, values: Any = (1.0, 2.0), *more: Any) -> Any:
    return build_trace(
        ran("average", {"mean": mean}),
        *more,
        ran("decide", {"verdict": "low"}),
        input={"values": [*values]},
        graph=SHAPE,
    )


fires(WHERE, "a_mean", "the mean of numbers is none", averaged(NAN), "STR410 warning average#1 mean")
silent(WHERE, "a_mean_mended", "it is one", averaged(1.5))
fires(
    WHERE,
    "in_a_record",
    "one figure of a record",
    averaged({"low": 1.0, "high": 2.0, "spread": {"deviation": NAN}}),
    "STR410 warning average#1 mean",
)
silent(WHERE, "given", "NaN stood in what it was given", averaged(NAN, (1.0, NAN)))
silent(WHERE, "gaps", "a series with gaps", averaged([1.0, NAN, 2.0]))
silent(WHERE, "infinite", "no bound yet", averaged(mark("float", value="inf")))
silent(
    WHERE,
    "nobody_needs_it",
    "no step reads it, and the caller does not get it",
    build_trace(
        ran("average", {"scratch": NAN}),
        input={"values": [1.0]},
        graph=graph("values:list mean:any", node("average", "values", "mean")),
        output={"mean": 1.0},
    ),
)
