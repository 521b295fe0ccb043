from __future__ import annotations

from typing import Any

from scenarios.kit import build_trace, fires, graph, node, ran, silent

WHERE = "behavioral/unfinished_work"

REPORT = graph(
    "topic:str notes:list report:str done:bool status:str report_ready:bool reason:str",
    node("collect", "topic", "notes"),
    node("write", "notes", "report done"),
    node("check", "report? done?", "status report_ready"),
)


def work(update: dict[str, Any], *more: Any) -> Any:
    return build_trace(
        ran("collect", {"notes": ["a", "b"]}), ran("write", update), *more, input={"topic": "tides"}, graph=REPORT
    )


fires(WHERE, "absent", "done, without a report", work({"done": True}), "BEH312 warning write#2 report")
silent(WHERE, "absent_mended", "done, with one", work({"done": True, "report": "The tides rose."}))
fires(WHERE, "empty", "done, the report is empty", work({"done": True, "report": " "}), "BEH312 warning write#2 report")
fires(
    WHERE,
    "flag_of_another_node",
    "the flag's name tells what should be there",
    work({"done": False}, ran("check", {"report_ready": True})),
    "BEH312 warning check#3 report",
)
fires(
    WHERE,
    "status_in_words",
    "a status says completed, beside an empty result, in Spanish",
    build_trace(ran("redactar", {"estado": "terminado", "informe": ""}), input={"tema": "mareas"}),
    "BEH312 warning redactar#1 informe",
)
fires(
    WHERE,
    "never_given",
    "None where the product should be",
    build_trace(ran("render", {"finished": True, "document": None}), input={"data": [1]}),
    "BEH312 warning render#1 document",
)

silent(
    WHERE,
    "written_later",
    "the report is written by a later step",
    work({"done": True}, ran("write", {"report": "Rose."})),
)
silent(WHERE, "not_done", "the flag is down", work({"done": False, "report": ""}))
silent(WHERE, "reason_given", "it says why", work({"done": True, "report": "", "reason": "nothing to report on"}))
silent(WHERE, "owned_up", "a text owns up", work({"done": True, "report": "No data was found."}))
silent(
    WHERE,
    "quiet_products",
    "no errors and no feedback are no missing products",
    build_trace(ran("review", {"approved": True, "errors": [], "feedback": ""}), input={"draft": "x"}),
)
silent(
    WHERE,
    "set_before",
    "the product was there already",
    build_trace(
        ran("write", {"report": "Rose."}),
        ran("check", {"report_ready": True, "status": "done"}),
        input={"notes": ["a"]},
        graph=REPORT,
    ),
)
silent(
    WHERE,
    "nothing_promised",
    "done, and no field promises anything",
    build_trace(ran("ping", {"done": True}), input={"a": 1}),
)
