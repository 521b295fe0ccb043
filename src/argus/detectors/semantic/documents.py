"""Search results in recorded values: lists of texts, records, pairs with a score, answers of tools, nested or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from argus.detectors.talk import role_of, text_of
from argus.detectors.wording import is_named
from argus.model.values import MARK, JsonValue, is_mark

__all__ = ["Document", "documents_in"]

_TEXT_KEYS: Final = ("page_content", "content", "text", "snippet", "passage", "chunk", "body", "abstract", "document")
_SURE_KEYS: Final = frozenset({"page_content", "snippet", "passage", "chunk"})
_TITLE_KEYS: Final = ("title", "heading", "headline", "name", "titel", "titre", "título", "titolo")
_RANKS: Final = frozenset({"score", "distance", "relevance", "similarity", "rank", "relevance_score", "_score"})
_BESIDE_TEXT: Final = _RANKS | {"metadata", "source", "url", "title", "id", "doc_id", "page", "heading", "link"}
_WRAPPERS: Final = frozenset({"node", "document", "doc", "payload", "_source", "fields", "entry"})
"""Keys under which search engines keep the record beside its score."""
_TALK: Final = frozenset({"ai", "human", "system", "tool", "assistant", "user", "AIMessageChunk"})
_LONG: Final = 80
_DEPTH: Final = 3


@dataclass(frozen=True)
class Document:
    """One thing that a search brought back.

    Attributes:
        title: Its title, or an empty text.
        body: Its text.
    """

    title: str
    body: str

    @property
    def text(self) -> str:
        """Title and text."""
        return f"{self.title}. {self.body}" if self.title else self.body


def documents_in(field: str, value: JsonValue, node: str) -> list[Document]:
    """What a search brought back, or nothing when a field does not look like it.

    Args:
        field: The field's name.
        value: Its value.
        node: The node that wrote it.
    """
    named = is_named("document_fields", field)
    searched = is_named("searching_nodes", node) or is_named("searching_nodes", field)
    return _found(value, named, searched, _DEPTH)


def _found(value: JsonValue, named: bool, searched: bool, depth: int) -> list[Document]:
    if isinstance(value, str):
        return [Document("", value)] if named and searched and len(value) >= _LONG else []
    if isinstance(value, dict) and depth and not is_mark(value):
        if "content" in value and role_of(value) == "tool":
            return _answered([value])
        for key, inner in value.items():
            if isinstance(inner, list) and inner:
                found = _found(inner, named or is_named("document_fields", key), searched, depth - 1)
                if found:
                    return found
        return []
    if not isinstance(value, list) or not value:
        return []
    answered = _answered(value)
    if answered:
        return answered
    if all(isinstance(item, str) for item in value):
        return [Document("", item) for item in value] if named and searched else []
    kept = [one for item in value if (one := _document(item, named or searched, _DEPTH)) is not None]
    return kept if len(kept) == len(value) else []


def _answered(messages: list[JsonValue]) -> list[Document]:
    """What search tools answered among some messages."""
    return [
        Document("", text_of(one))
        for one in messages
        if isinstance(one, dict)
        and role_of(one) == "tool"
        and one.get("status") != "error"
        and isinstance(one.get("name"), str)
        and is_named("searching_nodes", one["name"])
        and len(text_of(one)) >= _LONG
    ]


def _document(item: JsonValue, telling: bool, depth: int) -> Document | None:
    """Something built like a document, alone or in a pair with its score."""
    if isinstance(item, list) and item and depth:
        return _document(item[0], telling, depth - 1) if len(item) <= 3 and isinstance(item[0], dict) else None
    if not isinstance(item, dict) or item.get("type") in _TALK or "role" in item:
        return None
    if item.get(MARK) == "object":
        return None
    key = next((one for one in _TEXT_KEYS if isinstance(item.get(one), str)), None)
    if key is None:
        inner = next((item[one] for one in item if one in _WRAPPERS and isinstance(item[one], dict)), None)
        return _document(inner, telling or not _RANKS.isdisjoint(item), depth - 1) if inner and depth else None
    if key in _SURE_KEYS or not _RANKS.isdisjoint(item) or (telling and not _BESIDE_TEXT.isdisjoint(item)):
        return Document(_title_of(item), str(item[key]))
    return None


def _title_of(item: dict[str, JsonValue]) -> str:
    metadata = item.get("metadata")
    for record in (item, metadata if isinstance(metadata, dict) else {}):
        for key in _TITLE_KEYS:
            title = record.get(key)
            if isinstance(title, str) and title.strip():
                return title
    return ""
