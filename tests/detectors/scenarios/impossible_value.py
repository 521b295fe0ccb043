from __future__ import annotations

from typing import Any

from scenarios.kit import build_trace, fires, graph, node, ran, silent

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
silent(WHERE, "no_quantity", "a coordinate", priced({"x": -12.0}))
