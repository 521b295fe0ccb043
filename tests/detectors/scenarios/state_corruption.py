from __future__ import annotations

from typing import Any

from scenarios.kit import build_trace, fires, graph, node, ran, silent

WHERE = "behavioral/state_corruption"

TEXT = "High water comes twice a day."
DESK = graph(
    "question:str facts:list draft:str score:float log:list+ text:str",
    node("research", "question", "facts"),
    node("write", "facts", "draft"),
    node("judge", "draft", "score"),
    node("publish", "draft score facts?", "text"),
)


def desk(judged: dict[str, Any], **metadata: Any) -> Any:
    return build_trace(
        ran("research", {"facts": ["twice a day", "follows the moon"]}),
        ran("write", {"draft": TEXT}),
        ran("judge", judged, metadata=metadata),
        ran("publish", {"text": TEXT}),
        input={"question": "When is high water?"},
        graph=DESK,
    )


fires(
    WHERE,
    "draft_shortened_by_the_judge",
    "the source returns a score only, the step also returned half of the draft",
    desk({"score": 0.9, "draft": TEXT[:14]}),
    "BEH309 warning judge#3 draft",
)
silent(WHERE, "draft_shortened_by_the_judge_mended", "the judge returns a score", desk({"score": 0.9}))
fires(
    WHERE,
    "question_of_the_caller",
    "the caller's question is overwritten",
    desk({"score": 0.9, "question": "default"}),
    "BEH309 warning judge#3 question",
)
fires(
    WHERE,
    "other_type",
    "the facts become a text",
    desk({"score": 0.9, "facts": "twice a day"}),
    "BEH309 warning judge#3 facts",
)
fires(
    WHERE,
    "in_place",
    "the judge changed the draft's facts in place, publish reads them",
    desk({"score": 0.9}, mutated=["facts"]),
    "BEH309 warning judge#3 facts",
)
UNKNOWN = graph(
    "frage:str belege:list entwurf:str punkte:float",
    node("suchen", "frage", "belege"),
    node("notieren", "frage"),
    node("schreiben", "belege", "entwurf"),
)
fires(
    WHERE,
    "emptied_unread",
    "a node that never looks at the evidence empties it, in German",
    build_trace(
        ran("suchen", {"belege": ["zweimal am Tag"]}),
        ran("notieren", {"belege": [], "punkte": 1.0}),
        ran("schreiben", {"entwurf": "…"}),
        input={"frage": "Wann?"},
        graph=UNKNOWN,
    ),
    "BEH309 warning notieren#2 belege",
)
WROTE = {"runs": 8, "wrote": [["a", "plan"], ["b", "result"], ["c", "result"]]}
fires(
    WHERE,
    "never_did_before",
    "in eight runs this node never wrote the plan",
    build_trace(
        ran("a", {"plan": "pack, pay, go"}),
        ran("b", {"result": "x", "plan": "go"}),
        ran("c", {"result": "y"}),
        input={"x": 1},
    ),
    "BEH309 warning b#2 plan",
    habits=WROTE,
)

silent(
    WHERE,
    "switched_off",
    "nobody looks",
    desk({"score": 0.9, "draft": "x"}),
    settings={"behavioral": {"detect_mutations": False}},
)
silent(WHERE, "handed_on", "the step returned what it was given", desk({"score": 0.9, "draft": TEXT}))
silent(
    WHERE,
    "revised_on_purpose",
    "the source of the second writer returns the draft",
    build_trace(
        ran("write", {"draft": TEXT}),
        ran("revise", {"draft": TEXT.upper()}),
        input={"question": "?"},
        graph=graph("question:str draft:str", node("write", "question", "draft"), node("revise", "draft", "draft")),
    ),
)
silent(
    WHERE,
    "used_up",
    "a node clears the queue that it worked off",
    build_trace(
        ran("plan", {"queue": ["a", "b"]}),
        ran("work", {"queue": [], "result": "done with a and b"}),
        input={"goal": "x"},
        graph=graph("goal:str queue:list result:str", node("plan", "goal", "queue"), node("work", "queue")),
    ),
)
silent(
    WHERE,
    "added_to",
    "a reducer adds to what others wrote",
    build_trace(
        ran("a", {"log": ["a"]}, state_after={"log": ["a"]}),
        ran("b", {"log": ["b"]}, input_state={"log": ["a"]}, state_after={"log": ["a", "b"]}),
        input={"x": 1},
        graph=graph("x:int log:list+", node("a", "x", "log"), node("b", "x", "")),
    ),
)
silent(
    WHERE,
    "filled_first",
    "the first to write a field owns it",
    build_trace(ran("a", {"x": 1}), ran("b", {"y": 2}), input={"q": "?"}),
)
silent(
    WHERE,
    "in_place_and_returned",
    "changed in place and returned",
    desk({"score": 0.9, "facts": ["twice a day", "follows the moon"]}, mutated=["facts"]),
)
silent(
    WHERE,
    "many_hands_without_source",
    "several nodes write one status, and nothing is known of their sources",
    build_trace(*(ran(name, {"status": f"after {name}"}) for name in "abc"), input={"status": "new"}),
    habits={"runs": 4, "wrote": [["a", "status"]]},
)
