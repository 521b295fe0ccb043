from __future__ import annotations

from typing import Any, TypedDict

from scenarios.kit import build_trace, fires, graph, node, ran, silent, typed

WHERE = "structural/contract_breach"

SHOP = graph(
    "source:str order:dict lines:list total:float text:str",
    node("load", "source", "order lines"),
    node("add_up", "order.currency lines", "total"),
    node("print", "total order.customer?", "text"),
)
ORDER = {"currency": "EUR", "customer": "Ada"}
LINES = [
    {"sku": "pen", "price": 2.25},
    {"sku": "cap", "price": 2.0},
    {"sku": "ink", "price": 4.0},
    {"sku": "pad", "price": 1.0},
]


def shop(update: dict[str, Any], error: Exception | None = None) -> Any:
    rest = [ran("add_up", error=error)] if error else [ran("add_up", {"total": 9.25}), ran("print", {"text": "9.25"})]
    return build_trace(
        ran("load", {"order": ORDER, "lines": LINES, **update}), *rest, input={"source": "a"}, graph=SHOP
    )


fires(
    WHERE,
    "record_without_a_key",
    "one of four records lacks what the reader subscripts",
    shop({"lines": [*LINES[:2], {"sku": "ink", "cost": 4.0}, LINES[3]]}, KeyError("price")),
    "STR405 critical load#1 lines.2.price",
)
silent(WHERE, "record_without_a_key_mended", "all records have it", shop({}))
fires(
    WHERE,
    "text_for_a_record",
    "the order is a JSON text that nobody parsed",
    shop({"order": '{"currency": "EUR"}'}, TypeError("string indices must be integers, not 'str'")),
    "STR405 critical load#1 order",
)
fires(
    WHERE,
    "stranger_among_records",
    "a text among records",
    shop({"lines": [*LINES, "subtotal"]}, AttributeError("'str' object has no attribute 'get'")),
    "STR405 critical load#1 lines.4",
)
fires(
    WHERE,
    "text_among_numbers",
    "the price of one record is a text",
    shop(
        {"lines": [*LINES[:3], {"sku": "pad", "price": "n/a"}]},
        TypeError("unsupported operand type(s) for +: 'float' and 'str'"),
    ),
    "STR405 critical load#1 lines.3.price",
)
fires(
    WHERE,
    "nearly_the_name",
    "a nested key has nearly the name that the reader asks for with a default",
    shop({"order": {"currency": "EUR", "customers": "Ada"}}),
    "STR405 warning load#1 order.customer",
)
fires(
    WHERE,
    "one_branch_of_four",
    "one branch of a fan-out returns its record under other keys, and the reader has a default",
    build_trace(
        *(
            ran(
                "bewerten",
                {"noten": [{"fach": f"Fach {n}", "punkte" if n != 2 else "wert": n}]},
                metadata={"superstep": 1, "kind": "push"},
            )
            for n in range(5)
        ),
        ran("mitteln", {"schnitt": 2.0}, metadata={"superstep": 2}),
        input={"schüler": "Öztürk"},
        graph=graph(
            "schüler:str noten:list+ schnitt:float",
            node("bewerten", "schüler", "noten"),
            node("mitteln", "noten", "schnitt"),
        ),
    ),
    "STR405 warning bewerten#3 noten.2.punkte",
)


class Entry(TypedDict):
    sku: str
    price: float


class Till(TypedDict, total=False):
    source: str
    lines: list[Entry]
    total: float


silent(
    WHERE,
    "reader_asks_for_the_wrong_key",
    "the declared record has no such key: the reader is wrong, not the writer",
    build_trace(
        ran("load", {"lines": LINES}),
        ran("add_up", error=KeyError("unit_price")),
        input={"source": "a"},
        graph=graph(typed(Till), node("load", "source", "lines"), node("add_up", "lines", "total")),
    ),
)
silent(
    WHERE,
    "switched_off",
    "shapes are not compared",
    shop({"order": {"currency": "EUR", "customers": "Ada"}}),
    settings={"structural": {"check_types": False}},
)
silent(
    WHERE,
    "optional_key",
    "a key asked for with a default is simply not there",
    shop({"order": {"currency": "EUR", "note": "gift"}}),
)
silent(
    WHERE,
    "own_table",
    "the missing key is one of the node's own table",
    shop({"order": {"currency": "CHF", "customer": "Ada"}}, KeyError("CHF")),
)
silent(WHERE, "outside_world", "an error that has nothing to do with shapes", shop({}, ConnectionError("refused")))
silent(
    WHERE,
    "kinds_of_records",
    "records of several kinds in one list",
    shop(
        {
            "lines": [
                {"type": "item", "price": 1},
                {"type": "tax", "rate": 0.2},
                {"type": "item", "price": 2},
                {"type": "item", "price": 3},
            ]
        }
    ),
)
silent(
    WHERE,
    "optional_keys_of_records",
    "some records have more keys than others",
    shop({"lines": [*LINES, {"sku": "bag", "price": 3.0, "colour": "red"}]}),
)
silent(
    WHERE, "mixed_list_nobody_minds", "a mixed list that its reader handles", shop({"lines": [*LINES, "subtotal", 3]})
)
