"""A loop: a draft is criticised and revised until it is good enough."""

from __future__ import annotations

import re
from typing import Any, Literal, TypedDict

from bench.faults.graphs.pace import pause
from bench.faults.plan import NUMBER, TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, START, StateGraph

from argus.testing.faults import Oscillation, SkippedStep

NAME = "essay_loop"
MAX_ROUNDS = 8
WEAK_WORDS = ("very", "really", "basically", "quite", "somewhat")


class EssayState(TypedDict, total=False):
    topic: str
    facts: list[str]
    draft: str
    remarks: list[str]
    score: float
    rounds: int
    title: str
    essay: str


def outline(state: EssayState) -> dict[str, Any]:
    words = [word for word in re.findall(r"\w+", state["topic"]) if len(word) > 3]
    return {"title": " ".join(words[:6]).capitalize() or state["topic"], "rounds": 0}


def write(state: EssayState) -> dict[str, Any]:
    pause(0.012)
    opening = f"This is basically about {state['topic']}."
    body = [f"It is very much worth knowing that {fact[0].lower()}{fact[1:]}" for fact in state["facts"]]
    return {"draft": " ".join([opening, *body, "That is really all there is to say."])}


def critique(state: EssayState) -> dict[str, Any]:
    remarks = [f"remove the weak word '{word}'" for word in WEAK_WORDS if re.search(rf"\b{word}\b", state["draft"])]
    if len(state["draft"]) > 900:
        remarks.append("shorten the text")
    score = max(0.0, round(1 - 0.15 * len(remarks), 2))
    return {"remarks": remarks, "score": score, "rounds": state["rounds"] + 1}


def good_enough(state: EssayState) -> Literal["revise", "publish"]:
    if state["score"] >= 0.99 or state["rounds"] >= MAX_ROUNDS:
        return "publish"
    return "revise"


def revise(state: EssayState) -> dict[str, Any]:
    first = state["remarks"][0]
    draft = state["draft"]
    if weak := re.search(r"'(\w+)'", first):
        draft = re.sub(rf"\b{weak[1]}\b ?", "", draft)
    else:
        draft = draft[: draft[:900].rfind(".") + 1]
    return {"draft": draft}


def publish(state: EssayState) -> dict[str, Any]:
    return {"essay": f"{state['title']}\n\n{state['draft']}"}


def build(patch: Patch) -> Any:
    graph = StateGraph(EssayState)
    for function in (outline, write, critique, revise, publish):
        graph.add_node(function)
    graph.add_edge(START, "outline")
    graph.add_edge("outline", "write")
    graph.add_edge("write", "critique")
    graph.add_conditional_edges("critique", good_enough)
    graph.add_edge("revise", "critique")
    graph.add_edge("publish", END)
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def revise_forgets_to_assign(state: EssayState) -> dict[str, Any]:
    """revise computes the better text and throws it away, because strings are not changed in place."""
    draft = state["draft"]
    for word in WEAK_WORDS:
        draft.replace(word, "")
    return {"draft": draft}


def revise_puts_the_word_back(state: EssayState) -> dict[str, Any]:
    """revise replaces one weak word by another, back and forth."""
    draft = state["draft"]
    if "basically" in draft:
        return {"draft": draft.replace("basically", "quite")}
    return {"draft": draft.replace("quite", "basically")}


def revise_under_another_name(state: EssayState) -> dict[str, Any]:
    """revise returns `text`; the state calls it `draft`."""
    first = state["remarks"][0]
    text = state["draft"]
    if weak := re.search(r"'(\w+)'", first):
        text = re.sub(rf"\b{weak[1]}\b ?", "", text)
    return {"text": text}


def critique_counts_from_zero(state: EssayState) -> dict[str, Any]:
    """critique sets the round to one instead of counting, and never likes anything."""
    remarks = [f"remove the weak word '{word}'" for word in WEAK_WORDS if re.search(rf"\b{word}\b", state["draft"])]
    remarks = remarks or ["remove the weak word 'the'"]
    return {"remarks": remarks, "score": round(1 - 0.15 * len(remarks), 2), "rounds": 1}


def critique_in_percent(state: EssayState) -> dict[str, Any]:
    """critique gives percent where the router expects a share, so the first draft passes."""
    remarks = [f"remove the weak word '{word}'" for word in WEAK_WORDS if re.search(rf"\b{word}\b", state["draft"])]
    return {"remarks": remarks, "score": 100 - 15.0 * len(remarks), "rounds": state["rounds"] + 1}


def publish_before_checking(state: EssayState) -> str:
    """the router publishes whatever it gets, without a revision"""
    return "publish" if state["rounds"] else "revise"


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _essay(topic: str, *facts: str) -> dict[str, Any]:
    return {"topic": topic, "facts": list(facts)}


