"""Dataclass state: readings of a laboratory are parsed, calibrated, judged and written up."""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass, field
from typing import Any, Literal

from bench.faults.graphs.pace import pause
from bench.faults.plan import NUMBER, TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, START, StateGraph

from argus.testing.faults import SkippedStep, UnexpectedTransition

NAME = "lab_dataclass"

CALIBRATION = {"thermo": (1.0, -0.4), "scale": (0.998, 0.0), "ph": (1.02, 0.05)}
LIMITS = {"thermo": (-30.0, 120.0), "scale": (0.0, 500.0), "ph": (0.0, 14.0)}


@dataclass
class Reading:
    label: str
    value: float


@dataclass
class LabState:
    protocol: str
    device: str = ""
    operator: str | None = None
    readings: list[Reading] = field(default_factory=list)
    calibrated: list[Reading] = field(default_factory=list)
    outliers: list[str] = field(default_factory=list)
    mean: float | None = None
    spread: float | None = None
    trusted: bool = False
    report: str = ""


def collect(state: LabState) -> dict[str, Any]:
    device = re.search(r"device: (\w+)", state.protocol)
    operator = re.search(r"operator: ([^\n]+)", state.protocol)
    found = re.findall(r"^(\S+) = (-?\d+(?:\.\d+)?)$", state.protocol, re.MULTILINE)
    return {
        "device": device[1] if device else "thermo",
        "operator": operator[1].strip() if operator else None,
        "readings": [Reading(label, float(value)) for label, value in found],
    }


def calibrate(state: LabState) -> dict[str, Any]:
    pause(0.012)
    slope, offset = CALIBRATION[state.device]
    return {"calibrated": [Reading(r.label, round(r.value * slope + offset, 3)) for r in state.readings]}


def flag(state: LabState) -> dict[str, Any]:
    low, high = LIMITS[state.device]
    return {"outliers": [r.label for r in state.calibrated if not low <= r.value <= high]}


def enough(state: LabState) -> Literal["evaluate", "report_nothing"]:
    return "evaluate" if len(state.calibrated) > len(state.outliers) else "report_nothing"


def evaluate(state: LabState) -> dict[str, Any]:
    values = [r.value for r in state.calibrated if r.label not in state.outliers]
    spread = statistics.pstdev(values)
    return {"mean": round(statistics.fmean(values), 3), "spread": round(spread, 3), "trusted": len(values) >= 3}


def report(state: LabState) -> dict[str, Any]:
    by = state.operator or "the night shift"
    used = len(state.calibrated) - len(state.outliers)
    text = [f"Measured with the {state.device} by {by}.", f"{used} readings have a mean of {state.mean:.2f}"]
    text[-1] += f" and a spread of {state.spread:.2f}."
    if state.outliers:
        text.append("Out of range and left out: " + ", ".join(state.outliers) + ".")
    if not state.trusted:
        text.append("With so few readings the result is preliminary.")
    return {"report": " ".join(text)}


def report_nothing(state: LabState) -> dict[str, Any]:
    return {"report": "No usable readings were found in the protocol."}


def build(patch: Patch) -> Any:
    graph = StateGraph(LabState)
    for function in (collect, calibrate, flag, evaluate, report_nothing):
        graph.add_node(function)
    graph.add_node("write_report", report)
    graph.add_edge(START, "collect")
    graph.add_edge("collect", "calibrate")
    graph.add_edge("calibrate", "flag")
    graph.add_conditional_edges("flag", enough)
    graph.add_edge("evaluate", "write_report")
    graph.add_edge("write_report", END)
    graph.add_edge("report_nothing", END)
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def collect_as_tuples(state: LabState) -> dict[str, Any]:
    """collect returns pairs where readings are expected."""
    found = collect(state)
    return {**found, "readings": [(r.label, r.value) for r in found["readings"]]}


def collect_without_point(state: LabState) -> dict[str, Any]:
    """collect reads only whole numbers."""
    found = collect(state)
    numbers = re.findall(r"^(\S+) = (-?\d+)", state.protocol, re.MULTILINE)
    return {**found, "readings": [Reading(label, float(value) * 1000) for label, value in numbers]}


