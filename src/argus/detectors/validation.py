"""Runs the user's validators over a run, once for all detectors that report about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from argus.detectors.base import DetectorContext, Validator
from argus.detectors.run_index import RunIndex
from argus.model.trace import Trace, TraceStep
from argus.model.values import ROOT_FIELD, JsonValue

__all__ = ["Verdict", "aim", "verdicts"]

_NODE: Final = "node:"
_EVERYTHING: Final = "*"
_ABSENT: Final = object()


@dataclass(frozen=True)
class Verdict:
    """What a validator said that was not a plain yes.

    Attributes:
        target: As the user wrote it.
        step: The step whose output was looked at.
        path: The field or dotted path; None for a whole output.
        value: What was looked at.
        kind: ``rejected``; or about the validator itself: ``raised``, or ``unclear`` for an answer that is no bool.
        message: What the validator said, or what it raised.
    """

    target: str
    step: TraceStep
    path: str | None
    value: JsonValue
    kind: Literal["rejected", "raised", "unclear"]
    message: str


def verdicts(trace: Trace, context: DetectorContext) -> list[Verdict]:
    """Every answer that was not yes, by step and target.

    A validator gets a copy of the recorded value: redacted, cut, and in JSON's types. It is called for each step that
    ended well and wrote what it is about, with the merged value where a reducer merges.

    Args:
        trace: The run.
        context: Its validators; its memo keeps the answers.
    """
    known: list[Verdict] | None = context.memo.get("verdicts")
    if known is None:
        known = context.memo["verdicts"] = []  # set first: after a validator that hangs, nobody tries again
        if context.validators:
            index = RunIndex.of(trace, context)
            for step in trace.steps:
                if step.outcome in ("ok", "cached", "parent_command"):
                    for target, check in context.validators.items():
                        known += _asked(target, check, step, index)
    return list(known)


def aim(target: str) -> tuple[str | None, str | None]:
    """What a validator is about.

    Args:
        target: As the user wrote it: a field or path, ``node:<name>/field``, ``node:<name>`` or ``*``.

    Returns:
        The node, or None for all; the field or dotted path, or None for the whole output.
    """
    if target == _EVERYTHING:
        return None, None
    if not target.startswith(_NODE):
        return None, target
    node, slash, path = target[len(_NODE) :].partition("/")
    return node, path if slash else None


def _asked(target: str, check: Validator, step: TraceStep, index: RunIndex) -> Iterator[Verdict]:
    for path, value in _looked_at(target, step, index):
        try:
            answer = check(_copied(value))
        except Exception as error:  # noqa: BLE001 - the user's code; what it raises is what is reported
            yield Verdict(target, step, path, value, "raised", _said(error))
            continue
        passed, message = answer if isinstance(answer, tuple) and len(answer) == 2 else (answer, "")
        verdict = _truth(passed)
        if verdict is None:
            yield Verdict(target, step, path, value, "unclear", f"answered {type(answer).__name__}")
        elif not verdict:
            yield Verdict(target, step, path, value, "rejected", message if isinstance(message, str) else "")


def _looked_at(target: str, step: TraceStep, index: RunIndex) -> Iterator[tuple[str | None, JsonValue]]:
    """The parts of a step's output that a target means: none or one."""
    node, path = aim(target)
    if node is not None and node != step.node_name:
        return
    if path is None:
        output = step.output_state
        yield None, output[ROOT_FIELD] if output.keys() == {ROOT_FIELD} else output
        return
    top = path if path in step.output_state else path.partition(".")[0]
    if top not in step.output_state or not index.is_leaf(step):
        return
    spec = index.fields(step).get(top)
    merged = spec is not None and spec.reducer is not None and top in step.state_after
    value = _at(step.state_after if merged else step.output_state, path)
    if value is not _ABSENT:
        yield path, value


def _at(state: JsonValue, path: str) -> JsonValue:
    if isinstance(state, dict) and path in state:
        return state[path]
    for part in path.split("."):
        if isinstance(state, dict) and part in state:
            state = state[part]
        elif isinstance(state, list) and part.isdecimal() and int(part) < len(state):
            state = state[int(part)]
        else:
            return _ABSENT
    return state


def _truth(answer: object) -> bool | None:
    """The answer as a bool, those of other libraries included; None when it is none."""
    if isinstance(answer, bool):
        return answer
    if type(answer).__name__ in ("bool_", "bool"):
        return bool(answer)
    return None


def _copied(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _said(error: Exception) -> str:
    try:
        text = " ".join(str(error).split())[:200]
    except Exception:  # noqa: BLE001 - the message belongs to a stranger's exception
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
