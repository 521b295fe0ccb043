from __future__ import annotations

from scenarios.kit import build_trace, fires, graph, node, ran, silent

WHERE = "structural/broken_validator"


def sold(*totals: float) -> object:
    return build_trace(*(ran("price", {"total": total}) for total in totals), input={"order": {"x": 1}})


fires(WHERE, "raises", "a check that raises", sold(3.0), "STR407 info price#1 -", validators={"total": "stumbles"})
silent(WHERE, "raises_mended", "the check answers", sold(3.0), validators={"total": "positive"})
fires(
    WHERE,
    "raises_for_every_step",
    "the same check at three steps is one finding",
    sold(3.0, 4.0, 5.0),
    "STR407 info price#1 -",
    validators={"*": "stumbles"},
)
fires(
    WHERE,
    "answers_none",
    "a check without a return",
    sold(3.0),
    "STR407 info price#1 -",
    validators={"node:price": "says_nothing"},
)
silent(WHERE, "says_no", "a no is an answer", sold(-3.0), validators={"total": "positive"})
silent(
    WHERE, "never_asked", "a broken check of a field that nobody wrote", sold(3.0), validators={"refund": "stumbles"}
)
PRICED = graph("order:dict total:float", node("price", "order", "total"))
fires(
    WHERE,
    "a_field_that_is_none",
    "a misspelt field",
    build_trace(ran("price", {"total": 3.0}), input={"order": {"x": 1}}, graph=PRICED),
    "STR407 info price#1 -",
    validators={"totel": "positive"},
)
fires(
    WHERE,
    "a_node_that_is_none",
    "a node by its old name",
    build_trace(ran("price", {"total": 3.0}), input={"order": {"x": 1}}, graph=PRICED),
    "STR407 info price#1 -",
    validators={"node:pricing/total": "positive"},
)
silent(
    WHERE,
    "a_field_not_written_yet",
    "declared, though no step wrote it",
    build_trace(ran("price", {}), input={"order": {"x": 1}}, graph=PRICED),
    validators={"total": "positive", "node:price/order.x": "positive"},
)
silent(WHERE, "no_validators", "nothing to ask", sold(3.0))
