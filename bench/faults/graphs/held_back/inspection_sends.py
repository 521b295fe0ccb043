"""Every machine of a plant is inspected by a subgraph of its own, sent off side by side; the report is in Japanese."""

from __future__ import annotations

import operator
from typing import Annotated, Any, Literal, TypedDict

from bench.faults.graphs.pace import pause
from bench.faults.plan import TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from argus.testing.faults import SkippedStep, UnexpectedTransition

NAME = "inspection_sends"


class Machine(TypedDict):
    code: str
    hours: float
    heat: float
    note: str


class Finding(TypedDict):
    code: str
    grade: Literal["良好", "注意", "危険"]
    due_in: float
    remark: str | None


class PlantState(TypedDict):
    plant: str
    lines: list[str]
    machines: list[Machine]
    findings: Annotated[list[Finding], operator.add]
    urgent: list[str]
    next_service: float
    report: str


class InspectionState(TypedDict):
    machine: Machine
    wear: float
    grade: Literal["良好", "注意", "危険"]
    remark: str | None
    findings: Annotated[list[Finding], operator.add]


def read_list(state: PlantState) -> dict[str, Any]:
    machines = []
    for line in state["lines"]:
        code, hours, heat, *note = line.split(",")
        machines.append({"code": code, "hours": float(hours), "heat": float(heat), "note": ",".join(note).strip()})
    return {"machines": machines}


def send_inspectors(state: PlantState) -> list[Send] | str:
    return [Send("inspect", {"machine": machine}) for machine in state["machines"]] or "report_empty"


def measure(state: InspectionState) -> dict[str, Any]:
    pause(0.01)
    machine = state["machine"]
    return {"wear": round(machine["hours"] / 4000 + max(0.0, machine["heat"] - 60) / 100, 3)}


def grade_wear(state: InspectionState) -> dict[str, Any]:
    wear = state["wear"]
    return {"grade": "良好" if wear < 0.5 else "注意" if wear < 0.9 else "危険"}


def needs_remark(state: InspectionState) -> Literal["remark_on", "close"]:
    return "close" if state["grade"] == "良好" else "remark_on"


def remark_on(state: InspectionState) -> dict[str, Any]:
    note = state["machine"]["note"]
    return {"remark": f"摩耗率{state['wear']:.2f}。" + (f"担当者の記録：{note}" if note else "記録なし。")}


def close(state: InspectionState) -> dict[str, Any]:
    finding = {
        "code": state["machine"]["code"],
        "grade": state["grade"],
        "due_in": round(max(0.0, (1 - state["wear"]) * 4000), 1),
        "remark": state.get("remark"),
    }
    return {"findings": [finding]}


def gather(state: PlantState) -> dict[str, Any]:
    ordered = sorted(state["findings"], key=lambda finding: finding["code"])
    return {
        "urgent": [finding["code"] for finding in ordered if finding["grade"] == "危険"],
        "next_service": min(finding["due_in"] for finding in ordered),
    }


def report(state: PlantState) -> dict[str, Any]:
    count = len(state["findings"])
    text = [f"{state['plant']}工場の点検が完了しました。対象は{count}台です。"]
    text.append(f"次回整備までの最短時間は{state['next_service']:.1f}時間です。")
    text.append(
        f"至急の対応が必要な機械：{'、'.join(state['urgent'])}。" if state["urgent"] else "至急の対応は不要です。"
    )
    return {"report": "".join(text)}


def report_empty(state: PlantState) -> dict[str, Any]:
    return {"report": f"{state['plant']}工場には点検対象の機械がありません。"}


