from __future__ import annotations

from typing import Any

from scenarios.kit import build_trace, earlier, fires, graph, node, ran, silent

WHERE = "structural/broken_relation"
DESK = graph("ticket:str found:list sources:list reference:str total:float parts:list", node("search"), node("answer"))


def run(number: int, *, sources: list[str] | None = None, reference: str | None = None, **changes: Any) -> Any:
    found = [f"doc-{(37 * number + 11 * rank) % 401}" for rank in range(6)]
    ticket = f"TK-{4000 + 137 * number}-{'ABCDEFGHJKLM'[number % 12]}"
    parts = [3.5 + number, 7.25 * (1 + number % 4), 2.0 + 3 * number]
    answer = {
        "sources": found[number % 3 :: 2] if sources is None else sources,
        "reference": ticket if reference is None else reference,
        "total": round(sum(parts), 2),
    }
    answer |= changes
    return build_trace(
        ran("search", {"found": found, "parts": parts}), ran("answer", answer), input={"ticket": ticket}, graph=DESK
    )


USUAL = earlier(*map(run, range(12)))
LATE = 14
OFF: dict[str, Any] = {"statistical": {"check_numbers": False}}

fires(WHERE, "stranger", "a source that was not found", run(LATE, sources=["doc-117", "doc-999"]),
      "STR409 warning answer#2 sources", earlier=USUAL)  # fmt: skip
silent(WHERE, "stranger_mended", "sources among those found", run(LATE), earlier=USUAL)
fires(WHERE, "slip", "two digits of the reference change places", run(LATE, reference="TK-9518-C"),
      "STR409 warning answer#2 reference", earlier=USUAL)  # fmt: skip
fires(WHERE, "no_copy", "another text in the place of the reference", run(LATE, reference="see above"),
      "STR409 info answer#2 reference", earlier=USUAL)  # fmt: skip
fires(WHERE, "sum", "with the statistical checks off", run(LATE, total=999.0), "STR409 warning answer#2 total",
      earlier=USUAL, settings=OFF)  # fmt: skip
silent(WHERE, "sum_told_elsewhere", "STA106 speaks of it", run(LATE, total=999.0), earlier=USUAL)
fires(WHERE, "copy_emptied", "the reference is gone", run(LATE, reference=""), "STR409 warning answer#2 reference",
      earlier=USUAL)  # fmt: skip
silent(WHERE, "few_runs", "seven runs prove little", run(LATE, sources=["doc-999", "doc-998"]), earlier=USUAL[:7])
silent(WHERE, "never_held", "in one run it did not hold", run(LATE, sources=["doc-999", "doc-998"]),
       earlier=earlier(*map(run, range(11)), run(11, sources=["doc-7", "elsewhere"])))  # fmt: skip
silent(WHERE, "switched_off", "not looked for", run(LATE, sources=["doc-117", "doc-999"]), earlier=USUAL,
       settings={"structural": {"check_contracts": False}})  # fmt: skip
