"""An order pipeline with validation, a step that is skipped when there is no voucher, and a retried stock service."""

from __future__ import annotations

import operator
from typing import Annotated, Any, Literal

from bench.faults.graphs.pace import pause
from bench.faults.plan import NUMBER, TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, START, StateGraph
from langgraph.types import RetryPolicy
from typing_extensions import NotRequired, TypedDict

from argus.testing.faults import RetryStorm, SkippedStep, UnexpectedTransition

NAME = "orders"

PRICES = {"lamp": 40.0, "chair": 95.0, "desk": 310.0, "rug": 120.0, "mug": 8.5, "gift": 0.0}
STOCK = {"lamp": 14, "chair": 6, "desk": 2, "rug": 9, "mug": 200, "gift": 1000}
VOUCHERS = {"SPRING10": 0.1, "HALF": 0.5, "NOTHING": 0.0}


class Line(TypedDict):
    sku: str
    quantity: int
    price: NotRequired[float]


class OrderState(TypedDict):
    customer: str
    email: str
    lines: list[Line]
    voucher: str | None
    note: str
    problems: list[str]
    subtotal: float
    discount: float
    total: float
    reserved: dict[str, int]
    backorder: list[str]
    confirmation: str
    audit: Annotated[list[str], operator.add]


class TransientError(ConnectionError):
    """The stock service is busy."""


def receive(state: OrderState) -> dict[str, Any]:
    lines = [{"sku": line["sku"].lower(), "quantity": int(line["quantity"])} for line in state["lines"]]
    return {"lines": lines, "discount": 0.0, "audit": [f"received {len(lines)} lines"]}


def validate(state: OrderState) -> dict[str, Any]:
    problems = [f"unknown article {line['sku']}" for line in state["lines"] if line["sku"] not in PRICES]
    problems += [f"quantity of {line['sku']} must be positive" for line in state["lines"] if line["quantity"] <= 0]
    if "@" not in state["email"]:
        problems.append("the e-mail address is not valid")
    return {"problems": problems}


def is_valid(state: OrderState) -> Literal["price", "reject"]:
    return "reject" if state["problems"] else "price"


def price(state: OrderState) -> dict[str, Any]:
    lines = [{**line, "price": PRICES[line["sku"]]} for line in state["lines"]]
    subtotal = round(sum(line["price"] * line["quantity"] for line in lines), 2)
    return {"lines": lines, "subtotal": subtotal, "audit": ["priced"]}


def has_voucher(state: OrderState) -> Literal["apply_voucher", "reserve"]:
    return "apply_voucher" if state.get("voucher") in VOUCHERS else "reserve"


def apply_voucher(state: OrderState) -> dict[str, Any]:
    return {"discount": round(state["subtotal"] * VOUCHERS[state["voucher"]], 2), "audit": ["voucher applied"]}


class StockService:
    """Fails once for orders that say so, as busy services do."""

    def __init__(self) -> None:
        self.calls = 0

    def reserve(self, lines: list[Line], flaky: bool) -> tuple[dict[str, int], list[str]]:
        pause(0.012)
        self.calls += 1
        if flaky and self.calls == 1:
            raise TransientError("stock service busy")
        reserved = {line["sku"]: min(line["quantity"], STOCK[line["sku"]]) for line in lines}
        return reserved, [line["sku"] for line in lines if line["quantity"] > STOCK[line["sku"]]]


def reserve_node(service: StockService) -> Any:
    def reserve(state: OrderState) -> dict[str, Any]:
        reserved, backorder = service.reserve(state["lines"], "busy" in state["note"])
        return {"reserved": reserved, "backorder": backorder, "audit": ["reserved"]}

    return reserve


def total_up(state: OrderState) -> dict[str, Any]:
    return {"total": round(state["subtotal"] - state["discount"], 2)}


def log_total(state: OrderState) -> dict[str, Any]:
    return {}


def confirm(state: OrderState) -> dict[str, Any]:
    lines = [f"{line['quantity']} x {line['sku']} at {line['price']:.2f} EUR" for line in state["lines"]]
    text = [f"Thank you, {state['customer']}.", "You ordered " + ", ".join(lines) + "."]
    if state["discount"]:
        text.append(f"Your discount is {state['discount']:.2f} EUR.")
    text.append(f"The total is {state['total']:.2f} EUR.")
    if state["backorder"]:
        text.append("Some of it will follow later: " + ", ".join(state["backorder"]) + ".")
    if state["note"]:
        text.append(f"Your note: {state['note']}")
    return {"confirmation": " ".join(text)}


def reject(state: OrderState) -> dict[str, Any]:
    return {"confirmation": f"We cannot accept the order: {'; '.join(state['problems'])}."}


