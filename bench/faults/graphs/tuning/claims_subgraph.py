"""A subgraph: an insurance claim is read, assessed by an inner graph, and answered by letter."""

from __future__ import annotations

import re
from typing import Any, Literal, TypedDict

from bench.faults.graphs.pace import pause
from bench.faults.plan import NUMBER, TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, START, StateGraph

from argus.testing.faults import SkippedStep, UnexpectedTransition

NAME = "claims_subgraph"

POLICIES = {
    "P-100": {"holder": "Ada Winter", "excess": 150.0, "limit": 5000.0, "covers": ("water", "fire")},
    "P-200": {"holder": "Jonas Falk", "excess": 0.0, "limit": 2000.0, "covers": ("theft",)},
    "P-300": {"holder": "Mira Sato", "excess": 300.0, "limit": 10000.0, "covers": ("water", "fire", "theft", "storm")},
}
PERILS = {
    "water": ("water", "pipe", "flood", "leak"),
    "fire": ("fire", "smoke", "burn"),
    "theft": ("stolen", "theft", "burglar"),
    "storm": ("storm", "wind", "hail"),
}


class Damage(TypedDict):
    item: str
    amount: float


class ClaimState(TypedDict):
    message: str
    policy_id: str
    police_report: str | None
    peril: str
    damages: list[Damage]
    covered: bool
    payout: float
    reasons: list[str]
    letter: str


class Assessment(TypedDict):
    policy_id: str
    peril: str
    damages: list[Damage]
    gross: float
    covered: bool
    payout: float
    reasons: list[str]


def intake(state: ClaimState) -> dict[str, Any]:
    policy = re.search(r"P-\d{3}", state["message"])
    report = re.search(r"report (\w{2}-\d+)", state["message"])
    text = state["message"].lower()
    peril = next((name for name, words in PERILS.items() if any(word in text for word in words)), "other")
    damages = [
        {"item": item.strip(), "amount": float(amount)}
        for item, amount in re.findall(r"- ([^:\n]+): (-?\d+(?:\.\d+)?)", state["message"])
    ]
    return {
        "policy_id": policy[0] if policy else "",
        "police_report": report[1] if report else None,
        "peril": peril,
        "damages": damages,
    }


def add_up(state: Assessment) -> dict[str, Any]:
    pause(0.012)
    return {"gross": round(sum(damage["amount"] for damage in state["damages"]), 2)}


def check_cover(state: Assessment) -> dict[str, Any]:
    policy = POLICIES.get(state["policy_id"])
    if policy is None:
        return {"covered": False, "reasons": ["we could not find the policy"]}
    if state["peril"] not in policy["covers"]:
        return {"covered": False, "reasons": [f"the policy does not cover {state['peril']} damage"]}
    return {"covered": True, "reasons": []}


def is_covered(state: Assessment) -> Literal["price", "decline"]:
    return "price" if state["covered"] else "decline"


def price(state: Assessment) -> dict[str, Any]:
    policy = POLICIES[state["policy_id"]]
    payout = max(0.0, min(policy["limit"], state["gross"] - policy["excess"]))
    reasons = list(state["reasons"])
    if state["gross"] > policy["limit"]:
        reasons.append(f"the limit is {policy['limit']:.2f} EUR")
    if policy["excess"]:
        reasons.append(f"the excess of {policy['excess']:.2f} EUR was deducted")
    return {"payout": round(payout, 2), "reasons": reasons}


def decline(state: Assessment) -> dict[str, Any]:
    return {"payout": 0.0}


def write_letter(state: ClaimState) -> dict[str, Any]:
    holder = POLICIES.get(state["policy_id"], {}).get("holder", "customer")
    lines = [f"Dear {holder},", f"thank you for reporting the {state['peril']} damage."]
    lines += [f"{damage['item']}: {damage['amount']:.2f} EUR" for damage in state["damages"]]
    if state["covered"]:
        lines.append(f"We will pay {state['payout']:.2f} EUR.")
    else:
        lines.append("Unfortunately we cannot pay for it.")
    lines += [f"Please note: {reason}." for reason in state["reasons"]]
    return {"letter": "\n".join(lines)}


def archive(state: ClaimState) -> dict[str, Any]:
    return {}


