from __future__ import annotations

from typing import Any

from scenarios.kit import build_trace, earlier, fires, graph, node, ran, silent

WHERE = "structural/broken_contract"
STATES = ("open", "paid", "sent")
DECLARED = "order:dict kind:str due:any lines:list advice:any hits:list"
SHOP = graph(DECLARED, node("read"), node("mail", "kind due lines advice order hits?", "", returns=[""]))
TOLD = graph(
    DECLARED, node("read", writes="kind due", returns=["kind due", "kind", "due", ""]), node("mail", "kind", "")
)


def order(number: int, changes: dict[str, Any] | None = None, gone: str = "", **more: Any) -> Any:
    update: dict[str, Any] = {
        "kind": STATES[number % 3],
        "due": f"2026-{1 + number // 28:02}-{1 + number % 28:02}",
        "lines": [{"sku": f"AB-{1000 + 7 * rank}", "count": 1 + rank} for rank in range(1 + number % 3)],
        "advice": f"Please ring at the gate of house number {number}, the bell is broken.",
        "order": {"number": 100 + number, "customer": f"K-{number:03}"},
        "hits": [{"text": f"hit {number} {rank}", "score": 0.9 - number / 100 - rank / 10} for rank in range(4)],
    } | (changes or {})
    update.pop(gone, None)
    more.setdefault("input", {"text": f"order {number}"})
    return build_trace(ran("read", update), ran("mail", {}), **{"graph": SHOP, **more})


def told(number: int, *fields: str) -> Any:
    values = {"kind": STATES[number % 3], "due": f"2026-{1 + number // 28:02}-{1 + number % 28:02}"}
    return build_trace(
        ran("read", {name: values[name] for name in fields}), ran("mail", {}), graph=TOLD, input={"text": f"{number}"}
    )


USUAL = earlier(*map(order, range(12)))
LATE = 13
LINES = [{"sku": "AB-1007", "count": 1}, {"sku": "AB-1014"}]
RENAMED = [{"sku": "AB-1007", "quantity": 1}]
OTHERWISE = [{"code": "AB-1007", "quantity": 1, "unit": "box"}]
RISING = [{"text": f"hit {rank}", "score": rank / 10} for rank in range(4)]

fires(
    WHERE,
    "field_gone",
    "the date was always there",
    order(LATE, gone="due"),
    "STR408 warning read#1 due",
    earlier=USUAL,
)
silent(WHERE, "field_gone_mended", "all of it", order(LATE), earlier=USUAL)
fires(WHERE, "key_gone", "a line without its count", order(LATE, {"lines": LINES}),
      "STR408 warning read#1 lines.1.count", earlier=USUAL)  # fmt: skip
fires(WHERE, "key_renamed", "`quantity` in the place of `count`", order(LATE, {"lines": RENAMED}),
      "STR408 warning read#1 lines.0.count", earlier=USUAL)  # fmt: skip
silent(WHERE, "another_record", "a record of another sort", order(LATE, {"lines": OTHERWISE}), earlier=USUAL)
silent(WHERE, "a_way_without_it", "the source can leave it out", told(LATE, "kind"),
       earlier=earlier(*(told(number, "kind", "due") for number in range(12))))  # fmt: skip

silent(WHERE, "a_way_without_it_that_is_missed_by_nobody", "nobody reads the date", told(LATE, "kind"),
       earlier=earlier(*(told(number, "kind", "due") for number in range(12))))  # fmt: skip
fires(WHERE, "a_way_without_what_is_read", "`mail` finds no kind", told(LATE, "due"), "STR408 warning read#1 kind",
      earlier=earlier(*(told(number, "kind", "due") for number in range(12))))  # fmt: skip
fires(WHERE, "nothing_returned", "`mail` finds no kind", told(LATE), "STR408 warning read#1 kind",
      earlier=earlier(*(told(number, "kind", "due") for number in range(12))))  # fmt: skip
ROOTED = earlier(*(build_trace(ran("find", {"__root__": {"places": [{"bin": f"A-{number:02}"}] * 2}}),
                               input={"order": number}) for number in range(12)))  # fmt: skip
