from __future__ import annotations

from typing import Any

from scenarios.kit import build_trace, fires, graph, node, ran, silent

from argus.model.trace import ErrorInfo

WHERE = "behavioral/stuck_loop"

REVIEW = graph(
    "topic:str draft:str remarks:list rounds:int text:str",
    node("write", "topic", "draft"),
    node("critique", "draft rounds?", "remarks rounds"),
    node("revise", "draft remarks", "draft"),
    node("publish", "draft", "text"),
    branches={"critique(rounds)": ["revise", "publish"]},
)
DRAFT = "The tides follow the moon, basically."


def loop(drafts: list[str], remarks: list[list[str]] | None = None, **changes: Any) -> Any:
    remarks = remarks or [["remove the word 'basically'"]] * len(drafts)
    steps = [ran("write", {"draft": DRAFT}, metadata={"superstep": 1})]
    for turn, (draft, said) in enumerate(zip(drafts, remarks, strict=True)):
        at = 2 * turn + 2
        steps.append(ran("critique", {"remarks": said, "rounds": turn + 1}, metadata={"superstep": at}))
        steps.append(ran("revise", {"draft": draft}, metadata={"superstep": at + 1}))
    end = 2 * len(drafts) + 2
    steps.append(ran("publish", {"text": drafts[-1]}, metadata={"superstep": end}))
    return build_trace(*steps, input={"topic": "tides"}, graph=REVIEW, **changes)


fires(WHERE, "same_draft", "four revisions that change nothing", loop([DRAFT] * 4), "BEH303 warning critique#6 -")
silent(
    WHERE,
    "same_draft_mended",
    "each revision is another text",
    loop([f"{DRAFT} Version {n} is shorter." for n in range(4)], [[f"{4 - n} words too many"] for n in range(4)]),
)
fires(
    WHERE,
    "same_search",
    "an agent searches the same again and finds the same, in Spanish",
    build_trace(
        *(
            ran(name, update, metadata={"superstep": 2 * n + place})
            for n in range(4)
            for place, (name, update) in enumerate(
                [("buscar", {"documentos": ["La marea sube dos veces al día."]}), ("juzgar", {"suficiente": False})]
            )
        ),
        input={"pregunta": "¿Cuándo sube la marea?"},
    ),
    "BEH303 warning buscar#5 -",
)
fires(
    WHERE,
    "same_message",
    "an assistant repeats its message under new ids",
    build_trace(
        *(
            ran(
                "agent",
                {"messages": [{"type": "ai", "content": "Let me look into that for you.", "id": f"m{n}"}]},
                metadata={"superstep": n + 1},
            )
            for n in range(5)
        ),
        input={"messages": []},
    ),
    "BEH303 warning agent#3 -",
)
fires(
    WHERE,
    "recursion_limit",
    "the loop that stands still runs into the recursion limit: seen where it ended",
    loop([DRAFT] * 12, error=ErrorInfo(type="GraphRecursionError", message="Recursion limit of 25"), output=None),
    "BEH303 warning publish#26 -",
)
fires(
    WHERE,
    "at_the_end_of_a_long_loop",
    "progress at first, then none",
    loop(
        [f"{DRAFT} {n}" for n in range(3)] + [f"{DRAFT} 2"] * 3,
        [[f"remark {n}"] for n in range(3)] + [["remark 2"]] * 3,
    ),
    "BEH303 warning critique#10 -",
)

silent(
    WHERE,
    "polling",
    "a job is polled until it is ready",
    build_trace(
        *(ran("poll", {"job": {"state": "running"}}, metadata={"superstep": n + 1}) for n in range(6)),
        ran("poll", {"job": {"state": "ready", "url": "s3://x"}}, metadata={"superstep": 7}),
        ran("fetch", {"data": "…"}, metadata={"superstep": 8}),
        input={"job": {}},
    ),
)
silent(
    WHERE,
    "walk_with_a_router",
    "the router says the same each time, the worker gets on",
    build_trace(
        *(
            ran(name, update, metadata={"superstep": 2 * n + place})
            for n in range(6)
            for place, (name, update) in enumerate(
                [("route", {"next": "the worker for pages"}), ("work", {"pages": [f"page {n}"]})]
            )
        ),
        input={"book": "Moby-Dick"},
    ),
)
silent(
    WHERE,
    "converging_number",
    "the same text, but the score moves",
    build_trace(
        *(
            ran("step", {"method": "gradient descent", "loss": 1.0 / (n + 1)}, metadata={"superstep": n + 1})
            for n in range(9)
        ),
        input={"start": 1.0},
    ),
)
silent(
    WHERE,
    "fan_out_of_equal_answers",
    "branches that come to the same result",
    build_trace(
        *(
            ran(
                "vote",
                {"votes": ["the second candidate"]},
                input_state={"juror": n},
                metadata={"superstep": 2, "kind": "push"},
            )
            for n in range(9)
        ),
        input={"case": "x"},
    ),
)
silent(
    WHERE,
    "session_over_items",
    "a session validates one record after the other, each with the same verdict",
    build_trace(*(ran("validate", {"__root__": "the record is valid"}, input_state={"args": [n]}) for n in range(20))),
)
silent(WHERE, "twice_is_nothing", "one revision that changed nothing", loop([DRAFT + "!", DRAFT + "!"]))
silent(
    WHERE,
    "labels_only",
    "a loop that waits with labels and counters",
    build_trace(
        *(ran("wait", {"status": "pending", "tries": n}, metadata={"superstep": n + 1}) for n in range(8)),
        ran("give_up", {"answer": "The service did not answer in time."}, metadata={"superstep": 9}),
        input={},
    ),
)
