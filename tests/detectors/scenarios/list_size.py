from __future__ import annotations

from scenarios.kit import build_trace, earlier, fires, ran, silent

WHERE = "statistical/list_size"


def found(items: int, *, wanted: str = "A") -> object:
    return build_trace(ran("list_hits", {"hits": [f"hit {n}" for n in range(items)]}), input={"wanted": wanted})


def turned(rows: int, kept: int | None = None, node: str = "convert") -> object:
    lines = [f"row {number}" for number in range(rows)]
    made = [line.upper() for line in lines][: rows if kept is None else kept]
    return build_trace(ran(node, {"rows": made}), input={"lines": lines})


FIVE = earlier(*(found(items) for items in (5, 6, 5, 5, 7, 5, 6, 5, 5, 6)))
fires(WHERE, "one_of_five", "one where five were usual", found(1), "STA107 warning list_hits#1 hits", earlier=FIVE)
silent(WHERE, "one_of_five_mended", "four where five were usual", found(4), earlier=FIVE)
fires(WHERE, "hundreds", "hundreds where five were usual", found(300), "STA107 warning list_hits#1 hits", earlier=FIVE)
silent(WHERE, "nothing", "an empty list is another matter", found(0), earlier=FIVE)
silent(WHERE, "once_empty", "a list that may be empty may be short", found(1),
       earlier=earlier(*(found(items) for items in (5, 6, 0, 5, 7, 5, 6, 5, 5, 6))))  # fmt: skip
silent(WHERE, "two_regimes", "short and long lists took turns", found(2),
       earlier=earlier(*(found(items) for items in (30, 2, 28, 3, 35, 2, 31, 3))))  # fmt: skip

ROWS = earlier(*(turned(rows) for rows in (3, 12, 7, 5, 30, 9, 4, 16)))
fires(WHERE, "rows_lost", "a row is lost where none ever was", turned(10, 9), "STA107 warning convert#1 rows",
      earlier=ROWS)  # fmt: skip
silent(WHERE, "rows_lost_mended", "all rows", turned(10), earlier=ROWS)
silent(WHERE, "longer_than_ever", "all rows of a list that is longer than ever", turned(400), earlier=ROWS)

SOME = earlier(
    *(turned(rows, kept) for rows, kept in ((10, 9), (12, 12), (7, 6), (20, 18), (30, 30), (9, 8), (8, 8), (16, 15)))
)
fires(WHERE, "most_rows_lost", "a tenth is left where nearly all were", turned(20, 2), "STA107 warning convert#1 rows",
      earlier=SOME)  # fmt: skip
silent(WHERE, "some_rows_lost", "half is left where nearly all were", turned(20, 10), earlier=SOME)
silent(WHERE, "few_runs", "four runs are not enough", found(1), earlier=FIVE[:4])
silent(WHERE, "asked_for_more_runs", "twelve runs are asked for, in vain", turned(10, 9), earlier=ROWS,
       settings={"statistical": {"min_samples": 12}})  # fmt: skip
silent(WHERE, "threshold_raised", "the same under a wider threshold", found(1), earlier=FIVE,
       settings={"statistical": {"z_threshold": 40.0}})  # fmt: skip
silent(WHERE, "no_history", "the first run", found(1))
silent(
    WHERE, "switched_off", "the check is off", found(1), earlier=FIVE, settings={"statistical": {"check_sizes": False}}
)
