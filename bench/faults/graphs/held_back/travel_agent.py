"""An agent written by hand, in German: it thinks, acts with its own tools, copes with failing ones, and answers."""

from __future__ import annotations

import operator
import re
from typing import Annotated, Any, Literal, TypedDict

from bench.faults.graphs.pace import pause
from bench.faults.held_back_wordings import POOLS
from bench.faults.plan import TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, START, StateGraph

from argus.testing.faults import SkippedStep

NAME = "travel_agent"

TRAINS = {
    ("Köln", "Berlin"): ("ICE 547", "08:48", 79.9),
    ("Hamburg", "München"): ("ICE 783", "09:01", 99.0),
    ("Berlin", "Wien"): ("RJ 173", "07:15", 64.5),
    ("Zürich", "Köln"): ("EC 8", "11:59", 88.0),
    ("Leipzig", "Dresden"): ("RE 50", "10:00", 24.5),
    ("Bremen", "Köln"): ("IC 2217", "12:14", 52.0),
}
BUSES = {("Köln", "Brüssel"): ("Bus 12", "09:30", 19.9), ("Leipzig", "Prag"): ("Bus 7", "06:45", 22.0)}
WEATHER = {
    "Berlin": "sonnig, 22 Grad",
    "Wien": "Regen, 15 Grad",
    "Köln": "bewölkt, 18 Grad",
    "München": "Schnee, -2 Grad",
}


class Call(TypedDict):
    tool: str
    arguments: dict[str, str]


class Observation(TypedDict):
    tool: str
    ok: bool
    result: Any


class TravelState(TypedDict):
    wish: str
    origin: str | None
    destination: str | None
    wants_weather: bool
    next_call: Call | None
    observations: Annotated[list[Observation], operator.add]
    rounds: int
    answer: str


def understand(state: TravelState) -> dict[str, Any]:
    route = re.search(r"von (\w+) nach (\w+)", state["wish"])
    return {
        "origin": route[1] if route else None,
        "destination": route[2] if route else None,
        "wants_weather": "Wetter" in state["wish"],
        "rounds": 0,
    }


def think(state: TravelState) -> dict[str, Any]:
    seen = {entry["tool"]: entry for entry in state.get("observations", [])}
    call: Call | None = None
    if state["origin"] and state["destination"]:
        route = {"origin": state["origin"], "destination": state["destination"]}
        if "trains" not in seen:
            call = {"tool": "trains", "arguments": route}
        elif not seen["trains"]["ok"] and "buses" not in seen:
            call = {"tool": "buses", "arguments": route}
        elif state["wants_weather"] and "weather" not in seen:
            call = {"tool": "weather", "arguments": {"city": state["destination"]}}
    return {"next_call": call, "rounds": state["rounds"] + 1}


def act(state: TravelState) -> dict[str, Any]:
    pause(0.01)
    call = state["next_call"]
    arguments = call["arguments"]
    try:
        if call["tool"] == "weather":
            result: Any = WEATHER[arguments["city"]]
        else:
            table = TRAINS if call["tool"] == "trains" else BUSES
            name, leaves, price = table[arguments["origin"], arguments["destination"]]
            result = {"name": name, "leaves": leaves, "price": price}
    except KeyError as error:
        return {"observations": [{"tool": call["tool"], "ok": False, "result": f"nicht gefunden: {error}"}]}
    return {"observations": [{"tool": call["tool"], "ok": True, "result": result}]}


def another_call(state: TravelState) -> Literal["act", "respond"]:
    return "act" if state["next_call"] else "respond"


def respond(state: TravelState) -> dict[str, Any]:
    seen = {entry["tool"]: entry for entry in state.get("observations", [])}
    found = next((seen[tool]["result"] for tool in ("trains", "buses") if tool in seen and seen[tool]["ok"]), None)
    if not state["origin"]:
        return {"answer": "Bitte nennen Sie Start und Ziel Ihrer Reise."}
    if found is None:
        return {"answer": f"Von {state['origin']} nach {state['destination']} gibt es leider keine Verbindung."}
    parts = [
        f"Nehmen Sie {found['name']} von {state['origin']} nach {state['destination']} um {found['leaves']} Uhr.",
        f"Die Fahrt kostet {found['price']:.2f} Euro.",
    ]
    if "weather" in seen:
        known = seen["weather"]
        parts.append(f"Das Wetter dort: {known['result']}." if known["ok"] else "Das Wetter dort ist nicht bekannt.")
    return {"answer": " ".join(parts)}