def build(patch: Patch) -> Any:
    inner = StateGraph(InspectionState)
    for function in (measure, grade_wear, remark_on, close):
        inner.add_node(function)
    inner.add_edge(START, "measure")
    inner.add_edge("measure", "grade_wear")
    inner.add_conditional_edges("grade_wear", needs_remark)
    inner.add_edge("remark_on", "close")
    inner.add_edge("close", END)
    patch.graph(inner, "inspect")

    graph = StateGraph(PlantState)
    graph.add_node(read_list)
    graph.add_node("inspect", inner.compile(name="inspect"))
    for function in (gather, report_empty):
        graph.add_node(function)
    graph.add_node("write_report", report)
    graph.add_edge(START, "read_list")
    graph.add_conditional_edges("read_list", send_inspectors, ["inspect", "report_empty"])
    graph.add_edge("inspect", "gather")
    graph.add_edge("gather", "write_report")
    graph.add_edge("write_report", END)
    graph.add_edge("report_empty", END)
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def send_without_first(state: PlantState) -> list[Send] | str:
    """the first line is taken for a header"""
    return [Send("inspect", {"machine": machine}) for machine in state["machines"][1:]] or "report_empty"


def measure_raw_hours(state: InspectionState) -> dict[str, Any]:
    """measure forgets to divide the hours by the service life."""
    machine = state["machine"]
    return {"wear": round(machine["hours"] + max(0.0, machine["heat"] - 60) / 100, 3)}


def grade_in_english(state: InspectionState) -> dict[str, Any]:
    """grade_wear returns an English word that the schema does not know."""
    wear = state["wear"]
    return {"grade": "good" if wear < 0.5 else "attention" if wear < 0.9 else "danger"}


def close_without_due(state: InspectionState) -> dict[str, Any]:
    """close leaves out when the next service is due."""
    finding = {"code": state["machine"]["code"], "grade": state["grade"], "remark": state.get("remark")}
    return {"findings": [finding]}


def close_under_results(state: InspectionState) -> dict[str, Any]:
    """close returns `results`; the state has `findings`."""
    return {"results": close(state)["findings"]}


def report_from_template(state: PlantState) -> dict[str, Any]:
    """write_report forgets to fill in its template."""
    return {"report": "{plant}工場の点検が完了しました。対象は{count}台です。"}


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _plant(name: str, *lines: str) -> dict[str, Any]:
    return {"plant": name, "lines": list(lines)}


INPUTS = (
    Healthy(name="osaka", input=_plant("大阪", "P-01,1200,55,", "P-02,2600,66,異音あり", "P-03,800,48,")),
    Healthy(name="nagoya", input=_plant("名古屋", "M-11,3100,72,油漏れを確認", "M-12,1500,58,")),
    Healthy(
        name="kyoto", input=_plant("京都", "K-1,900,50,", "K-2,1100,52,", "K-3,2400,64,振動が大きい", "K-4,2000,61,")
    ),
    Healthy(name="sendai", input=_plant("仙台", "S-7,2900,70,ベルト交換予定", "S-8,2200,59,", "S-9,1700,57,")),
    Healthy(name="kobe", input=_plant("神戸", "B-1,2100,63,清掃済み", "B-2,1300,54,")),
    Healthy(
        name="hiroshima",
        input=_plant("広島", "H-1,2700,69,温度計を交換", "H-2,1900,60,", "H-3,2300,62,", "H-4,600,44,"),
    ),
    Healthy(name="none", input=_plant("奈良"), why="no machines, and says so"),
    Healthy(name="single", input=_plant("福岡", "F-1,1400,56,"), why="a fan-out with one branch"),
    Healthy(name="new", input=_plant("札幌", "N-1,0,20,", "N-2,0,21,"), why="zero hours, nothing urgent, empty lists"),
    Healthy(name="cold", input=_plant("旭川", "A-1,700,-15,屋外", "A-2,900,-18,屋外"), why="negative temperatures"),
    Healthy(
        name="worn-out",
        input=_plant("川崎", "W-1,4600,95,故障中", "W-2,3900,88,エラー表示"),
        why="machines that failed: that is the finding, not a fault",
    ),
    Healthy(
        name="error-note",
        input=_plant("横浜", "Y-1,2500,66,error E42: connection lost", "Y-2,1000,50,"),
        why="a note with an error message",
    ),
    Healthy(name="todo", input=_plant("千葉", "T-1,2200,61,TODO: 再点検", "T-2,1200,53,"), why="a note with TODO"),
    Healthy(name="same", input=_plant("静岡", "Z-1,1600,57,", "Z-1,1600,57,", "Z-1,1600,57,"), why="three lines alike"),
    Healthy(
        name="many", input=_plant("東京", *[f"V-{n},{900 + 210 * n},{48 + n}," for n in range(8)]), why="eight branches"
    ),
    Healthy(name="okayama", input=_plant("岡山", "O-1,2800,68,軸受を交換", "O-2,1700,58,", "O-3,1250,51,")),
)

