"""What one run says of a node's outputs and their inputs, and two such accounts joined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from argus._internal.telling_words import telling_words
from argus.model.echoes import ANSWERS_SEEN, WHOLE, Echoes, answers_of, input_hash
from argus.model.leaves import leaves
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue

__all__ = ["anchored_share", "echoes_of", "joined_echoes", "read_fields", "words_given"]

_STEPS: Final = 20


def echoes_of(trace: Trace, steps: Iterable[TraceStep]) -> dict[str, Echoes]:
    """The outputs of one node in one run, by field.

    Args:
        trace: The run.
        steps: The node's executions, of which the first 20 are looked at.
    """
    found: dict[str, Echoes] = {}
    for step in list(steps)[:_STEPS]:
        answers = answers_of(step.output_state)
        if answers:
            asked = input_hash(step.input_state, read_fields(trace, step))
            given = words_given(trace, step)
            for field, answer in answers.items():
                value = step.output_state if field == WHOLE else step.output_state.get(field)
                one = Echoes(asked={answer: asked}, anchored=anchored_share(value, given))
                found[field] = _joined(found[field], one) if field in found else one
    return found


def joined_echoes(one: Mapping[str, Echoes], other: Mapping[str, Echoes]) -> dict[str, Echoes]:
    """What two accounts of one node say together; the order makes no difference.

    Args:
        one: By field.
        other: Of other runs.
    """
    joined = dict(one)
    for field, echoes in other.items():
        joined[field] = _joined(joined[field], echoes) if field in joined else echoes
    return {field: joined[field] for field in sorted(joined)}


def anchored_share(value: JsonValue, given: frozenset[str]) -> float:
    """The share of a value's telling words that its step was given, from 0 to 1; 0 when it has none.

    Args:
        value: What the step returned, or a part of it.
        given: From :func:`words_given`.
    """
    words = frozenset().union(*map(telling_words, leaves(value)))
    return len(words & given) / len(words) if words else 0.0


def words_given(trace: Trace, step: TraceStep) -> frozenset[str]:
    """The telling words of what a step was given, the call's input included.

    Args:
        trace: The run.
        step: The step.
    """
    return frozenset().union(*map(telling_words, (*leaves(trace.input), *leaves(step.input_state))))


def read_fields(trace: Trace, step: TraceStep) -> frozenset[str] | None:
    """The fields that a step's node looks at, or None when its source does not tell.

    Args:
        trace: The run.
        step: The step.
    """
    spec = trace.node_spec(step)
    if spec is None or spec.reads is None or not spec.reads_complete or not spec.reads:
        return None
    return frozenset(read.path.partition(".")[0] for read in spec.reads)


def _joined(one: Echoes, other: Echoes) -> Echoes:
    asked = dict(one.asked)
    for answer, question in other.asked.items():
        asked[answer] = question if asked.get(answer, question) == question else ""
    return Echoes(
        asked={answer: asked[answer] for answer in sorted(asked)[:ANSWERS_SEEN]},
        anchored=min(one.anchored, other.anchored),
    )
