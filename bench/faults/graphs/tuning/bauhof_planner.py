"""Planen, ausführen, prüfen: ein Bauhof plant Einsätze, ein Teilgraph führt sie aus, ein Prüfer schickt sie zurück."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Annotated, Any, TypedDict

from bench.faults.plan import NUMBER, TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, START, StateGraph

from argus.testing.faults import EndlessLoop, Oscillation, SkippedStep, UnexpectedTransition

NAME = "bauhof_planner"

ARBEITEN = {
    "schlagloch": ("Schlagloch füllen", 2.5, ("Asphalt", "Rüttelplatte")),
    "ast": ("Ast entfernen", 1.5, ("Säge", "Hebebühne")),
    "laterne": ("Leuchtmittel tauschen", 1.0, ("Hebebühne", "LED-Röhre")),
    "graffiti": ("Wand reinigen", 3.0, ("Hochdruckreiniger",)),
    "gully": ("Ablauf spülen", 2.0, ("Spülwagen",)),
    "bank": ("Bank richten", 1.0, ("Schrauben",)),
}
TAG = 8.0


@dataclass
class Schritt:
    arbeit: str
    stunden: float
    material: list[str]
    erledigt: bool = False


class Auftrag(TypedDict):
    meldung: str
    budget: float
    ziele: list[str]
    plan: list[Schritt]
    runde: int
    stunden: float
    kosten: float
    einwaende: list[str]
    freigegeben: bool
    protokoll: Annotated[list[str], lambda alt, neu: [*(alt or []), *(neu or [])]]
    bericht: str


class Einsatz(TypedDict):
    plan: list[Schritt]
    werkzeug: dict[str, int]
    stunden: float
    kosten: float
    protokoll: list[str]


def stichworte(text: str) -> list[str]:
    woerter = re.findall(r"[a-zäöüß]+", text.lower())
    return [wort for wort in ARBEITEN if any(teil.startswith(wort[:-1]) for teil in woerter)]


def verstehen(auftrag: Auftrag) -> dict:
    return {"ziele": stichworte(auftrag["meldung"]), "runde": 0, "einwaende": [], "freigegeben": False}


def planen(auftrag: Auftrag) -> dict:
    schritte = []
    sparen = (
        0.8 ** len([e for e in auftrag["einwaende"] if "Stunden" in e or "teuer" in e]) if auftrag["runde"] else 1.0
    )
    for ziel in auftrag["ziele"]:
        arbeit, stunden, material = ARBEITEN[ziel]
        schritte.append(Schritt(arbeit, round(stunden * sparen ** (auftrag["runde"]), 2), list(material)))
    return {"plan": schritte, "runde": auftrag["runde"] + 1}


def ruesten(einsatz: Einsatz) -> dict:
    zahl: dict[str, int] = {}
    for schritt in einsatz["plan"]:
        for stueck in schritt.material:
            zahl[stueck] = zahl.get(stueck, 0) + 1
    return {"werkzeug": zahl}


def arbeiten(einsatz: Einsatz) -> dict:
    fertig = [Schritt(**{**asdict(schritt), "erledigt": True}) for schritt in einsatz["plan"]]
    stunden = round(sum(schritt.stunden for schritt in fertig), 2)
    zeilen = [f"{schritt.arbeit}: {schritt.stunden:.2f} Stunden" for schritt in fertig]
    return {"plan": fertig, "stunden": stunden, "protokoll": zeilen or ["Es gab nichts zu tun."]}


def abrechnen(einsatz: Einsatz) -> dict:
    miete = 25.0 * len(einsatz["werkzeug"])
    return {"kosten": round(einsatz["stunden"] * 48.0 + miete, 2)}


def pruefen(auftrag: Auftrag) -> dict:
    einwaende = []
    if auftrag["stunden"] > TAG:
        einwaende.append(f"{auftrag['stunden']:.2f} Stunden passen nicht in einen Tag")
    if auftrag["kosten"] > auftrag["budget"]:
        einwaende.append(f"{auftrag['kosten']:.2f} Euro sind zu teuer")
    if any(not schritt.erledigt for schritt in auftrag["plan"]):
        einwaende.append("es ist noch nicht alles erledigt")
    return {"einwaende": einwaende, "freigegeben": not einwaende}


def weiter(auftrag: Auftrag) -> str:
    if auftrag["freigegeben"]:
        return "berichten"
    return "planen" if auftrag["runde"] < 4 else "vertagen"


def vertagen(auftrag: Auftrag) -> dict:
    return {"bericht": "Der Einsatz wird vertagt: " + "; ".join(auftrag["einwaende"]) + "."}


def berichten(auftrag: Auftrag) -> dict:
    if not auftrag["plan"]:
        return {"bericht": "In der Meldung war nichts, was der Bauhof erledigen könnte."}
    teile = [f"{schritt.arbeit} ({schritt.stunden:.2f} h)" for schritt in auftrag["plan"]]
    return {
        "bericht": (
            f"Erledigt in Runde {auftrag['runde']}: {', '.join(teile)}. Zusammen {auftrag['stunden']:.2f} Stunden, "
            f"{auftrag['kosten']:.2f} Euro von {auftrag['budget']:.2f} Euro. Die Stelle ist wieder frei."
        )
    }


def build(patch: Patch) -> Any:
    innen = StateGraph(Einsatz)
    innen.add_sequence([ruesten, arbeiten, abrechnen])
    innen.add_edge(START, "ruesten")
    innen.add_edge("abrechnen", END)
    patch.graph(innen, "ausfuehren")

    aussen = StateGraph(Auftrag)
    aussen.add_node(verstehen).add_node(planen).add_node(pruefen).add_node(vertagen).add_node(berichten)
    aussen.add_node("ausfuehren", innen.compile(name="ausfuehren"))
    aussen.add_edge(START, "verstehen").add_edge("verstehen", "planen").add_edge("planen", "ausfuehren")
    aussen.add_edge("ausfuehren", "pruefen")
    aussen.add_conditional_edges("pruefen", weiter, ["planen", "vertagen", "berichten"])
    aussen.add_edge("vertagen", END).add_edge("berichten", END)
    return patch.graph(aussen).compile(name=NAME)


# ---- Fehler im Code -------------------------------------------------------------------------------------------------


def planen_ohne_einwaende(auftrag: Auftrag) -> dict:
    """planen beachtet die Einwände nicht und macht jedes Mal denselben Plan."""
    return {**planen({**auftrag, "runde": 0}), "runde": auftrag["runde"] + 1}


def planen_zaehlt_nicht(auftrag: Auftrag) -> dict:
    """planen zählt die Runden nicht mit."""
    return {"plan": planen({**auftrag, "runde": 0})["plan"], "runde": 0}


def planen_als_woerter(auftrag: Auftrag) -> dict:
    """planen gibt Sätze zurück, wo Schritte erwartet werden."""
    return {"plan": [schritt.arbeit for schritt in planen(auftrag)["plan"]], "runde": auftrag["runde"] + 1}


def ruesten_unter_geraet(einsatz: Einsatz) -> dict:
    """ruesten nennt das Feld `geraete`."""
    return {"geraete": ruesten(einsatz)["werkzeug"]}


def arbeiten_in_minuten(einsatz: Einsatz) -> dict:
    """arbeiten rechnet in Minuten."""
    getan = arbeiten(einsatz)
    return {**getan, "stunden": getan["stunden"] * 60}


def arbeiten_hakt_ab(einsatz: Einsatz) -> dict:
    """arbeiten meldet ohne Stunden, dass alles getan ist."""
    return {"plan": [Schritt(**{**asdict(schritt), "erledigt": True}) for schritt in einsatz["plan"]]}


def pruefen_dreht_um(auftrag: Auftrag) -> dict:
    """pruefen gibt genau dann frei, wenn es Einwände gibt."""
    gesehen = pruefen(auftrag)
    return {**gesehen, "freigegeben": bool(gesehen["einwaende"])}


def berichten_mit_luecke(auftrag: Auftrag) -> dict:
    """berichten lässt die Lücken im Vordruck offen."""
    return {"bericht": "Erledigt in Runde {{ runde }}: {{ schritte }}. Zusammen {{ stunden }} Stunden."}


# ---- Eingaben -------------------------------------------------------------------------------------------------------


def _auftrag(meldung: str, budget: float) -> dict[str, Any]:
    return {"meldung": meldung, "budget": budget}


INPUTS = (
    Healthy(name="strasse", input=_auftrag("Schlagloch in der Gartenstraße, daneben ein Ast auf dem Weg.", 400)),
    Healthy(name="laterne", input=_auftrag("Laterne vor Haus 12 ist dunkel.", 150)),
    Healthy(name="park", input=_auftrag("Im Park ist eine Bank locker und Graffiti am Brunnen.", 330)),
    Healthy(name="regen", input=_auftrag("Nach dem Regen läuft der Gully über, Äste liegen herum.", 420)),
    Healthy(name="markt", input=_auftrag("Am Markt: Graffiti, und eine Laterne flackert.", 500)),
    Healthy(name="schule", input=_auftrag("Vor der Schule ein Schlagloch und eine wackelige Bank.", 350)),
    Healthy(
        name="knapp",
        input=_auftrag("Graffiti, Schlagloch und Gully in der Ringstraße.", 430),
        why="der Plan wird verbessert",
    ),
    Healthy(
        name="vertagt",
        input=_auftrag("Schlagloch, Ast, Laterne, Graffiti, Gully und Bank auf einmal.", 90),
        why="ehrlich vertagt nach vier Runden",
    ),
    Healthy(
        name="nichts", input=_auftrag("Danke für die schnelle Hilfe gestern!", 100), why="keine Ziele, null Stunden"
    ),
    Healthy(
        name="fehler",
        input=_auftrag("Die Laterne zeigt 'Fehler 500', Ausfall der ganzen Anlage.", 200),
        why="von Ausfällen",
    ),
    Healthy(name="kurz", input=_auftrag("Bank", 80), why="ein Wort"),
    Healthy(name="ja", input=_auftrag("ja", 0), why="ein Ja, ein Budget von null"),
    Healthy(
        name="todo",
        input=_auftrag("TODO für Montag: Ast an der Kita wegräumen, bitte nicht vergessen.", 200),
        why="TODO in der Meldung",
    ),
    Healthy(
        name="doppelt",
        input=_auftrag("Schlagloch. Schlagloch! Noch ein Schlagloch? Ja: Schlagloch.", 260),
        why="viermal dasselbe Wort",
    ),
)

INNEN = {"where": "ausfuehren"}
PLAN = Plan(NAME, "tuning", on=["strasse", "laterne", "park", "regen", "markt", "schule"])
PLAN.each(TEXT, "berichten", "bericht")
PLAN.each(("exception_text", "placeholder"), "arbeiten", "protokoll.0", **INNEN)
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type"), "verstehen", "ziele", symptom="planen")
PLAN.add("empty_output", "verstehen", "ziele", needs_history=True)
PLAN.each(("power_of_ten", "sign_flip", "unparsed_text", "missing_value"), "planen", "plan.0.stunden")
PLAN.each(("dropped_field", "renamed_key", "wrong_type"), "planen", "plan", symptom="ausfuehren")
PLAN.each(NUMBER, "abrechnen", "kosten", **INNEN)
PLAN.each(("dropped_field", "renamed_key"), "arbeiten", "stunden", symptom="abrechnen", **INNEN)
PLAN.each(("missing_value", "wrong_type"), "ruesten", "werkzeug", symptom="abrechnen", **INNEN)
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type"), "pruefen", "freigegeben")
PLAN.add("stuck_loop", "planen", "plan", on="knapp", times=2)
PLAN.add(Oscillation(field="plan"), "planen", on="vertagt")
PLAN.add(EndlessLoop(target="planen"), "pruefen")
PLAN.add(SkippedStep(target="berichten", instead_of="planen"), "pruefen", on="knapp", needs_history=True)
PLAN.add(UnexpectedTransition(target="vertagen", instead_of="berichten"), "pruefen", needs_history=True)
PLAN.each(("foreign_value", "foreign_type", "foreign_meaning"), "pruefen", "ziele")
PLAN.each(("foreign_value", "foreign_meaning"), "berichten", "kosten")
PLAN.add("crash", "ruesten", **INNEN)
PLAN.add("no_update", "abrechnen", **INNEN)
PLAN.add("no_update", "berichten")
PLAN.add("stale_result", "berichten", on="markt", warm_up="park")
PLAN.add("wrong_language", "berichten", "bericht")
PLAN.each(("unsupported_number", "contradiction"), "berichten", "bericht")

PLAN.variant("stuck_loop", "planen", planen_ohne_einwaende, on="knapp")
PLAN.variant("runaway_loop", "planen", planen_zaehlt_nicht, on="vertagt")
PLAN.variant("wrong_type", "planen", planen_als_woerter, symptom="ausfuehren")
PLAN.variant("renamed_key", "ruesten", ruesten_unter_geraet, symptom="abrechnen", **INNEN)
PLAN.variant("unit_error", "arbeiten", arbeiten_in_minuten, **INNEN)
PLAN.variant("unfinished_work", "arbeiten", arbeiten_hakt_ab, symptom="abrechnen", **INNEN)
PLAN.variant("contradiction", "pruefen", pruefen_dreht_um, on="knapp")
PLAN.variant("unfilled_template", "berichten", berichten_mit_luecke)

GRAPH = MatrixGraph(
    name=NAME,
    part="tuning",
    description="planner, executor, critic; German",
    build=build,
    inputs=INPUTS,
    faults=PLAN.cases,
    config={"recursion_limit": 40},
)
