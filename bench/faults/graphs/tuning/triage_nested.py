"""Nested pydantic models: a clinic's front desk takes vitals, finds warning signs, sets an urgency and a plan."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any, Literal

from bench.faults.plan import NUMBER, TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, StateGraph
from pydantic import BaseModel, ConfigDict

from argus.testing.faults import SkippedStep, UnexpectedTransition

NAME = "triage_nested"


class Sex(str, Enum):
    F = "f"
    M = "m"
    X = "x"


class Person(BaseModel):
    name: str
    born: int
    sex: Sex = Sex.X
    allergies: list[str] = []
    gp: str | None = None


class Vitals(BaseModel):
    pulse: int
    systolic: int
    temp_c: float
    spo2: int | None = None


class Sign(BaseModel):
    code: Literal["fever", "tachycardia", "hypoxia", "hypotension", "pain", "bleeding"]
    weight: int
    because: str


class Step(BaseModel):
    what: str
    within_min: int
    who: Literal["nurse", "doctor", "desk"]


class CarePlan(BaseModel):
    model_config = ConfigDict(extra="forbid")
    steps: list[Step]
    room: str | None = None


class Visit(BaseModel):
    person: Person
    complaint: str
    reading: str = ""
    vitals: Vitals | None = None
    signs: list[Sign] = []
    score: int | None = None
    urgency: Literal["red", "orange", "green", "blue"] | None = None
    plan: CarePlan | None = None
    waiting_min: int | None = None
    handover: str = ""


def number_in(text: str, label: str) -> float | None:
    hit = re.search(rf"{label}\s*[:=]?\s*(\d+(?:\.\d+)?)", text, re.IGNORECASE)
    return float(hit[1]) if hit else None


def measure(visit: Visit) -> dict[str, Any]:
    pulse, pressure, temp = (number_in(visit.reading, label) for label in ("hr", "bp", "t"))
    if pulse is None or pressure is None:
        return {"vitals": None}
    spo2 = number_in(visit.reading, "spo2")
    return {
        "vitals": Vitals(
            pulse=int(pulse), systolic=int(pressure), temp_c=temp or 36.8, spo2=None if spo2 is None else int(spo2)
        )
    }


def look_for_signs(visit: Visit) -> dict[str, Any]:
    signs, seen = [], visit.vitals
    if seen is not None:
        if seen.temp_c >= 38.5:
            signs.append(Sign(code="fever", weight=2, because=f"temperature {seen.temp_c} C"))
        if seen.pulse > 110:
            signs.append(Sign(code="tachycardia", weight=3, because=f"pulse {seen.pulse}"))
        if seen.spo2 is not None and seen.spo2 < 92:
            signs.append(Sign(code="hypoxia", weight=5, because=f"saturation {seen.spo2} percent"))
        if seen.systolic < 95:
            signs.append(Sign(code="hypotension", weight=4, because=f"systolic {seen.systolic}"))
    for word, code, weight in (("pain", "pain", 1), ("blood", "bleeding", 3), ("bleed", "bleeding", 3)):
        if word in visit.complaint.lower():
            signs.append(Sign(code=code, weight=weight, because=f"says {word!r}"))
    return {"signs": signs}


def grade(visit: Visit) -> dict[str, Any]:
    score = sum(sign.weight for sign in visit.signs) + (2 if 2026 - visit.person.born > 75 else 0)
    return {
        "score": score,
        "urgency": "red" if score >= 7 else "orange" if score >= 4 else "green" if score else "blue",
    }


def by_urgency(visit: Visit) -> str:
    return {"red": "alarm", "orange": "make_plan", "green": "make_plan", "blue": "send_home"}[visit.urgency or "blue"]


def alarm(visit: Visit) -> Visit:
    steps = [
        Step(what="call the resuscitation team", within_min=0, who="nurse"),
        Step(what="intravenous access", within_min=3, who="nurse"),
        Step(what="examination", within_min=5, who="doctor"),
    ]
    return visit.model_copy(update={"plan": CarePlan(steps=steps, room="R1"), "waiting_min": 0})


def make_plan(visit: Visit) -> dict[str, Any]:
    wait = 10 if visit.urgency == "orange" else 60
    steps = [Step(what=f"look again at {sign.code}", within_min=wait // 2, who="nurse") for sign in visit.signs]
    steps.append(Step(what="examination", within_min=wait, who="doctor"))
    return {"plan": CarePlan(steps=steps, room="T2" if visit.urgency == "orange" else None), "waiting_min": wait}


def send_home(visit: Visit) -> dict[str, Any]:
    gp = visit.person.gp or "any surgery nearby"
    return {"plan": CarePlan(steps=[Step(what=f"see {gp}", within_min=2880, who="desk")]), "waiting_min": None}


def hand_over(visit: Visit) -> dict[str, Any]:
    person, plan = visit.person, visit.plan
    assert plan is not None
    allergies = ", ".join(person.allergies) or "no known allergies"
    found = "; ".join(sign.because for sign in visit.signs) or "nothing remarkable"
    steps = " ".join(f"{at}) {step.what} ({step.who}, {step.within_min} min)" for at, step in enumerate(plan.steps, 1))
    return {
        "handover": (
            f"{person.name}, born {person.born}, {allergies}. Came with: {visit.complaint} "
            f"Findings: {found}. Urgency {visit.urgency} with {visit.score} points. To do: {steps}."
        )
    }


def build(patch: Patch) -> Any:
    graph = StateGraph(Visit)
    for function in (measure, look_for_signs, grade, alarm, make_plan, send_home, hand_over):
        graph.add_node(function)
    graph.set_entry_point("measure")
    graph.add_edge("measure", "look_for_signs")
    graph.add_edge("look_for_signs", "grade")
    graph.add_conditional_edges("grade", by_urgency, ["alarm", "make_plan", "send_home"])
    for last in ("alarm", "make_plan", "send_home"):
        graph.add_edge(last, "hand_over")
    graph.add_edge("hand_over", END)
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def measure_fahrenheit(visit: Visit) -> dict[str, Any]:
    """measure takes the thermometer's Celsius for something to be converted."""
    made = measure(visit)["vitals"]
    return {"vitals": made.model_copy(update={"temp_c": round(made.temp_c * 9 / 5 + 32, 1)})}


