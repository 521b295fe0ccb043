"""The nodes of the handbook pipeline and the branches between them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from operator import add
from typing import Annotated, Any, Literal, TypedDict

from argus.demo.handbook.search import HANDBOOK, STOP_WORDS, Passage, stem, words

__all__ = [
    "GLOSSARY",
    "MAX_ROUNDS",
    "MIN_SCORE",
    "WHICH_TOPIC",
    "Asker",
    "HandbookState",
    "after_rerank",
    "after_review",
    "after_understand",
    "clarify",
    "draft",
    "greet",
    "refine",
    "rerank",
    "retrieve",
    "review",
    "send",
    "understand",
]

MAX_ROUNDS = 2
"""Refinements of the query before the pipeline makes do with what it has."""

MIN_SCORE = 0.18
"""Below this score the handbook is taken not to hold an answer; between the weakest answerable and the strongest
unanswerable of the questions in ``inputs.py`` and the tests."""

GREETINGS = frozenset(["bonjour", "evening", "good", "hallo", "hello", "hey", "hi", "merci", "morning", "salut"])

GLOSSARY: Mapping[str, str] = {
    "baby": "birth",
    "bike": "bicycle",
    "boss": "lead",
    "holidays": "leave",
    "home-office": "home",
    "outage": "incident",
    "quit": "resignation",
    "remotely": "home",
    "spam": "phishing",
    "stolen": "lost",
    "ticket": "travel",
    "vacation": "leave",
    "wage": "salary",
}
"""What people say, and what the handbook calls it."""

SOURCES: Mapping[str, str] = {"en": "Sources", "de": "Quellen", "fr": "Sources"}
WHICH_TOPIC: Mapping[str, str] = {
    "en": "Which of these topics of the handbook is your question about?",
    "de": "Um welches dieser Themen aus dem Handbuch geht es?",
    "fr": "Votre question porte sur lequel de ces sujets du guide ?",
}
WELCOME: Mapping[str, str] = {
    "en": "Hello! Ask me anything about the handbook.",
    "de": "Hallo! Frag mich etwas zum Handbuch.",
    "fr": "Bonjour ! Posez-moi une question sur le guide.",
}


class Asker(TypedDict, total=False):
    """What may be known of the person who asks."""

    department: str | None


class HandbookState(Asker):
    """What the nodes share."""

    question: str
    kind: Literal["greeting", "question"]
    language: str
    query: str
    terms: list[str]
    rounds: int
    passages: list[Passage]
    evidence: list[Passage]
    draft: str
    citations: list[str]
    missing: list[str]
    answer: str
    log: Annotated[list[str], add]


def understand(state: HandbookState) -> dict[str, Any]:
    """Finds the language, the words to search for, and whether there is a question at all."""
    questions = re.findall(r"[^.!?]+\?", state["question"])
    asked = questions[-1] if questions else state["question"]
    spoken = re.findall(r"[^\W_]+(?:-[^\W_]+)*", asked.lower())
    language = max(STOP_WORDS, key=lambda code: sum(word in STOP_WORDS[code] for word in spoken))
    telling = list(dict.fromkeys(word for word in spoken if words(word)))
    greeting = all(word in GREETINGS for word in telling)
    return {
        "kind": "greeting" if greeting else "question",
        "language": language,
        "query": " ".join(telling),
        "terms": telling,
        "rounds": 0,
        "log": [f"understood {language}: {' '.join(telling)}"],
    }


def greet(state: HandbookState) -> dict[str, Any]:
    """Answers a greeting; there is nothing to look up."""
    return {"draft": WELCOME[state["language"]], "citations": []}


def retrieve(state: HandbookState) -> dict[str, Any]:
    """Searches in the asker's language; a topic the handbook is silent on gets the first passage of each section."""
    passages = HANDBOOK.search(state["query"], language=state["language"])
    return {"passages": passages or HANDBOOK.overview(state["language"])}


