"""Faults of wording: a text that is no answer at all, whatever was asked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from argus.testing.faults.fault import Layer, ValueFault
from argus.testing.faults.wordings.errors import (
    ERROR_PAYLOADS,
    EXCEPTION_TEXTS,
    HTML_PAGES,
    HTTP_BODIES,
    STACK_TRACES,
)
from argus.testing.faults.wordings.refusals import REFUSALS
from argus.testing.faults.wordings.unwritten import FILLERS, PLACEHOLDERS, PROMPTS, TEMPLATES

__all__ = [
    "CutText",
    "ErrorPayload",
    "ExceptionText",
    "Filler",
    "HtmlPage",
    "HttpErrorBody",
    "Mojibake",
    "Placeholder",
    "PromptLeak",
    "Refusal",
    "StackTrace",
    "TextFault",
    "TruncatedJson",
    "UnfilledTemplate",
]


@dataclass(frozen=True, kw_only=True)
class TextFault(ValueFault):
    """A text is replaced by another one.

    Attributes:
        pool: What to choose from by seed; None takes the wordings that come with the fault.
    """

    layer: ClassVar[Layer] = "signature"
    wordings: ClassVar[Sequence[Any]] = ()

    pool: Sequence[Any] | None = None

    def fits(self, value: Any) -> bool:
        """Texts with content."""
        return isinstance(value, str) and bool(value.strip())

    def change(self, value: Any) -> Any:
        """One of the wordings."""
        return self.pick(self.wordings if self.pool is None else self.pool)


@dataclass(frozen=True, kw_only=True)
class Placeholder(TextFault):
    """A stub stands where the content should be."""

    kind: ClassVar[str] = "placeholder"
    wordings: ClassVar[Sequence[Any]] = PLACEHOLDERS


@dataclass(frozen=True, kw_only=True)
class Refusal(TextFault):
    """The model declined, and the refusal is handed on as the answer."""

    kind: ClassVar[str] = "refusal"
    wordings: ClassVar[Sequence[Any]] = REFUSALS


@dataclass(frozen=True, kw_only=True)
class ErrorPayload(TextFault):
    """A service's structured error takes the place of its answer; in a text field it is written as JSON."""

    kind: ClassVar[str] = "error_payload"
    wordings: ClassVar[Sequence[Any]] = ERROR_PAYLOADS

    def fits(self, value: Any) -> bool:
        """Texts, records and lists with content."""
        return isinstance(value, (str, Mapping, list)) and bool(value)

    def change(self, value: Any) -> Any:
        """The error, in a shape that the field can hold."""
        payload = super().change(value)
        if isinstance(value, str):
            return json.dumps(payload)
        return [payload] if isinstance(value, list) else dict(payload)


@dataclass(frozen=True, kw_only=True)
class HttpErrorBody(TextFault):
    """The body of an HTTP error is taken for the answer."""

    kind: ClassVar[str] = "http_error_body"
    wordings: ClassVar[Sequence[Any]] = HTTP_BODIES


@dataclass(frozen=True, kw_only=True)
class ExceptionText(TextFault):
    """The message of a caught exception is returned as the answer."""

    kind: ClassVar[str] = "exception_text"
    wordings: ClassVar[Sequence[Any]] = EXCEPTION_TEXTS


@dataclass(frozen=True, kw_only=True)
class HtmlPage(TextFault):
    """A web page, such as a login form or a gateway's error, stands where text was expected."""

    kind: ClassVar[str] = "html_page"
    wordings: ClassVar[Sequence[Any]] = HTML_PAGES


@dataclass(frozen=True, kw_only=True)
class StackTrace(TextFault):
    """A traceback is returned as text."""

    kind: ClassVar[str] = "stack_trace"
    wordings: ClassVar[Sequence[Any]] = STACK_TRACES


@dataclass(frozen=True, kw_only=True)
class UnfilledTemplate(TextFault):
    """A template's variables were never filled in."""

    kind: ClassVar[str] = "unfilled_template"
    wordings: ClassVar[Sequence[Any]] = TEMPLATES


@dataclass(frozen=True, kw_only=True)
class Filler(TextFault):
    """The text repeats itself without end."""

    kind: ClassVar[str] = "repeated_filler"
    wordings: ClassVar[Sequence[Any]] = FILLERS


@dataclass(frozen=True, kw_only=True)
class PromptLeak(TextFault):
    """Instructions for the model end up in front of the answer, or in its place."""

    kind: ClassVar[str] = "prompt_leak"
    wordings: ClassVar[Sequence[Any]] = PROMPTS

    def change(self, value: Any) -> Any:
        """The instructions, followed by the answer for even seeds."""
        leak = super().change(value)
        return f"{leak}\n\n{value}" if self.seed % 2 == 0 else leak


@dataclass(frozen=True, kw_only=True)
class TruncatedJson(TextFault):
    """JSON text breaks off in the middle, or is spoilt by a stray character."""

    kind: ClassVar[str] = "truncated_json"

    def fits(self, value: Any) -> bool:
        """Texts that are JSON objects or arrays."""
        if not isinstance(value, str) or not value.strip().startswith(("{", "[")):
            return False
        try:
            json.loads(value)
        except ValueError:
            return False
        return True

    def change(self, value: Any) -> Any:
        """The broken JSON."""
        text = str(value).rstrip()
        return self.pick(
            [
                text[: max(2, len(text) * 2 // 3)],
                text[:-1],
                text[: max(2, len(text) // 3)] + "...",
                text.replace('":', '"', 1),
                "```json\n" + text[: max(2, len(text) - 4)],
                text.replace('"', "'", 3),
            ]
        )


@dataclass(frozen=True, kw_only=True)
class Mojibake(TextFault):
    """A text was decoded with the wrong character set, or its characters were replaced."""

    kind: ClassVar[str] = "mojibake"

    def change(self, value: Any) -> Any:
        """The text as another character set would show it; typographic characters are put in when it has none."""
        text = str(value)
        if text.isascii():
            text = text.replace("'", "’").replace(" - ", " – ")
            text = f"“{text}” – Café München" if text.isascii() else f"{text} – “Übersicht”"
        raw = text.encode("utf-8", "replace")
        return self.pick(
            [
                raw.decode("cp1252", "replace"),
                raw.decode("latin-1"),
                raw.decode("ascii", "replace"),
                raw.decode("cp1252", "replace").encode("utf-8", "replace").decode("cp1252", "replace"),
                raw.decode("cp437"),
            ]
        )


@dataclass(frozen=True, kw_only=True)
class CutText(TextFault):
    """The text stops in the middle of a sentence, as at a token limit."""

    kind: ClassVar[str] = "cut_output"

    def fits(self, value: Any) -> bool:
        """Texts long enough to be cut inside a sentence."""
        return isinstance(value, str) and len(value) >= 40

    def change(self, value: Any) -> Any:
        """The beginning, without the end of its last sentence."""
        text = str(value)
        at = len(text) * self.pick([3, 2, 4]) // 5
        while at > 10 and not (text[at - 1].isalpha() and text[at].isalpha()):
            at -= 1
        return text[:at]
