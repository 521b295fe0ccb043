"""The records that an invoice is made of, and the tables they are looked up in."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from importlib.resources import files

__all__ = [
    "CATALOGUE",
    "CUSTOMERS",
    "VAT_RATES",
    "Customer",
    "OrderLine",
    "PricedLine",
    "cents",
    "read_table",
]


@dataclass(frozen=True)
class OrderLine:
    """A line of an order, as the customer wrote it."""

    position: int
    sku: str
    quantity: int


@dataclass(frozen=True)
class PricedLine:
    """A line of an invoice; prices in euros, without tax."""

    position: int
    sku: str
    name: str
    quantity: int
    unit_price: Decimal
    vat_class: str

    @property
    def amount(self) -> Decimal:
        """Euros for the whole line, without tax."""
        return cents(self.unit_price * self.quantity)


@dataclass(frozen=True)
class Customer:
    """Who pays; ``country`` is the two-letter code, ``vat_id`` is None for those who have none."""

    id: str
    name: str
    address: str
    country: str
    vat_id: str | None
    terms_days: int


def cents(amount: Decimal) -> Decimal:
    """An amount rounded to whole cents, halves away from zero as invoices are.

    Args:
        amount: Euros.
    """
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def read_table(name: str) -> dict[str, dict[str, str]]:
    """The rows of a shipped CSV file by the value in their first column.

    Args:
        name: The file's name.
    """
    lines = files(__package__).joinpath(name).read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines)
    return {next(iter(row.values())): row for row in rows}


CATALOGUE: Mapping[str, Mapping[str, str]] = read_table("catalogue.csv")
CUSTOMERS: Mapping[str, Mapping[str, str]] = read_table("customers.csv")
VAT_RATES: Mapping[str, Mapping[str, Decimal]] = {
    country: {kind: Decimal(rate) for kind, rate in row.items() if kind != "country"}
    for country, row in read_table("vat.csv").items()
}
"""Shares of the net amount, by country and class, for the countries where tax is charged."""
