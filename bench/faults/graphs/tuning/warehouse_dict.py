"""A plain dict as state: a warehouse order is located, routed, picked, packed into boxes and put on a slip."""

from __future__ import annotations

from typing import Any

from bench.faults.plan import NUMBER, TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, START, StateGraph

from argus.testing.faults import SkippedStep, UnexpectedTransition

NAME = "warehouse_dict"

STOCK = {
    "BOLT-8": {"bin": "A-04", "on_hand": 900, "grams": 18, "title": "Bolt M8, 100 pack"},
    "HINGE": {"bin": "A-11", "on_hand": 64, "grams": 140, "title": "Door hinge, brass"},
    "PAINT-W": {"bin": "C-02", "on_hand": 12, "grams": 2700, "title": "Wall paint, white, 2 l"},
    "PAINT-E": {"bin": "C-03", "on_hand": 40, "grams": 2750, "title": "Wall paint, eggshell, 2 l"},
    "SAW": {"bin": "B-07", "on_hand": 0, "grams": 620, "title": "Hand saw"},
    "SAW-PRO": {"bin": "B-08", "on_hand": 9, "grams": 660, "title": "Hand saw, hardened"},
    "TAPE": {"bin": "D-01", "on_hand": 230, "grams": 90, "title": "Masking tape"},
    "SIGN": {"bin": "D-09", "on_hand": 31, "grams": 210, "title": "Sign 'OUT OF ORDER - ERROR'"},
    "GIFT": {"bin": "Z-01", "on_hand": 500, "grams": 0, "title": "Gift card"},
}
INSTEAD = {"SAW": "SAW-PRO", "PAINT-W": "PAINT-E"}
BOX_LIMIT = 9000


def locate(state):
    places = []
    for line in state["order"]["lines"]:
        stock = STOCK[line["sku"]]
        places.append({"sku": line["sku"], "bin": stock["bin"], "want": line["qty"], "on_hand": stock["on_hand"]})
    return {**state, "places": places}


def route(state):
    stops = sorted(state["places"], key=lambda stop: (stop["bin"][0], stop["bin"]))
    return {**state, "route": [{**stop, "step": at} for at, stop in enumerate(stops, 1)]}


def pick(state):
    picked, short = [], []
    for stop in state["route"]:
        got = min(stop["want"], stop["on_hand"])
        if got:
            picked.append({"sku": stop["sku"], "qty": got, "grams": got * STOCK[stop["sku"]]["grams"]})
        if got < stop["want"]:
            short.append({"sku": stop["sku"], "missing": stop["want"] - got})
    return {**state, "picked": picked, "short": short}


def anything_short(state):
    return "substitute" if any(gap["missing"] > 0 for gap in state["short"]) else "box_up"


def substitute(state):
    extra, left = [], []
    for gap in state["short"]:
        other = INSTEAD.get(gap["sku"])
        if other and STOCK[other]["on_hand"] >= gap["missing"]:
            grams = gap["missing"] * STOCK[other]["grams"]
            extra.append({"sku": other, "qty": gap["missing"], "grams": grams, "for": gap["sku"]})
        else:
            left.append(gap)
    return {**state, "picked": state["picked"] + extra, "short": left}


def box_up(state):
    boxes: list[dict[str, Any]] = []
    for item in sorted(state["picked"], key=lambda item: -item["grams"]):
        home = next((box for box in boxes if box["grams"] + item["grams"] <= BOX_LIMIT), None)
        if home is None:
            home = {"no": len(boxes) + 1, "grams": 0, "skus": []}
            boxes.append(home)
        home["grams"] += item["grams"]
        home["skus"].append(f"{item['qty']}x {item['sku']}")
    return {**state, "boxes": boxes, "gross_kg": round(sum(box["grams"] for box in boxes) / 1000, 3)}


def freight(state):
    carrier = "letter post" if state["gross_kg"] < 0.5 else "parcel" if state["gross_kg"] < 25 else "pallet"
    charge = {"letter post": 1.95, "parcel": 6.4, "pallet": 58.0}[carrier] * max(1, len(state["boxes"]))
    return {**state, "carrier": carrier, "charge": round(charge, 2)}


