"""What each step was given and what it wrote of its own: the texts that meaning is judged by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from argus._internal.telling_words import telling_words
from argus.detectors.base import DetectorContext
from argus.detectors.run_index import RunIndex
from argus.detectors.talk import role_of, text_of
from argus.model.leaves import leaves
from argus.model.trace import TraceStep
from argus.model.values import JsonValue, is_mark

__all__ = ["MOST_FIELDS", "MadeText", "given_to", "made_texts"]

MOST_FIELDS: Final = 200
"""Fields of one run that are judged, spread evenly over it."""

_PROSE_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_DENSE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_FEWEST: Final = 4
_MOST_ITEMS: Final = 50
_NO_PROSE: Final = re.compile(r"(?is)^\s*(?:select\s|with\s+\w+\s+as\b|insert\s|update\s|[{\[<]|https?://\S+\s*$|```)")


@dataclass(frozen=True)
class MadeText:
    """Prose that a step wrote into a field and was not given.

    Attributes:
        step: The step.
        field: The field.
        texts: The new texts, in order; one unless the field is a list.
        single: Whether the field is one text or one message, not a collection.
        given: The texts and numbers that the step had before it.
        asked: Those of them that the caller passed in.
        words: The telling words of the new texts.
        given_words: The telling words of what was given.
    """

    step: TraceStep
    field: str
    texts: tuple[str, ...]
    single: bool
    given: tuple[str, ...]
    asked: tuple[str, ...]
    words: frozenset[str]
    given_words: frozenset[str]

    @property
    def text(self) -> str:
        """All of it."""
        return " ".join(self.texts)


def made_texts(index: RunIndex, context: DetectorContext) -> tuple[MadeText, ...]:
    """The prose that the innermost steps of a run wrote, in order, :data:`MOST_FIELDS` at most; made once in a run.

    What a tool or a person said is not a step's own text.

    Args:
        index: The run.
        context: Its memo holds the result.
    """
    known: tuple[MadeText, ...] | None = context.memo.get("made_texts")
    if known is None:
        known = context.memo["made_texts"] = tuple(_made(index))
    return known


def given_to(step: TraceStep, asked: tuple[str, ...]) -> tuple[str, ...]:
    """The texts and numbers that a step had before it, each once.

    Args:
        step: The step.
        asked: What the caller passed in.
    """
    found = dict.fromkeys(asked)
    found.update(dict.fromkeys(leaves(step.input_state)))
    for call in step.tool_calls:
        found.update(dict.fromkeys(leaves(call.arguments)))
        found.update(dict.fromkeys(leaves(call.result)))
    for talk in step.llm_calls:
        found.update(dict.fromkeys(leaves(talk.messages)))
    return tuple(found)


def _made(index: RunIndex) -> Iterator[MadeText]:
    asked = tuple(dict.fromkeys(leaves(index.trace.input)))
    places = [
        (step, field)
        for step in index.trace.steps
        if step.outcome in ("ok", "cached") and index.is_leaf(step)
        for field, value in step.output_state.items()
        if isinstance(value, str | list | dict) and value
    ]
    if len(places) > MOST_FIELDS:
        places = [places[at * len(places) // MOST_FIELDS] for at in range(MOST_FIELDS)]
    last: TraceStep | None = None
    given: tuple[str, ...] = ()
    for step, field in places:
        if step is not last:
            last, given = step, given_to(step, asked)
        value = step.output_state[field]
        before = frozenset(given)
        texts = tuple(text for text in _prose(value) if text not in before)
        if texts:
            yield MadeText(
                step=step,
                field=field,
                texts=texts,
                single=_is_single(value),
                given=given,
                asked=asked,
                words=frozenset().union(*map(telling_words, texts)),
                given_words=frozenset().union(*map(telling_words, given)),
            )


def _prose(value: JsonValue, depth: int = 4) -> Iterator[str]:
    """The prose in a value; of chat messages only what an assistant said."""
    if isinstance(value, str):
        if _is_prose(value):
            yield value
    elif isinstance(value, dict) and not is_mark(value):
        if "content" in value and isinstance(value.get("type", value.get("role")), str):
            if role_of(value) in ("ai", "AIMessageChunk") and _is_prose(text_of(value)):
                yield text_of(value)
        elif depth:
            for one in list(value.values())[:_MOST_ITEMS]:
                yield from _prose(one, depth - 1)
    elif isinstance(value, list) and depth:
        for one in value[:_MOST_ITEMS]:
            yield from _prose(one, depth - 1)


def _is_single(value: JsonValue) -> bool:
    if isinstance(value, list):
        said = [one for one in value if isinstance(one, dict) and "content" in one and role_of(one) == "ai"]
        return len(said) == 1
    return isinstance(value, str) or (isinstance(value, dict) and "content" in value)


def _is_prose(text: str) -> bool:
    opening = text[:400]
    if _NO_PROSE.match(opening):
        return False
    return len(_PROSE_WORD.findall(opening)) >= _FEWEST or len(_DENSE.findall(opening)) >= 2 * _FEWEST
