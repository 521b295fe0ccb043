"""Where a run searched: what was asked, and what came back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from argus.detectors.run_index import RunIndex
from argus.detectors.wording import is_named
from argus.model.trace import TraceStep
from argus.model.values import JsonValue

__all__ = ["Retrieval", "retrievals"]

_TEXT_KEYS: Final = ("page_content", "content", "text", "snippet", "passage", "chunk", "body", "abstract", "document")
_SURE_KEYS: Final = frozenset({"page_content", "snippet", "passage", "chunk"})
_BESIDE_TEXT: Final = frozenset(
    {
        "metadata",
        "score",
        "source",
        "url",
        "title",
        "id",
        "doc_id",
        "rank",
        "distance",
        "relevance",
        "page",
        "similarity",
    }
)
_NO_PROSE: Final = re.compile(r"(?is)^\s*(?:select\s|with\s+\w+\s+as\b|insert\s|update\s|[{\[<]|https?://)")
_LETTERS: Final = re.compile(r"[^\W\d_]{2,}")
_LONGEST_QUERY: Final = 2_000
_SHORTEST_DOCUMENT: Final = 5
_LONG_TEXT: Final = 80
_MOST_DOCUMENTS: Final = 50


@dataclass(frozen=True)
class Retrieval:
    """One search.

    Attributes:
        step: The step that searched.
        field: The field that holds what came back.
        queries: What was asked, in each form that the step knew.
        documents: The texts that came back, at most 50.
        total: How many came back.
    """

    step: TraceStep
    field: str
    queries: tuple[str, ...]
    documents: tuple[str, ...]
    total: int


def retrievals(index: RunIndex) -> Iterator[Retrieval]:
    """The searches of a run whose question and texts are there to be compared, in order.

    A field holds search results when its items are built like documents (a text beside a source, score, title …), or
    when its name says so and the node's name or the field's own says that it was searched for. The question stands in a
    field with a telling name, in the last message of the user, or in the arguments of a tool that was called.

    Args:
        index: The run.
    """
    for step in index.trace.steps:
        if step.outcome not in ("ok", "cached") or not index.is_leaf(step):
            continue
        for field, value in step.output_state.items():
            texts = _documents(field, value, step.node_name)
            prose = [
                text for text in texts[:_MOST_DOCUMENTS] if len(_LETTERS.findall(text[:400])) >= _SHORTEST_DOCUMENT
            ]
            queries = _queries(step, field) if prose else ()
            if queries:
                yield Retrieval(step, field, queries, tuple(prose), len(texts))


def _documents(field: str, value: JsonValue, node: str) -> list[str]:
    named = is_named("document_fields", field)
    searched = is_named("searching_nodes", node) or is_named("searching_nodes", field)
    if isinstance(value, str):
        return [value] if named and searched and len(value) >= _LONG_TEXT else []
    if not isinstance(value, list) or not value:
        return []
    if all(isinstance(item, str) for item in value):
        return list(value) if named and searched else []
    texts = [_text_of(item, named or searched) for item in value]
    return [text for text in texts if text is not None] if all(text is not None for text in texts) else []


def _text_of(item: JsonValue, telling: bool) -> str | None:
    """The text of something built like a document."""
    if not isinstance(item, dict) or item.get("type") in ("ai", "human", "system", "tool", "assistant", "user"):
        return None
    key = next((one for one in _TEXT_KEYS if isinstance(item.get(one), str)), None)
    if key is None or "role" in item:
        return None
    if key in _SURE_KEYS or (telling and not _BESIDE_TEXT.isdisjoint(item)):
        title = item.get("title")
        return f"{title}. {item[key]}" if isinstance(title, str) else str(item[key])
    return None


def _queries(step: TraceStep, documents: str) -> tuple[str, ...]:
    found: list[str] = []
    for state in (step.output_state, step.input_state):
        for field, value in state.items():
            if field != documents and isinstance(value, str) and is_named("query_fields", field):
                found.append(value)
            elif isinstance(value, list) and value and isinstance(value[-1], dict):
                found += _last_request(value)
    for call in step.tool_calls:
        if isinstance(call.arguments, dict):
            found += (value for value in call.arguments.values() if isinstance(value, str))
        elif isinstance(call.arguments, str):
            found.append(call.arguments)
    return tuple(dict.fromkeys(text for text in found if _is_question(text)))


def _last_request(messages: list[JsonValue]) -> list[str]:
    for message in reversed(messages[-20:]):
        if isinstance(message, dict) and (message.get("type") or message.get("role")) in ("human", "user"):
            content = message.get("content")
            return [content] if isinstance(content, str) else []
    return []


def _is_prose(text: str) -> bool:
    return len(_LETTERS.findall(text[:400])) >= _SHORTEST_DOCUMENT


def _is_question(text: str) -> bool:
    return len(text) <= _LONGEST_QUERY and len(_LETTERS.findall(text)) >= 2 and not _NO_PROSE.match(text)