def slip(state):
    lines = [f"PACKING SLIP {state['order']['no']} for {state['order']['to']}"]
    for item in state["picked"]:
        swap = f" (instead of {item['for']})" if item.get("for") else ""
        lines.append(f"{item['qty']:>4} x {STOCK[item['sku']]['title']}{swap}")
    lines += [f"not on the shelf: {gap['missing']} x {gap['sku']}" for gap in state["short"]]
    lines.append(
        f"{len(state['boxes'])} box(es), {state['gross_kg']:.3f} kg, {state['carrier']}, {state['charge']} EUR"
    )
    if state["order"].get("note"):
        lines.append(f"Note by the customer: {state['order']['note']}")
    return {**state, "slip": "\n".join(lines)}


def build(patch: Patch) -> Any:
    graph = StateGraph(dict)
    for function in (locate, route, pick, substitute, box_up, freight, slip):
        graph.add_node(function.__name__, function)
    for here, there in (("locate", "route"), ("route", "pick"), ("substitute", "box_up"), ("box_up", "freight")):
        graph.add_edge(here, there)
    graph.add_edge(START, "locate")
    graph.add_conditional_edges("pick", anything_short, ["substitute", "box_up"])
    graph.add_edge("freight", "slip")
    graph.add_edge("slip", END)
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def locate_says_shelf(state):
    """locate writes `shelf` into each place; route sorts by `bin`."""
    places = locate(state)["places"]
    return {**state, "places": [{("shelf" if k == "bin" else k): v for k, v in place.items()} for place in places]}


def route_forgets_want(state):
    """route copies only sku and bin of every stop."""
    stops = sorted(state["places"], key=lambda stop: stop["bin"])
    return {**state, "route": [{"sku": stop["sku"], "bin": stop["bin"]} for stop in stops]}


def pick_in_kilograms(state):
    """pick divides the weight by a thousand, though everybody counts grams."""
    made = pick(state)
    return {**made, "picked": [{**item, "grams": item["grams"] / 1000} for item in made["picked"]]}


def pick_quotes_quantity(state):
    """pick writes the quantity as `3 pcs`."""
    made = pick(state)
    return {**made, "picked": [{**item, "qty": f"{item['qty']} pcs"} for item in made["picked"]]}


def box_up_replaces_state(state):
    """box_up returns only its own keys, and the rest of the state is gone."""
    made = box_up(state)
    return {"boxes": made["boxes"], "gross_kg": made["gross_kg"]}


def freight_sorts_boxes(state):
    """freight keeps what list.sort() returns."""
    made = freight(state)
    return {**made, "boxes": list(state["boxes"]).sort(key=lambda box: box["grams"])}


def short_is_never_looked_at(state):
    """the branch asks for a key that nobody writes"""
    return "substitute" if state.get("shortage") else "box_up"


def slip_template(state):
    """slip never formats its text."""
    return {**state, "slip": "PACKING SLIP {no} for {to}\n{lines}\n{boxes} box(es), {kg} kg"}


def locate_catches_all(state):
    """locate turns an unknown article into a text and carries on."""
    made = locate(state)
    made["places"][0]["bin"] = "KeyError: 'bin_code'"
    return made


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _order(no: str, to: str, *lines: tuple[str, int], **extra: Any) -> dict[str, Any]:
    return {"order": {"no": no, "to": to, "lines": [{"sku": sku, "qty": qty} for sku, qty in lines], **extra}}


