"""Retrieval over the manuals of a household shop, with an honest way out when nothing is found."""

from __future__ import annotations

import re
from typing import Any, Literal, TypedDict

from bench.faults.graphs.pace import pause
from bench.faults.plan import CLAIMS, TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, START, StateGraph

from argus.testing.faults import SkippedStep
from argus.testing.faults.wordings.prose import OTHER_LANGUAGES

NAME = "manual_rag"

MANUALS = (
    (
        "kettle-1",
        "Kettle: first use",
        "Before the first use, fill the kettle with 1.5 litres of water, boil it and pour the water away.",
    ),
    (
        "kettle-2",
        "Kettle: descaling",
        "Descale the kettle every 4 weeks with citric acid; never use vinegar on the steel parts.",
    ),
    ("kettle-3", "Kettle: safety", "The kettle switches itself off when it boils or when it is lifted from its base."),
    (
        "washer-1",
        "Washing machine: error codes",
        "Error E18 means that the water does not drain: clean the pump filter behind the flap.",
    ),
    ("washer-2", "Washing machine: loading", "Load at most 8 kg of cotton or 3 kg of delicates into the drum."),
    (
        "washer-3",
        "Washing machine: transport",
        "Remove the 4 transport bolts before you start the washing machine for the first time.",
    ),
    (
        "oven-1",
        "Oven: cleaning",
        "The pyrolysis of the oven runs for 2 hours at 480 degrees and burns all residues to ash.",
    ),
    ("oven-2", "Oven: child lock", "Hold the key symbol for 3 seconds to lock or unlock the panel of the oven."),
    (
        "vacuum-1",
        "Vacuum cleaner: filter",
        "Wash the filter of the vacuum cleaner by hand once a month and let it dry for 24 hours.",
    ),
    (
        "vacuum-2",
        "Vacuum cleaner: battery",
        "A full charge of the battery takes 5 hours and lasts for 40 minutes of cleaning.",
    ),
    ("fridge-1", "Fridge: temperature", "Set the fridge to 5 degrees and the freezer to minus 18 degrees."),
    ("fridge-2", "Fridge: noise", "A gurgling noise is normal: it comes from the coolant in the pipes of the fridge."),
    ("coffee-1", "Coffee machine: milk", "Rinse the milk system of the coffee machine after every use with hot water."),
    (
        "coffee-2",
        "Coffee machine: grinder",
        "Change the degree of grinding of the coffee machine only while the grinder runs.",
    ),
)
STOP_WORDS = """
a an and are be by can do does for from how i if in is it long me my of often on or should the to up what when which why
with you
"""
STOP = frozenset(STOP_WORDS.split())


class Passage(TypedDict):
    id: str
    title: str
    text: str
    score: float


class RagState(TypedDict):
    question: str
    query: str
    documents: list[Passage]
    relevant: list[Passage]
    answer: str
    sources: list[str]


def _words(text: str) -> set[str]:
    return {re.sub(r"(ing|s)$", "", word) for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in STOP}


def rewrite(state: RagState) -> dict[str, Any]:
    words = re.findall(r"[\w']+", state["question"].lower())
    return {"query": " ".join(word for word in words if word not in STOP) or state["question"]}


def retrieve(state: RagState) -> dict[str, Any]:
    pause(0.012)
    wanted = _words(state["query"])
    ranked = []
    for key, title, text in MANUALS:
        score = len(wanted & _words(f"{title} {text}")) / max(1, len(wanted))
        if score:
            ranked.append({"id": key, "title": title, "text": text, "score": round(score, 3)})
    ranked.sort(key=lambda passage: (-passage["score"], passage["id"]))
    return {"documents": ranked[:4]}


def grade(state: RagState) -> dict[str, Any]:
    best = max((passage["score"] for passage in state["documents"]), default=0.0)
    return {"relevant": [p for p in state["documents"] if p["score"] >= max(0.3, 0.7 * best)]}


def any_relevant(state: RagState) -> Literal["answer", "give_up"]:
    return "answer" if state["relevant"] else "give_up"


def answer(state: RagState) -> dict[str, Any]:
    sentences = [passage["text"] for passage in state["relevant"][:2]]
    return {"answer": " ".join(sentences), "sources": [passage["id"] for passage in state["relevant"][:2]]}


def give_up(state: RagState) -> dict[str, Any]:
    return {"answer": "The manuals say nothing about that.", "sources": []}