def build(patch: Patch) -> Any:
    graph = StateGraph(OrderState)
    for function in (receive, validate, price, apply_voucher, total_up, log_total, confirm, reject):
        graph.add_node(function)
    policy = RetryPolicy(
        max_attempts=6, initial_interval=0.001, backoff_factor=1.0, jitter=False, retry_on=ConnectionError
    )
    graph.add_node("reserve", reserve_node(StockService()), retry_policy=policy)
    graph.add_edge(START, "receive")
    graph.add_edge("receive", "validate")
    graph.add_conditional_edges("validate", is_valid)
    graph.add_conditional_edges("price", has_voucher)
    graph.add_edge("apply_voucher", "reserve")
    graph.add_edge("reserve", "total_up")
    graph.add_edge("total_up", "log_total")
    graph.add_edge("log_total", "confirm")
    graph.add_edge("confirm", END)
    graph.add_edge("reject", END)
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def price_under_sum(state: OrderState) -> dict[str, Any]:
    """price returns `sub_total`; the state has `subtotal`."""
    priced = price(state)
    return {"lines": priced["lines"], "sub_total": priced["subtotal"], "audit": ["priced"]}


def price_forgets_lines(state: OrderState) -> dict[str, Any]:
    """price computes the priced lines and does not return them."""
    lines = [{**line, "price": PRICES[line["sku"]]} for line in state["lines"]]
    return {"subtotal": round(sum(line["price"] * line["quantity"] for line in lines), 2), "audit": ["priced"]}


def price_in_cents(state: OrderState) -> dict[str, Any]:
    """price gives the subtotal in cents."""
    priced = price(state)
    return {"lines": priced["lines"], "subtotal": priced["subtotal"] * 100, "audit": ["priced"]}


def apply_voucher_as_percent(state: OrderState) -> dict[str, Any]:
    """apply_voucher takes the share for percent and multiplies by a hundred, so the total turns negative."""
    return {"discount": round(state["subtotal"] * VOUCHERS[state["voucher"]] * 100, 2), "audit": ["voucher applied"]}


def reserve_swallows(state: OrderState) -> dict[str, Any]:
    """reserve catches the error of its service and says that all is well."""
    try:
        raise TransientError("stock service busy")
    except ConnectionError:
        reserved: dict[str, int] = {}
    return {"reserved": reserved, "backorder": [], "audit": ["reserved"]}


def reserve_fails_first(state: OrderState) -> dict[str, Any]:
    """reserve reads the price under the wrong name."""
    amount = sum(line["unit_price"] * line["quantity"] for line in state["lines"])
    return {"reserved": {}, "backorder": [], "audit": [f"reserved for {amount}"]}


def total_up_of_line(state: OrderState) -> dict[str, Any]:
    """total_up changes the lines, which are not its own, to get rid of the prices."""
    lines = [{"sku": line["sku"], "quantity": line["quantity"]} for line in state["lines"]]
    return {"total": round(state["subtotal"] - state["discount"], 2), "lines": lines}


def valid_anyway(state: OrderState) -> str:
    """the branch compares with None, so an empty list counts as a problem"""
    return "price" if state["problems"] is None else "reject"


def voucher_never(state: OrderState) -> str:
    """the branch asks for the key `coupon`, which the state does not have"""
    return "apply_voucher" if state.get("coupon") else "reserve"


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _order(customer: str, *lines: tuple[str, int], **extra: Any) -> dict[str, Any]:
    listed = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
    return {
        "customer": customer,
        "email": f"{customer.lower()}@example.com",
        "lines": listed,
        "voucher": None,
        "note": "",
        **extra,
    }


INPUTS = (
    Healthy(name="lamps", input=_order("Ida", ("lamp", 2), ("mug", 4))),
    Healthy(name="office", input=_order("Ravi", ("desk", 1), ("chair", 1), ("lamp", 1))),
    Healthy(name="voucher", input=_order("Elif", ("rug", 1), ("chair", 2), voucher="SPRING10")),
    Healthy(name="half", input=_order("Sven", ("chair", 4), voucher="HALF")),
    Healthy(name="mugs", input=_order("Amy", ("mug", 24), ("lamp", 1))),
    Healthy(name="living", input=_order("Hugo", ("rug", 2), ("lamp", 3))),
    Healthy(name="rug-voucher", input=_order("Nia", ("rug", 1), ("lamp", 1), voucher="SPRING10")),
    Healthy(name="backorder", input=_order("Paul", ("desk", 4)), why="not all in stock, said honestly"),
    Healthy(
        name="invalid",
        input=_order("Cleo", ("sofa", 1), ("lamp", -1), email="none"),
        why="rejected with reasons; half of the nodes never run",
    ),
    Healthy(
        name="busy",
        input=_order("Finn", ("lamp", 1), ("rug", 1), note="busy hours only, please"),
        why="a retry that succeeds",
    ),
    Healthy(name="gift", input=_order("Gus", ("gift", 1)), why="a total of zero"),
    Healthy(name="void-voucher", input=_order("Lou", ("chair", 1), voucher="NOTHING"), why="a discount of zero"),
    Healthy(
        name="unknown-voucher", input=_order("Kai", ("mug", 6), voucher="OLD99"), why="a voucher that is passed over"
    ),
    Healthy(
        name="todo-note",
        input=_order("Uwe", ("mug", 2), ("lamp", 1), note="TODO print: 'lorem ipsum', error is intended"),
        why="a note with TODO, lorem ipsum and error",
    ),
    Healthy(name="twice", input=_order("Jo", ("mug", 1), ("mug", 1), ("mug", 1)), why="the same line three times"),
    Healthy(
        name="umlaut",
        input=_order("Zoë", ("rug", 1), note="Bitte beim Nachbarn Müller klingeln, die Klingel ist defekt."),
        why="another language",
    ),
)

