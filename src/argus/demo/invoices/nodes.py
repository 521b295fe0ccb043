"""The nodes of the invoice pipeline and the branches between them."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from decimal import Decimal
from operator import add
from typing import Annotated, Any, Literal, TypedDict

from argus.demo.invoices.records import CATALOGUE, CUSTOMERS, VAT_RATES, Customer, OrderLine, PricedLine, cents

__all__ = [
    "InvoiceState",
    "PricingTask",
    "add_tax",
    "after_check",
    "apply_discount",
    "check",
    "find_customer",
    "hold",
    "price_line",
    "read_order",
    "render",
]

HOME_COUNTRY = "NL"
COUPONS = {"SPRING10": Decimal("0.10"), "WELCOME5": Decimal("0.05")}
VOLUME_DISCOUNTS = ((Decimal(1000), Decimal("0.05")), (Decimal(500), Decimal("0.03")))
"""From this subtotal on, this share; the largest first."""

_LINE = re.compile(r"^\s*(\d+)\s*x\s+([A-Z]{2}-\d{3})\b", re.MULTILINE)


class InvoiceState(TypedDict):
    """What the nodes share; amounts are euros."""

    order_text: str
    order_number: str
    ordered_on: date
    customer_id: str
    coupon: str | None
    note: str
    lines: list[OrderLine]
    customer: Customer
    priced: Annotated[list[PricedLine], add]
    subtotal: Decimal
    discount_rate: Decimal
    discount: Decimal
    net: Decimal
    tax: Decimal
    tax_note: str
    total: Decimal
    problems: Annotated[list[str], add]
    document: str


class PricingTask(TypedDict):
    """What one branch of the fan-out is given."""

    line: OrderLine


def read_order(state: InvoiceState) -> dict[str, Any]:
    """Reads an order from an e-mail or from a table with semicolons."""
    if state["order_text"].startswith("order;"):
        return _read_table(state["order_text"])
    return _read_mail(state["order_text"])


def _read_mail(text: str) -> dict[str, Any]:
    fields = {name.lower(): value.strip() for name, value in re.findall(r"^(\w+):(.*)$", text, re.MULTILINE)}
    return {
        "order_number": fields["order"],
        "ordered_on": date.fromisoformat(fields["date"]),
        "customer_id": fields["customer"],
        "coupon": fields["coupon"] or None,
        "note": fields.get("note", ""),
        "lines": [
            OrderLine(position=position, sku=sku, quantity=int(quantity))
            for position, (quantity, sku) in enumerate(_LINE.findall(text), start=1)
        ],
    }


def _read_table(text: str) -> dict[str, Any]:
    rows = list(csv.DictReader(text.splitlines(), delimiter=";"))
    return {
        "order_number": rows[0]["order"],
        "ordered_on": date.fromisoformat(rows[0]["date"]),
        "customer_id": rows[0]["customer"],
        "coupon": rows[0]["coupon"] or None,
        "note": "",
        "lines": [
            OrderLine(position=position, sku=row["sku"], quantity=int(row["quantity"]))
            for position, row in enumerate(rows, start=1)
        ],
    }


def find_customer(state: InvoiceState) -> dict[str, Any]:
    """Looks the customer up."""
    row = CUSTOMERS[state["customer_id"]]
    customer = Customer(
        id=row["id"],
        name=row["name"],
        address=row["address"],
        country=row["country"],
        vat_id=row["vat_id"] or None,
        terms_days=int(row["terms_days"]),
    )
    return {"customer": customer}


def price_line(task: PricingTask) -> dict[str, Any]:
    """Prices one line; an article that is not in the catalogue is a problem for a person."""
    line = task["line"]
    article = CATALOGUE.get(line.sku)
    if article is None:
        return {"problems": [f"Line {line.position}: {line.sku} is not in our catalogue."]}
    priced = PricedLine(
        position=line.position,
        sku=line.sku,
        name=article["name"],
        quantity=line.quantity,
        unit_price=Decimal(article["price"]),
        vat_class=article["vat_class"],
    )
    return {"priced": [priced]}


def apply_discount(state: InvoiceState) -> dict[str, Any]:
    """Takes off the coupon or the volume discount, whichever is more."""
    subtotal = sum((line.amount for line in state["priced"]), Decimal("0.00"))
    coupon_rate = COUPONS.get(state["coupon"] or "", Decimal(0))
    volume_rate = next((rate for least, rate in VOLUME_DISCOUNTS if subtotal >= least), Decimal(0))
    rate = max(coupon_rate, volume_rate)
    discount = cents(subtotal * rate)
    return {"subtotal": subtotal, "discount_rate": rate, "discount": discount, "net": subtotal - discount}


def add_tax(state: InvoiceState) -> dict[str, Any]:
    """Adds the value-added tax of the customer's country, class by class."""
    customer = state["customer"]
    if customer.country == "NO":
        return {"tax": Decimal("0.00"), "tax_note": "Export, free of VAT", "total": state["net"]}
    if customer.vat_id and customer.country != HOME_COUNTRY:
        return {"tax": Decimal("0.00"), "tax_note": f"Reverse charge, {customer.vat_id}", "total": state["net"]}
    rates = VAT_RATES[customer.country]
    kept = 1 - state["discount_rate"]
    tax = cents(sum((line.amount * kept * rates[line.vat_class] for line in state["priced"]), Decimal(0)))
    return {"tax": tax, "tax_note": f"VAT {customer.country}", "total": state["net"] + tax}


def check(state: InvoiceState) -> dict[str, Any]:
    """Looks for what must not leave the house."""
    problems: list[str] = []
    if state["net"] + state["tax"] != state["total"]:
        problems.append(f"Net {state['net']} and tax {state['tax']} do not make {state['total']}.")
    if not 0 <= state["discount"] <= state["subtotal"]:
        problems.append(f"A discount of {state['discount']} on {state['subtotal']} is not plausible.")
    if any(line.quantity < 1 for line in state["priced"]):
        problems.append("A line has no quantity.")
    return {"problems": problems}


def render(state: InvoiceState) -> dict[str, Any]:
    """Writes the invoice."""
    customer = state["customer"]
    due = state["ordered_on"] + timedelta(days=customer.terms_days)
    lines = sorted(state["priced"], key=lambda line: line.position)
    table = [f"{line.quantity:>4} x {line.name:<32}{line.unit_price:>9}{line.amount:>10}" for line in lines]
    sums = [
        f"{'Subtotal':<48}{state['subtotal']:>10}",
        f"{'Discount':<48}{-state['discount']:>10}",
        f"{state['tax_note']:<48}{state['tax']:>10}",
        f"{'Total EUR':<48}{state['total']:>10}",
    ]
    note = ["", state["note"]] if state["note"] else []
    head = [f"Invoice for order {state['order_number']}", customer.name, customer.address, ""]
    return {"document": "\n".join([*head, *table, "", *sums, "", f"Payable by {due.isoformat()}", *note])}


def hold(state: InvoiceState) -> dict[str, Any]:
    """Writes to the customer instead of sending an invoice that may be wrong."""
    problems = [f"- {problem}" for problem in state["problems"]] or ["- We could not find any article in it."]
    head = [f"About your order {state['order_number']}", "", "Before we send anything, we need your help:"]
    return {"document": "\n".join([*head, *problems])}


def after_check(state: InvoiceState) -> Literal["render", "hold"]:
    """An order with problems is held."""
    return "hold" if state["problems"] else "render"