def build(patch: Patch) -> Any:
    graph = StateGraph(RagState)
    for function in (rewrite, retrieve, grade, answer, give_up):
        graph.add_node(f"{function.__name__}_step" if function is answer else function.__name__, function)
    graph.add_edge(START, "rewrite")
    graph.add_edge("rewrite", "retrieve")
    graph.add_edge("retrieve", "grade")
    graph.add_conditional_edges("grade", any_relevant, {"answer": "answer_step", "give_up": "give_up"})
    graph.add_edge("answer_step", END)
    graph.add_edge("give_up", END)
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def retrieve_ignores_query(state: RagState) -> dict[str, Any]:
    """retrieve sorts by id and forgets the score, so it always finds coffee."""
    ranked = [{"id": key, "title": title, "text": text, "score": 0.5} for key, title, text in MANUALS]
    return {"documents": sorted(ranked, key=lambda passage: passage["id"])[:3]}


def retrieve_ascending(state: RagState) -> dict[str, Any]:
    """retrieve sorts the wrong way round and returns the least fitting passages."""
    wanted = _words(state["query"])
    ranked = [
        {
            "id": key,
            "title": title,
            "text": text,
            "score": round(len(wanted & _words(f"{title} {text}")) / len(wanted), 3),
        }
        for key, title, text in MANUALS
    ]
    ranked.sort(key=lambda passage: passage["score"])
    return {"documents": [{**passage, "score": 0.4} for passage in ranked[:3]]}


def retrieve_contents(state: RagState) -> dict[str, Any]:
    """retrieve calls the text of a passage `content`."""
    found = retrieve(state)["documents"]
    return {
        "documents": [{"id": d["id"], "title": d["title"], "content": d["text"], "score": d["score"]} for d in found]
    }


def retrieve_under_results(state: RagState) -> dict[str, Any]:
    """retrieve returns `results`; the state has `documents`."""
    found = retrieve(state)["documents"]
    return {"results": found}


def retrieve_swallows(state: RagState) -> dict[str, Any]:
    """retrieve catches every exception of its index and returns nothing."""
    try:
        documents = [{"id": row[0], "title": row[1], "text": row[2], "score": row[3]} for row in MANUALS]
    except IndexError:
        documents = []
    return {"documents": documents}


def rewrite_keeps_two_words(state: RagState) -> dict[str, Any]:
    """rewrite cuts the question to its first two words."""
    return {"query": " ".join(state["question"].split()[:2])}


def answer_from_all(state: RagState) -> dict[str, Any]:
    """answer quotes what the grader had thrown out."""
    rest = [passage for passage in state["documents"] if passage not in state["relevant"]] or state["documents"][::-1]
    return {"answer": rest[-1]["text"], "sources": [rest[-1]["id"]]}


def answer_with_wrong_number(state: RagState) -> dict[str, Any]:
    """answer changes the figures of the manual."""
    text = state["relevant"][0]["text"]
    return {
        "answer": re.sub(r"\d+", lambda found: str(int(found[0]) * 3 + 1), text),
        "sources": [passage["id"] for passage in state["relevant"][:2]],
    }


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _ask(text: str) -> dict[str, Any]:
    return {"question": text}


INPUTS = (
    Healthy(name="descale", input=_ask("How often should I descale the kettle?")),
    Healthy(name="drum", input=_ask("How much cotton can I load into the washing machine?")),
    Healthy(name="filter", input=_ask("How do I wash the filter of the vacuum cleaner?")),
    Healthy(name="battery", input=_ask("How long does the battery of the vacuum cleaner last?")),
    Healthy(name="fridge", input=_ask("Which temperature should the fridge have?")),
    Healthy(name="lock", input=_ask("How do I unlock the panel of the oven?")),
    Healthy(name="bolts", input=_ask("Do I have to remove the transport bolts?")),
    Healthy(name="milk", input=_ask("When should I rinse the milk system of my coffee machine?")),
    Healthy(
        name="error-code",
        input=_ask("What does error E18 mean, the washing machine failed?"),
        why="question and manual speak of an error",
    ),
    Healthy(name="not-found", input=_ask("Can pineapples grow on balconies?"), why="nothing found, said honestly"),
    Healthy(name="yes", input=_ask("yes"), why="not a question at all, nothing to find"),
    Healthy(
        name="noise", input=_ask("Why is there a gurgling noise, is the fridge broken?"), why="prose about a defect"
    ),
    Healthy(
        name="german",
        input=_ask("Wie entkalke ich den Wasserkocher?"),
        why="another language: nothing is found, honestly",
    ),
    Healthy(
        name="long",
        input=_ask(
            "I bought the oven two years ago and I have cleaned it by hand since then, but my neighbour told me that"
            " it can clean itself. How long does the pyrolysis of the oven run and how hot does it get?"
        ),
        why="a very long question",
    ),
    Healthy(name="grinder", input=_ask("When may I change the degree of grinding?")),
)

