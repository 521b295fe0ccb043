from __future__ import annotations

from scenarios.kit import build_trace, earlier, fires, ran, silent

WHERE = "statistical/numeric_value"

ORDERS = [
    [(2, 40.0), (1, 95.5)], [(1, 310.0)], [(3, 8.5), (2, 120.0)], [(1, 40.0), (4, 8.5)], [(2, 95.5)],
    [(5, 12.25), (1, 120.0)], [(1, 95.5), (1, 40.0)], [(2, 310.0), (1, 8.5)], [(6, 8.5)], [(1, 120.0), (2, 12.25)],
]  # fmt: skip


def order(lines: list[tuple[int, float]], wrong: object = None) -> object:
    rows = [{"quantity": quantity, "price": price} for quantity, price in lines]
    subtotal = round(sum(quantity * price for quantity, price in lines), 2)
    if wrong is not None:
        subtotal = wrong(subtotal)
    return build_trace(ran("price", {"subtotal": subtotal}), ran("bill", {"billed": True}), input={"lines": rows})


def measured(node: str, field: str, value: object, **given: object) -> object:
    return build_trace(ran(node, {field: value}), input={"case": "A", **given})


SOLD = earlier(*map(order, ORDERS))
FEW_LINES = [(3, 95.5)]

fires(WHERE, "cents", "a subtotal in cents", order(FEW_LINES, lambda it: it * 100), "STA106 warning price#1 subtotal",
      earlier=SOLD)  # fmt: skip
silent(WHERE, "cents_mended", "the subtotal as it should be", order(FEW_LINES), earlier=SOLD)
fires(WHERE, "not_the_sum", "a subtotal that is not what the lines make", order(FEW_LINES, lambda it: it + 10),
      "STA106 warning price#1 subtotal", earlier=SOLD)  # fmt: skip
silent(WHERE, "large_order", "a hundred times more than ever, and rightly so", order([(400, 95.5), (90, 310.0)]),
       earlier=SOLD)  # fmt: skip

SCORES = [0.55, 0.7, 1.0, 0.85, 0.4, 1.0, 0.65, 0.9, 0.75, 0.6]
SCORED = earlier(*(measured("judge", "score", value) for value in SCORES))
fires(WHERE, "percent", "percent where a share was", measured("judge", "score", 85.0),
      "STA106 warning judge#1 score", earlier=SCORED)  # fmt: skip
fires(WHERE, "turned", "a score below zero", measured("judge", "score", -0.85), "STA106 warning judge#1 score",
      earlier=SCORED)  # fmt: skip
silent(WHERE, "low_score", "lower than ever", measured("judge", "score", 0.2), earlier=SCORED)

COUNTS = earlier(*(measured("count", "seats", value) for value in (3, 4, 2, 5, 4, 3, 6, 2, 4, 3)))
fires(WHERE, "half_a_seat", "a count with a fraction", measured("count", "seats", 2.5), "STA106 warning count#1 seats",
      earlier=COUNTS)  # fmt: skip
silent(WHERE, "more_seats", "more than ever", measured("count", "seats", 9), earlier=COUNTS)

AMOUNTS = ["49.90", "12.50", "310.00", "75.25", "18.40", "129.99"]
READ = earlier(*(measured("read", "amount", float(text), letter=f"Please refund {text} EUR.") for text in AMOUNTS))
fires(WHERE, "comma_lost", "the letter says otherwise",
      measured("read", "amount", 3590.0, letter="Please refund 35,90 EUR."), "STA106 warning read#1 amount",
      earlier=READ)  # fmt: skip
silent(WHERE, "comma_lost_mended", "as the letter says",
       measured("read", "amount", 35.9, letter="Please refund 35,90 EUR."), earlier=READ)  # fmt: skip
silent(WHERE, "large_claim", "far more than ever, as the letter says",
       measured("read", "amount", 98500.0, letter="Please refund 98,500.00 EUR."), earlier=READ)  # fmt: skip

