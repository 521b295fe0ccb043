"""What a node's source can give to a field, against what a step of it returned."""

from __future__ import annotations

from typing import Final

from argus.detectors.blanks import is_blank
from argus.detectors.run_index import RunIndex
from argus.model.trace import TraceStep
from argus.model.values import JsonValue, is_mark, is_redacted

__all__ = ["is_meant_to_be_empty", "is_never_made", "made_words"]

_FULL_LISTS: Final = {"items", "lines"}
_WORDS: Final = {
    "text": "a text that is not empty", "str": "a text", "number": "a number", "bool": "a bool", "dict": "a dict",
    "list": "a list", "items": "a list that is not empty", "lines": "a list that is not empty", "null": "None",
    "thing": "something",
}  # fmt: skip


def is_never_made(step: TraceStep, field: str, value: JsonValue, index: RunIndex) -> bool:
    """Whether a value is of a kind that the source of the step's node surely never gives to a field.

    Something between the source and the graph (a wrapper, a cache, a fallback) then put it there.

    Args:
        step: The step.
        field: The field of its update.
        value: What it returned in it.
        index: The run.
    """
    kinds = _kinds(step, field, index)
    if not kinds or "any" in kinds or is_mark(value) or is_redacted(value):
        return False
    return not _fits(value, kinds)


def is_meant_to_be_empty(step: TraceStep, field: str, index: RunIndex) -> bool:
    """Whether the source of the step's node itself provides for a field to be empty, or cannot be read.

    So it does where it writes something empty down, filters, or takes a text apart and puts what is left together.

    Args:
        step: The step.
        field: The field of its update.
        index: The run.
    """
    spec = index.node(step)
    if spec is None or spec.makes is None:
        return True
    return not _kinds(step, field, index).isdisjoint(("empty", "null", "str", "list"))


def made_words(step: TraceStep, field: str, index: RunIndex) -> str:
    """What the source gives to a field, for people.

    Args:
        step: The step.
        field: The field of its update.
        index: The run.
    """
    named = dict.fromkeys(_WORDS[kind] for kind in sorted(_kinds(step, field, index)) if kind in _WORDS)
    return " or ".join(named)


def _kinds(step: TraceStep, field: str, index: RunIndex) -> frozenset[str]:
    spec = index.node(step)
    told = dict(spec.yields) if spec is not None and spec.kind == "node" else {}
    return frozenset(told.get(field, ()))


def _fits(value: JsonValue, kinds: frozenset[str]) -> bool:
    if value is None:
        return "null" in kinds
    if "thing" in kinds:
        return True
    if isinstance(value, bool):
        return "bool" in kinds
    if isinstance(value, int | float):
        return not kinds.isdisjoint(("number", "bool"))
    blank = is_blank(value)
    if isinstance(value, str):
        return not kinds.isdisjoint(("str", "empty") if blank else ("str", "text"))
    if isinstance(value, list):
        return not kinds.isdisjoint(("list", "empty") if not value else ("list", *_FULL_LISTS))
    return not kinds.isdisjoint(("dict", "empty") if not value else ("dict",))
