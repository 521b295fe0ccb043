"""A loop: a text is translated by glossary, reviewed, and mended until no word is left untranslated."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, Literal, TypedDict

from bench.faults.graphs.pace import pause
from bench.faults.plan import TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, START, StateGraph

from argus.testing.faults import EndlessLoop, Oscillation, SkippedStep

NAME = "translation_loop"
MAX_ROUNDS = 7

GLOSSARY = {
    "fr": {
        "the": "le",
        "house": "maison",
        "garden": "jardin",
        "is": "est",
        "red": "rouge",
        "old": "vieux",
        "has": "a",
        "two": "deux",
        "windows": "fenêtres",
        "door": "porte",
        "open": "ouverte",
        "and": "et",
        "cat": "chat",
        "sleeps": "dort",
        "on": "sur",
        "roof": "toit",
        "error": "erreur",
        "machine": "machine",
        "stopped": "arrêté",
        "yes": "oui",
        "water": "eau",
        "cold": "froide",
        "big": "grand",
        "dog": "chien",
        "sees": "voit",
        "tree": "arbre",
    },
    "es": {
        "the": "el",
        "house": "casa",
        "garden": "jardín",
        "is": "es",
        "red": "rojo",
        "old": "viejo",
        "has": "tiene",
        "two": "dos",
        "windows": "ventanas",
        "door": "puerta",
        "open": "abierta",
        "and": "y",
        "cat": "gato",
        "sleeps": "duerme",
        "on": "sobre",
        "roof": "tejado",
        "error": "error",
        "machine": "máquina",
        "stopped": "parado",
        "yes": "sí",
        "water": "agua",
        "cold": "fría",
        "big": "grande",
        "dog": "perro",
        "sees": "ve",
        "tree": "árbol",
    },
}


def newest(left: str, right: str) -> str:
    return right


class TranslationState(TypedDict):
    source: str
    target: Literal["fr", "es"]
    sentences: list[str]
    translation: Annotated[str, newest]
    missing: list[str]
    quality: float
    rounds: int
    approved: bool
    record: str


def segment(state: TranslationState) -> dict[str, Any]:
    return {
        "sentences": [part.strip() for part in re.split(r"(?<=[.!?])", state["source"]) if part.strip()],
        "rounds": 0,
    }


def translate(state: TranslationState) -> dict[str, Any]:
    pause(0.012)
    glossary = list(GLOSSARY[state["target"]].items())[:8]
    text = " ".join(state["sentences"])
    for word, foreign in glossary:
        text = re.sub(rf"\b{word}\b", foreign, text, flags=re.IGNORECASE)
    return {"translation": text}


def review(state: TranslationState) -> dict[str, Any]:
    known = GLOSSARY[state["target"]]
    left = [w for w in re.findall(r"\w+", state["translation"].lower()) if w in known and known[w] != w]
    total = max(1, len(re.findall(r"\w+", state["translation"])))
    return {"missing": sorted(set(left)), "quality": round(1 - len(left) / total, 3), "rounds": state["rounds"] + 1}


def done(state: TranslationState) -> Literal["mend", "approve"]:
    return "approve" if not state["missing"] or state["rounds"] >= MAX_ROUNDS else "mend"


def mend(state: TranslationState) -> dict[str, Any]:
    text = state["translation"]
    for word in state["missing"][:2]:
        text = re.sub(rf"\b{word}\b", GLOSSARY[state["target"]][word], text, flags=re.IGNORECASE)
    return {"translation": text}


def approve(state: TranslationState) -> dict[str, Any]:
    record = {
        "language": state["target"],
        "rounds": state["rounds"],
        "quality": state["quality"],
        "text": state["translation"],
    }
    return {"approved": not state["missing"], "record": json.dumps(record, ensure_ascii=False)}


def build(patch: Patch) -> Any:
    graph = StateGraph(TranslationState)
    for function in (segment, translate, review, mend, approve):
        graph.add_node(function)
    graph.add_edge(START, "segment")
    graph.add_edge("segment", "translate")
    graph.add_edge("translate", "review")
    graph.add_conditional_edges("review", done)
    graph.add_edge("mend", "review")
    graph.add_edge("approve", END)
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def mend_of_source(state: TranslationState) -> dict[str, Any]:
    """mend starts from the source in every round, so it never gets further than two words."""
    text = state["source"]
    for word in state["missing"][:2]:
        text = re.sub(rf"\b{word}\b", GLOSSARY[state["target"]][word], text, flags=re.IGNORECASE)
    return {"translation": text}


def mend_nothing(state: TranslationState) -> dict[str, Any]:
    """mend looks for the foreign word instead of the English one and changes nothing."""
    text = state["translation"]
    for word in state["missing"]:
        text = text.replace(GLOSSARY[state["target"]][word], GLOSSARY[state["target"]][word])
    return {"translation": text}


def mend_other_name(state: TranslationState) -> dict[str, Any]:
    """mend returns `translated`; the state has `translation`."""
    return {"translated": mend(state)["translation"]}


def review_without_count(state: TranslationState) -> dict[str, Any]:
    """review sets the round to zero and finds the letter a missing for ever."""
    made = review(state)
    return {"missing": made["missing"] or ["the"], "quality": made["quality"], "rounds": 0}


def translate_to_spanish(state: TranslationState) -> dict[str, Any]:
    """translate always uses the Spanish glossary."""
    text = " ".join(state["sentences"])
    for word, foreign in GLOSSARY["es"].items():
        text = re.sub(rf"\b{word}\b", foreign, text, flags=re.IGNORECASE)
    return {"translation": text}


def translate_first_sentence(state: TranslationState) -> dict[str, Any]:
    """translate takes only the first sentence."""
    return translate({**state, "sentences": state["sentences"][:1]})


def approve_at_once(state: TranslationState) -> str:
    """the branch approves without mending"""
    return "approve"


def approve_unseen(state: TranslationState) -> dict[str, Any]:
    """approve ticks its box and writes no record."""
    return {"approved": True, "record": ""}


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _text(target: str, source: str) -> dict[str, Any]:
    return {"source": source, "target": target}


INPUTS = (
    Healthy(
        name="house-fr",
        input=_text("fr", "The old house has two windows and the door is open. The cat sleeps on the roof."),
    ),
    Healthy(
        name="house-es",
        input=_text("es", "The old house has two windows and the door is open. The cat sleeps on the roof."),
    ),
    Healthy(name="garden-fr", input=_text("fr", "The garden is big and the water is cold. The dog sees the tree.")),
    Healthy(
        name="garden-es",
        input=_text("es", "The garden is big and the water is cold. The dog sees the cat on the tree."),
    ),
    Healthy(
        name="roof-fr",
        input=_text("fr", "The red roof is old. The cat and the dog are on the roof and the door is open."),
    ),
    Healthy(
        name="dog-es",
        input=_text("es", "The big dog sees the old cat. The cat sleeps on the door and the water is cold."),
    ),
    Healthy(
        name="machine-fr", input=_text("fr", "The machine stopped. The error is old."), why="a text about an error"
    ),
    Healthy(
        name="machine-es",
        input=_text("es", "Error! The machine stopped and the error is red."),
        why="a text about errors",
    ),
    Healthy(name="yes", input=_text("fr", "Yes."), why="a single word"),
    Healthy(
        name="names", input=_text("es", "Lorem Ipsum sees TODO."), why="names that look like stubs and stay as they are"
    ),
    Healthy(
        name="refrain",
        input=_text("fr", "The cat sleeps. The cat sleeps. The cat sleeps. The cat sleeps."),
        why="lines that repeat",
    ),
    Healthy(name="nothing", input=_text("es", "1, 2, 3!"), why="nothing to translate"),
    Healthy(name="foreign", input=_text("fr", "Déjà vu, mon ami, et voilà."), why="is in French already"),
    Healthy(
        name="long",
        input=_text("es", "The house is red and the garden has two windows. " * 12),
        why="long and repetitive",
    ),
    Healthy(name="tree-fr", input=_text("fr", "The tree is big. The cat sees the dog and the cold water on the roof.")),
)

PLAN = Plan(NAME, "held-back", on=["house-fr", "house-es", "garden-fr", "garden-es", "roof-fr", "dog-es", "tree-fr"])
PLAN.each(TEXT, "translate", "translation")
PLAN.each(("placeholder", "refusal", "html_page", "stack_trace", "exception_text"), "mend", "translation")
PLAN.add("truncated_json", "approve", "record", times=5)
PLAN.add("stuck_loop", "mend", times=3)
PLAN.add("stuck_loop", "review", "missing")
PLAN.add(Oscillation(field="translation", other="La maison est the same as before."), "mend")
PLAN.add(Oscillation(field="translation", other="El gato sleeps on the roof, and the dog sees the door."), "mend")
PLAN.add(EndlessLoop(target="mend", rounds=14), "review", times=2)
PLAN.add(EndlessLoop(target="mend"), "review")
PLAN.each(("missing_value", "wrong_type", "dropped_field", "renamed_key"), "review", "missing")
PLAN.each(("missing_value", "wrong_type", "dropped_field", "renamed_key", "empty_output"), "segment", "sentences")
PLAN.each(("dropped_field", "missing_value", "renamed_key"), "segment", "rounds", symptom="review")
PLAN.each(("power_of_ten", "sign_flip", "missing_value", "unparsed_text", "unit_error"), "review", "quality")
PLAN.add("power_of_ten", "review", "rounds", calls=(1,))
PLAN.add(SkippedStep(target="approve", instead_of="mend"), "review", times=2, needs_history=True)
PLAN.each(("foreign_value", "foreign_meaning", "foreign_type"), "review", "translation")
PLAN.each(("foreign_value", "foreign_meaning"), "mend", "source")
PLAN.add("foreign_value", "approve", "quality")
PLAN.add("no_update", "translate")
PLAN.add("no_update", "mend")
PLAN.add("crash", "mend", calls=(2,))
PLAN.add("crash", "approve")
PLAN.add("slow_node", "translate", times=2)
PLAN.add("other_answer", "translate", "translation", times=2)
PLAN.add("short_output", "translate", "translation")
PLAN.add("stale_result", "translate", on="garden-es", warm_up="dog-es")
PLAN.add("fewer_items", "segment", "sentences", on="long")
PLAN.add("unfinished_work", "approve", "record", times=2)

PLAN.variant("stuck_loop", "mend", mend_nothing)
PLAN.variant("stuck_loop", "mend", mend_of_source)
PLAN.variant("renamed_key", "mend", mend_other_name)
PLAN.variant("runaway_loop", "review", review_without_count)
PLAN.variant("wrong_language", "translate", translate_to_spanish, on="house-fr")
PLAN.variant("short_output", "translate", translate_first_sentence, on="garden-fr")
PLAN.variant("skipped_step", "review", approve_at_once, place="branch", needs_history=True)
PLAN.variant("unfinished_work", "approve", approve_unseen)

GRAPH = MatrixGraph(
    name=NAME,
    part="held-back",
    description="mending loop, French and Spanish",
    build=build,
    inputs=INPUTS,
    faults=PLAN.cases,
    config={"recursion_limit": 60},
)
