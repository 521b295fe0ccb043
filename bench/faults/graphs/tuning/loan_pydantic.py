"""Pydantic state: a loan application is verified, rated, decided and answered."""

from __future__ import annotations

from typing import Any, Literal

from bench.faults.graphs.pace import pause
from bench.faults.plan import NUMBER, TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, START, StateGraph
from pydantic import BaseModel, Field

from argus.testing.faults import SkippedStep, UnexpectedTransition

NAME = "loan_pydantic"


class Income(BaseModel):
    source: str
    monthly: float


class LoanState(BaseModel):
    applicant: str
    age: int
    amount: float
    years: int
    incomes: list[Income] = Field(default_factory=list)
    rent: float = 0.0
    co_applicant: str | None = None
    remarks: list[str] = Field(default_factory=list)
    disposable: float | None = None
    installment: float | None = None
    ratio: float | None = None
    grade: Literal["A", "B", "C", "D"] | None = None
    rate: float | None = None
    decision: str | None = None
    letter: str = ""


def verify(state: LoanState) -> dict[str, Any]:
    remarks = []
    if state.age < 18:
        remarks.append("the applicant is a minor")
    if not state.incomes:
        remarks.append("no income was stated")
    return {"remarks": remarks}


def afford(state: LoanState) -> dict[str, Any]:
    pause(0.012)
    income = sum(entry.monthly for entry in state.incomes)
    disposable = round(income - state.rent - 600.0, 2)
    installment = round(state.amount * (1 + 0.05 * state.years) / (12 * state.years), 2)
    return {
        "disposable": disposable,
        "installment": installment,
        "ratio": round(installment / disposable, 3) if disposable > 0 else 9.99,
    }


def worth_rating(state: LoanState) -> Literal["rate_risk", "decide"]:
    return "decide" if state.remarks else "rate_risk"


def rate_risk(state: LoanState) -> dict[str, Any]:
    ratio = state.ratio if state.ratio is not None else 9.99
    grade = "A" if ratio < 0.2 else "B" if ratio < 0.4 else "C" if ratio < 0.7 else "D"
    return {"grade": grade, "rate": {"A": 3.9, "B": 4.9, "C": 6.9, "D": 0.0}[grade]}


def decide(state: LoanState) -> dict[str, Any]:
    if state.remarks:
        return {"decision": "returned"}
    return {"decision": "declined" if state.grade == "D" else "approved"}


def write_letter(state: LoanState) -> dict[str, Any]:
    head = f"Dear {state.applicant},"
    if state.decision == "approved":
        body = (
            f"we are glad to offer you {state.amount:.2f} EUR over {state.years} years at {state.rate:.1f} percent. "
            f"You will pay {state.installment:.2f} EUR a month. Your grade is {state.grade}."
        )
    elif state.decision == "declined":
        body = f"we are sorry: a loan of {state.amount:.2f} EUR is not possible with your present income."
    else:
        body = f"we could not process your application because {', '.join(state.remarks)}."
    return {"letter": f"{head}\n{body}\nYour bank"}


def build(patch: Patch) -> Any:
    graph = StateGraph(LoanState)
    for function in (verify, afford, rate_risk, decide, write_letter):
        graph.add_node(function)
    graph.add_edge(START, "verify")
    graph.add_edge("verify", "afford")
    graph.add_conditional_edges("afford", worth_rating)
    graph.add_edge("rate_risk", "decide")
    graph.add_edge("decide", "write_letter")
    graph.add_edge("write_letter", END)
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def afford_with_percent(state: LoanState) -> dict[str, Any]:
    """afford gives the ratio in percent, and every loan is declined."""
    found = afford(state)
    return {"disposable": found["disposable"], "installment": found["installment"], "ratio": found["ratio"] * 100}


def afford_under_payment(state: LoanState) -> dict[str, Any]:
    """afford returns `payment` where the state has `installment`."""
    found = afford(state)
    return {"disposable": found["disposable"], "payment": found["installment"], "ratio": found["ratio"]}


def afford_per_year(state: LoanState) -> dict[str, Any]:
    """afford forgets to divide by twelve."""
    found = afford(state)
    installment = found["installment"] * 12
    return {"disposable": found["disposable"], "installment": installment, "ratio": found["ratio"]}


def rate_risk_with_word(state: LoanState) -> dict[str, Any]:
    """rate_risk returns `good` where only A, B, C or D is allowed."""
    return {"grade": "good", "rate": 3.9}


def rate_risk_without_rate(state: LoanState) -> dict[str, Any]:
    """rate_risk forgets the rate."""
    return {"grade": rate_risk(state)["grade"]}


def decide_without_answer(state: LoanState) -> dict[str, Any] | None:
    """decide forgets the return for the good case."""
    if state.remarks:
        return {"decision": "returned"}
    if state.grade == "D":
        return {"decision": "declined"}
    return None


def verify_joins_remarks(state: LoanState) -> dict[str, Any]:
    """verify returns its remarks as one text."""
    return {"remarks": "; ".join(verify(state)["remarks"]) or "none"}