def measure_as_mapping(visit: Visit) -> dict[str, Any]:
    """measure hands on a dict with `hr` and `bp` where a Vitals is due."""
    made = measure(visit)["vitals"]
    return {"vitals": {"hr": made.pulse, "bp": made.systolic, "temp": made.temp_c}}


def look_for_signs_by_title(visit: Visit) -> dict[str, Any]:
    """look_for_signs lists the names of the signs only."""
    return {"signs": [sign.code for sign in look_for_signs(visit)["signs"]]}


def grade_says_amber(visit: Visit) -> dict[str, Any]:
    """grade says `amber`, a colour that the scale does not have."""
    return {"score": grade(visit)["score"], "urgency": "amber"}


def grade_without_urgency(visit: Visit) -> dict[str, Any]:
    """grade returns `priority`; the visit has `urgency`."""
    made = grade(visit)
    return {"score": made["score"], "priority": made["urgency"]}


def make_plan_without_doctor(visit: Visit) -> dict[str, Any]:
    """make_plan declares a waiting time, and leaves the plan for later."""
    return {"waiting_min": make_plan(visit)["waiting_min"]}


def everyone_home(visit: Visit) -> str:
    """the branch compares with a word that nobody uses"""
    return "alarm" if visit.urgency == "critical" else "send_home"


def hand_over_of_prompt(visit: Visit) -> dict[str, Any]:
    """hand_over prints the variables' names."""
    return {"handover": "${person.name}, born ${person.born}. Came with: ${complaint} Urgency ${urgency}."}


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _visit(name: str, born: int, complaint: str, reading: str = "", **person: Any) -> dict[str, Any]:
    return {"person": {"name": name, "born": born, **person}, "complaint": complaint, "reading": reading}