FOREIGN = tuple(text for text in OTHER_LANGUAGES if not text.startswith("Thank"))

PLAN = Plan(NAME, "tuning", on=["descale", "drum", "filter", "battery", "fridge", "lock", "bolts", "milk"])
PLAN.each(TEXT, "answer_step", "answer")
PLAN.each(CLAIMS, "answer_step", "answer", times=2)
PLAN.add("wrong_language", "answer_step", "answer", times=2, pool=FOREIGN)
PLAN.add("contradiction", "answer_step", "answer", on="descale")
PLAN.add("contradiction", "answer_step", "answer", on="drum")
PLAN.add("contradiction", "answer_step", "answer", on="battery")
PLAN.add("contradiction", "answer_step", "answer", on="fridge")
PLAN.add("stale_result", "answer_step", on="drum", warm_up="lock")
PLAN.add("stale_result", "retrieve", on="battery", warm_up="milk")
PLAN.add("stale_result", "rewrite", on="fridge", warm_up="descale")
PLAN.add("off_topic_documents", "retrieve", "documents", times=4)
PLAN.add("off_topic_documents", "grade", "relevant", times=2)
PLAN.add("empty_output", "retrieve", "documents", times=1, needs_history=True)
PLAN.add("empty_output", "grade", "relevant", needs_history=True)
PLAN.each(("missing_value", "wrong_type", "dropped_field", "renamed_key", "error_payload"), "retrieve", "documents")
PLAN.each(("dropped_field", "renamed_key", "missing_value"), "retrieve", "documents.*.text")
PLAN.each(("placeholder", "html_page", "http_error_body", "mojibake"), "retrieve", "documents.0.text")
PLAN.each(
    ("dropped_field", "renamed_key", "unparsed_text", "power_of_ten", "sign_flip"), "retrieve", "documents.*.score"
)
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type", "empty_output"), "rewrite", "query")
PLAN.each(("placeholder", "refusal", "error_payload", "other_answer"), "rewrite", "query")
PLAN.each(("dropped_field", "missing_value", "renamed_key"), "answer_step", "sources")
PLAN.add(SkippedStep(target="give_up", instead_of="answer"), "grade", times=2, needs_history=True)
PLAN.add("slow_node", "retrieve")
PLAN.add("fast_node", "retrieve", result={"documents": []})
PLAN.add("short_output", "answer_step", "answer")
PLAN.add("fewer_items", "retrieve", "documents")
PLAN.each(("foreign_value", "foreign_meaning"), "grade", "query")
PLAN.each(("foreign_value", "foreign_type"), "answer_step", "relevant")
PLAN.add("no_update", "rewrite")
PLAN.add("no_update", "answer_step")
PLAN.add("crash", "grade")
PLAN.add("lost_constraint", "rewrite", "query", on="long", pattern=r"clean\w* |pyrolysis|oven|hot")
PLAN.add("unfinished_work", "answer_step", "answer")

PLAN.variant("off_topic_documents", "retrieve", retrieve_ignores_query, on="descale")
PLAN.variant("off_topic_documents", "retrieve", retrieve_ascending, on="bolts")
PLAN.variant("renamed_key", "retrieve", retrieve_contents, on="filter", symptom="answer_step")
PLAN.variant("renamed_key", "retrieve", retrieve_under_results, on="drum", symptom="grade")
PLAN.variant(
    "swallowed_tool_error", "retrieve", retrieve_swallows, on="fridge", needs_history=True, layer="statistical"
)
PLAN.variant("lost_constraint", "rewrite", rewrite_keeps_two_words, on="battery")
PLAN.variant("other_answer", "answer_step", answer_from_all, on="lock")
PLAN.variant("contradiction", "answer_step", answer_with_wrong_number, on="battery")
PLAN.variant("contradiction", "answer_step", answer_with_wrong_number, on="descale")

GRAPH = MatrixGraph(
    name=NAME, part="tuning", description="retrieval with grading", build=build, inputs=INPUTS, faults=PLAN.cases
)
