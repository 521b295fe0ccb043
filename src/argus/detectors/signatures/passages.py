"""The texts and records in what a step returned: each with its place, so that it can be judged by where it stands."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from argus.detectors import wording
from argus.detectors.blanks import is_blank
from argus.model.trace import TraceStep
from argus.model.values import ROOT_FIELD, JsonValue, cut_of, is_mark

__all__ = ["LONGEST", "Passage", "Place", "passages_of", "spread"]

Place = Literal["field", "message", "tool", "document", "item", "row"]

LONGEST: Final = 20_000
"""Characters up to which a text is read whole."""

_END: Final = 3_000
_PART: Final = 1_000
_PARTS: Final = 10
_ITEMS: Final = 500
_DEPTH: Final = 4
_LONGEST_JSON: Final = 2_000_000
_TEXT_KEYS: Final = ("text", "content", "page_content", "body", "snippet", "passage", "chunk", "summary")
_ROLES: Final = {"ai": "ai", "assistant": "ai", "aimessagechunk": "ai", "tool": "tool", "function": "tool"}
_OTHER_ROLES: Final = ("human", "user", "system", "developer", "remove", "chat")
_ENVELOPE: Final = 30
_VALUE: Final = 300


@dataclass(frozen=True)
class Passage:
    """A text or a record in a step's output.

    Attributes:
        step: The step.
        field: The top-level field.
        path: Where it stands, as a dotted path.
        place: ``field`` the field itself or a value of its record; ``message`` an assistant's message; ``tool`` what a
            tool answered; ``document`` the text of something retrieved; ``item`` of a list of texts; ``row`` a value of
            one record of many.
        names: The names on the way to it; of a step that returned no mapping, the node's.
        text: The text; empty for a record.
        given: The record, or None for a text.
        siblings: Records that stand beside it in a list, itself included; 1 when it stands alone.
        finish: Why the model stopped, where an assistant's message says so.
        sampled: Whether the list it comes from was too long to be read whole.
    """

    step: TraceStep
    field: str
    path: str
    place: Place
    names: tuple[str, ...]
    text: str = ""
    given: dict[str, JsonValue] | None = dataclasses.field(default=None, repr=False)
    siblings: int = 1
    finish: str = ""
    sampled: bool = False

    def named(self, *vocabularies: str) -> bool:
        """Whether any name on the way has a word of one of these vocabularies in it."""
        return any(wording.is_named(words, name) for words in vocabularies for name in self.names)

    @cached_property
    def holds_content(self) -> bool:
        """Whether a reader waits for what stands here."""
        return self.place in ("message", "document") or any(wording.holds_content(name) for name in self.names)

    @cached_property
    def is_cut(self) -> bool:
        """Whether the recorder kept the beginning only."""
        return cut_of(self.text) is not None

    @cached_property
    def kept(self) -> str:
        """The text without the recorder's own mark, in characters that can be encoded."""
        cut = cut_of(self.text)
        text = self.text[: cut.kept] if cut else self.text
        try:
            text.encode()
        except UnicodeEncodeError:
            return text.encode("utf-8", "replace").decode()
        return text

    @cached_property
    def bare(self) -> str:
        """The text without surrounding blanks."""
        return self.kept.strip()

    @cached_property
    def parts(self) -> list[str]:
        """What is read of the text: all of it, or both ends and an evenly spread sample of a long one."""
        text = self.bare
        if len(text) <= LONGEST:
            return [text]
        step = (len(text) - 2 * _END) // _PARTS
        middle = [text[at : at + _PART] for at in range(_END, len(text) - _END - _PART, step)]
        return [text[:_END], *middle[:_PARTS], text[-_END:]]

    @cached_property
    def json_text(self) -> str:
        """The text without a code fence around it."""
        text = self.bare
        if not text.startswith("```"):
            return text
        opening, _, rest = text.partition("\n")
        return rest.removesuffix("```").strip() if opening[3:].strip().lower() in ("", "json", "jsonc") else ""

    @cached_property
    def record(self) -> dict[str, Any] | None:
        """The record that stands here, or that the text spells as JSON."""
        if self.given is not None:
            return self.given
        text = self.json_text
        if not text.startswith("{") or not text.endswith("}") or len(text) > _LONGEST_JSON or self.is_cut:
            return None
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None

    @cached_property
    def shape(self) -> str:
        """The record as lines of ``path: value``, blank values left out; empty for anything but a small record."""
        record = self.record
        if not record or len(record) > _ENVELOPE:
            return ""
        return "\n".join(_lines(record, "", 3))