INPUTS = (
    Healthy(
        name="ankle",
        input=_visit("Hana Kimura", 1991, "Twisted her ankle, pain when walking.", "HR 82 BP 124/80 T 36.9", sex="f"),
    ),
    Healthy(
        name="fever", input=_visit("Piotr Zak", 1979, "Fever for three days and a cough.", "HR 118 BP 118/70 T 39.4")
    ),
    Healthy(
        name="cut",
        input=_visit("Noor Aziz", 1966, "A deep cut in the hand, lots of blood, pain.", "HR 96 BP 131/82 T 36.6"),
    ),
    Healthy(
        name="back",
        input=_visit(
            "Sven Dahl", 1985, "Back pain since moving a wardrobe.", "HR 74 BP 135/88 T 36.7", gp="Dr Bergman"
        ),
    ),
    Healthy(
        name="chest",
        input=_visit("Ugo Marin", 1948, "Chest pain and short of breath.", "HR 121 BP 104/60 T 37.0 SpO2 93"),
    ),
    Healthy(name="tooth", input=_visit("Ida Voss", 2001, "Pain in a lower tooth.", "HR 79 BP 115/75 T 38.6", sex="f")),
    Healthy(
        name="collapse",
        input=_visit("Rosa Tell", 1940, "Collapsed at home.", "HR 132 BP 84/50 T 36.1 SpO2 88"),
        why="everything is alarming, and rightly so",
    ),
    Healthy(
        name="form", input=_visit("Al Bo", 1999, "Needs a sick note.", "HR 66 BP 120/80 T 36.5"), why="no signs: empty"
    ),
    Healthy(name="no-reading", input=_visit("Mel Ott", 1990, "Wants to ask something."), why="vitals are None"),
    Healthy(
        name="pacemaker",
        input=_visit("Jan Pool", 1951, "His pacemaker shows 'ERROR 7: lead failure'.", "HR 58 BP 128/79 T 36.6"),
        why="a device's error message",
    ),
    Healthy(name="yes", input=_visit("Kim", 2003, "yes", "HR 71 BP 110/70 T 36.4"), why="a one-word complaint"),
    Healthy(
        name="allergic",
        input=_visit(
            "Eva Lund",
            1972,
            "Itching, no pain.",
            "HR 88 BP 119/77 T 36.9",
            allergies=["penicillin", "nuts", "TODO ask"],
        ),
        why="TODO in the data, and no pain counts as pain",
    ),
    Healthy(
        name="sorry",
        input=_visit("Leo Max", 1988, "Sorry, I cannot describe it, I am unable to sleep.", "HR 77 BP 122/80 T 36.8"),
        why="sounds like a refusal",
    ),
    Healthy(
        name="zero", input=_visit("Baby Roe", 2026, "Newborn check.", "HR 109 BP 96/60 T 37.1 SpO2 99"), why="age zero"
    ),
)

PLAN = Plan(NAME, "tuning", on=["ankle", "fever", "cut", "back", "tooth"])
PLAN.each(TEXT, "hand_over", "handover")
PLAN.each(("placeholder", "exception_text", "mojibake"), "look_for_signs", "signs.0.because")
PLAN.each(("power_of_ten", "sign_flip", "unparsed_text", "missing_value"), "measure", "vitals.pulse")
PLAN.each(("power_of_ten", "wrong_type", "missing_value"), "measure", "vitals.temp_c")
PLAN.add("missing_value", "measure", "vitals", on="fever", needs_history=True)
PLAN.each(NUMBER, "grade", "score")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "placeholder", "wrong_type"), "grade", "urgency")
PLAN.each(("dropped_field", "renamed_key", "wrong_type", "poisoned_value"), "look_for_signs", "signs")
PLAN.each(("missing_value", "wrong_type"), "look_for_signs", "signs.0.weight", symptom="grade")
PLAN.each(("dropped_field", "renamed_key", "missing_value"), "make_plan", "plan", symptom="hand_over")
PLAN.add("wrong_type", "make_plan", "plan.steps", symptom="hand_over")
PLAN.each(("foreign_value", "foreign_type", "foreign_meaning"), "make_plan", "score")
PLAN.each(("foreign_value", "foreign_meaning"), "grade", "complaint")
PLAN.add("unfinished_work", "hand_over", "handover")
PLAN.add(SkippedStep(target="hand_over", instead_of="make_plan"), "grade")
PLAN.add(UnexpectedTransition(target="send_home", instead_of="make_plan"), "grade", needs_history=True)
PLAN.add("crash", "look_for_signs")
PLAN.add("no_update", "make_plan", symptom="hand_over")
PLAN.add("stale_result", "hand_over", on="back", warm_up="tooth")
PLAN.each(("unsupported_number", "unsupported_date", "contradiction"), "hand_over", "handover")

PLAN.variant("unit_error", "measure", measure_fahrenheit)
PLAN.variant("wrong_type", "measure", measure_as_mapping, symptom="look_for_signs")
PLAN.variant("wrong_type", "look_for_signs", look_for_signs_by_title, symptom="grade")
PLAN.variant("poisoned_value", "grade", grade_says_amber)
PLAN.variant("renamed_key", "grade", grade_without_urgency)
PLAN.variant("unfinished_work", "make_plan", make_plan_without_doctor, symptom="hand_over", on="ankle")
PLAN.variant("skipped_step", "grade", everyone_home, place="branch", needs_history=True)
PLAN.variant("unfilled_template", "hand_over", hand_over_of_prompt)

GRAPH = MatrixGraph(
    name=NAME, part="tuning", description="nested pydantic models", build=build, inputs=INPUTS, faults=PLAN.cases
)
