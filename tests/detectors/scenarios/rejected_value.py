from __future__ import annotations

from scenarios.kit import build_trace, fires, graph, node, ran, silent

WHERE = "structural/rejected_value"

TILL = graph(
    "order:dict total:float notes:list+ answer:str",
    node("price", "order", "total"),
    node("reply", "total", "answer"),
)


def sold(total: float, answer: str = "Thank you.", **more: object) -> object:
    return build_trace(
        ran("price", {"total": total}), ran("reply", {"answer": answer, **more}), input={"order": {"x": 1}}, graph=TILL
    )


fires(WHERE, "negative_total", "a field", sold(-3.0), "STR406 warning price#1 total", validators={"total": "positive"})
silent(WHERE, "negative_total_mended", "a positive one", sold(3.0), validators={"total": "positive"})
fires(
    WHERE,
    "nested",
    "a dotted path into a field",
    build_trace(ran("load", {"order": {"lines": [{"n": 0}]}}), input={"id": "a"}),
    "STR406 warning load#1 order.lines.0.n",
    validators={"order.lines.0.n": "positive"},
)
fires(
    WHERE,
    "whole_output",
    "the output of one node as a whole, with a message",
    sold(3.0),
    "STR406 warning reply#2 -",
    validators={"node:reply": "has_sources"},
)
fires(
    WHERE,
    "field_of_a_node",
    "a field of one node's output",
    build_trace(ran("draft", {"text": "x" * 90}), ran("shorten", {"text": "x" * 85}), input={"topic": "x"}),
    "STR406 warning shorten#2 text",
    validators={"node:shorten/text": "short"},
)
fires(
    WHERE,
    "every_output",
    "every node's output",
    build_trace(ran("draft", {"text": "…"}), ran("cite", {"sources": []}), input={"topic": "x"}),
    "STR406 warning draft#1 -",
    validators={"*": "has_sources"},
)
fires(
    WHERE,
    "merged",
    "a field with a reducer is looked at after merging",
    build_trace(
        ran("price", {"notes": ["b"]}, state_after={"notes": ["a" * 40] * 80}), input={"order": {}}, graph=TILL
    ),
    "STR406 warning price#1 notes",
    validators={"notes": "short"},
)
silent(WHERE, "no_validators", "nothing to ask", sold(-3.0))
silent(WHERE, "not_there", "what is not written is not looked at", sold(3.0), validators={"refund": "positive"})
silent(
    WHERE,
    "another_node",
    "the field of another node",
    sold(-3.0),
    validators={"node:reply/total": "positive", "node:ship": "has_sources"},
)
silent(WHERE, "all_well", "a yes for everything", sold(3.0), validators={"*": "yes", "answer": "short"})
silent(
    WHERE,
    "failed_step",
    "what a failed attempt had in hand is not looked at",
    build_trace(
        ran("price", {"total": -1.0}, error=OSError("busy")),
        ran("price", {"total": 2.0}, attempt=2),
        input={"order": {}},
    ),
    validators={"total": "positive"},
)
silent(
    WHERE,
    "broken_validator",
    "a check that raises says nothing about the value",
    sold(-3.0),
    validators={"total": "stumbles"},
)
