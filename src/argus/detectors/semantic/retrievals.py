"""Where a run searched: what was asked, and what came back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from argus._internal.telling_words import telling_words
from argus.detectors.run_index import RunIndex
from argus.detectors.semantic.documents import Document, documents_in
from argus.detectors.talk import role_of, text_of
from argus.detectors.wording import is_named
from argus.model.trace import TraceStep
from argus.model.values import JsonValue

__all__ = ["Retrieval", "retrievals"]

_NO_PROSE: Final = re.compile(r"(?is)^\s*(?:select\s|with\s+\w+\s+as\b|insert\s|update\s|[{\[<]|https?://)")
_LETTERS: Final = re.compile(r"[^\W\d_]{2,}")
_DENSE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_LONGEST_QUERY: Final = 2_000
_SHORTEST_DOCUMENT: Final = 5
_MOST_DOCUMENTS: Final = 50


@dataclass(frozen=True)
class Retrieval:
    """One search.

    Attributes:
        step: The step that searched.
        field: The field that holds what came back.
        queries: What was asked, in each form that the step knew.
        documents: What came back, at most 50.
        total: How many came back.
    """

    step: TraceStep
    field: str
    queries: tuple[str, ...]
    documents: tuple[Document, ...]
    total: int

    @property
    def asked_words(self) -> frozenset[str]:
        """The telling words of what was asked."""
        return frozenset().union(*map(telling_words, self.queries))


def retrievals(index: RunIndex) -> Iterator[Retrieval]:
    """The searches of a run whose question and texts are there to be compared, in order.

    A field holds search results when its items are built like documents (a text beside a source, score, title …), or
    when its name says so and the node's name or the field's own says that it was searched for, or when it holds what a
    search tool answered. The question stands in a field with a telling name, in the last message of the user, or in the
    arguments of a tool that was called.

    Args:
        index: The run.
    """
    for step in index.trace.steps:
        if step.outcome not in ("ok", "cached") or not index.is_leaf(step):
            continue
        for field, value in step.output_state.items():
            found = documents_in(field, value, step.node_name)
            prose = [document for document in found[:_MOST_DOCUMENTS] if _is_prose(document.body)]
            queries = _queries(step, field) if prose else ()
            if queries:
                yield Retrieval(step, field, queries, tuple(prose), len(found))


def _queries(step: TraceStep, documents: str) -> tuple[str, ...]:
    found: list[str] = []
    for state in (step.output_state, step.input_state):
        for field, value in state.items():
            if field != documents and isinstance(value, str) and is_named("query_fields", field):
                found.append(value)
            elif isinstance(value, list) and value and isinstance(value[-1], dict):
                found += _last_request(value)
    for call in step.tool_calls:
        found += _arguments(call.arguments)
    return tuple(dict.fromkeys(text for text in found if _is_question(text)))


def _last_request(messages: list[JsonValue]) -> list[str]:
    """What the user asked last, and what the assistant asked its tools since."""
    asked: list[str] = []
    for message in reversed(messages[-20:]):
        if not isinstance(message, dict):
            continue
        role = role_of(message)
        if role == "human":
            return [*asked, text_of(message)]
        calls = message.get("tool_calls")
        for call in calls if role == "ai" and isinstance(calls, list) else ():
            if isinstance(call, dict):
                asked += _arguments(call.get("args"))
    return asked


def _arguments(value: JsonValue) -> list[str]:
    if isinstance(value, dict):
        return [one for one in value.values() if isinstance(one, str)]
    return [value] if isinstance(value, str) else []


def _is_prose(text: str) -> bool:
    opening = text[:400]
    return len(_LETTERS.findall(opening)) >= _SHORTEST_DOCUMENT or len(_DENSE.findall(opening)) > _SHORTEST_DOCUMENT


def _is_question(text: str) -> bool:
    if len(text) > _LONGEST_QUERY or _NO_PROSE.match(text):
        return False
    return len(_LETTERS.findall(text)) >= 2 or len(_DENSE.findall(text)) >= 4 or _is_subject(text)


def _is_subject(text: str) -> bool:
    """One word that names what is wanted."""
    return len(text.strip()) >= 4 and " " not in text.strip() and text.strip().isalpha()
