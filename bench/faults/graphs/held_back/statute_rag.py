"""Asynchronous retrieval over the house rules of a city library, with Document objects, reranking and citations."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Literal, TypedDict

from bench.faults.plan import CLAIMS, TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langchain_core.documents import Document
from langgraph.graph import END, START, StateGraph

NAME = "statute_rag"

RULES = {
    "§1": "The library is open from Tuesday to Saturday, from 10 to 19 o'clock.",
    "§2": "A library card costs 15 euros a year; children under 16 pay nothing.",
    "§3": "Books are lent for 28 days and may be renewed twice unless somebody has reserved them.",
    "§4": "Films and games are lent for 7 days and cannot be renewed.",
    "§5": "For every day of delay a fee of 0.20 euros is due for each book, at most 8 euros.",
    "§6": "Lost or damaged books must be replaced, or paid at the current price.",
    "§7": "Reading rooms on the second floor are silent; telephones must be switched off.",
    "§8": "Dogs have to stay outside, except for guide dogs.",
    "§9": "Study cabins can be booked for 4 hours a day at the desk or online.",
    "§10": "Copies cost 0.10 euros a page; scanning to a USB stick is free.",
    "§11": "If the return machine shows error 12, the shelf is full: please go to the desk.",
    "§12": "Members may reserve up to 10 items at a time; a reservation is kept for 5 days.",
}


def _stems(text: str) -> set[str]:
    words = re.findall(r"[a-zäöüß0-9]+", text.lower())
    return {re.sub(r"(s|ed|ing|al)$", "", word) for word in words if len(word) > 3}


class RuleState(TypedDict, total=False):
    question: str
    sub_questions: list[str]
    hits: list[Document]
    context: list[Document]
    answer: str
    citations: list[str]
    confident: bool


async def plan(state: RuleState) -> dict[str, Any]:
    parts = [part.strip() for part in re.split(r"\band\b|\?", state["question"]) if part.strip()]
    return {"sub_questions": parts or [state["question"]]}


async def search(state: RuleState) -> dict[str, Any]:
    await asyncio.sleep(0.012)
    hits: list[Document] = []
    for part in state["sub_questions"]:
        for rule, text in RULES.items():
            shared = _stems(part) & _stems(text)
            if shared and all(hit.metadata["rule"] != rule for hit in hits):
                hits.append(Document(page_content=text, metadata={"rule": rule, "score": len(shared)}))
    return {"hits": hits}


async def rerank(state: RuleState) -> dict[str, Any]:
    ordered = sorted(state["hits"], key=lambda hit: (-hit.metadata["score"], hit.metadata["rule"]))
    return {"context": ordered[: len(state["sub_questions"]) + 1][:3]}


def anything(state: RuleState) -> Literal["compose", "decline"]:
    return "compose" if state["context"] else "decline"


async def compose(state: RuleState) -> dict[str, Any]:
    best = state["context"][0].metadata["score"]
    used = [hit for hit in state["context"] if hit.metadata["score"] == best][: max(1, len(state["sub_questions"]))]
    text = " ".join(f"{hit.page_content} ({hit.metadata['rule']})" for hit in used)
    return {"answer": text, "citations": [hit.metadata["rule"] for hit in used], "confident": best > 1}


async def decline(state: RuleState) -> dict[str, Any]:
    return {"answer": "The house rules do not say anything about this.", "citations": [], "confident": False}


async def verify(state: RuleState) -> dict[str, Any]:
    return {"citations": [rule for rule in state["citations"] if f"({rule})" in state["answer"]]}


def build(patch: Patch) -> Any:
    graph = StateGraph(RuleState)
    for function in (plan, search, rerank, compose, decline, verify):
        graph.add_node(function)
    graph.add_edge(START, "plan")
    graph.add_edge("plan", "search")
    graph.add_edge("search", "rerank")
    graph.add_conditional_edges("rerank", anything)
    graph.add_edge("compose", "verify")
    graph.add_edge("verify", END)
    graph.add_edge("decline", END)
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------


async def search_any(state: RuleState) -> dict[str, Any]:
    """search takes the first rules, whatever was asked."""
    return {"hits": [Document(page_content=RULES[r], metadata={"rule": r, "score": 1}) for r in ("§8", "§7", "§10")]}


async def search_lost_metadata(state: RuleState) -> dict[str, Any]:
    """search makes documents without their score."""
    found = (await search(state))["hits"]
    return {"hits": [Document(page_content=hit.page_content, metadata={"rule": hit.metadata["rule"]}) for hit in found]}


async def search_documents(state: RuleState) -> dict[str, Any]:
    """search returns `documents`; the state has `hits`."""
    found = (await search(state))["hits"]
    return {"documents": found}


async def plan_first_word(state: RuleState) -> dict[str, Any]:
    """plan keeps the first three words of the question."""
    return {"sub_questions": [" ".join(state["question"].split()[:3])]}


async def compose_other_rule(state: RuleState) -> dict[str, Any]:
    """compose quotes another rule than the one it cites."""
    made = await compose(state)
    return {**made, "answer": f"{RULES['§9']} ({made['citations'][0]})"}


async def compose_wrong_figures(state: RuleState) -> dict[str, Any]:
    """compose gets the figures of the rule wrong."""
    made = await compose(state)
    text = re.sub(r"(?<![§\d])\d+(?![\d)])", lambda found: str(int(found[0]) + 11), made["answer"])
    return {**made, "answer": text}


async def verify_drops_answer(state: RuleState) -> dict[str, Any]:
    """verify overwrites the answer with its own remark."""
    return {"citations": state["citations"], "answer": "verified"}


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _ask(text: str) -> dict[str, Any]:
    return {"question": text}


INPUTS = (
    Healthy(name="card", input=_ask("How much does a library card cost a year?")),
    Healthy(name="lent", input=_ask("For how many days are books lent and can they be renewed?")),
    Healthy(name="late", input=_ask("Which fee is due for every day of delay?")),
    Healthy(name="cabin", input=_ask("How can study cabins be booked?")),
    Healthy(name="copies", input=_ask("What do copies cost a page?")),
    Healthy(name="films", input=_ask("How long may films and games be kept?")),
    Healthy(name="reserve", input=_ask("How many items can members reserve at a time?")),
    Healthy(name="open", input=_ask("Is the library open from Tuesday to Saturday?")),
    Healthy(name="error", input=_ask("The return machine shows error 12, what went wrong?"), why="about an error"),
    Healthy(
        name="damaged",
        input=_ask("My damaged books are broken, must they be replaced?"),
        why="about damage and failure",
    ),
    Healthy(name="nothing", input=_ask("Who won the cup?"), why="nothing found, said honestly"),
    Healthy(name="yes", input=_ask("yes"), why="no question at all"),
    Healthy(name="german", input=_ask("Darf mein Hund mit hinein?"), why="another language, nothing is found"),
    Healthy(
        name="dogs", input=_ask("Do dogs have to stay outside, guide dogs too?"), why="a rule that forbids something"
    ),
    Healthy(name="silent", input=_ask("Must telephones be switched off in the reading rooms?")),
)

PLAN = Plan(NAME, "held-back", on=["card", "lent", "late", "cabin", "copies", "films", "reserve", "open", "silent"])
PLAN.each(TEXT, "compose", "answer")
PLAN.each(CLAIMS, "compose", "answer", times=2)
PLAN.add("wrong_language", "compose", "answer", times=2)
PLAN.add("contradiction", "compose", "answer", on="lent")
PLAN.add("contradiction", "compose", "answer", on="films")
PLAN.add("contradiction", "compose", "answer", on="reserve")
PLAN.add("off_topic_documents", "search", "hits", times=4)
PLAN.add("off_topic_documents", "rerank", "context", times=2)
PLAN.add("empty_output", "search", "hits", needs_history=True)
PLAN.add("empty_output", "rerank", "context", needs_history=True)
PLAN.each(("missing_value", "wrong_type", "dropped_field", "renamed_key", "error_payload"), "search", "hits")
PLAN.each(("missing_value", "dropped_field", "renamed_key"), "search", "hits.*.metadata.score")
PLAN.each(("placeholder", "html_page", "http_error_body", "mojibake"), "search", "hits.0.page_content")
PLAN.each(("missing_value", "wrong_type", "dropped_field", "renamed_key", "empty_output"), "plan", "sub_questions")
PLAN.each(("placeholder", "refusal", "error_payload", "other_answer"), "plan", "sub_questions.0")
PLAN.each(("dropped_field", "missing_value", "renamed_key"), "compose", "citations", symptom="verify")
PLAN.add("stale_result", "compose", on="late", warm_up="open")
PLAN.add("stale_result", "search", on="copies", warm_up="cabin")
PLAN.add("slow_node", "search", times=2)
PLAN.add("fast_node", "search", result={"hits": []})
PLAN.add("short_output", "compose", "answer", on="late")
PLAN.each(("foreign_value", "foreign_meaning", "foreign_type"), "verify", "answer")
PLAN.add("foreign_value", "rerank", "sub_questions")
PLAN.add("no_update", "plan")
PLAN.add("no_update", "rerank")
PLAN.add("crash", "compose")
PLAN.add("crash", "verify")
PLAN.add("lost_constraint", "plan", "sub_questions.0", on="cabin", pattern=r"(study )?cabins?")
PLAN.add("unfinished_work", "compose", "answer")

PLAN.variant("off_topic_documents", "search", search_any, on="late")
PLAN.variant("dropped_field", "search", search_lost_metadata, on="card", symptom="rerank")
PLAN.variant("renamed_key", "search", search_documents, on="lent", symptom="rerank")
PLAN.variant("lost_constraint", "plan", plan_first_word, on="reserve")
PLAN.variant("other_answer", "compose", compose_other_rule, on="card")
PLAN.variant("contradiction", "compose", compose_wrong_figures, on="films")
PLAN.variant("contradiction", "compose", compose_wrong_figures, on="lent")
PLAN.variant("foreign_value", "verify", verify_drops_answer)

GRAPH = MatrixGraph(
    name=NAME,
    part="held-back",
    description="asynchronous retrieval, Document objects",
    build=build,
    inputs=INPUTS,
    faults=PLAN.cases,
    asynchronous=True,
)