INPUTS = (
    Healthy(
        name="tides",
        input=_essay(
            "the tides of the sea",
            "The moon pulls the water towards it.",
            "High water comes about every twelve and a half hours.",
            "At full moon the range is largest.",
        ),
    ),
    Healthy(
        name="bees",
        input=_essay(
            "how bees find flowers",
            "Scouts dance to show the direction.",
            "The length of the dance tells the distance.",
            "Bees see ultraviolet light.",
        ),
    ),
    Healthy(
        name="bread",
        input=_essay(
            "why bread rises", "Yeast turns sugar into gas.", "Gluten keeps the gas inside.", "Heat sets the crumb."
        ),
    ),
    Healthy(
        name="glass",
        input=_essay(
            "the making of glass",
            "Sand melts at a high temperature.",
            "Soda lowers the melting point.",
            "Slow cooling prevents cracks.",
        ),
    ),
    Healthy(
        name="maps",
        input=_essay(
            "old maps and their errors",
            "California was drawn as an island.",
            "Sea monsters filled empty places.",
            "Longitude could not be measured at sea.",
        ),
        why="prose about errors",
    ),
    Healthy(
        name="failure",
        input=_essay(
            "famous failures of bridges",
            "The Tacoma bridge failed in a moderate wind.",
            "A crash of a ship destroyed the Skyway bridge.",
            "An error in the plans weakened the Quebec bridge.",
        ),
        why="prose about failures, crashes and errors",
    ),
    Healthy(name="one-fact", input=_essay("snow", "Every crystal has six arms."), why="a very short text"),
    Healthy(name="no-facts", input=_essay("silence in music"), why="no facts at all: the essay has only a frame"),
    Healthy(
        name="placeholder",
        input=_essay(
            "the history of lorem ipsum",
            "Lorem ipsum dolor sit amet is taken from Cicero.",
            "Printers used the text as a placeholder.",
            "TODO marks in code have a similar role.",
        ),
        why="an essay about placeholders",
    ),
    Healthy(
        name="refrain",
        input=_essay(
            "a song about rain",
            "It rains and rains and rains.",
            "It rains and rains and rains.",
            "It rains and rains and rains.",
            "Then the sun comes out.",
        ),
        why="repeated lines that belong there",
    ),
    Healthy(
        name="german",
        input=_essay(
            "der Bau von Orgeln",
            "Die Pfeifen bestehen aus Zinn und Blei.",
            "Der Wind kommt aus dem Balg.",
            "Fehler im Wind hört man sofort.",
        ),
        why="another language",
    ),
    Healthy(
        name="many-facts",
        input=_essay(
            "the life of trees",
            *[
                f"Tree number {n} in the old park was planted in {1800 + n} and grew to {10 + n % 9} metres since then."
                for n in range(11)
            ],
        ),
        why="long, needs one more round",
    ),
    Healthy(
        name="rivers",
        input=_essay(
            "why rivers meander",
            "Water flows faster on the outside of a bend.",
            "It carries soil from the outer bank.",
            "The inner bank grows.",
        ),
    ),
    Healthy(
        name="clocks",
        input=_essay(
            "pendulum clocks",
            "The length of the pendulum sets the beat.",
            "Warm air makes it longer and the clock late.",
        ),
    ),
    Healthy(
        name="tea",
        input=_essay(
            "the five kinds of tea",
            "All of them come from one plant.",
            "Black tea is fully oxidised.",
            "White tea is hardly treated.",
            "Green tea is heated early.",
        ),
    ),
)

PLAN = Plan(NAME, "tuning", on=["tides", "bees", "bread", "glass", "rivers", "tea"])
PLAN.each(TEXT, "write", "draft")
PLAN.each(("placeholder", "refusal", "http_error_body", "empty_output", "mojibake"), "publish", "essay")
PLAN.each(("placeholder", "html_page", "stack_trace", "exception_text"), "revise", "draft")
PLAN.add("short_output", "write", "draft", times=2)
PLAN.add("stuck_loop", "revise", times=3)
PLAN.add("stuck_loop", "critique", "remarks", times=2)
PLAN.add(Oscillation(field="draft"), "revise")
PLAN.add(Oscillation(field="draft", other="This text is very good and quite final."), "revise")
PLAN.each(("missing_value", "wrong_type", "dropped_field", "renamed_key"), "critique", "remarks")
PLAN.each(NUMBER, "critique", "score")
PLAN.each(("dropped_field", "missing_value", "renamed_key"), "outline", "title")
PLAN.each(("dropped_field", "missing_value"), "outline", "rounds")
PLAN.add(SkippedStep(target="publish", instead_of="revise"), "critique", times=2, needs_history=True)
PLAN.each(("foreign_value", "foreign_meaning", "foreign_type"), "critique", "draft")
PLAN.each(("foreign_value", "foreign_meaning"), "revise", "facts")
PLAN.add("no_update", "write")
PLAN.add("no_update", "publish")
PLAN.add("crash", "revise", times=2)
PLAN.add("slow_node", "write")
PLAN.add("other_answer", "write", "draft", times=2)
PLAN.add("stale_result", "write", on="bees", warm_up="glass")
PLAN.add("unfinished_work", "publish", "essay", times=2)

PLAN.variant("stuck_loop", "revise", revise_forgets_to_assign)
PLAN.variant("oscillation", "revise", revise_puts_the_word_back)
PLAN.variant("renamed_key", "revise", revise_under_another_name)
PLAN.variant("runaway_loop", "critique", critique_counts_from_zero)
PLAN.variant("unit_error", "critique", critique_in_percent)
PLAN.variant("skipped_step", "critique", publish_before_checking, place="branch", needs_history=True)

GRAPH = MatrixGraph(
    name=NAME,
    part="tuning",
    description="refinement loop, partial TypedDict",
    build=build,
    inputs=INPUTS,
    faults=PLAN.cases,
    config={"recursion_limit": 60},
)
