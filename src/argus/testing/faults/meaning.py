"""Faults of meaning: well-formed, fluent, and about something else or not true."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from argus.testing.faults.fault import PROCEED, Call, Layer, NodeFault, ValueFault
from argus.testing.faults.places import look_up, replaced
from argus.testing.faults.texts import TextFault
from argus.testing.faults.wordings.prose import (
    DATE_CLAIMS,
    DOCUMENTS,
    NAME_CLAIMS,
    NUMBER_CLAIMS,
    OTHER_ANSWERS,
    OTHER_LANGUAGES,
)

__all__ = [
    "Contradiction",
    "LostConstraint",
    "OffTopicDocuments",
    "OtherAnswer",
    "StaleResult",
    "UnsupportedDate",
    "UnsupportedName",
    "UnsupportedNumber",
    "WrongLanguage",
]

_TEXT_KEYS: Final = ("text", "content", "page_content", "body", "passage", "snippet", "summary")
_NEGATIONS: Final = (
    (r"\b(is|are|was|were|can|may|must|does|will)\b(?! not)", r"\1 not"),
    (r"\b(ist|sind|war|kann|darf|muss|wird)\b(?! nicht)", r"\1 nicht"),
    (r"\bnot\b ?", ""),
)


@dataclass(frozen=True, kw_only=True)
class OffTopicDocuments(ValueFault):
    """The documents that were retrieved are about something else.

    Attributes:
        pool: Texts to choose from; None takes those that come with the fault.
    """

    kind: ClassVar[str] = "off_topic_documents"
    layer: ClassVar[Layer] = "semantic"

    pool: Sequence[str] | None = None

    def fits(self, value: Any) -> bool:
        """Lists of documents."""
        return isinstance(value, (list, tuple)) and bool(value)

    def change(self, value: Any) -> Any:
        """As many documents of the same shape with other texts."""
        texts = DOCUMENTS if self.pool is None else self.pool
        return [self._with(document, texts[(self.seed + at) % len(texts)]) for at, document in enumerate(value)]

    def _with(self, document: Any, text: str) -> Any:
        if isinstance(document, str):
            return text
        for key in _TEXT_KEYS:
            present = key in document if isinstance(document, Mapping) else hasattr(document, key)
            if present:
                return replaced(document, key, lambda _: text)
        return document


@dataclass(frozen=True, kw_only=True)
class OtherAnswer(TextFault):
    """A good answer to another question."""

    kind: ClassVar[str] = "other_answer"
    layer: ClassVar[Layer] = "semantic"
    wordings: ClassVar[Sequence[Any]] = OTHER_ANSWERS


@dataclass(frozen=True, kw_only=True)
class WrongLanguage(TextFault):
    """The answer is written in a language that nobody in this run speaks."""

    kind: ClassVar[str] = "wrong_language"
    layer: ClassVar[Layer] = "semantic"
    wordings: ClassVar[Sequence[Any]] = OTHER_LANGUAGES


@dataclass(frozen=True, kw_only=True)
class _AddedClaim(TextFault):
    layer: ClassVar[Layer] = "semantic"

    def change(self, value: Any) -> Any:
        """The text with a claim at its end."""
        return f"{str(value).rstrip()}{super().change(value)}"


@dataclass(frozen=True, kw_only=True)
class UnsupportedNumber(_AddedClaim):
    """The answer states a figure that its context lacks."""

    kind: ClassVar[str] = "unsupported_number"
    wordings: ClassVar[Sequence[Any]] = NUMBER_CLAIMS


@dataclass(frozen=True, kw_only=True)
class UnsupportedName(_AddedClaim):
    """The answer states a name that its context lacks."""

    kind: ClassVar[str] = "unsupported_name"
    wordings: ClassVar[Sequence[Any]] = NAME_CLAIMS


@dataclass(frozen=True, kw_only=True)
class UnsupportedDate(_AddedClaim):
    """The answer states a date that its context lacks."""

    kind: ClassVar[str] = "unsupported_date"
    wordings: ClassVar[Sequence[Any]] = DATE_CLAIMS


@dataclass(frozen=True, kw_only=True)
class Contradiction(TextFault):
    """The text contradicts what it rests on: another number, or a negation too many.

    Attributes:
        pool: Whole texts to use instead of changing the real one.
    """

    kind: ClassVar[str] = "contradiction"
    layer: ClassVar[Layer] = "semantic"

    def change(self, value: Any) -> Any:
        """The text with a number changed, or negated when it has none."""
        if self.pool is not None:
            return self.pick(self.pool)
        text = str(value)
        changed, count = re.subn(r"(?<![\w.,-])(\d+)(?![\w-])", lambda m: self._other(m[1]), text)
        if count and self.seed % 2 == 0:
            return changed
        for pattern, negated in _NEGATIONS:
            turned, turns = re.subn(pattern, negated, text, count=1, flags=re.IGNORECASE)
            if turns:
                return turned
        return changed

    def _other(self, number: str) -> str:
        return str(int(number) * 2 + 7 + self.seed)


@dataclass(frozen=True, kw_only=True)
class StaleResult(NodeFault):
    """The node answers what it answered the first time, whatever it is asked now: a cache with the wrong key.

    Run the graph once with another input to fill the cache; from the second call on the fault strikes.
    """

    kind: ClassVar[str] = "stale_result"
    layer: ClassVar[Layer] = "semantic"

    def before(self, call: Call) -> Any:
        """The remembered result, once there is one."""
        if "result" not in call.memory or self.field is not None:
            return PROCEED
        return call.memory["result"]

    def after(self, call: Call, result: Any) -> Any:
        """Remembers the first result; with a field, only that field is stale."""
        remembered = call.memory.setdefault("result", result)
        if remembered is result or self.field is None:
            return result
        old = look_up(remembered, self.field)
        return replaced(result, self.field, lambda _: old[0]) if old else result


@dataclass(frozen=True, kw_only=True)
class LostConstraint(ValueFault):
    """A condition of the request gets lost on the way.

    Attributes:
        pattern: What is lost from the text, as a regular expression; None takes out the clause after the last comma,
            "under", "without", "only" or "in".
    """

    kind: ClassVar[str] = "lost_constraint"
    layer: ClassVar[Layer] = "semantic"

    pattern: str | None = None

    def fits(self, value: Any) -> bool:
        """Texts, and lists to drop an item from."""
        return isinstance(value, (str, list)) and bool(value)

    def change(self, value: Any) -> Any:
        """The request without the condition."""
        if isinstance(value, list):
            return value[:-1]
        pattern = self.pattern or r"(,| (under|without|only|in|ohne|unter|sans)\b)[^,]*$"
        return re.sub(pattern, "", str(value), flags=re.IGNORECASE)