def build(patch: Patch) -> Any:
    inner = StateGraph(Assessment)
    for function in (add_up, check_cover, price, decline):
        inner.add_node(function)
    inner.add_edge(START, "add_up")
    inner.add_edge("add_up", "check_cover")
    inner.add_conditional_edges("check_cover", is_covered)
    inner.add_edge("price", END)
    inner.add_edge("decline", END)
    patch.graph(inner, "assess")

    graph = StateGraph(ClaimState)
    graph.add_node(intake)
    graph.add_node("assess", inner.compile(name="assess"))
    graph.add_node(write_letter)
    graph.add_node(archive)
    graph.add_edge(START, "intake")
    graph.add_edge("intake", "assess")
    graph.add_edge("assess", "write_letter")
    graph.add_edge("write_letter", "archive")
    graph.add_edge("archive", END)
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def intake_with_policy_number(state: ClaimState) -> dict[str, Any]:
    """intake calls the policy `policy_number`; the state has `policy_id`."""
    found = intake(state)
    return {
        "policy_number": found["policy_id"],
        "police_report": found["police_report"],
        "peril": found["peril"],
        "damages": found["damages"],
    }


def intake_with_lower_case_policy(state: ClaimState) -> dict[str, Any]:
    """intake lowers the whole message first, and no policy is ever found."""
    found = intake({**state, "message": state["message"].lower()})
    return {**found, "policy_id": found["policy_id"] or ""}


def intake_of_whole_euros(state: ClaimState) -> dict[str, Any]:
    """intake reads only the digits of each amount, so 420.50 becomes 42050."""
    found = intake(state)
    damages = [{"item": d["item"], "amount": float(f"{d['amount']:.2f}".replace(".", ""))} for d in found["damages"]]
    return {**found, "damages": damages}


def add_up_under_total(state: Assessment) -> dict[str, Any]:
    """add_up returns `total`; price reads `gross`."""
    return {"total": round(sum(damage["amount"] for damage in state["damages"]), 2)}


def add_up_of_texts(state: Assessment) -> dict[str, Any]:
    """add_up joins the amounts instead of adding them."""
    return {"gross": "".join(str(damage["amount"]) for damage in state["damages"])}


def price_adds_the_excess(state: Assessment) -> dict[str, Any]:
    """price has the sign of the excess wrong and pays a negative sum."""
    policy = POLICIES[state["policy_id"]]
    return {"payout": round(policy["excess"] - state["gross"], 2), "reasons": list(state["reasons"])}


def price_without_payout(state: Assessment) -> dict[str, Any]:
    """price forgets to return the payout."""
    policy = POLICIES[state["policy_id"]]
    reasons = list(state["reasons"])
    if policy["excess"]:
        reasons.append(f"the excess of {policy['excess']:.2f} EUR was deducted")
    return {"reasons": reasons}


def always_priced(state: Assessment) -> str:
    """the branch reads a key that is never set and always declines"""
    return "price" if state.get("is_covered") else "decline"


def check_cover_says_covered(state: Assessment) -> dict[str, Any]:
    """check_cover overwrites the peril with a capital letter, which later texts repeat."""
    return {**check_cover(state), "peril": state["peril"].upper()}


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _claim(policy: str, story: str, *damages: tuple[str, float]) -> dict[str, Any]:
    lines = [f"Policy {policy}. {story}", *(f"- {item}: {amount}" for item, amount in damages)]
    return {"message": "\n".join(lines)}


INPUTS = (
    Healthy(name="pipe", input=_claim("P-100", "A pipe burst in the kitchen.", ("cupboard", 420.5), ("floor", 980))),
    Healthy(name="burglary", input=_claim("P-200", "My bicycle was stolen, police report BE-4711.", ("bicycle", 1250))),
    Healthy(
        name="hail",
        input=_claim(
            "P-300", "Hail broke the roof window during the storm.", ("window", 760), ("blind", 145.9), ("carpet", 310)
        ),
    ),
    Healthy(
        name="smoke", input=_claim("P-100", "Smoke from a pan, the fire was small.", ("curtains", 180), ("paint", 650))
    ),
    Healthy(
        name="flood",
        input=_claim(
            "P-300",
            "The cellar was full of water after the flood.",
            ("washing machine", 540),
            ("freezer", 399),
            ("shelves", 120),
            ("tools", 275.25),
        ),
    ),
    Healthy(name="leak", input=_claim("P-100", "A leak behind the bath.", ("tiles", 870), ("plaster", 330))),
    Healthy(
        name="not-covered",
        input=_claim("P-200", "A pipe burst in the bathroom.", ("floor", 700)),
        why="an honest refusal to pay",
    ),
    Healthy(
        name="unknown-policy",
        input=_claim("P-999", "Storm damage to the fence.", ("fence", 300)),
        why="could not find the policy",
    ),
    Healthy(
        name="zero",
        input=_claim("P-300", "A lamp was stolen.", ("lamp", 120)),
        why="the payout is zero, less than the excess",
    ),
    Healthy(
        name="limit",
        input=_claim("P-200", "Burglars took the camera, police report MU-12.", ("camera", 2600)),
        why="cut by the limit",
    ),
    Healthy(
        name="credit",
        input=_claim(
            "P-300",
            "Storm tore the awning, the shop took the old one back.",
            ("awning", 900),
            ("credit for old awning", -100),
        ),
        why="a negative amount",
    ),
    Healthy(
        name="no-items",
        input=_claim("P-100", "Water came through the ceiling, the list will follow."),
        why="no damages yet: the list is empty",
    ),
    Healthy(
        name="system-failure",
        input=_claim(
            "P-100",
            "The heating control reported 'fatal error', failed, and the boiler caught fire.",
            ("boiler", 1900),
            ("control unit", 480),
        ),
        why="a story about errors and failures",
    ),
    Healthy(
        name="no-report",
        input=_claim("P-300", "Tools were stolen from the garden shed.", ("drill", 189), ("saw", 240), ("ladder", 99)),
        why="police_report is None, and may be",
    ),
    Healthy(
        name="storm-roof",
        input=_claim("P-300", "The storm of Tuesday lifted tiles off the roof.", ("tiles", 1340), ("scaffold", 620)),
    ),
)