def _lines(record: dict[str, Any], prefix: str, depth: int) -> Iterator[str]:
    for key, value in list(record.items())[:_ENVELOPE]:
        path = f"{prefix}{key}".replace("\n", " ").encode("utf-8", "replace").decode()
        if isinstance(value, list):
            value = {str(number): item for number, item in enumerate(value[:3])}
        if isinstance(value, dict) and depth:
            yield from _lines(value, f"{path}.", depth - 1)
        elif isinstance(value, bool):
            yield f"{path}: {str(value).lower()}"
        elif not isinstance(value, dict) and not is_blank(value):
            yield f"{path}: {str(value)[:_VALUE]}".replace("\n", " ").encode("utf-8", "replace").decode()


def passages_of(step: TraceStep, fields: Sequence[str]) -> Iterator[Passage]:
    """The texts and records that a step returned in some of its fields.

    Messages of people and of the system are left out: they are what the step was told, not what it says.

    Args:
        step: The step.
        fields: The fields to look into.
    """
    for name in fields:
        value = step.output_state.get(name)
        yield from _walk(value, _Way(step, name, name, (step.node_name if name == ROOT_FIELD else name,)), "field", 0)


@dataclass(frozen=True)
class _Way:
    """How a value was reached."""

    step: TraceStep
    field: str
    path: str
    names: tuple[str, ...]
    siblings: int = 1
    sampled: bool = False

    def down(self, key: str, *, siblings: int | None = None, sampled: bool = False) -> _Way:
        names = self.names if key.isdecimal() else (*self.names, key)
        return _Way(
            self.step,
            self.field,
            f"{self.path}.{key}",
            names,
            self.siblings if siblings is None else siblings,
            self.sampled or sampled,
        )

    def passage(
        self, place: Place, text: str = "", record: dict[str, JsonValue] | None = None, finish: str = ""
    ) -> Passage:
        return Passage(
            self.step, self.field, self.path, place, self.names, text, record, self.siblings, finish, self.sampled
        )


def _walk(value: JsonValue, way: _Way, place: Place, depth: int) -> Iterator[Passage]:
    if isinstance(value, str):
        if value and not value.isspace():
            yield way.passage(place, value)
    elif depth >= _DEPTH or is_mark(value):
        return
    elif isinstance(value, dict):
        yield from _walk_record(value, way, place, depth)
    elif isinstance(value, list):
        old = _kept(value, way) if depth == 0 else 0
        at = [old + index for index in spread(len(value) - old, _ITEMS)]
        alone: Place = "field" if len(value) == 1 and place == "field" else "row"
        for index in at:
            item = value[index]
            inner = way.down(str(index), siblings=len(value), sampled=len(at) < len(value) - old)
            if isinstance(item, str):
                yield from _walk(item, inner, "item" if place != "row" else "row", depth + 1)
            else:
                yield from _walk(item, inner, alone, depth + 1)


def _kept(value: list[JsonValue], way: _Way) -> int:
    """How many items at the beginning of a list the step was given: a list that grows is not read again each time."""
    given = way.step.input_state.get(way.field)
    if not isinstance(given, list) or not given:
        return 0
    if value[: len(given)] == given:
        return len(given)
    return next((at for at, (one, other) in enumerate(zip(value, given, strict=False)) if one != other), 0)


def _walk_record(value: dict[str, JsonValue], way: _Way, place: Place, depth: int) -> Iterator[Passage]:
    role = str(value.get("type") or value.get("role") or "").lower()
    if "content" in value and role in (*_ROLES, *_OTHER_ROLES):
        if role in _ROLES and value.get("status") != "error":
            spoken: Place = "message" if _ROLES[role] == "ai" else "tool"
            for number, text in enumerate(_spoken(value["content"])):
                if text and not text.isspace():
                    inner = way.down("content") if number == 0 else way.down(f"content#{number}")
                    yield inner.passage(spoken, text, finish=_finish(value))
        return
    yield way.passage(place, record=value)
    keys = list(value)
    at = spread(len(keys), _ITEMS)
    for index in at:
        key = keys[index]
        is_text = isinstance(value[key], str) and place == "row" and key in _TEXT_KEYS
        inner = way.down(key, sampled=len(at) < len(keys))
        yield from _walk(value[key], inner, "document" if is_text else place, depth + 1)


def _spoken(content: JsonValue) -> Iterator[str]:
    """The words of a message: a text, or the text blocks among others."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for block in content:
            if isinstance(block, str):
                yield block
            elif isinstance(block, dict) and isinstance(block.get("text"), str):
                yield block["text"]


def _finish(message: dict[str, JsonValue]) -> str:
    said = message.get("response_metadata")
    if not isinstance(said, dict):
        return ""
    return next(
        (one for key in ("finish_reason", "stop_reason", "done_reason") if isinstance(one := said.get(key), str)), ""
    )


def spread(length: int, most: int) -> Sequence[int]:
    """Indices of a sequence: all of them, or so many evenly spread from first to last.

    Args:
        length: Items there are.
        most: Items wanted at most, at least 2.
    """
    if length <= most:
        return range(length)
    return [number * (length - 1) // (most - 1) for number in range(most)]
