"""The functional API: an entrypoint fetches articles, summarises each in a task and composes a digest."""

from __future__ import annotations

import re
from typing import Any

from bench.faults.graphs.pace import pause
from bench.faults.plan import TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.func import entrypoint, task

NAME = "digest_functional"

ARTICLES = {
    "bees": "The town has 42 bee hives on its roofs. The honey is sold at the market. Bees need flowers all summer.",
    "tram": "The tram will be extended by 3 stops in 2026. The work costs 18 million euros. Buses will help out.",
    "storm": "The storm failed to reach the coast. No damage was reported. The warning is lifted.",
    "outage": "Error 502 was shown for 2 hours. A router had failed. All services run again.",
    "museum": "The museum shows 120 prints. Entry is free on Sundays. The catalogue costs 25 euros.",
    "river": "The river is 2 degrees warmer than last year. Fish move upstream. Bathing is allowed.",
    "latin": "Lorem ipsum is no real Latin. The words come from Cicero. Printers have used it for 500 years.",
    "todo": "A TODO list helps. Write down 3 things a day. Cross them out in the evening.",
    "markt": "Der Markt öffnet um 8 Uhr. Es gibt 60 Stände. Fehler beim Aufbau sind selten.",
    "short": "It rains.",
    "choir": "The choir sings la la la la. It has 30 members. It sings la la la la again on Friday.",
    "school": "The school planted 15 trees. Every class looks after one. The first apples are expected in 4 years.",
    "bakery": "The bakery opens at 5 in the morning. It bakes 900 rolls a day. Its oven is 80 years old.",
    "empty": "",
}


def fetch(key: str) -> dict[str, Any]:
    return {"key": key, "text": ARTICLES.get(key, "")}


def summarise(article: dict[str, Any]) -> dict[str, Any]:
    pause(0.012)
    sentences = re.split(r"(?<=\.) ", article["text"])
    return {"key": article["key"], "summary": " ".join(sentences[:2]), "length": len(article["text"])}


def rank(summaries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted((item for item in summaries if item["summary"]), key=lambda item: (-item["length"], item["key"]))


def compose(ranked: list[dict[str, Any]]) -> str:
    if not ranked:
        return "There is no news today."
    lines = [f"{at}. {item['summary']}" for at, item in enumerate(ranked, start=1)]
    return f"{len(ranked)} articles today.\n" + "\n".join(lines)


def build(patch: Patch) -> Any:
    functions = {
        name: patch.part(name, function)
        for name, function in (("fetch", fetch), ("summarise", summarise), ("rank", rank), ("compose", compose))
    }
    fetch_task, summarise_task = task(functions["fetch"], name="fetch"), task(functions["summarise"], name="summarise")
    rank_task, compose_task = task(functions["rank"], name="rank"), task(functions["compose"], name="compose")

    @entrypoint()
    def digest_functional(keys: list[str]) -> dict[str, Any]:
        articles = [fetch_task(key).result() for key in keys]
        summaries = [future.result() for future in [summarise_task(article) for article in articles]]
        ranked = rank_task(summaries).result()
        return {"digest": compose_task(ranked).result(), "count": len(ranked)}

    return digest_functional


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def summarise_as_abstract(article: dict[str, Any]) -> dict[str, Any]:
    """summarise calls the summary `abstract`."""
    made = summarise(article)
    return {"key": made["key"], "abstract": made["summary"], "length": made["length"]}


def summarise_placeholder(article: dict[str, Any]) -> dict[str, Any]:
    """summarise still returns its stub."""
    return {"key": article["key"], "summary": "TODO: summarise", "length": len(article["text"])}


def rank_sorts_in_place(summaries: list[dict[str, Any]]) -> Any:
    """rank returns what list.sort() returns."""
    return summaries.sort(key=lambda item: -item["length"])


def fetch_swallows(key: str) -> dict[str, Any]:
    """fetch hands on the text of the error that it caught."""
    try:
        text = ARTICLES[f"{key}.txt"]
    except KeyError as error:
        text = f"KeyError: {error}"
    return {"key": key, "text": text}


# ---- inputs ---------------------------------------------------------------------------------------------------------

INPUTS = (
    Healthy(name="town", input=["bees", "tram", "museum"]),
    Healthy(name="green", input=["river", "bees", "school", "bakery"]),
    Healthy(name="culture", input=["museum", "choir"]),
    Healthy(name="morning", input=["bakery", "tram"]),
    Healthy(name="week", input=["tram", "museum", "river", "school"]),
    Healthy(name="trees", input=["school", "bees"]),
    Healthy(name="outage", input=["outage", "storm"], why="articles about errors and failures"),
    Healthy(name="none", input=[], why="nothing to do"),
    Healthy(name="empty", input=["empty", "bees"], why="an empty article is left out"),
    Healthy(name="short", input=["short"], why="a very short text"),
    Healthy(name="latin", input=["latin", "todo", "museum"], why="articles about lorem ipsum and TODO"),
    Healthy(name="choir", input=["choir", "bakery"], why="la la la la belongs there"),
    Healthy(name="markt", input=["markt", "tram"], why="another language"),
    Healthy(name="twice", input=["bees", "bees"], why="the same article twice"),
    Healthy(
        name="many",
        input=["bees", "tram", "storm", "museum", "river", "todo", "school", "bakery"],
        why="eight branches",
    ),
)

PLAN = Plan(NAME, "tuning", on=["town", "green", "culture", "morning", "week", "trees"])
PLAN.each(TEXT, "compose", "")
PLAN.each(("placeholder", "refusal", "http_error_body", "html_page", "exception_text"), "fetch", "text", calls=(1,))
PLAN.each(("placeholder", "refusal", "prompt_leak", "mojibake", "empty_output"), "summarise", "summary", calls=(2,))
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type"), "summarise", "summary", calls=(1,))
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type"), "fetch", "text", calls=(2,))
PLAN.each(("power_of_ten", "sign_flip", "unparsed_text", "missing_value"), "summarise", "length", calls=(1,))
PLAN.each(("wrong_type", "missing_value"), "rank", "")
PLAN.add("empty_output", "rank", "", needs_history=True)
PLAN.add("fewer_items", "rank", "", on="week")
PLAN.add("crash", "summarise", calls=(2,))
PLAN.add("crash", "compose")
PLAN.add("slow_node", "summarise")
PLAN.each(("unsupported_number", "unsupported_name", "unsupported_date", "other_answer"), "compose", "")
PLAN.add("short_output", "compose", "", on="week")
PLAN.add("stale_result", "compose", on="green", warm_up="culture")
PLAN.add("off_topic_documents", "rank", "", on="town")

PLAN.variant("renamed_key", "summarise", summarise_as_abstract, place="part", symptom="rank")
PLAN.variant("placeholder", "summarise", summarise_placeholder, place="part")
PLAN.variant("missing_value", "rank", rank_sorts_in_place, place="part", symptom="compose")
PLAN.variant("exception_text", "fetch", fetch_swallows, place="part")

GRAPH = MatrixGraph(
    name=NAME, part="tuning", description="functional API", build=build, inputs=INPUTS, faults=PLAN.cases
)
