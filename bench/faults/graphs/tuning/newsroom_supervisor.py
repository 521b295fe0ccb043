"""A supervisor sends workers off with Command(goto=...) until an article is researched, written and checked."""

from __future__ import annotations

import operator
import re
from typing import Annotated, Any, Literal, TypedDict

from bench.faults.graphs.pace import pause
from bench.faults.plan import TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command

from argus.testing.faults import SkippedStep, UnexpectedTransition

NAME = "newsroom_supervisor"

ARCHIVE = {
    "harbour": ["The new quay is 640 metres long.", "Work began in 2019.", "The port handled 1.2 million containers."],
    "library": ["The library lends 380000 books a year.", "It opens on Sundays since 2021.", "Entry is free."],
    "tram": ["Line 7 carries 21000 passengers a day.", "The trams were built in Leipzig.", "A ticket costs 2.90 EUR."],
    "outage": ["The outage lasted 47 minutes.", "An error in a relay was the cause.", "No hospital was affected."],
    "market": ["The market has 85 stalls.", "It takes place on Saturdays.", "Most farmers come from the valley."],
    "bridge": [
        "The bridge failed its inspection in 2022.",
        "Repairs cost 3.4 million EUR.",
        "Lorries must take a detour.",
    ],
    "orchestra": ["The orchestra has 72 players.", "Its conductor is Lena Moravec.", "The season opens with Mahler."],
    "zoo": ["Two snow leopards were born in May.", "The zoo counted 410000 visitors.", "Feeding time is at three."],
    "empty": [],
    "school": ["The school has 540 pupils.", "Lessons start at 8.15.", "The old roof leaks."],
    "markt": ["Der Markt hat 85 Stände.", "Er findet samstags statt.", "Fehler bei der Anmeldung sind selten."],
    "refrain": ["Rain fell on Monday.", "Rain fell on Monday.", "Rain fell on Tuesday."],
    "todo": ["The exhibition is called TODO.", "It shows 33 unfinished works.", "Lorem ipsum is printed on the wall."],
    "river": ["The river rose by 90 centimetres.", "The path along the bank is closed.", "It should fall by Friday."],
    "one": ["The well is 14 metres deep."],
}


class NewsState(TypedDict):
    topic: str
    facts: list[str]
    article: str
    checked: bool
    findings: list[str]
    log: Annotated[list[str], operator.add]


def supervisor(state: NewsState) -> Command[Literal["researcher", "writer", "fact_checker", "__end__"]]:
    if "facts" not in state:
        return Command(goto="researcher", update={"log": ["research first"]})
    if not state["facts"]:
        return Command(goto=END, update={"article": f"We have nothing on {state['topic']} yet.", "log": ["no facts"]})
    if "article" not in state:
        return Command(goto="writer", update={"log": ["facts are there, write"]})
    if not state.get("checked"):
        return Command(goto="fact_checker", update={"log": ["check the article"]})
    return Command(goto=END, update={"log": ["done"]})


def researcher(state: NewsState) -> dict[str, Any]:
    pause(0.012)
    return {"facts": ARCHIVE.get(state["topic"], []), "log": [f"looked up {state['topic']}"]}


def writer(state: NewsState) -> dict[str, Any]:
    lead = f"News about the {state['topic']}."
    return {"article": " ".join([lead, *state["facts"]]), "log": ["wrote the article"]}


def fact_checker(state: NewsState) -> dict[str, Any]:
    known = set(re.findall(r"\d[\d.]*", " ".join(state["facts"])))
    findings = [
        f"{number} has no source" for number in re.findall(r"\d[\d.]*", state["article"]) if number not in known
    ]
    return {"checked": True, "findings": findings, "log": ["checked"]}


def build(patch: Patch) -> Any:
    graph = StateGraph(NewsState)
    for function in (supervisor, researcher, writer, fact_checker):
        graph.add_node(function)
    graph.add_edge(START, "supervisor")
    for worker in ("researcher", "writer", "fact_checker"):
        graph.add_edge(worker, "supervisor")
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def supervisor_ends_after_writing(
    state: NewsState,
) -> Command[Literal["researcher", "writer", "fact_checker", "__end__"]]:
    """supervisor ends as soon as there is an article, unchecked."""
    if "facts" not in state:
        return Command(goto="researcher", update={"log": ["research first"]})
    if "article" not in state:
        return Command(goto="writer", update={"log": ["facts are there, write"]})
    return Command(goto=END, update={"log": ["done"]})


def supervisor_never_satisfied(state: NewsState) -> Command[Literal["researcher", "writer", "fact_checker", "__end__"]]:
    """supervisor reads `verified`, which nobody sets, and sends the article to be checked again and again."""
    if "facts" not in state:
        return Command(goto="researcher", update={"log": ["research first"]})
    if "article" not in state:
        return Command(goto="writer", update={"log": ["facts are there, write"]})
    if not state.get("verified"):
        return Command(goto="fact_checker", update={"log": ["check the article"]})
    return Command(goto=END, update={"log": ["done"]})