def straight_to_decision(state: LoanState) -> str:
    """the branch asks for a field that is None before the rating, so nobody is ever rated"""
    return "rate_risk" if state.grade else "decide"


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _loan(name: str, age: int, amount: float, years: int, *incomes: tuple[str, float], **extra: Any) -> dict[str, Any]:
    listed = [{"source": source, "monthly": monthly} for source, monthly in incomes]
    return {"applicant": name, "age": age, "amount": amount, "years": years, "incomes": listed, **extra}


INPUTS = (
    Healthy(name="car", input=_loan("Ana Prieto", 34, 12000, 5, ("salary", 2600), rent=780)),
    Healthy(name="kitchen", input=_loan("Olaf Brandt", 51, 9000, 4, ("salary", 3100), ("rental", 400), rent=0.0)),
    Healthy(name="roof", input=_loan("Lea Roth", 44, 20000, 8, ("salary", 3500), rent=950, co_applicant="Jan Roth")),
    Healthy(name="studies", input=_loan("Kofi Mensah", 23, 6000, 5, ("job", 1200), ("grant", 500), rent=420)),
    Healthy(name="boat", input=_loan("Per Lind", 47, 15000, 6, ("salary", 2900), rent=800)),
    Healthy(name="piano", input=_loan("Yui Tanaka", 39, 8000, 3, ("lessons", 2300), rent=640)),
    Healthy(
        name="minor",
        input=_loan("Tim Roth", 16, 500, 1, ("pocket money", 40)),
        why="returned, with reasons; the rating is skipped",
    ),
    Healthy(name="no-income", input=_loan("Mia Noll", 29, 3000, 2), why="an empty list of incomes"),
    Healthy(
        name="declined", input=_loan("Bo Karlsson", 31, 60000, 3, ("salary", 1900), rent=700), why="an honest refusal"
    ),
    Healthy(
        name="negative",
        input=_loan("Rita Sol", 38, 4000, 2, ("shop", 900), ("loss of farm", -250), rent=300),
        why="negative numbers",
    ),
    Healthy(
        name="no-rent",
        input=_loan("Emil Dahl", 60, 5000, 5, ("pension", 1800)),
        why="rent is zero, co_applicant is None",
    ),
    Healthy(
        name="error-name",
        input=_loan("Error Null", 33, 7000, 4, ("salary", 2500), rent=600),
        why="a person called Error Null",
    ),
    Healthy(name="tiny", input=_loan("Al", 40, 100, 1, ("salary", 2000), rent=500), why="very small numbers"),
    Healthy(
        name="umlaut", input=_loan("Jürgen Größl", 55, 11000, 5, ("Gehalt", 2800), rent=820), why="another alphabet"
    ),
    Healthy(name="garden", input=_loan("Nora Weiss", 36, 9500, 4, ("salary", 2700), rent=730)),
)

PLAN = Plan(NAME, "tuning", on=["car", "kitchen", "roof", "studies", "boat", "piano", "garden"])
PLAN.each(TEXT, "write_letter", "letter")
PLAN.each(NUMBER, "afford", "installment")
PLAN.each(NUMBER, "afford", "ratio")
PLAN.each(
    ("power_of_ten", "sign_flip", "wrong_type", "unparsed_text", "dropped_field", "renamed_key"), "rate_risk", "rate"
)
PLAN.each(
    ("dropped_field", "renamed_key", "missing_value", "placeholder", "wrong_type", "poisoned_value"),
    "rate_risk",
    "grade",
)
PLAN.each(("dropped_field", "renamed_key", "missing_value", "placeholder", "error_payload"), "decide", "decision")
PLAN.each(("no_update", "crash"), "afford")
PLAN.add("no_update", "rate_risk")
PLAN.add("no_update", "write_letter")
PLAN.add(SkippedStep(target="decide", instead_of="rate_risk"), "afford", times=2)
PLAN.add(UnexpectedTransition(target="write_letter", instead_of="rate_risk"), "afford")
PLAN.each(("foreign_value", "foreign_type", "foreign_meaning"), "decide", "amount")
PLAN.each(("foreign_value", "foreign_meaning"), "rate_risk", "installment")
PLAN.add("foreign_meaning", "afford", "incomes", on="kitchen")
PLAN.add("slow_node", "afford")
PLAN.each(("unsupported_number", "unsupported_name", "unsupported_date", "other_answer"), "write_letter", "letter")
PLAN.add("contradiction", "write_letter", "letter", times=2)
PLAN.add("stale_result", "write_letter", on="car", warm_up="piano")
PLAN.add("stale_result", "afford", on="boat", warm_up="studies", needs_history=True)

PLAN.variant("unit_error", "afford", afford_with_percent)
PLAN.variant("renamed_key", "afford", afford_under_payment, symptom="write_letter")
PLAN.variant("unit_error", "afford", afford_per_year)
PLAN.variant("wrong_type", "rate_risk", rate_risk_with_word, symptom="decide")
PLAN.variant("dropped_field", "rate_risk", rate_risk_without_rate, symptom="write_letter")
PLAN.variant("no_update", "decide", decide_without_answer, symptom="write_letter")
PLAN.variant("wrong_type", "verify", verify_joins_remarks, symptom="afford")
PLAN.variant("skipped_step", "afford", straight_to_decision, place="branch")

GRAPH = MatrixGraph(
    name=NAME, part="tuning", description="pydantic state", build=build, inputs=INPUTS, faults=PLAN.cases
)