def build(patch: Patch) -> Any:
    graph = StateGraph(TravelState)
    for function in (understand, think, act, respond):
        graph.add_node(function)
    graph.add_edge(START, "understand")
    graph.add_edge("understand", "think")
    graph.add_conditional_edges("think", another_call)
    graph.add_edge("act", "think")
    graph.add_edge("respond", END)
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def think_same_again(state: TravelState) -> dict[str, Any]:
    """think asks for the trains four times before it looks at the answer."""
    route = {"origin": state["origin"], "destination": state["destination"]}
    if state["rounds"] < 4:
        return {"next_call": {"tool": "trains", "arguments": route}, "rounds": state["rounds"] + 1}
    return think(state)


def think_never_counts(state: TravelState) -> dict[str, Any]:
    """think never notices what it has seen and asks for ever."""
    route = {"origin": state["origin"], "destination": state["destination"]}
    return {"next_call": {"tool": "trains", "arguments": route}, "rounds": 0}


def think_other_city(state: TravelState) -> dict[str, Any]:
    """think asks for a city that nobody named."""
    made = think(state)
    call = made["next_call"]
    if call and call["tool"] == "trains":
        call = {"tool": "trains", "arguments": {"origin": "Leipzig", "destination": "Dresden"}}
    return {"next_call": call, "rounds": made["rounds"]}


def act_swallows(state: TravelState) -> dict[str, Any]:
    """act catches the failure and reports an empty success."""
    made = act(state)["observations"][0]
    if not made["ok"]:
        made = {"tool": made["tool"], "ok": True, "result": {"name": "ein Zug", "leaves": "demnächst", "price": 0.0}}
    return {"observations": [made]}


def respond_makes_up(state: TravelState) -> dict[str, Any]:
    """respond promises a train though every tool failed."""
    return {"answer": f"Ihr Zug von {state['origin']} nach {state['destination']} fährt pünktlich um 13:20 Uhr."}


def respond_other_price(state: TravelState) -> dict[str, Any]:
    """respond doubles the price that the tool gave."""
    made = respond(state)["answer"]
    return {"answer": re.sub(r"kostet ([\d.]+)", lambda found: f"kostet {float(found[1]) * 2:.2f}", made)}


def respond_text(state: TravelState) -> dict[str, Any]:
    """respond returns `antwort`; the state has `answer`."""
    return {"antwort": respond(state)["answer"]}


def understand_swaps(state: TravelState) -> dict[str, Any]:
    """understand mixes up origin and destination."""
    made = understand(state)
    return {**made, "origin": made["destination"], "destination": made["origin"]}


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _wish(text: str) -> dict[str, Any]:
    return {"wish": text, "observations": []}