def rerank(state: HandbookState) -> dict[str, Any]:
    """Puts passages whose title speaks of the question first and keeps three."""
    query = set(words(state["query"]))

    def rank(passage: Passage) -> float:
        title = set(words(passage["title"]))
        return passage["score"] + 0.2 * len(title & query) / max(len(title), 1)

    return {"evidence": sorted(state["passages"], key=rank, reverse=True)[:3]}


def draft(state: HandbookState) -> dict[str, Any]:
    """Quotes the sentences that say most about the query and cites where they stand."""
    query = set(words(state["query"]))
    sentences: list[tuple[float, str, str]] = []
    for passage in state["evidence"]:
        in_title = query & set(words(passage["title"]))
        for sentence in re.split(r"(?<=[.!?])\s+", passage["text"]):
            in_sentence = query & set(words(sentence))
            worth = sum(map(HANDBOOK.weight, in_sentence)) + 0.5 * sum(map(HANDBOOK.weight, in_title - in_sentence))
            sentences.append((worth, passage["id"], sentence))
    best = max(worth for worth, _, _ in sentences)
    chosen = [entry for entry in sentences if entry[0] >= 0.6 * best][:3]
    return {
        "draft": " ".join(sentence for _, _, sentence in chosen),
        "citations": list(dict.fromkeys(source for _, source, _ in chosen)),
    }


def review(state: HandbookState) -> dict[str, Any]:
    """Lists the words of the question that the draft leaves open although the handbook could speak of them."""
    titles = [passage["title"] for passage in state["evidence"] if passage["id"] in state["citations"]]
    covered = set(words(" ".join([state["draft"], *titles])))
    missing = [
        term
        for term in state["terms"]
        if (term in GLOSSARY or HANDBOOK.knows(stem(term)))
        and not covered & {stem(term), *words(GLOSSARY.get(term, ""))}
    ]
    return {"missing": missing, "log": [f"review: {len(missing)} words open"]}


def refine(state: HandbookState) -> dict[str, Any]:
    """Puts the handbook's own words for those of the question and stresses what the last draft left open."""
    query = " ".join(GLOSSARY.get(word, word) for word in state["query"].split())
    # The search counts a word twice that is there twice.
    return {"query": " ".join([query, *state.get("missing", [])]), "rounds": state["rounds"] + 1}


def clarify(state: HandbookState) -> dict[str, Any]:
    """Asks back, offering the nearest topics."""
    topics = [f"- {passage['title']}" for passage in state["evidence"]]
    department = state.get("department")
    contact = [f"The {department} team lead knows more."] if department and state["language"] == "en" else []
    return {"draft": "\n".join([WHICH_TOPIC[state["language"]], *topics, *contact]), "citations": []}


def send(state: HandbookState) -> dict[str, Any]:
    """Adds the sources to the draft."""
    sources = [
        f"{passage['title']} ({passage['section']})"
        for passage in state.get("evidence", [])
        if passage["id"] in state["citations"]
    ]
    ending = f"\n\n{SOURCES[state['language']]}: {'; '.join(sources)}" if sources else ""
    return {"answer": state["draft"] + ending, "log": ["sent"]}


def after_understand(state: HandbookState) -> Literal["greet", "retrieve"]:
    """A greeting needs no search."""
    return "greet" if state["kind"] == "greeting" else "retrieve"


def after_rerank(state: HandbookState) -> Literal["draft", "refine", "clarify"]:
    """Only evidence that carries an answer is drafted from."""
    if any(passage["score"] >= MIN_SCORE for passage in state["evidence"]):
        return "draft"
    other_words = GLOSSARY.keys() & state["query"].split()
    return "refine" if other_words and state["rounds"] < MAX_ROUNDS else "clarify"


def after_review(state: HandbookState) -> Literal["refine", "send"]:
    """An answer that leaves words open is tried again, a bounded number of times."""
    return "refine" if state["missing"] and state["rounds"] < MAX_ROUNDS else "send"