PLAN = Plan(NAME, "tuning", on=["pipe", "hail", "smoke", "flood", "leak", "storm-roof"])
INNER = {"where": "assess"}
PLAN.each(TEXT, "write_letter", "letter")
PLAN.each(("short_output",), "write_letter", "letter", on="flood")
PLAN.each(
    ("dropped_field", "renamed_key", "missing_value", "empty_output"), "intake", "policy_id", symptom="check_cover"
)
PLAN.each(("placeholder", "error_payload", "wrong_type"), "intake", "peril")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type"), "intake", "damages")
PLAN.add("empty_output", "intake", "damages", needs_history=True)
PLAN.each(
    ("dropped_field", "renamed_key", "missing_value", "wrong_type", "unparsed_text"), "intake", "damages.*.amount"
)
PLAN.each(("power_of_ten", "sign_flip"), "intake", "damages.0.amount")
PLAN.each(NUMBER, "add_up", "gross", **INNER)
PLAN.each(("dropped_field", "renamed_key"), "add_up", "gross", symptom="price", **INNER)
PLAN.each(NUMBER, "price", "payout", **INNER)
PLAN.each(("dropped_field", "renamed_key"), "price", "payout", **INNER)
PLAN.each(("placeholder", "exception_text"), "price", "reasons.0", on="pipe", **INNER)
PLAN.each(("dropped_field", "missing_value", "wrong_type"), "check_cover", "covered", **INNER)
PLAN.add("no_update", "add_up", **INNER)
PLAN.add("no_update", "price", **INNER)
PLAN.add("crash", "price", times=2, **INNER)
PLAN.add("crash", "intake")
PLAN.add(SkippedStep(target="decline", instead_of="price"), "check_cover", **INNER, needs_history=True)
PLAN.add(
    UnexpectedTransition(target="price", instead_of="decline"),
    "check_cover",
    on="not-covered",
    **INNER,
    needs_history=True,
)
PLAN.add("slow_node", "add_up", **INNER)
PLAN.each(("foreign_value", "foreign_type", "foreign_meaning"), "price", "damages", **INNER)
PLAN.each(("foreign_value", "foreign_meaning"), "archive", "payout")
PLAN.each(("foreign_value", "foreign_type"), "archive", "letter")
PLAN.each(("unsupported_number", "unsupported_name", "unsupported_date", "other_answer"), "write_letter", "letter")
PLAN.add("contradiction", "write_letter", "letter", times=2)
PLAN.add("stale_result", "write_letter", on="smoke", warm_up="flood")
PLAN.add("stale_result", "add_up", on="hail", warm_up="pipe", **INNER, needs_history=True)

PLAN.variant("renamed_key", "intake", intake_with_policy_number, symptom="check_cover")
PLAN.variant("empty_output", "intake", intake_with_lower_case_policy, symptom="check_cover")
PLAN.variant("power_of_ten", "intake", intake_of_whole_euros)
PLAN.variant("renamed_key", "add_up", add_up_under_total, symptom="price", **INNER)
PLAN.variant("wrong_type", "add_up", add_up_of_texts, symptom="price", **INNER)
PLAN.variant("sign_flip", "price", price_adds_the_excess, **INNER)
PLAN.variant("dropped_field", "price", price_without_payout, symptom="write_letter", **INNER)
PLAN.variant("skipped_step", "check_cover", always_priced, place="branch", **INNER, needs_history=True)
PLAN.variant("foreign_meaning", "check_cover", check_cover_says_covered, **INNER)

GRAPH = MatrixGraph(
    name=NAME, part="tuning", description="subgraph with its own state", build=build, inputs=INPUTS, faults=PLAN.cases
)
