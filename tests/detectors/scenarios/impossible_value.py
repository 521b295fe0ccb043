from __future__ import annotations

from typing import Any

from msgspec import structs
from scenarios.kit import build_trace, fires, graph, node, ran, silent

from argus.model.graph import DecisionSpec

WHERE = "structural/impossible_value"
SHOP = graph("items:list subtotal:float note:str", node("price", "items", "subtotal"), node("tell", "subtotal", "note"))
ITEMS = [{"name": "lamp", "price": 20.0}, {"name": "rug", "price": 80.0}]


def priced(update: dict[str, Any], items: Any = ITEMS, *more: Any) -> Any:
    return build_trace(ran("price", update), *more, ran("tell", {"note": "done"}), input={"items": items}, graph=SHOP)


fires(WHERE, "a_subtotal", "a turned sign", priced({"subtotal": -100.0}), "STR411 warning price#1 subtotal")
silent(WHERE, "a_subtotal_mended", "the sum", priced({"subtotal": 100.0}))
fires(
    WHERE,
    "in_items",
    "the weight of one item, in German",
    priced({"posten": [{"name": "Lampe", "gewicht": 2.5}, {"name": "Teppich", "gewicht": -8.0}]}),
    "STR411 warning price#1 posten",
)
silent(WHERE, "returns", "goods that come back count as negative", priced({"subtotal": -5.0}, [{"price": -5.0}]))
silent(WHERE, "returns_in_a_text", "the same in a line of text", priced({"subtotal": -5.0}, "12.05.; chair; -5,00 EUR"))
silent(WHERE, "a_balance", "a balance", priced({"balance": -100.0}))
silent(WHERE, "price_change", "a change of the price", priced({"price_change": -3.5}))
silent(WHERE, "not_found", "-1 for none", priced({"count": -1}))
silent(
    WHERE,
    "mended_later",
    "another round puts it right",
    priced({"subtotal": -100.0}, ITEMS, ran("price", {"subtotal": 100.0})),
)
GRADED = graph(
    "text:str score:float note:str", node("grade", "text", "score"), node("tell", "score", "note"), branches={}
)


def graded(score: Any, rule: Any) -> Any:
    """A step whose number the way on compares with a constant."""
    decided = structs.replace(GRADED, decisions=(DecisionSpec(source="grade", rule=rule),))
    return build_trace(ran("grade", {"score": score}), ran("tell", {"note": "x"}), input={"text": "y"}, graph=decided)


SCORE = [["name", "s"], ["const", "score"]]


def answered(test: Any) -> Any:
    """The rule of a branch that answers what one comparison gives."""
    return ["call", [["s", ["state"]]], [["return", test]]]


AT_LEAST = answered([">=", ["item", *SCORE], ["const", 0.8]])
BELOW = answered(["<", ["const", 0.5], ["get", *SCORE]])
LARGE = answered([">=", ["item", *SCORE], ["const", 40]])
fires(WHERE, "percent", "percent for a share", graded(85.0, AT_LEAST), "STR411 warning grade#1 score")
fires(WHERE, "tenths", "a mark out of ten", graded(8, BELOW), "STR411 warning grade#1 score")
silent(WHERE, "share", "a share", graded(0.85, AT_LEAST))
silent(WHERE, "a_little_more", "a ratio that may exceed one", graded(1.6, AT_LEAST))
silent(WHERE, "points", "points, compared with points", graded(85.0, LARGE))
silent(WHERE, "no_number", "true is no number", graded(True, AT_LEAST))
silent(WHERE, "no_quantity", "a coordinate", priced({"x": -12.0}))
