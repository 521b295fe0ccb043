"""Map and reduce: chapters are summarised side by side, and a deferred node binds everything at the end."""

from __future__ import annotations

import re
from typing import Annotated, Any, TypedDict

from bench.faults.graphs.pace import pause
from bench.faults.plan import TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

NAME = "book_mapreduce"


def merge(left: dict[str, str], right: dict[str, str]) -> dict[str, str]:
    return {**left, **right}


class Chapter(TypedDict):
    number: int
    heading: str
    text: str


class BookState(TypedDict):
    manuscript: str
    chapters: list[Chapter]
    summaries: Annotated[dict[str, str], merge]
    people: list[str]
    word_count: int
    blurb: str
    booklet: str


class ChapterTask(TypedDict):
    chapter: Chapter


def split(state: BookState) -> dict[str, Any]:
    parts = re.split(r"^# (.+)$", state["manuscript"], flags=re.MULTILINE)[1:]
    chapters = [
        {"number": at // 2 + 1, "heading": parts[at].strip(), "text": parts[at + 1].strip()}
        for at in range(0, len(parts), 2)
    ]
    return {"chapters": chapters}


def fan_out(state: BookState) -> list[Send]:
    tasks = [Send("summarise", {"chapter": chapter}) for chapter in state["chapters"]]
    return [*tasks, Send("count_words", state), Send("find_people", state)]


def summarise(task: ChapterTask) -> dict[str, Any]:
    pause(0.01)
    chapter = task["chapter"]
    sentences = re.split(r"(?<=[.!?]) ", chapter["text"])
    longest = max(sentences, key=len)
    chosen = sentences[0] if longest == sentences[0] else f"{sentences[0]} {longest}"
    return {"summaries": {f"{chapter['number']}. {chapter['heading']}": chosen}}


def count_words(state: BookState) -> dict[str, Any]:
    return {"word_count": sum(len(chapter["text"].split()) for chapter in state["chapters"])}


def find_people(state: BookState) -> dict[str, Any]:
    text = " ".join(chapter["text"] for chapter in state["chapters"])
    names = re.findall(r"\b(?:Captain|Doctor|Miss|Herr|Madame) [A-ZÄÖÜ]\w+", text)
    return {"people": sorted(set(names))}


def write_blurb(state: BookState) -> dict[str, Any]:
    people = " and ".join(state["people"]) or "nobody in particular"
    return {"blurb": f"A book in {len(state['chapters'])} chapters and {state['word_count']} words about {people}."}


def bind(state: BookState) -> dict[str, Any]:
    lines = [state["blurb"], *(f"{heading}: {text}" for heading, text in sorted(state["summaries"].items()))]
    return {"booklet": "\n".join(lines)}


def build(patch: Patch) -> Any:
    graph = StateGraph(BookState)
    for function in (split, summarise, count_words, find_people):
        graph.add_node(function)
    graph.add_node(write_blurb, defer=True)
    graph.add_node(bind)
    graph.add_edge(START, "split")
    graph.add_conditional_edges("split", fan_out, ["summarise", "count_words", "find_people"])
    for source in ("summarise", "count_words", "find_people"):
        graph.add_edge(source, "write_blurb")
    graph.add_edge("write_blurb", "bind")
    graph.add_edge("bind", END)
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def fan_out_without_last(state: BookState) -> list[Send]:
    """the slice leaves out the last chapter"""
    tasks = [Send("summarise", {"chapter": chapter}) for chapter in state["chapters"][:-1]]
    return [*tasks, Send("count_words", state), Send("find_people", state)]


def fan_out_without_people(state: BookState) -> list[Send]:
    """the fan-out forgets find_people"""
    tasks = [Send("summarise", {"chapter": chapter}) for chapter in state["chapters"]]
    return [*tasks, Send("count_words", state)]


def summarise_under_same_key(task: ChapterTask) -> dict[str, Any]:
    """summarise uses the same key for every chapter, and they overwrite each other."""
    made = summarise(task)
    return {"summaries": {"summary": next(iter(made["summaries"].values()))}}


def summarise_pairs(task: ChapterTask) -> dict[str, Any]:
    """summarise returns a list of pairs where the reducer merges dicts."""
    return {"summaries": list(summarise(task)["summaries"].items())}


def summarise_stub(task: ChapterTask) -> dict[str, Any]:
    """summarise was never written for the second chapter."""
    chapter = task["chapter"]
    if chapter["number"] == 2:
        return {"summaries": {f"2. {chapter['heading']}": "summary goes here"}}
    return summarise(task)


def count_words_as_words(state: BookState) -> dict[str, Any]:
    """count_words returns `words`; the state has `word_count`."""
    return {"words": sum(len(chapter["text"].split()) for chapter in state["chapters"])}


def find_people_none(state: BookState) -> dict[str, Any]:
    """find_people keeps what list.sort() returns."""
    names = re.findall(r"\b(?:Captain|Doctor|Miss|Herr|Madame) [A-ZÄÖÜ]\w+", state["manuscript"])
    return {"people": names.sort()}


def split_without_text(state: BookState) -> dict[str, Any]:
    """split looks one place too far and loses the texts."""
    return {"chapters": [{**chapter, "text": ""} for chapter in split(state)["chapters"]]}


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _book(*chapters: tuple[str, str]) -> dict[str, Any]:
    return {"manuscript": "\n".join(f"# {heading}\n{text}" for heading, text in chapters), "summaries": {}}


INPUTS = (
    Healthy(
        name="sea",
        input=_book(
            ("The harbour", "Captain Mora looked at the sky. A storm was coming, and nobody wanted to sail."),
            ("The crossing", "They sailed at dawn. Miss Quill read the charts while the waves grew higher and higher."),
            ("The island", "On the third day they saw land. It was smaller than the map had promised."),
        ),
    ),
    Healthy(
        name="garden",
        input=_book(
            ("Spring", "Doctor Elm planted beans. The soil was still cold, so he covered it with straw."),
            ("Summer", "The beans grew well. Snails came at night and ate what they could reach."),
        ),
    ),
    Healthy(
        name="city",
        input=_book(
            ("Morning", "The trams start at five. Madame Roux opens her bakery and the street smells of bread."),
            ("Noon", "Everybody hurries. Herr Lang plays the barrel organ in front of the town hall."),
            ("Evening", "The lamps are lit. Children are called home from all the courtyards."),
            ("Night", "Only the river can be heard. A cat walks over the bridge."),
        ),
    ),
    Healthy(
        name="winter",
        input=_book(
            ("Snow", "It snowed for nine days. Captain Holt measured the drifts with an oar."),
            ("Ice", "The lake froze over. Miss Brand skated to school and back in half the time."),
            ("Thaw", "Then the wind turned. Water ran from every roof of the village."),
        ),
    ),
    Healthy(
        name="train",
        input=_book(
            ("Departure", "The whistle blew twice. Doctor Sand found his seat by the window."),
            ("Tunnel", "For a minute it was dark. Somebody laughed in the next compartment."),
        ),
    ),
    Healthy(
        name="mountain",
        input=_book(
            ("Valley", "They left at four. Herr Gruber carried the rope and the bread."),
            ("Ridge", "The path was narrow. Madame Petit counted her steps so as not to look down."),
            ("Summit", "There was a cross and a tin box. They wrote their names and the date into the book."),
        ),
    ),
    Healthy(
        name="failures",
        input=_book(
            ("Error", "Every plan of Doctor Null failed. His first engine crashed, the second exploded."),
            ("Exception", "One thing was the exception. The broken clock told the time of his birth."),
        ),
        why="a story of failures, errors and exceptions",
    ),
    Healthy(name="one-chapter", input=_book(("Alone", "Miss Gray waited. Nobody came.")), why="a single branch"),
    Healthy(
        name="nobody",
        input=_book(
            ("Stones", "Stones lie on the beach. The sea turns them."),
            ("Sand", "Sand was stone once. It will be again."),
        ),
        why="the list of people is empty",
    ),
    Healthy(name="tiny", input=_book(("A", "Yes."), ("B", "No.")), why="very short chapters"),
    Healthy(
        name="refrain",
        input=_book(
            ("First verse", "Row, row, row your boat. Row, row, row your boat."),
            ("Second verse", "Row, row, row your boat. Row, row, row your boat."),
        ),
        why="two chapters with the same text",
    ),
    Healthy(
        name="german",
        input=_book(
            ("Der Wald", "Herr Specht hörte einen Fehler im Takt. Er begann von vorn, bis der Mond aufging."),
            ("Die Hütte", "Darin war Licht. Niemand öffnete, obwohl er dreimal klopfte."),
        ),
        why="another language",
    ),
    Healthy(
        name="printer",
        input=_book(
            (
                "Lorem ipsum",
                "Lorem ipsum dolor sit amet, read Doctor Type. It was the only text he could set without looking.",
            ),
            ("TODO", "On his desk lay a note: TODO, print the book. He had written it in 1931."),
        ),
        why="chapters about lorem ipsum and a TODO note",
    ),
    Healthy(
        name="many",
        input=_book(
            *[
                (
                    f"Day {n}",
                    f"On day {n} Captain Mora wrote {n} lines. The wind came from the {('north', 'south')[n % 2]}.",
                )
                for n in range(1, 9)
            ]
        ),
        why="eight branches of the same form",
    ),
    Healthy(
        name="market",
        input=_book(
            ("Stalls", "The stalls open at six. Madame Roux sells eggs, honey and thirteen kinds of bread."),
            ("Bargains", "At noon the prices fall. Herr Lang buys what is left of the plums."),
            ("Sweeping", "Later the sparrows come. A man with a broom sends them away again."),
        ),
    ),
)

PLAN = Plan(NAME, "held-back", on=["sea", "garden", "city", "winter", "train", "mountain", "market"])
PLAN.each(TEXT, "write_blurb", "blurb")
PLAN.each(TEXT, "bind", "booklet")
PLAN.each(
    ("placeholder", "refusal", "http_error_body", "exception_text", "mojibake"), "summarise", "summaries.*", calls=(2,)
)
PLAN.add("missing_branch", "split", times=3)
PLAN.add("missing_result", "summarise", "summaries", times=3)
PLAN.add("crash", "summarise", calls=(2,), times=2)
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type", "empty_output"), "split", "chapters")
PLAN.each(("dropped_field", "renamed_key", "missing_value"), "split", "chapters.1.text")
PLAN.each(("dropped_field", "renamed_key"), "split", "chapters.*.heading")
PLAN.each(("missing_value", "wrong_type", "placeholder", "empty_output"), "summarise", "summaries.*", calls=(1,))
PLAN.each(("power_of_ten", "sign_flip", "missing_value", "renamed_key", "wrong_type"), "count_words", "word_count")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type"), "find_people", "people")
PLAN.add("poisoned_value", "find_people", "people", symptom="write_blurb", on="sea")
PLAN.each(("foreign_value", "foreign_type", "foreign_meaning"), "write_blurb", "chapters")
PLAN.add("foreign_value", "bind", "blurb")
PLAN.each(("no_update", "crash"), "write_blurb")
PLAN.add("no_update", "bind")
PLAN.add("fewer_items", "split", "chapters", on="city")
PLAN.add("short_output", "bind", "booklet", times=2)
PLAN.add("slow_node", "summarise", times=2)
PLAN.each(("unsupported_number", "unsupported_name", "unsupported_date", "other_answer"), "write_blurb", "blurb")
PLAN.add("contradiction", "write_blurb", "blurb", times=2)
PLAN.add("other_answer", "summarise", "summaries.*", calls=(1,))
PLAN.add("wrong_language", "bind", "booklet")
PLAN.add("stale_result", "bind", on="sea", warm_up="winter")
PLAN.add("unfinished_work", "bind", "booklet")

PLAN.variant("missing_branch", "split", fan_out_without_last, place="branch")
PLAN.variant("missing_branch", "split", fan_out_without_people, place="branch", symptom="write_blurb")
PLAN.variant("missing_result", "summarise", summarise_under_same_key)
PLAN.variant("wrong_type", "summarise", summarise_pairs)
PLAN.variant("placeholder", "summarise", summarise_stub)
PLAN.variant("renamed_key", "count_words", count_words_as_words, symptom="write_blurb")
PLAN.variant("missing_value", "find_people", find_people_none, symptom="write_blurb")
PLAN.variant("empty_output", "split", split_without_text)

GRAPH = MatrixGraph(
    name=NAME, part="held-back", description="map-reduce, deferred node", build=build, inputs=INPUTS, faults=PLAN.cases
)