def fact_checker_only_ticks(state: NewsState) -> dict[str, Any]:
    """fact_checker ticks the box without looking at anything."""
    return {"checked": True, "log": ["checked"]}


def fact_checker_rewrites(state: NewsState) -> dict[str, Any]:
    """fact_checker takes the numbers out of the article, which is not its own."""
    return {**fact_checker(state), "article": re.sub(r"\d[\d.]*", "some", state["article"])}


def researcher_swallows(state: NewsState) -> dict[str, Any]:
    """researcher looks in the wrong place, catches the KeyError and goes on with a made-up fact."""
    try:
        facts = ARCHIVE[state["topic"] + "s"]
    except KeyError:
        facts = ["Everything is going well."]
    return {"facts": facts, "log": [f"looked up {state['topic']}"]}


def writer_returns_text(state: NewsState) -> dict[str, Any]:
    """writer returns `text`; the state has `article`, so the supervisor sends it off again and again."""
    return {"text": " ".join(state["facts"]), "log": ["wrote the article"]}


def writer_of_template(state: NewsState) -> dict[str, Any]:
    """writer forgets the f in front of the string."""
    return {"article": "News about the {state['topic']}. " + " ".join(state["facts"]), "log": ["wrote the article"]}


# ---- inputs ---------------------------------------------------------------------------------------------------------

WHY = {
    "outage": "facts about an error",
    "bridge": "facts about a failure",
    "empty": "no facts at all, said honestly",
    "markt": "another language",
    "refrain": "a repeated line that belongs there",
    "todo": "facts that contain TODO and lorem ipsum",
    "one": "a very short article",
}
INPUTS = tuple(Healthy(name=name, input={"topic": name}, why=WHY.get(name, "")) for name in ARCHIVE)

PLAN = Plan(NAME, "tuning", on=["harbour", "library", "tram", "market", "orchestra", "zoo", "school", "river"])
PLAN.each(TEXT, "writer", "article")
PLAN.each(("placeholder", "http_error_body", "exception_text", "html_page"), "researcher", "facts.0")
PLAN.each(("missing_value", "wrong_type", "error_payload"), "researcher", "facts")
PLAN.add("empty_output", "researcher", "facts", needs_history=True)
PLAN.add(SkippedStep(target=END, instead_of="fact_checker"), "supervisor", times=2, needs_history=True)
PLAN.add(SkippedStep(target="writer", instead_of="researcher"), "supervisor")
PLAN.add(UnexpectedTransition(target="fact_checker", instead_of="writer"), "supervisor")
PLAN.add(UnexpectedTransition(target="researcher", instead_of="fact_checker"), "supervisor", times=1)
PLAN.add("unfinished_work", "fact_checker", "findings", times=2)
PLAN.add("unfinished_work", "writer", "article", times=2)
PLAN.each(("missing_value", "wrong_type", "dropped_field", "renamed_key"), "fact_checker", "checked")
PLAN.each(("foreign_value", "foreign_type", "foreign_meaning"), "fact_checker", "article")
PLAN.each(("foreign_value", "foreign_meaning"), "writer", "facts")
PLAN.add("foreign_value", "writer", "topic")
PLAN.each(("dropped_field", "renamed_key"), "writer", "article")
PLAN.each(("dropped_field", "renamed_key"), "researcher", "facts")
PLAN.add("crash", "writer")
PLAN.add("crash", "supervisor", calls=(3,))
PLAN.add("slow_node", "researcher")
PLAN.add("fast_node", "researcher", result={"facts": ["Nothing new."], "log": ["looked up"]})
PLAN.each(("unsupported_number", "unsupported_name", "unsupported_date", "other_answer"), "writer", "article")
PLAN.add("contradiction", "writer", "article", times=2)
PLAN.add("off_topic_documents", "researcher", "facts", times=2)
PLAN.add("stale_result", "researcher", on="tram", warm_up="zoo")
PLAN.add("stale_result", "writer", on="market", warm_up="harbour")
PLAN.add("short_output", "writer", "article", times=2)
PLAN.add("fewer_items", "researcher", "facts", on="tram")

PLAN.variant("skipped_step", "supervisor", supervisor_ends_after_writing, needs_history=True)
PLAN.variant("runaway_loop", "supervisor", supervisor_never_satisfied)
PLAN.variant("unfinished_work", "fact_checker", fact_checker_only_ticks)
PLAN.variant("foreign_meaning", "fact_checker", fact_checker_rewrites)
PLAN.variant("swallowed_tool_error", "researcher", researcher_swallows, layer="semantic", needs_history=True)
PLAN.variant("renamed_key", "writer", writer_returns_text)
PLAN.variant("unfilled_template", "writer", writer_of_template)

GRAPH = MatrixGraph(
    name=NAME,
    part="tuning",
    description="supervisor with Command",
    build=build,
    inputs=INPUTS,
    faults=PLAN.cases,
    config={"recursion_limit": 40},
)
