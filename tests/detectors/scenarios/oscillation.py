from __future__ import annotations

from typing import Any

from scenarios.kit import build_trace, fires, ran, silent

WHERE = "behavioral/oscillation"


def swing(values: list[Any], field: str = "draft", checks: list[Any] | None = None, **last: Any) -> Any:
    steps = []
    for turn, value in enumerate(values):
        steps.append(ran("revise", {field: value}, metadata={"superstep": 2 * turn + 1}))
        check = checks[turn] if checks else "still too long"
        steps.append(ran("check", {"remark": check, "round": turn}, metadata={"superstep": 2 * turn + 2}))
    steps.append(ran("publish", {"text": str(values[-1])}, metadata={"superstep": 2 * len(values) + 1}))
    return build_trace(*steps, input={"topic": "tides"}, **last)


SHORT, LONG = "High water comes twice a day.", "High water comes twice a day, and it follows the moon."
WORDS = ["basically the moon pulls", "quite the moon pulls"]

fires(WHERE, "back_and_forth", "two drafts in turn", swing([SHORT, LONG] * 3), "BEH304 warning revise#7 -")
silent(WHERE, "back_and_forth_mended", "each draft is new", swing([f"{SHORT} ({n})" for n in range(6)]))
fires(
    WHERE,
    "two_remarks",
    "the critic answers each of two drafts with its own remark",
    swing(WORDS * 3, checks=["too plain, try again", "too fancy, try again"] * 3),
    "BEH304 warning revise#7 -",
)
fires(
    WHERE,
    "plans",
    "a planner swaps two steps of a plan and swaps them back",
    swing([[["pack", "pay"], ["pay", "pack"]][n % 2] for n in range(5)], "plan"),
    "BEH304 warning revise#7 -",
)
fires(
    WHERE,
    "flags",
    "a flag goes up and down six times and nothing else happens",
    swing([True, False] * 3, "approved"),
    "BEH304 warning revise#7 -",
)
fires(
    WHERE,
    "handed_to_and_fro",
    "two agents hand one request to each other, in German",
    build_trace(
        *(
            ran(
                "leitung",
                {"an": ["die Abteilung Einkauf", "die Abteilung Recht"][n % 2]},
                metadata={"superstep": n + 1},
            )
            for n in range(6)
        ),
        input={"anliegen": "Vertrag prüfen"},
    ),
    "BEH304 warning leitung#4 -",
)

silent(
    WHERE, "settles", "it swings once and settles on a third", swing([SHORT, LONG, SHORT, "High water: twice a day."])
)
silent(
    WHERE,
    "supervisor_takes_turns",
    "a supervisor sends two workers in turn, each with something new",
    build_trace(
        *(
            ran(name, update, metadata={"superstep": 2 * n + place})
            for n in range(6)
            for place, (name, update) in enumerate(
                [
                    ("supervisor", {"next": ["the research team", "the writing team"][n % 2]}),
                    (["research", "write"][n % 2], {"notes": f"finding number {n}"}),
                ]
            )
        ),
        input={"topic": "x"},
    ),
)
silent(
    WHERE,
    "debate",
    "two sides, each time with another argument",
    build_trace(
        *(
            ran("speak", {"side": ["pro", "contra"][n % 2], "argument": f"argument {n}"}, metadata={"superstep": n})
            for n in range(8)
        ),
        input={"motion": "x"},
    ),
)
silent(WHERE, "standing_still", "the same each time is a stuck loop, not this", swing([SHORT] * 5))
silent(WHERE, "a_flag_twice", "a flag that goes up, down and up", swing([True, False, True, False], "approved"))