def calibrate_in_place(state: LabState) -> dict[str, Any]:
    """calibrate changes the raw readings and forgets to return the calibrated ones."""
    slope, offset = CALIBRATION[state.device]
    return {"readings": [Reading(r.label, round(r.value * slope + offset, 3)) for r in state.readings]}


def calibrate_to_fahrenheit(state: LabState) -> dict[str, Any]:
    """calibrate converts to Fahrenheit, which nobody asked for."""
    return {"calibrated": [Reading(r.label, round(r.value * 1.8 + 32, 3)) for r in state.readings]}


def evaluate_without_spread(state: LabState) -> dict[str, Any]:
    """evaluate forgets the spread, which the report prints."""
    found = evaluate(state)
    return {"mean": found["mean"], "trusted": found["trusted"]}


def evaluate_text(state: LabState) -> dict[str, Any]:
    """evaluate rounds by formatting, so the mean is text."""
    found = evaluate(state)
    return {"mean": f"{found['mean']:.2f}", "spread": found["spread"], "trusted": found["trusted"]}


def never_enough(state: LabState) -> str:
    """the branch counts the raw list of outliers twice and always gives up"""
    return "evaluate" if len(state.outliers) > len(state.calibrated) else "report_nothing"


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _protocol(device: str, *readings: tuple[str, float], operator: str = "", extra: str = "") -> dict[str, Any]:
    lines = [f"device: {device}"]
    if operator:
        lines.append(f"operator: {operator}")
    lines += [f"{label} = {value}" for label, value in readings]
    return {"protocol": "\n".join([*lines, extra])}


INPUTS = (
    Healthy(
        name="bath",
        input=_protocol("thermo", ("t1", 36.9), ("t2", 37.2), ("t3", 37.0), ("t4", 37.4), operator="Salome Ruiz"),
    ),
    Healthy(name="powder", input=_protocol("scale", ("m1", 41.2), ("m2", 40.8), ("m3", 41.5), operator="Igor Benes")),
    Healthy(name="soil", input=_protocol("ph", ("a", 6.4), ("b", 6.6), ("c", 6.2), ("d", 6.5), operator="Salome Ruiz")),
    Healthy(name="oven", input=_protocol("thermo", ("o1", 61.2), ("o2", 59.8), ("o3", 60.4), operator="Mo Adler")),
    Healthy(
        name="grain",
        input=_protocol(
            "scale", ("g1", 12.4), ("g2", 13.1), ("g3", 12.9), ("g4", 12.2), ("g5", 13.0), operator="Mo Adler"
        ),
    ),
    Healthy(name="water", input=_protocol("ph", ("w1", 7.1), ("w2", 7.0), ("w3", 7.2), operator="Igor Benes")),
    Healthy(
        name="frost",
        input=_protocol("thermo", ("f1", -12.5), ("f2", -11.9), ("f3", -13.2), operator="Mo Adler"),
        why="negative numbers",
    ),
    Healthy(
        name="zero",
        input=_protocol("scale", ("z1", 0.0), ("z2", 0.0), ("z3", 0.0), operator="Igor Benes"),
        why="a mean and a spread of zero",
    ),
    Healthy(name="none", input=_protocol("ph", extra="pump failed, no samples today"), why="no readings, and says so"),
    Healthy(
        name="outlier",
        input=_protocol("ph", ("p1", 6.9), ("p2", 19.0), ("p3", 7.0), ("p4", 7.1), operator="Salome Ruiz"),
        why="an outlier is found and left out, as it should be",
    ),
    Healthy(name="night", input=_protocol("thermo", ("n1", 4.1), ("n2", 4.0), ("n3", 3.8)), why="operator is None"),
    Healthy(name="few", input=_protocol("scale", ("s1", 20.5), operator="Mo Adler"), why="a single reading"),
    Healthy(
        name="error-note",
        input=_protocol(
            "thermo",
            ("e1", 21.3),
            ("e2", 21.6),
            ("e3", 21.1),
            operator="Error Eriksen",
            extra="note: display showed ERROR 7",
        ),
        why="an operator called Error and a note about one",
    ),
    Healthy(
        name="todo",
        input=_protocol("ph", ("TODO-1", 5.4), ("TODO-2", 5.6), ("TODO-3", 5.5), operator="Igor Benes"),
        why="labels with TODO in them",
    ),
    Healthy(
        name="umlaut",
        input=_protocol("scale", ("Küche", 33.0), ("Büro", 34.1), ("Gästebad", 32.8), operator="Jörg Übel"),
        why="another alphabet",
    ),
    Healthy(
        name="tank",
        input=_protocol("thermo", ("k1", 44.6), ("k2", 45.0), ("k3", 45.3), ("k4", 44.9), operator="Igor Benes"),
    ),
)

