from __future__ import annotations

from typing import Any

from scenarios.kit import build_trace, earlier, fires, ran, silent

WHERE = "semantic/stale_result"

ROUTER = "Switch the router off for half a minute, then on again, and wait until the light is green."


def said(role: str, content: str, number: int) -> dict[str, Any]:
    return {"type": role, "content": content, "id": f"m{number}"}


def turn(question: str, answer: str = ROUTER, first: str = "The internet is slow."):
    before = [said("human", first, 1), said("ai", ROUTER, 2), said("human", question, 3)]
    return build_trace(
        ran("reply", {"messages": [said("ai", answer, 4)]}, input_state={"messages": before}),
        input={"messages": before[-1:]},
    )


fires(
    WHERE,
    "earlier_turn",
    "a question about the bill, answered with what was said about the router",
    turn("And where is my bill?"),
    "SEM205 warning reply#1 messages",
)
silent(
    WHERE,
    "earlier_turn_mended",
    "an answer about the bill",
    turn("And where is my bill?", "Your bill is in the account, under documents."),
)
silent(WHERE, "same_question_again", "the same advice for the same trouble", turn("The internet is slow again."))
silent(WHERE, "thanks", "nothing new was asked", turn("Thank you!"))


def scored(*pairs: tuple[dict[str, Any], dict[str, Any]]):
    return build_trace(
        *(
            ran("summarise", update, input_state=given, metadata={"superstep": 2, "kind": "push"})
            for given, update in pairs
        ),
        input={"folder": "contracts"},
    )


LEASE = {"document": "Lease of the warehouse in Rotterdam, rent 4200, signed by Verhoeven."}
LOAN = {"document": "Loan for the bakery in Coimbra, sum 91000, signed by Teixeira."}
OF_LEASE = {"summary": "Warehouse Rotterdam, Verhoeven, 4200 a month."}
OF_LOAN = {"summary": "Bakery Coimbra, Teixeira, 91000 in all."}

fires(
    WHERE,
    "other_branch",
    "the second branch has the first one's summary",
    scored((LEASE, OF_LEASE), (LOAN, OF_LEASE)),
    "SEM205 warning summarise#2 summary",
)
silent(WHERE, "other_branch_mended", "each branch has its own summary", scored((LEASE, OF_LEASE), (LOAN, OF_LOAN)))
silent(
    WHERE,
    "same_input",
    "two branches that were given the same",
    scored((LEASE, OF_LEASE), (LEASE, OF_LEASE)),
)
silent(
    WHERE,
    "same_for_all",
    "a verdict that every branch may well have",
    scored(
        (LEASE, {"summary": "No objections were raised at all."}),
        (LOAN, {"summary": "No objections were raised at all."}),
    ),
)


def looked_up(asked: str, answered: str):
    call = {"name": "get_order", "args": {"order_id": asked}, "id": "c1", "type": "tool_call"}
    before = [said("human", f"Where is {asked}?", 1), {**said("ai", "", 2), "tool_calls": [call]}]
    answer = f'{{"order_id": "{answered}", "item": "chair", "total": 189.0}}'
    return build_trace(
        ran(
            "tools",
            {"messages": [{"type": "tool", "name": "get_order", "id": "t1", "tool_call_id": "c1", "content": answer}]},
            input_state={
                "messages": [said("human", f"Where is {asked}?", 1), {**said("ai", "", 2), "tool_calls": [call]}]
            },
        ),
        input={"messages": before[:1]},
    )


fires(
    WHERE,
    "another_identifier",
    "asked for one order, answered with another",
    looked_up("A-1003", "A-1002"),
    "SEM205 warning tools#1 messages",
)
silent(WHERE, "another_identifier_mended", "asked and answered", looked_up("A-1003", "A-1003"))
silent(WHERE, "other_spelling", "the same identifier in another spelling", looked_up("a1003", "A-1003"))

TOWNS = ("Bergen", "Cadiz", "Dublin", "Erfurt", "Florence", "Ghent", "Hamburg")


def report(town: str, text: str | None = None, number: int = 0):
    said_of = f"The harbour of {town} counted {1000 + 37 * len(town) + ord(town[0])} ships, more than last year."
    return build_trace(
        ran("report", {"text": text or said_of}, input_state={"town": town, "year": 2025}),
        input={"town": town},
        trace_id=f"{number:016x}",
    )


HISTORY = earlier(*(report(town, number=number) for number, town in enumerate(TOWNS, start=1)))

fires(
    WHERE,
    "earlier_run",
    "the report of an earlier run about another town",
    report("Izmir", "The harbour of Ghent counted 1256 ships, more than last year."),
    "SEM205 warning report#1 text",
    earlier=HISTORY,
)
silent(WHERE, "earlier_run_mended", "a report of its own", report("Izmir"), earlier=HISTORY)
silent(WHERE, "asked_again", "the same question has the same answer", report("Ghent"), earlier=HISTORY)
silent(
    WHERE,
    "constant_text",
    "a text that different inputs have always had",
    report("Izmir", "Nothing was counted this year because of the storm."),
    earlier=earlier(
        *(
            report(town, "Nothing was counted this year because of the storm.", number)
            for number, town in enumerate(TOWNS, start=1)
        )
    ),
)
silent(
    WHERE,
    "few_runs",
    "too few earlier runs to tell",
    report("Izmir", "The harbour of Ghent counted 1256 ships, more than last year."),
    earlier=HISTORY[5:7],
)