PLAN = Plan(NAME, "held-back", on=["osaka", "nagoya", "kyoto", "sendai", "kobe", "hiroshima", "okayama"])
INNER = {"where": "inspect"}
PLAN.each(TEXT, "write_report", "report")
PLAN.each(("unsupported_number", "unsupported_name", "unsupported_date", "other_answer"), "write_report", "report")
PLAN.add("wrong_language", "write_report", "report", times=2)
PLAN.add(
    "contradiction",
    "write_report",
    "report",
    on="kyoto",
    pool=("広島工場の点検が完了しました。対象は19台です。次回整備までの最短時間は3.5時間です。至急の対応は不要です。",),
)
PLAN.add("missing_branch", "read_list", times=3)
PLAN.add("missing_result", "close", "findings", times=3, **INNER)
PLAN.each(
    ("dropped_field", "renamed_key", "missing_value", "wrong_type", "poisoned_value"),
    "close",
    "findings.0.due_in",
    calls=(1,),
    **INNER,
)
PLAN.each(("power_of_ten", "sign_flip"), "close", "findings.0.due_in", calls=(2,), **INNER)
PLAN.each(("dropped_field", "renamed_key", "missing_value"), "measure", "wear", symptom="grade_wear", **INNER)
PLAN.each(("power_of_ten", "sign_flip", "unparsed_text"), "measure", "wear", calls=(1,), **INNER)
PLAN.each(("placeholder", "missing_value", "wrong_type", "poisoned_value"), "grade_wear", "grade", calls=(1,), **INNER)
PLAN.each(
    ("placeholder", "refusal", "mojibake", "exception_text", "stack_trace"), "remark_on", "remark", calls=(1,), **INNER
)
PLAN.add(SkippedStep(target="close", instead_of="remark_on"), "grade_wear", **INNER, needs_history=True)
PLAN.add(UnexpectedTransition(target="remark_on", instead_of="close"), "grade_wear", **INNER, needs_history=True)
PLAN.each(("crash", "no_update"), "measure", calls=(2,), **INNER)
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type", "empty_output"), "read_list", "machines")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "unparsed_text"), "read_list", "machines.*.heat")
PLAN.each(("power_of_ten", "unit_error"), "read_list", "machines.0.hours")
PLAN.each(("power_of_ten", "sign_flip", "missing_value", "renamed_key", "unparsed_text"), "gather", "next_service")
PLAN.each(("dropped_field", "renamed_key", "missing_value"), "gather", "urgent")
PLAN.each(("foreign_value", "foreign_type", "foreign_meaning"), "gather", "machines")
PLAN.each(("foreign_value", "foreign_meaning"), "write_report", "next_service")
PLAN.add("foreign_meaning", "grade_wear", "wear", **INNER)
PLAN.add("fewer_items", "read_list", "machines", on="hiroshima")
PLAN.add("slow_node", "measure", **INNER)
PLAN.add("no_update", "gather")
PLAN.add("no_update", "write_report")
PLAN.add("crash", "gather")
PLAN.add("stale_result", "write_report", on="kyoto", warm_up="osaka")

PLAN.variant("missing_branch", "read_list", send_without_first, place="branch", on="kyoto")
PLAN.variant("unit_error", "measure", measure_raw_hours, **INNER)
PLAN.variant("wrong_type", "grade_wear", grade_in_english, **INNER)
PLAN.variant("dropped_field", "close", close_without_due, symptom="gather", **INNER)
PLAN.variant("renamed_key", "close", close_under_results, symptom="gather", **INNER)
PLAN.variant("unfilled_template", "write_report", report_from_template)

GRAPH = MatrixGraph(
    name=NAME,
    part="held-back",
    description="Send into a subgraph, Japanese",
    build=build,
    inputs=INPUTS,
    faults=PLAN.cases,
)
