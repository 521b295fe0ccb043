from __future__ import annotations

from scenarios.kit import build_trace, fires, graph, node, ran, silent
from scenarios.skipped_step import CHOICE, GUARDED, NIGHTLY, session, steps

WHERE = "behavioral/unexpected_transition"

LOOPED = session(("__start__", "load"), ("load", "load"), ("load", "store"), ("store", "__end__"))

fires(
    WHERE,
    "no_edge",
    "the session went on where no edge leads",
    steps("load", "store", graph=NIGHTLY),
    "BEH307 warning store#2 -",
)
silent(WHERE, "no_edge_mended", "load, check, store", steps("load", "check", "store", graph=NIGHTLY))
fires(WHERE, "wrong_start", "the first step is none", steps("store", graph=NIGHTLY), "BEH307 warning store#1 -")
fires(
    WHERE,
    "outside_the_branch",
    "a branch chose a node that it does not declare",
    build_trace(
        ran("guard", {"safe": True}, metadata={"superstep": 1, "branch": ["delete"]}),
        ran("delete", {}, metadata={"superstep": 2, "kind": "push"}),
        input={"question": "?"},
        graph=GUARDED,
    ),
    "BEH307 warning guard#1 -",
)
SEEN = {
    "runs": 12,
    "nodes": ["load"],
    "transitions": [
        ["__start__", "load"],
        ["load", "clean"],
        ["clean", "store"],
        ["store", "mail"],
        ["mail", "__end__"],
    ],
}
fires(
    WHERE,
    "never_seen",
    "an edge exists, but no earlier run took it",
    steps("load", "store", "mail", graph=CHOICE),
    "BEH307 info store#2 -",
    habits=SEEN,
)
silent(WHERE, "seen", "the usual way", steps("load", "clean", "store", "mail", graph=CHOICE), habits=SEEN)
silent(
    WHERE,
    "too_few_runs",
    "nine runs show not all ways",
    steps("load", "store", "mail", graph=CHOICE),
    habits={**SEEN, "runs": 9},
)
silent(
    WHERE,
    "rounds",
    "a loop of one node",
    steps("load", "load", "load", "store", graph=LOOPED),
    habits={**SEEN, "transitions": [["__start__", "load"], ["load", "store"], ["store", "__end__"]]},
)
silent(
    WHERE,
    "command_without_targets",
    "a command that declares no targets goes anywhere",
    build_trace(
        ran("guard", {"safe": True}, metadata={"superstep": 1, "goto": ["polish"]}),
        ran("polish", {"answer": "Sure."}, metadata={"superstep": 2}),
        input={"question": "?"},
        graph=graph("question:str safe:bool answer:str", node("guard"), node("answer"), node("polish")),
    ),
)
silent(
    WHERE,
    "joined",
    "a node waits for two branches of different length",
    build_trace(
        *(
            ran(name, {"__root__": name}, metadata={"superstep": at})
            for name, at in [("a", 1), ("b", 2), ("c", 2), ("d", 3), ("e", 4)]
        ),
        input={"x": 1},
        graph=session(("__start__", "a"), ("a", "b"), ("a", "c"), ("c", "d"), ("b", "e"), ("d", "e"), ("e", "__end__")),
    ),
)
silent(
    WHERE,
    "interleaved",
    "two records at once, their steps mixed",
    steps("load", "load", "check", "store", "check", "store", graph=NIGHTLY),
)
silent(WHERE, "no_edges", "nothing is declared", steps("store", "load"))