BALANCES = earlier(
    *(measured("book", "balance", value) for value in (210.0, 340.5, 95.0, 410.0, 280.0, 150.0, 330.0, 260.0))
)
silent(WHERE, "overdrawn", "a balance may fall below zero", measured("book", "balance", -120.0), earlier=BALANCES)
WIDE = earlier(*(measured("book", "balance", value) for value in (2.0, 9000.0, 31.0, 480.0, 70_000.0, 5.5, 1200.0)))
silent(WHERE, "wide_scatter", "amounts always scattered", measured("book", "balance", 300_000.0), earlier=WIDE)
silent(WHERE, "too_few_runs", "four runs are not enough", measured("judge", "score", 8500.0), earlier=SCORED[:4])
silent(WHERE, "threshold_raised", "a size of which a wider threshold thinks nothing",
       measured("judge", "score", 0.002), earlier=SCORED, settings={"statistical": {"z_threshold": 40.0}})  # fmt: skip
fires(WHERE, "tiny", "the same under the usual threshold", measured("judge", "score", 0.002),
      "STA106 warning judge#1 score", earlier=SCORED)  # fmt: skip
fires(WHERE, "three_are_enough", "three runs are enough where three are asked for",
      measured("judge", "score", 8500.0), "STA106 warning judge#1 score", earlier=SCORED[:3],
      settings={"statistical": {"min_samples": 3}})  # fmt: skip
WRITTEN = earlier(
    *(measured("write", "note", f"The total is {total} EUR.") for total in
      ("1,204.50", "890.00", "1,450.25", "760.80", "1,020.00", "985.40", "1,310.75", "1,105.10"))
)  # fmt: skip
fires(WHERE, "in_a_text", "the figure in a sentence is a hundred times too large",
      measured("write", "note", "The total is 110,450.00 EUR."), "STA106 warning write#1 note",
      earlier=WRITTEN)  # fmt: skip
silent(WHERE, "in_a_text_mended", "the figure in a sentence",
       measured("write", "note", "The total is 1,104.50 EUR."), earlier=WRITTEN)  # fmt: skip
silent(WHERE, "another_wording", "another sentence, of which nothing is known",
       measured("write", "note", "The warranty covers 110,450.00 EUR."), earlier=WRITTEN)  # fmt: skip
CODES = earlier(*(measured("write", "note", f"Bin Z-{number}") for number in (1, 2, 3, 1, 2, 4, 2, 1)))
silent(
    WHERE, "code_in_a_text", "digits in a code are no figures", measured("write", "note", "Bin Z-900"), earlier=CODES
)

HEATS = earlier(
    *(measured("judge", "results", {name: {"pace": pace}}) for name, pace in
      (("fly", 1.58), ("back", 1.51), ("free", 1.29), ("fly", 1.61), ("back", 1.55), ("free", 1.31), ("fly", 1.6),
       ("back", 1.49)))
)  # fmt: skip
fires(WHERE, "one_of_a_mapping", "a new name in a mapping of numbers of one kind",
      measured("judge", "results", {"medley": {"pace": 140.0}}), "STA106 warning judge#1 results.medley.pace",
      earlier=HEATS)  # fmt: skip

FEVERS = earlier(*(measured("measure", "temp", value) for value in (36.4, 36.6, 37.1, 36.8, 39.4, 38.2, 36.9, 37.5)))
fires(WHERE, "fahrenheit", "far beyond a narrow range", measured("measure", "temp", 101.5),
      "STA106 warning measure#1 temp", earlier=FEVERS)  # fmt: skip
silent(WHERE, "high_fever", "beyond a narrow range, not far", measured("measure", "temp", 40.6), earlier=FEVERS)
silent(WHERE, "no_history", "the first run", measured("judge", "score", 85.0))
silent(
    WHERE,
    "switched_off",
    "the check is off",
    measured("judge", "score", 85.0),
    earlier=SCORED,
    settings={"statistical": {"check_numbers": False}},
)
