from __future__ import annotations

from typing import Any

from scenarios.kit import build_trace, fires, graph, node, ran, silent

from argus.model.graph import EdgeSpec

WHERE = "behavioral/skipped_step"


def session(*edges: tuple[str, str]) -> Any:
    """A session with declared edges."""
    nodes = dict.fromkeys(name for edge in edges for name in edge if not name.startswith("__"))
    many = [source for source, _ in edges]
    return graph(
        "",
        *(node(name) for name in nodes),
        edges=tuple(EdgeSpec(source=a, target=b, conditional=many.count(a) > 1) for a, b in edges),
        closed=False,
    )


NIGHTLY = session(("__start__", "load"), ("load", "check"), ("check", "store"), ("store", "__end__"))
CHOICE = session(
    ("__start__", "load"),
    ("load", "clean"),
    ("load", "store"),
    ("clean", "store"),
    ("store", "mail"),
    ("mail", "__end__"),
)


def steps(*names: str, **changes: Any) -> Any:
    return build_trace(*(ran(name, {"__root__": name}) for name in names), input={"args": ["a.csv"]}, **changes)


fires(
    WHERE,
    "validation_gone_around",
    "a record is stored that was never checked",
    steps("load", "store", graph=NIGHTLY),
    "BEH306 warning store#2 -",
)
silent(WHERE, "validation_gone_around_mended", "load, check, store", steps("load", "check", "store", graph=NIGHTLY))
fires(
    WHERE,
    "never_followed",
    "the last step is missing",
    steps("load", "check", graph=NIGHTLY),
    "BEH306 warning check#2 -",
)
fires(
    WHERE,
    "once_of_two_rounds",
    "the second of two records is not mailed",
    steps("load", "store", "mail", "load", "clean", "store", graph=CHOICE),
    "BEH306 warning store#6 -",
)
GUARDED = graph(
    "question:str safe:bool answer:str",
    node("guard", "question", "safe"),
    node("answer", "question", "answer"),
    node("refuse", "", "answer"),
    branches={"guard(safe)": ["answer", "refuse"]},
)
fires(
    WHERE,
    "entered_past_the_guard",
    "a graph was entered behind its guard",
    build_trace(ran("answer", {"answer": "Sure."}, metadata={"superstep": 1}), input={"question": "?"}, graph=GUARDED),
    "BEH306 warning answer#1 -",
)
ALWAYS = {"runs": 12, "nodes": ["guard", "answer"]}
fires(
    WHERE,
    "always_ran_before",
    "the answer was never missing in twelve earlier runs",
    build_trace(
        ran("guard", {"safe": False}, metadata={"superstep": 1}),
        ran("refuse", {"answer": "No."}, metadata={"superstep": 2}),
        input={"question": "?"},
        graph=GUARDED,
    ),
    "BEH306 info guard#1 -",
    habits=ALWAYS,
)

silent(
    WHERE,
    "switched_off",
    "skipped steps are not looked for",
    steps("load", "store", graph=NIGHTLY),
    settings={"behavioral": {"detect_skipped": False}},
)
silent(WHERE, "optional_step", "a way around exists", steps("load", "store", "mail", graph=CHOICE))
silent(
    WHERE,
    "conditional_skip",
    "the branch rightly leads past the answer, and nothing is known of earlier runs",
    build_trace(
        ran("guard", {"safe": False}, metadata={"superstep": 1}),
        ran("refuse", {"answer": "No."}, metadata={"superstep": 2}),
        input={"question": "?"},
        graph=GUARDED,
    ),
)
silent(
    WHERE,
    "too_few_runs",
    "four earlier runs are no habit",
    build_trace(
        ran("guard", {"safe": False}), ran("refuse", {"answer": "No."}), input={"question": "?"}, graph=GUARDED
    ),
    habits={**ALWAYS, "runs": 4},
)
silent(
    WHERE,
    "commanded",
    "a command that declares no targets goes on",
    build_trace(
        ran("guard", {"safe": True}, metadata={"superstep": 1, "goto": ["polish"]}),
        ran("polish", {"answer": "Sure."}, metadata={"superstep": 2}),
        input={"question": "?"},
        graph=graph("question:str safe:bool answer:str", node("guard"), node("answer"), node("polish")),
    ),
)
silent(
    WHERE,
    "resumed",
    "the guard ran before the interrupt",
    build_trace(
        ran("answer", {"answer": "Sure."}),
        input={"question": "?"},
        graph=GUARDED,
        metadata={"resumes": "00000000000000a0"},
    ),
)
silent(
    WHERE,
    "ended_by_an_error",
    "what comes behind an error cannot run",
    build_trace(ran("load", {"x": 1}), ran("check", error=ValueError("bad row")), graph=NIGHTLY),
    habits={"runs": 12, "nodes": ["load", "check", "store"]},
)
silent(WHERE, "no_edges", "nothing is declared", steps("load", "store"))
