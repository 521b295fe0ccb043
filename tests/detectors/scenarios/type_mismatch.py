from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypedDict

from scenarios.kit import build_trace, fires, graph, node, ran, silent, typed
from typing_extensions import NotRequired

from argus.model.trace import ErrorInfo
from argus.model.values import REDACTED, cut_marker, mark

WHERE = "structural/type_mismatch"


class Line(TypedDict):
    sku: str
    price: float
    note: NotRequired[str]


@dataclass
class Customer:
    name: str
    vip: bool = False


class Invoice(TypedDict, total=False):
    source: str
    lines: list[Line]
    prices: list[float]
    customer: Customer
    total: float
    rank: int
    due: date
    label: Literal["positive", "negative"]
    rate: Decimal
    pair: tuple[int, str]
    tags: set[str]
    table: dict[str, list[int]]
    key: int | str
    parts: list[str] | None
    paid: bool
    text: str


class Chat(TypedDict):
    messages: list[Any]
    votes: list[int]
    best: int


SHOP = graph(
    typed(Invoice),
    node("extract", "source", None),
    node("add_up", "lines? prices? customer? total? rank? label? table? key? paid? pair? tags? rate? due?", "total"),
    node("print", "total", "text"),
)
GIVEN = {"source": "2 pens"}


def shop(update: dict[str, Any], *more: Any, **changes: Any) -> Any:
    rest = more or (ran("add_up", {"total": 4.5}), ran("print", {"text": "4.50 EUR"}))
    return build_trace(ran("extract", update), *rest, input=GIVEN, graph=SHOP, **changes)


PENS = {"lines": [{"sku": "pen", "price": 2.25}, {"sku": "pen", "price": 2.25, "note": "blue"}]}

fires(
    WHERE,
    "price_as_text",
    "a nested price is a text, and the reader multiplies it",
    shop(
        {"lines": [{"sku": "pen", "price": 2.25}, {"sku": "cap", "price": "2,25"}]},
        ran("add_up", error=TypeError("unsupported operand type(s) for +: 'float' and 'str'")),
    ),
    "STR404 critical extract#1 lines.1.price",
)
silent(WHERE, "price_as_text_mended", "all prices are numbers, one of them whole", shop(PENS))
fires(
    WHERE,
    "required_key_of_a_record",
    "a record of a list lacks a key that its type requires",
    shop({"lines": [{"sku": "pen"}]}),
    "STR404 warning extract#1 lines.0.price",
)
fires(
    WHERE,
    "dict_for_a_list",
    "the model answered with an object around the list",
    shop({"prices": {"items": [2.25, 2.25]}}),
    "STR404 warning extract#1 prices",
)
fires(
    WHERE,
    "none_among_numbers",
    "a None among the items of a list",
    shop({"prices": [2.25, None, 1.0]}),
    "STR404 warning extract#1 prices.1",
)
fires(
    WHERE,
    "text_for_a_bool",
    "the word for yes in a flag, in Portuguese",
    shop({"paid": "sim"}),
    "STR404 warning extract#1 paid",
)
fires(
    WHERE,
    "outside_a_literal",
    "a word that the declared choice does not have",
    shop({"label": "ambivalent"}),
    "STR404 warning extract#1 label",
)
fires(
    WHERE,
    "list_for_a_record",
    "a dataclass is declared, a list of its values comes",
    shop({"customer": ["Ada", True]}),
    "STR404 warning extract#1 customer",
)
fires(
    WHERE,
    "every_branch_the_same",
    "forty branches make the same mistake: one finding",
    build_trace(
        *(
            ran(
                "vote",
                {"votes": [f"{n} points"]},
                metadata={"superstep": 1, "kind": "push"},
                state_after={"votes": ["0 points"]},
            )
            for n in range(40)
        ),
        ran("count", {"best": 39}, metadata={"superstep": 2}),
        input={"messages": []},
        graph=graph(
            typed(Chat, votes="operator.add"), node("vote", "messages", "votes"), node("count", "votes", "best")
        ),
    ),
    "STR404 warning vote#1 votes.0",
)
fires(
    WHERE,
    "whole_float_for_an_int",
    "three point nought for an int: few programs notice",
    shop({"rank": 3.0}),
    "STR404 info extract#1 rank",
)
fires(
    WHERE,
    "own_reducer",
    "after merging, a list of its own reducer has a stranger in it",
    build_trace(
        ran("vote", {"votes": "seven"}, state_after={"messages": [], "votes": [1, "seven"]}),
        ran("count", {"best": 1}),
        input={"messages": [], "votes": [1]},
        graph=graph(typed(Chat, votes="gather"), node("vote", "messages", "votes"), node("count", "votes", "best")),
    ),
    "STR404 warning vote#1 votes.1",
)

silent(
    WHERE,
    "switched_off",
    "types are not compared",
    shop({"paid": "yes"}),
    settings={"structural": {"check_types": False}},
)
silent(WHERE, "int_where_float", "a whole total, and a bool that counts as one", shop({"total": 4, "rank": True}))
silent(
    WHERE,
    "what_json_cannot_say",
    "dates, decimals, tuples and sets are recorded as texts and lists",
    shop({"due": "2026-05-01", "rate": "0.19", "pair": [1, "b"], "tags": ["a", "b"], "table": {"1": [1, 2]}}),
)
silent(
    WHERE,
    "cut_redacted_and_replaced",
    "what capture changed is no mistake of the node",
    shop(
        {
            "label": "positive" + cut_marker(90_000, "0" * 32),
            "total": mark("float", value="nan"),
            "customer": mark("object", type="shop.Customer", repr="<Customer>"),
            "prices": [1.0, mark("more", count=900)],
            "rank": REDACTED,
        }
    ),
)
silent(
    WHERE,
    "member_of_a_union",
    "one of several types, and None where it is allowed",
    shop({"key": "a-1", "parts": None}),
)
silent(
    WHERE,
    "reducer_takes_an_item",
    "a reducer of its own takes single items",
    build_trace(
        ran("vote", {"votes": 7}, state_after={"messages": [], "votes": [7]}),
        ran("count", {"best": 7}),
        input={"messages": []},
        graph=graph(typed(Chat, votes="gather"), node("vote", "messages", "votes"), node("count", "votes", "best")),
    ),
)
silent(
    WHERE,
    "overwritten",
    "a value that passes the reducer by",
    build_trace(
        ran("vote", {"votes": {"value": [1]}}, state_after={"messages": [], "votes": [1]}),
        ran("count", {"best": 1}),
        input={"messages": []},
        graph=graph(
            typed(Chat, votes="operator.add"), node("vote", "messages", "votes"), node("count", "votes", "best")
        ),
    ),
)
silent(
    WHERE,
    "no_hints",
    "nothing is declared",
    build_trace(
        ran("a", {"x": "1"}),
        ran("b", {"y": [1]}),
        input={"x": 1},
        graph=graph("x:any y:any", node("a"), node("b", "x")),
    ),
)
silent(
    WHERE,
    "failed_step",
    "what a failed step had in hand never reached the state",
    build_trace(
        ran("extract", {"paid": "maybe"}, error=ErrorInfo(type="ValueError", message="no"), outcome="error"),
        input=GIVEN,
        graph=SHOP,
    ),
)