fires(WHERE, "whole_state_is_a_dict", "a list for a text, in a state without fields",
      build_trace(ran("find", {"__root__": {"places": [{"bin": ["A-01"]}]}}), input={"order": 14}),
      "STR408 warning find#1 __root__.places.0.bin", earlier=ROOTED)  # fmt: skip

fires(WHERE, "text_for_a_number", "a count in words", order(LATE, {"lines": [{"sku": "AB-1007", "count": "three"}]}),
      "STR408 warning read#1 lines.0.count", earlier=USUAL)  # fmt: skip
silent(WHERE, "fraction_for_an_integer", "numbers are one type",
       order(LATE, {"order": {"number": 113.0, "customer": "K-013"}}), earlier=USUAL)  # fmt: skip
MIXED = earlier(
    *(order(number, {"advice": number if number % 2 else f"number {number} of the street"}) for number in range(12))
)
fires(WHERE, "third_type", "a dict where texts and numbers took turns", order(LATE, {"advice": {"text": "ring"}}),
      "STR408 info read#1 advice", earlier=MIXED)  # fmt: skip

fires(WHERE, "empty_text", "the advice was never empty", order(LATE, {"advice": " "}), "STR408 warning read#1 advice",
      earlier=USUAL)  # fmt: skip
fires(WHERE, "empty_list", "`mail` reads it, but twelve runs prove little about lists", order(LATE, {"lines": []}),
      "STR408 info read#1 lines", earlier=USUAL)  # fmt: skip
fires(WHERE, "empty_list_after_many_runs", "`mail` reads it, and it was never empty in 30 runs",
      order(LATE, {"lines": []}), "STR408 warning read#1 lines",
      earlier=earlier(*(order(number) for number in range(30))))  # fmt: skip
AT_TIMES = [order(number, {"advice": "" if number == 4 else f"Note {number}"}) for number in range(12)]
silent(WHERE, "empty_before", "it was empty at times", order(LATE, {"advice": ""}), earlier=earlier(*AT_TIMES))
silent(WHERE, "empty_owned_up", "it says so itself",
       order(LATE, {"lines": [], "advice": "Nothing was found for this order."}), earlier=USUAL)  # fmt: skip

fires(WHERE, "another_spelling", "a known kind in capitals", order(LATE, {"kind": "PAID"}),
      "STR408 warning read#1 kind", earlier=USUAL)  # fmt: skip
fires(WHERE, "another_choice", "a fourth state after twelve runs", order(LATE, {"kind": "lost"}),
      "STR408 info read#1 kind", earlier=USUAL)  # fmt: skip
silent(WHERE, "given_choice", "the caller said it", order(LATE, {"kind": "lost"}, input={"text": "it is lost"}),
       earlier=USUAL)  # fmt: skip

fires(WHERE, "no_date", "a date in another notation", order(LATE, {"due": "March 13th"}), "STR408 warning read#1 due",
      earlier=USUAL)  # fmt: skip
fires(WHERE, "no_number", "an article number of another form", order(LATE, {"lines": [{"sku": "1007", "count": 1}]}),
      "STR408 warning read#1 lines.0.sku", earlier=USUAL)  # fmt: skip
silent(WHERE, "given_number", "the caller's own number",
       order(LATE, {"lines": [{"sku": "1007", "count": 1}]}, input={"text": "one of 1007"}), earlier=USUAL)  # fmt: skip

fires(WHERE, "worst_first", "hits in the wrong order", order(LATE, {"hits": RISING}), "STR408 warning read#1 hits",
      earlier=USUAL)  # fmt: skip
TWICE = [{"text": "hit", "score": 0.5}, {"text": "hit", "score": 0.4}]
fires(WHERE, "twice", "a hit stands there twice", order(LATE, {"hits": TWICE}), "STR408 info read#1 hits",
      earlier=USUAL)  # fmt: skip

silent(WHERE, "few_runs", "seven runs prove little", order(LATE, gone="due"), earlier=USUAL[:7])
silent(WHERE, "no_history", "nothing is known", order(LATE, {"advice": "", "kind": "PAID"}))
silent(WHERE, "switched_off", "not looked for", order(LATE, gone="due"), earlier=USUAL,
       settings={"structural": {"check_contracts": False}})  # fmt: skip