INPUTS = (
    Healthy(name="berlin", input=_wish("Ich möchte von Köln nach Berlin fahren.")),
    Healthy(name="munich", input=_wish("Von Hamburg, besser: von Hamburg nach München, bitte mit Wetter.")),
    Healthy(name="vienna", input=_wish("Wie komme ich von Berlin nach Wien, und wie ist dort das Wetter?")),
    Healthy(name="cologne", input=_wish("Bitte eine Verbindung von Zürich nach Köln.")),
    Healthy(name="dresden", input=_wish("Ich muss morgen von Leipzig nach Dresden.")),
    Healthy(name="bremen", input=_wish("Eine Fahrt von Bremen nach Köln mit Wetter, bitte.")),
    Healthy(
        name="bus", input=_wish("Ich will von Köln nach Brüssel."), why="the first tool fails and the next one helps"
    ),
    Healthy(name="prague", input=_wish("Geht es von Leipzig nach Prag?"), why="a handled tool error"),
    Healthy(name="nowhere", input=_wish("Bitte von Köln nach Mond."), why="every tool fails, and the answer says so"),
    Healthy(name="unclear", input=_wish("Hallo!"), why="origin and destination are None, no tool is needed"),
    Healthy(
        name="error",
        input=_wish("Fehler 500 auf Ihrer Seite! Ich will nur von Bremen nach Köln."),
        why="quotes an error",
    ),
    Healthy(
        name="no-weather",
        input=_wish("Wetter und Zug von Leipzig nach Dresden?"),
        why="the weather is unknown, and said so",
    ),
    Healthy(
        name="cold",
        input=_wish("Zug von Hamburg nach München; Wetter? Es friert hoffentlich nicht."),
        why="a negative temperature",
    ),
    Healthy(
        name="loud", input=_wish("von Köln nach Berlin von Köln nach Berlin von Köln nach Berlin"), why="repeats itself"
    ),
    Healthy(name="kind", input=_wish("Wenn es nicht zu viel Mühe macht: von Berlin nach Wien, danke.")),
)

PLAN = Plan(NAME, "held-back", on=["berlin", "munich", "vienna", "cologne", "dresden", "bremen", "kind"])
PLAN.each(TEXT, "respond", "answer")
PLAN.each(("unsupported_number", "unsupported_name", "unsupported_date", "other_answer"), "respond", "answer", times=2)
PLAN.add("wrong_language", "respond", "answer", times=2, pool=POOLS["wrong_language"])
PLAN.add("contradiction", "respond", "answer", times=2)
PLAN.add("stale_result", "respond", on="vienna", warm_up="cologne")
PLAN.add("stale_result", "act", on="berlin", warm_up="dresden")
PLAN.each(("placeholder", "html_page", "http_error_body", "exception_text"), "act", "observations.0.result.name")
PLAN.each(
    ("dropped_field", "renamed_key", "missing_value", "unparsed_text", "power_of_ten", "sign_flip"),
    "act",
    "observations.0.result.price",
)
PLAN.each(("wrong_type", "missing_value", "renamed_key", "error_payload"), "act", "observations.0.result")
PLAN.each(("missing_value", "dropped_field", "renamed_key", "placeholder", "wrong_type"), "understand", "destination")
PLAN.add("poisoned_value", "understand", "origin", poison="KÖLN", on="berlin")
PLAN.each(("dropped_field", "missing_value"), "understand", "rounds", symptom="think")
PLAN.add("stuck_loop", "think", "next_call", times=1)
PLAN.add("stuck_loop", "think")
PLAN.each(("wrong_type", "dropped_field"), "think", "next_call", calls=(1,))
PLAN.add(SkippedStep(target="respond", instead_of="act"), "think", times=2, needs_history=True)
PLAN.each(("foreign_value", "foreign_type", "foreign_meaning"), "act", "destination")
PLAN.add("foreign_value", "think", "wish")
PLAN.add("foreign_meaning", "respond", "wish")
PLAN.each(("no_update", "crash"), "act")
PLAN.add("no_update", "respond")
PLAN.add("crash", "think", calls=(2,))
PLAN.add("slow_node", "act")
PLAN.add("unfinished_work", "respond", "answer")

PLAN.variant("repeated_tool_call", "think", think_same_again)
PLAN.variant("runaway_loop", "think", think_never_counts)
PLAN.variant("invented_argument", "think", think_other_city, on="berlin")
PLAN.variant("swallowed_tool_error", "act", act_swallows, on="nowhere")
PLAN.variant("swallowed_tool_error", "respond", respond_makes_up, on="nowhere")
PLAN.variant("ignored_tool_result", "respond", respond_other_price)
PLAN.variant("renamed_key", "respond", respond_text)
PLAN.variant("contradiction", "understand", understand_swaps, on="cologne", needs_history=True)

GRAPH = MatrixGraph(
    name=NAME,
    part="held-back",
    description="hand-written agent, German",
    build=build,
    inputs=INPUTS,
    faults=PLAN.cases,
    config={"recursion_limit": 40},
)
