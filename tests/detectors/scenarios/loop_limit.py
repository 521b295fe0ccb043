from __future__ import annotations

from scenarios.kit import build_trace, fires, graph, node, ran, silent

from argus.model.trace import ErrorInfo

WHERE = "behavioral/loop_limit"

REVIEW = graph(
    "draft:str verdict:str",
    node("write", "verdict?", "draft"),
    node("review", "draft", "verdict"),
    branches={"review(verdict)": ["write", "__end__"]},
)


def reviewed(times: int, **changes: object) -> object:
    steps = []
    for number in range(times):
        steps.append(ran("write", {"draft": f"Version {number}"}, metadata={"superstep": 2 * number + 1}))
        steps.append(ran("review", {"verdict": f"still {9 - number} typos"}, metadata={"superstep": 2 * number + 2}))
    return build_trace(*steps, graph=REVIEW, **changes)


fires(WHERE, "never_satisfied", "eleven rounds", reviewed(11), "BEH302 warning write#21 -")
silent(WHERE, "never_satisfied_mended", "it converges in the tenth round", reviewed(10))
fires(
    WHERE,
    "recursion_limit",
    "the recursion limit ended it",
    reviewed(
        13,
        error=ErrorInfo(type="GraphRecursionError", message="Recursion limit of 25 reached"),
        output=None,
    ),
    "BEH302 critical review#26 -",
)
fires(
    WHERE,
    "recursion_limit_of_a_long_loop",
    "a loop of many nodes reaches the recursion limit before one node ran often",
    build_trace(
        *(ran(f"part_{n % 8}", {"text": f"{n}"}, metadata={"superstep": n}) for n in range(1, 26)),
        error=ErrorInfo(type="langgraph.errors.GraphRecursionError", message="Recursion limit of 25 reached"),
    ),
    "BEH302 critical part_1#25 -",
)
fires(
    WHERE,
    "limit_of_its_own",
    "the same run under a stricter limit",
    reviewed(4),
    "BEH302 warning write#7 -",
    settings={"behavioral": {"max_loop_count": 3}},
)
silent(
    WHERE,
    "limit_of_its_own_raised",
    "eleven rounds are fine where twenty are allowed",
    reviewed(11),
    settings={"behavioral": {"max_loop_count": 20}},
)
fires(
    WHERE,
    "session_stuck",
    "a session calls one node again and again with the same input",
    build_trace(*(ran("poll", {"__root__": "pending"}, input_state={"job": "j-1"}) for _ in range(12))),
    "BEH302 warning poll#11 -",
)

silent(
    WHERE,
    "fan_out",
    "forty branches of one superstep",
    build_trace(
        *(
            ran("grade", {"grades": [number]}, metadata={"superstep": 2, "kind": "push"}, input_state={"id": number})
            for number in range(40)
        )
    ),
)
silent(
    WHERE,
    "walk_over_items",
    "a session calls one node for each of forty items",
    build_trace(*(ran("convert", {"__root__": n * 2}, input_state={"args": [n]}) for n in range(40))),
)
silent(
    WHERE,
    "subgraph_called_again",
    "each call of a subgraph is an execution of its own",
    build_trace(*(ran("fetch", {"page": n}, metadata={"superstep": 1, "namespace": f"sub:{n}"}) for n in range(15))),
)
silent(
    WHERE,
    "retries",
    "attempts are no visits",
    build_trace(
        *(ran("call", error=OSError("busy"), attempt=n, metadata={"superstep": 1}) for n in range(1, 15)),
        ran("call", {"x": 1}, attempt=15, metadata={"superstep": 1}),
    ),
)