INPUTS = (
    Healthy(name="workshop", input=_order("W-501", "Halloran Joinery", ("BOLT-8", 20), ("HINGE", 6), ("TAPE", 4))),
    Healthy(name="painter", input=_order("W-502", "Brushworks Ltd", ("PAINT-W", 6), ("TAPE", 12), ("PAINT-E", 2))),
    Healthy(name="school", input=_order("W-503", "Elm Street School", ("HINGE", 10), ("SAW-PRO", 2), ("BOLT-8", 40))),
    Healthy(name="theatre", input=_order("W-504", "Old Vic Stage Dept", ("TAPE", 60), ("HINGE", 2), ("PAINT-E", 4))),
    Healthy(name="boatyard", input=_order("W-505", "Quay Boats", ("BOLT-8", 150), ("SAW-PRO", 1), ("PAINT-W", 3))),
    Healthy(name="market", input=_order("W-506", "Market Hall", ("SIGN", 3), ("HINGE", 12), ("BOLT-8", 8))),
    Healthy(
        name="saw", input=_order("W-507", "Ivy Cole", ("SAW", 2), ("TAPE", 1)), why="nothing on hand: a substitute"
    ),
    Healthy(
        name="signs", input=_order("W-508", "Depot 9", ("SIGN", 5)), why="the article is called OUT OF ORDER - ERROR"
    ),
    Healthy(name="gift", input=_order("W-509", "Ben Ode", ("GIFT", 1)), why="weighs nothing"),
    Healthy(name="empty", input=_order("W-510", "Nobody Yet"), why="no lines at all; zero kilograms"),
    Healthy(
        name="flood",
        input=_order("W-511", "City Works", ("HINGE", 90), ("TAPE", 3)),
        why="short, and no substitute exists",
    ),
    Healthy(
        name="todo",
        input=_order("W-512", "Tom Dent", ("TAPE", 2), ("BOLT-8", 1), note="TODO: ring twice, the bell fails"),
        why="a note with TODO and a failure",
    ),
    Healthy(
        name="same",
        input=_order("W-513", "Twin Peaks BV", ("TAPE", 5), ("TAPE", 5), ("TAPE", 5)),
        why="three equal lines",
    ),
    Healthy(name="blank-note", input=_order("W-514", "Lia Roe", ("HINGE", 1), note=""), why="an empty note"),
    Healthy(
        name="null-street",
        input=_order("W-515", "None & Null, 0 Nil St", ("HINGE", 3), ("BOLT-8", 2)),
        why="named None",
    ),
)

PLAN = Plan(NAME, "tuning", on=["workshop", "painter", "school", "theatre", "boatyard", "market"])
PLAN.each(TEXT, "slip", "slip")
PLAN.each(NUMBER, "box_up", "gross_kg")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type"), "locate", "places.*.bin", symptom="route")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "unparsed_text"), "route", "route.*.want", symptom="pick")
PLAN.each(("dropped_field", "renamed_key", "wrong_type", "poisoned_value"), "pick", "picked.*.grams", symptom="box_up")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type"), "pick", "short", on="flood")
PLAN.each(("power_of_ten", "sign_flip"), "pick", "picked.0.grams")
PLAN.each(("placeholder", "exception_text", "error_payload"), "locate", "places.0.bin")
PLAN.each(("placeholder", "error_payload", "renamed_key"), "freight", "carrier")
PLAN.each(("foreign_value", "foreign_type", "foreign_meaning"), "freight", "picked")
PLAN.each(("foreign_value", "foreign_meaning"), "slip", "gross_kg")
PLAN.add("fewer_items", "route", "route")
PLAN.add(SkippedStep(target="box_up", instead_of="substitute"), "pick", on="saw", needs_history=True)
PLAN.add(UnexpectedTransition(target="substitute", instead_of="box_up"), "pick", needs_history=True)
PLAN.each(("crash",), "box_up")
PLAN.add("no_update", "freight", symptom="slip")
PLAN.add("stale_result", "slip", on="school", warm_up="painter")
PLAN.each(("unsupported_number", "unsupported_name", "contradiction"), "slip", "slip")

PLAN.variant("renamed_key", "locate", locate_says_shelf, symptom="route")
PLAN.variant("dropped_field", "route", route_forgets_want, symptom="pick")
PLAN.variant("unit_error", "pick", pick_in_kilograms)
PLAN.variant("wrong_type", "pick", pick_quotes_quantity)
PLAN.variant("dropped_field", "box_up", box_up_replaces_state, symptom="slip")
PLAN.variant("missing_value", "freight", freight_sorts_boxes, symptom="slip")
PLAN.variant("skipped_step", "pick", short_is_never_looked_at, place="branch", on="saw", needs_history=True)
PLAN.variant("unfilled_template", "slip", slip_template)
PLAN.variant("exception_text", "locate", locate_catches_all)

GRAPH = MatrixGraph(
    name=NAME, part="tuning", description="untyped dict state", build=build, inputs=INPUTS, faults=PLAN.cases
)
