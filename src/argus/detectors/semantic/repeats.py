"""Where a run gave the same answer twice: in a conversation, and in executions side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from argus._internal.telling_words import telling_words
from argus.detectors.run_index import RunIndex
from argus.detectors.talk import is_answer, role_of, text_of
from argus.model.echoes import answers_of
from argus.model.leaves import leaves
from argus.model.trace import TraceStep
from argus.model.values import JsonValue

__all__ = ["Crossed", "Turn", "crossed_results", "repeated_answers"]

_SHORTEST: Final = 30
_QUESTION: Final = 8
_MESSAGES: Final = 200
_EXECUTIONS: Final = 200
_OWN: Final = 2


@dataclass(frozen=True)
class Turn:
    """An answer that stood in the conversation before, to another question.

    Attributes:
        step: Who gave it again.
        field: The list of messages.
        answer: Its words.
        question: What was asked now.
        earlier_question: What was asked then.
    """

    step: TraceStep
    field: str
    answer: str
    question: str
    earlier_question: str


@dataclass(frozen=True)
class Crossed:
    """Two executions with the same result, of which one cannot be its own.

    Attributes:
        step: The one whose result it cannot be.
        other: The one that it belongs to.
        field: The field.
        words: What the result and the other one's input have in common, and this one's input lacks.
    """

    step: TraceStep
    other: TraceStep
    field: str
    words: tuple[str, ...]


def repeated_answers(index: RunIndex) -> Iterator[Turn]:
    """The answers of a run that repeat an earlier one of the conversation though the question is another.

    Args:
        index: The run.
    """
    for step in index.trace.steps:
        if step.outcome not in ("ok", "cached") or not index.is_leaf(step):
            continue
        for field, value in step.output_state.items():
            said = step.input_state.get(field)
            if not isinstance(said, list) or not said:
                continue
            new = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
            old_ids = {one.get("id") for one in said if isinstance(one, dict)} - {None}
            answers = [text_of(one) for one in new if is_answer(one) and not _is_old(one, said, old_ids)]
            turn = _turn(step, field, answers[-1], said) if answers else None
            if turn is not None:
                yield turn


def _is_old(message: dict[str, JsonValue], said: list[JsonValue], old_ids: set[JsonValue]) -> bool:
    """Whether a message is handed back as it came in, with the whole list."""
    return message.get("id") in old_ids and message in said and len(said) > 1 and said[-1] == message


def _turn(step: TraceStep, field: str, answer: str, said: list[JsonValue]) -> Turn | None:
    if len(answer) < _SHORTEST:
        return None
    question = ""
    asked_then: str | None = None
    for message in said[-_MESSAGES:]:
        if not isinstance(message, dict):
            continue
        if role_of(message) == "human":
            question = text_of(message)
        elif asked_then is None and is_answer(message) and text_of(message) == answer:
            asked_then = question
    if not asked_then or len(question) < _QUESTION or question == asked_then or not telling_words(question):
        return None
    if telling_words(question) & telling_words(asked_then):
        return None
    return Turn(step, field, answer, question, asked_then)


def crossed_results(index: RunIndex) -> Iterator[Crossed]:
    """The executions of a node that returned what belongs to the input of another execution.

    Args:
        index: The run.
    """
    for steps in index.scopes.values():
        by_node: dict[str, list[TraceStep]] = {}
        for step in steps:
            if step.outcome in ("ok", "cached") and index.is_leaf(step):
                by_node.setdefault(step.node_name, []).append(step)
        for ran in by_node.values():
            if len(ran) > 1:
                yield from _crossed(ran[:_EXECUTIONS], index)


def _crossed(ran: list[TraceStep], index: RunIndex) -> Iterator[Crossed]:
    same: dict[tuple[str, str], list[TraceStep]] = {}
    for step in ran:
        for field, answer in answers_of(step.output_state).items():
            same.setdefault((field, answer), []).append(step)
    given: dict[str, frozenset[str]] = {}

    def words_given(step: TraceStep) -> frozenset[str]:
        if step.id not in given:
            given[step.id] = frozenset().union(*map(telling_words, leaves(step.input_state)))
        return given[step.id]

    for (field, _), steps in same.items():
        first = steps[0]
        value = first.output_state.get(field, first.output_state)
        words = frozenset().union(*map(telling_words, leaves(value)))
        for step in steps[1:]:
            mine, theirs = words_given(step), words_given(first)
            here, there = words & (mine - theirs), words & (theirs - mine)
            if len(there) >= _OWN and not here and len(mine - theirs) >= _OWN:
                yield Crossed(step, first, field, tuple(sorted(there)))
            elif (
                len(here) >= _OWN
                and not there
                and len(theirs - mine) >= _OWN
                and index.moment(first) == index.moment(step)  # an earlier one cannot have a later one's result
            ):
                yield Crossed(first, step, field, tuple(sorted(here)))
