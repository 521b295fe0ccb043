"""Mistakes that people make in nodes like these, one function each."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from argus.demo.handbook.nodes import HandbookState, draft, refine, rerank, retrieve, understand
from argus.demo.handbook.search import HANDBOOK
from argus.demo.pipeline import Fault

__all__ = ["FAULTS"]


def understand_with_another_key(state: HandbookState) -> dict[str, Any]:
    """Hands on the words of the question as ``keywords``; the state and every other node call them ``terms``."""
    understood = understand(state)
    return {
        "kind": understood["kind"],
        "language": understood["language"],
        "query": understood["query"],
        "keywords": understood["terms"],
        "rounds": 0,
        "log": understood["log"],
    }


def retrieve_for_upper_case_language(state: HandbookState) -> dict[str, Any]:
    """Filters by ``EN``; the handbook's languages are written ``en``, so nothing is ever found."""
    language = state["language"].upper()
    passages = HANDBOOK.search(state["query"], language=language)
    return {"passages": passages or HANDBOOK.overview(language)}


def retrieve_for_department(state: HandbookState) -> dict[str, Any]:
    """Searches for the asker's department instead of the question."""
    passages = HANDBOOK.search(state.get("department") or state["query"], language=state["language"])
    return {"passages": passages or HANDBOOK.overview(state["language"])}


def retrieve_with_leftover_throttle(state: HandbookState) -> dict[str, Any]:
    """Still sleeps as the search service it used before demanded."""
    time.sleep(0.6)
    return retrieve(state)


def rerank_without_section(state: HandbookState) -> dict[str, Any]:
    """Copies the passages by hand and forgets one of their fields."""
    evidence = [
        {"id": passage["id"], "title": passage["title"], "text": passage["text"], "score": passage["score"]}
        for passage in rerank(state)["evidence"]
    ]
    return {"evidence": evidence}


def draft_with_sorted_none(state: HandbookState) -> dict[str, Any]:
    """Takes what ``list.sort`` returns, which is None, for the sorted list."""
    drafted = draft(state)
    citations = drafted["citations"].sort()
    return {"draft": drafted["draft"], "citations": citations}


def refine_without_counting(state: HandbookState) -> dict[str, Any]:
    """Sets the number of rounds to one instead of adding one, so the bound is never reached."""
    return {"query": refine(state)["query"], "rounds": 1}


_ALL = (
    Fault(
        name="wrong-key",
        description="`understand` returns `keywords` where the state has `terms`; LangGraph drops it silently",
        node="understand",
        symptom="review",
        replacement=understand_with_another_key,
        codes=("STR401", "STR402"),
        input="annual-leave",
        raises=True,
    ),
    Fault(
        name="empty-retrieval",
        description="`retrieve` filters by a language code in the wrong case; the asker is offered a choice of nothing",
        node="retrieve",
        symptom="clarify",
        replacement=retrieve_for_upper_case_language,
        codes=("STR403",),
        input="annual-leave",
    ),
    Fault(
        name="off-topic",
        description="`retrieve` searches for the asker's department, and the answer is about something else",
        node="retrieve",
        symptom="send",
        replacement=retrieve_for_department,
        codes=("SEM201",),
        input="annual-leave",
    ),
    Fault(
        name="slow-retrieval",
        description="`retrieve` still sleeps for a rate limit that is long gone",
        node="retrieve",
        symptom="retrieve",
        replacement=retrieve_with_leftover_throttle,
        codes=("STA101",),
        input="annual-leave",
        needs_history=True,
    ),
    Fault(
        name="lost-section",
        description="`rerank` copies passages by hand and forgets `section`, which `send` needs for the sources",
        node="rerank",
        symptom="send",
        replacement=rerank_without_section,
        codes=("BEH301",),
        input="annual-leave",
        raises=True,
    ),
    Fault(
        name="none-citations",
        description="`draft` keeps the None that `list.sort()` returns as its citations; `review` trips over it",
        node="draft",
        symptom="review",
        replacement=draft_with_sorted_none,
        codes=("STR403", "BEH301"),
        input="annual-leave",
        raises=True,
    ),
    Fault(
        name="endless-refinement",
        description="`refine` sets the round to one instead of counting it up, and the loop never ends",
        node="refine",
        symptom="review",
        replacement=refine_without_counting,
        codes=("BEH302",),
        input="two-topics",
        raises=True,
    ),
)

FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in _ALL}
