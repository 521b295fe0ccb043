"""The invoice pipeline by itself: right when healthy, wrong in the way described when broken."""

from decimal import Decimal
from typing import Any

import pytest

from argus.demo import PIPELINES
from argus.demo.invoices.records import CATALOGUE, CUSTOMERS, OrderLine, cents, read_table

INVOICES = PIPELINES["invoices"]

# By input: subtotal, discount, tax, total; worked out by hand from catalogue, discounts and VAT rates.
AMOUNTS = {
    "plain": ("483.80", "0.00", "96.26", "580.06"),
    "volume": ("1429.00", "71.45", "257.93", "1615.48"),
    "coupon": ("427.50", "42.75", "34.63", "419.38"),
    "reverse-charge": ("364.00", "0.00", "0.00", "364.00"),
    "export": ("471.00", "0.00", "0.00", "471.00"),
    "single": ("0.00", "0.00", "0.00", "0.00"),
    "troubled-words": ("106.00", "0.00", "22.10", "128.10"),
    "engraving": ("1340.00", "134.00", "0.00", "1206.00"),
    "table": ("337.70", "0.00", "56.58", "394.28"),
    "many-lines": ("501.50", "15.05", "97.21", "583.66"),
    "unknown-article": ("24.80", "0.00", "5.70", "30.50"),
    "repeated": ("37.20", "0.00", "7.81", "45.01"),
}


def run(fault: str | None, name: str) -> dict[str, Any]:
    state: dict[str, Any] = INVOICES.build(fault).compile().invoke(dict(INVOICES.input(name)))
    return state


def test_every_input_has_expected_amounts() -> None:
    assert set(AMOUNTS) == set(INVOICES.inputs)


@pytest.mark.parametrize("name", AMOUNTS)
def test_healthy_pipeline_computes(name: str) -> None:
    state = run(None, name)
    amounts = tuple(str(state[field]) for field in ("subtotal", "discount", "tax", "total"))
    assert amounts == AMOUNTS[name]


def test_invoice_names_customer_lines_total_and_date() -> None:
    document = run(None, "plain")["document"]
    assert document.startswith("Invoice for order 4711\nBrightwater Nurseries Ltd\n14 Quay Road, Waterford\n")
    assert "  12 x Hand trowel                         12.40    148.80" in document
    assert "Total EUR                                           580.06" in document
    assert document.endswith("Payable by 2026-04-01\n\nDeliver to the rear gate.")


def test_lines_keep_the_order_of_the_mail() -> None:
    state = run(None, "many-lines")
    assert [line.position for line in state["priced"]] == list(range(1, 13))


def test_order_with_an_unknown_article_is_held() -> None:
    document = run(None, "unknown-article")["document"]
    assert document.endswith("- Line 2: GT-777 is not in our catalogue.")
    assert "Invoice" not in document


def test_mail_and_table_are_read_alike() -> None:
    assert run(None, "table")["lines"][0] == OrderLine(position=1, sku="GT-110", quantity=5)
    assert run(None, "single")["lines"] == [OrderLine(position=1, sku="GT-000", quantity=1)]


def test_an_order_without_lines_is_held() -> None:
    text = "Date: 2026-03-02\nOrder: 9\nCustomer: C-1001\nCoupon:\n\nHow are you?\n"
    document = INVOICES.build().compile().invoke({"order_text": text})["document"]
    assert document.startswith("About your order 9")


def test_wrong_key_crashes_at_the_tax() -> None:
    with pytest.raises(KeyError, match="customer"):
        run("wrong-key", "plain")


def test_country_name_crashes_at_the_tax() -> None:
    with pytest.raises(KeyError, match="Ireland"):
        run("country-name", "plain")


def test_none_price_crashes_at_the_discount() -> None:
    with pytest.raises(TypeError, match="NoneType"):
        run("none-price", "plain")


def test_slow_pricing_is_right_but_slow() -> None:
    assert str(run("slow-pricing", "plain")["total"]) == AMOUNTS["plain"][3]


def test_lost_net_crashes_without_a_discount_only() -> None:
    with pytest.raises(KeyError, match="net"):
        run("lost-net", "plain")
    assert str(run("lost-net", "volume")["total"]) == AMOUNTS["volume"][3]


def test_blank_invoice_goes_out() -> None:
    assert run("blank-invoice", "plain")["document"] == ""


def test_cents_rounds_halves_up() -> None:
    assert cents(Decimal("2.345")) == Decimal("2.35")
    assert cents(Decimal("2.344")) == Decimal("2.34")


def test_tables_are_whole() -> None:
    assert all(Decimal(row["price"]) >= 0 and row["vat_class"] in {"standard", "reduced"} for row in CATALOGUE.values())
    assert all(row["country"] in {*read_table("vat.csv"), "NO"} for row in CUSTOMERS.values())
