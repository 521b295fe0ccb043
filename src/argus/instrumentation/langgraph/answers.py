"""What a model's result tells: what was said, by which model, for how many tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from argus.recording.run import UNSET

__all__ = ["Answer", "Usage"]

Usage = tuple[int | None, int | None, int | None]
"""Input, output and total tokens, each None when not told."""


class Answer(NamedTuple):
    """What a model's result tells.

    Attributes:
        said: The messages or texts.
        model: The model that answered, if it says.
        usage: Input, output and total tokens, each None when not told; None when nothing is.
        finish_reason: Why it stopped, if it says.
    """

    said: Any = UNSET
    model: str | None = None
    usage: Usage | None = None
    finish_reason: str | None = None

    @classmethod
    def of(cls, result: Any) -> Answer:
        """Reads a result.

        Args:
            result: LangChain's ``LLMResult``, or None.
        """
        rows = getattr(result, "generations", None)
        if not rows:
            return cls()
        answers = [one for row in rows for one in row]
        messages = [getattr(one, "message", None) for one in answers]
        said = [
            text if message is None else message for message, text in zip(messages, map(_text, answers), strict=True)
        ]
        facts = _facts(answers, messages)
        told = getattr(result, "llm_output", None) or {}
        return cls(
            said=said[0] if len(said) == 1 else said,
            model=_first(facts, "model_name", "model", "model_id") or _first([told], "model_name", "model"),
            usage=_usage(messages, facts, told),
            finish_reason=_first(facts, "finish_reason", "stop_reason", "done_reason"),
        )


def _text(answer: Any) -> Any:
    return getattr(answer, "text", None)


def _facts(answers: Sequence[Any], messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    found = [getattr(message, "response_metadata", None) for message in messages]
    found += [getattr(answer, "generation_info", None) for answer in answers]
    return [one for one in found if isinstance(one, Mapping)]


def _first(facts: Sequence[Any], *keys: str) -> str | None:
    for key in keys:
        for one in facts:
            value = one.get(key)
            if isinstance(value, str) and value:
                return value
    return None


def _usage(messages: Sequence[Any], facts: Sequence[Any], told: Any) -> Usage | None:
    counts = [getattr(message, "usage_metadata", None) for message in messages]
    known = [_tokens(one, "input_tokens", "output_tokens") for one in counts if isinstance(one, Mapping)]
    if not known:
        for one in (told, *facts):
            usage = one.get("token_usage") or one.get("usage") if isinstance(one, Mapping) else None
            if isinstance(usage, Mapping):
                found = _tokens(usage, "prompt_tokens", "completion_tokens")
                known = [found if any(found) else _tokens(usage, "input_tokens", "output_tokens")]
                break
    if not known or all(value is None for one in known for value in one):
        return None
    return _sum([one[0] for one in known]), _sum([one[1] for one in known]), _sum([one[2] for one in known])


def _tokens(usage: Mapping[str, Any], given: str, made: str) -> Usage:
    return _number(usage.get(given)), _number(usage.get(made)), _number(usage.get("total_tokens"))


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
