"""Mistakes that people make in nodes like these, one function each."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from argus.demo.invoices.nodes import (
    InvoiceState,
    PricingTask,
    apply_discount,
    find_customer,
    price_line,
    render,
)
from argus.demo.invoices.records import CATALOGUE, CUSTOMERS, PricedLine
from argus.demo.pipeline import Fault

__all__ = ["FAULTS"]


def find_customer_with_another_key(state: InvoiceState) -> dict[str, Any]:
    """Hands on the customer as ``client``; the state and every other node say ``customer``."""
    return {"client": find_customer(state)["customer"]}


def find_customer_with_country_name(state: InvoiceState) -> dict[str, Any]:
    """Takes the column with the country's name for the one with its code."""
    customer = find_customer(state)["customer"]
    row = CUSTOMERS[state["customer_id"]]
    return {"customer": dataclasses.replace(customer, country=row["country_name"])}


def price_line_from_missing_column(task: PricingTask) -> dict[str, Any]:
    """Asks for a column that the catalogue does not have, and ``.get`` makes no noise about it."""
    line = task["line"]
    article = CATALOGUE[line.sku]
    priced = PricedLine(
        position=line.position,
        sku=line.sku,
        name=article["name"],
        quantity=line.quantity,
        unit_price=article.get("list_price"),  # type: ignore[arg-type]  # the mistake
        vat_class=article["vat_class"],
    )
    return {"priced": [priced]}


def price_line_with_lock_wait(task: PricingTask) -> dict[str, Any]:
    """Waits for a file lock on the catalogue, which has been read into memory long ago."""
    time.sleep(0.6)
    return price_line(task)


def apply_discount_with_early_return(state: InvoiceState) -> dict[str, Any]:
    """Leaves early when there is nothing to take off, and forgets the net amount on that path."""
    amounts = apply_discount(state)
    if not amounts["discount"]:
        return {"subtotal": amounts["subtotal"], "discount_rate": Decimal(0), "discount": Decimal("0.00")}
    return amounts


def render_from_spent_generator(state: InvoiceState) -> dict[str, Any]:
    """Measures the lines of the invoice first; a generator gives them only once, so nothing is left to join."""
    lines = (line.rstrip() for line in render(state)["document"].splitlines())
    width = max(len(line) for line in lines)
    return {"document": "\n".join(line.ljust(width) for line in lines)}


_ALL = (
    Fault(
        name="wrong-key",
        description="`find_customer` returns `client` where the state has `customer`; LangGraph drops it silently",
        node="find_customer",
        symptom="add_tax",
        replacement=find_customer_with_another_key,
        codes=("STR401", "STR402"),
        input="plain",
        raises=True,
    ),
    Fault(
        name="country-name",
        description="`find_customer` fills in `Ireland` for `IE`, and `add_tax` knows no such country",
        node="find_customer",
        symptom="add_tax",
        replacement=find_customer_with_country_name,
        codes=("BEH301",),
        input="plain",
        raises=True,
    ),
    Fault(
        name="none-price",
        description="`price_line` reads a column that does not exist; `apply_discount` cannot multiply with None",
        node="price_line",
        symptom="apply_discount",
        replacement=price_line_from_missing_column,
        codes=("BEH301",),
        input="plain",
        raises=True,
    ),
    Fault(
        name="slow-pricing",
        description="`price_line` waits for a lock that nobody needs",
        node="price_line",
        symptom="price_line",
        replacement=price_line_with_lock_wait,
        codes=("STA101",),
        input="plain",
        needs_history=True,
    ),
    Fault(
        name="lost-net",
        description="`apply_discount` forgets `net` when there is no discount, and `add_tax` needs it",
        node="apply_discount",
        symptom="add_tax",
        replacement=apply_discount_with_early_return,
        codes=("STR401",),
        input="plain",
        raises=True,
    ),
    Fault(
        name="blank-invoice",
        description="`render` reads a generator twice, and the invoice that goes out is empty",
        node="render",
        symptom="render",
        replacement=render_from_spent_generator,
        codes=("STR403",),
        input="plain",
    ),
)

FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in _ALL}