PLAN = Plan(NAME, "held-back", on=["bath", "powder", "soil", "oven", "grain", "water", "tank"])
PLAN.each(TEXT, "write_report", "report")
PLAN.each(NUMBER, "evaluate", "mean")
PLAN.each(("power_of_ten", "sign_flip", "dropped_field", "renamed_key", "missing_value"), "evaluate", "spread")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type", "empty_output"), "calibrate", "calibrated")
PLAN.each(("missing_value", "unparsed_text", "power_of_ten", "sign_flip"), "calibrate", "calibrated.0.value")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type", "placeholder"), "collect", "device")
PLAN.each(("renamed_key", "missing_value", "wrong_type"), "collect", "readings")
PLAN.add("empty_output", "collect", "readings", needs_history=True)
PLAN.add("poisoned_value", "collect", "device", poison="Thermo", on="bath", symptom="calibrate")
PLAN.add("poisoned_value", "calibrate", "calibrated", symptom="flag", on="oven")
PLAN.add(SkippedStep(target="report_nothing", instead_of="evaluate"), "flag", times=2, needs_history=True)
PLAN.add(UnexpectedTransition(target="write_report", instead_of="evaluate"), "flag", symptom="write_report")
PLAN.each(("foreign_value", "foreign_type", "foreign_meaning"), "evaluate", "calibrated")
PLAN.each(("foreign_value", "foreign_meaning"), "write_report", "mean")
PLAN.each(("no_update", "crash"), "calibrate")
PLAN.add("no_update", "evaluate")
PLAN.add("crash", "write_report")
PLAN.add("slow_node", "calibrate", times=2)
PLAN.add("fast_node", "calibrate", result={"calibrated": []})
PLAN.add("fewer_items", "collect", "readings", on="grain")
PLAN.each(("unsupported_number", "unsupported_name", "unsupported_date", "other_answer"), "write_report", "report")
PLAN.add("contradiction", "write_report", "report", times=2)
PLAN.add("wrong_language", "write_report", "report")
PLAN.add("short_output", "write_report", "report")
PLAN.add("stale_result", "write_report", on="bath", warm_up="soil")
PLAN.add("stale_result", "calibrate", on="powder", warm_up="grain")
PLAN.add("unfinished_work", "evaluate", "mean")

PLAN.variant("wrong_type", "collect", collect_as_tuples, symptom="calibrate")
PLAN.variant("power_of_ten", "collect", collect_without_point)
PLAN.variant("dropped_field", "calibrate", calibrate_in_place, symptom="report_nothing")
PLAN.variant("unit_error", "calibrate", calibrate_to_fahrenheit, on="bath")
PLAN.variant("dropped_field", "evaluate", evaluate_without_spread, symptom="write_report")
PLAN.variant("wrong_type", "evaluate", evaluate_text, symptom="write_report")
PLAN.variant("skipped_step", "flag", never_enough, place="branch", needs_history=True)

GRAPH = MatrixGraph(
    name=NAME, part="held-back", description="dataclass state", build=build, inputs=INPUTS, faults=PLAN.cases
)