PLAN = Plan(NAME, "tuning", on=["lamps", "office", "mugs", "living", "voucher", "rug-voucher"])
PLAN.each(TEXT, "confirm", "confirmation")
PLAN.each(NUMBER, "price", "subtotal")
PLAN.each(NUMBER, "total_up", "total")
PLAN.each(("power_of_ten", "sign_flip", "unit_error"), "apply_voucher", "discount", on="voucher")
PLAN.each(("wrong_type", "missing_value", "unparsed_text"), "apply_voucher", "discount", on="rug-voucher")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type", "empty_output"), "price", "lines")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "unparsed_text", "power_of_ten"), "price", "lines.*.price")
PLAN.each(("dropped_field", "renamed_key"), "total_up", "total")
PLAN.each(("wrong_type", "missing_value", "renamed_key", "empty_output"), "receive", "lines")
PLAN.each(("renamed_key", "missing_value", "wrong_type"), "receive", "lines.0.quantity")
PLAN.each(("dropped_field", "renamed_key", "missing_value"), "validate", "problems")
PLAN.add("poisoned_value", "validate", "problems", poison="none", symptom="reject")
PLAN.each(("wrong_type", "missing_value", "renamed_key", "empty_output"), "reserve", "reserved")
PLAN.each(("renamed_key", "missing_value"), "reserve", "backorder")
PLAN.add(RetryStorm(failures=4), "reserve")
PLAN.add(RetryStorm(failures=5, seed=1), "reserve")
PLAN.add(RetryStorm(failures=9, seed=2), "reserve")
PLAN.add(SkippedStep(target="reserve", instead_of="apply_voucher"), "price", on="voucher", times=1, needs_history=True)
PLAN.add(UnexpectedTransition(target="reject", instead_of="price"), "validate", times=2, needs_history=True)
PLAN.add(UnexpectedTransition(target="price", instead_of="reject"), "validate", on="invalid")
PLAN.each(("foreign_value", "foreign_type", "foreign_meaning"), "total_up", "lines")
PLAN.each(("foreign_value", "foreign_meaning"), "log_total", "total")
PLAN.each(("foreign_value", "foreign_meaning"), "confirm", "customer")
PLAN.add("foreign_type", "log_total", "subtotal")
PLAN.each(("no_update", "crash"), "price")
PLAN.add("no_update", "reserve")
PLAN.add("crash", "confirm")
PLAN.add("slow_node", "reserve", times=2)
PLAN.add("fast_node", "reserve", result={"reserved": {}, "backorder": [], "audit": ["reserved"]})
PLAN.add("unfinished_work", "reserve", "reserved")
PLAN.each(("unsupported_number", "unsupported_name", "unsupported_date"), "confirm", "confirmation")
PLAN.add("contradiction", "confirm", "confirmation", times=2)
PLAN.add("stale_result", "confirm", on="office", warm_up="mugs")
PLAN.add("stale_result", "price", on="lamps", warm_up="living", needs_history=True)

PLAN.variant("renamed_key", "price", price_under_sum, symptom="total_up")
PLAN.variant("dropped_field", "price", price_forgets_lines, symptom="confirm")
PLAN.variant("unit_error", "price", price_in_cents)
PLAN.variant("power_of_ten", "apply_voucher", apply_voucher_as_percent, on="voucher")
PLAN.variant("swallowed_tool_error", "reserve", reserve_swallows, needs_history=True)
PLAN.variant("crash", "reserve", reserve_fails_first)
PLAN.variant("foreign_meaning", "total_up", total_up_of_line, symptom="confirm")
PLAN.variant("unexpected_transition", "validate", valid_anyway, place="branch", needs_history=True)
PLAN.variant("skipped_step", "price", voucher_never, place="branch", on="half", needs_history=True)

GRAPH = MatrixGraph(
    name=NAME,
    part="tuning",
    description="validation, conditional skip, retries",
    build=build,
    inputs=INPUTS,
    faults=PLAN.cases,
)
