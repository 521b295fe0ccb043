"""A number that cannot be what its name says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.run_index import RunIndex
from argus.detectors.wording import is_named, texts_in
from argus.model.detection import Detection, Evidence
from argus.model.graph import GraphSpec
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue, is_mark

__all__ = ["ImpossibleValue"]

_MOST: Final = 2_000
_WRITTEN: Final = re.compile(r"(?<![\w.,)])[-−–]\s?[€$£¥]?\d")
_SHARES: Final = 5.0
"""How many times a threshold between 0 and 1 a number must be, being above 1, to be on another scale than it."""


class ImpossibleValue(BaseDetector):
    """A quantity below zero, or a number on another scale than the threshold it is compared with.

    Finds:
        A negative price, weight, count or duration of a step's own making; a score of 85 or 8.5 where the branch
        behind it asks for at least 0.8.

    Why it matters:
        A turned sign or a percentage in the place of a share raises nothing. Sums come out too small, and a threshold
        is always passed.

    How it decides:
        A number below zero, other than -1, under a name that stands for a quantity, while no number that the step was
        given is below zero and no later step replaces it: warning, confidence 0.75. A number above 1 and at least five
        times a constant between 0 and 1 that the branch behind the step compares it with: warning, 0.75.
        Silent: names of numbers with a sign by nature, such as balances, differences and refunds, and whatever the step
        was given with such a sign.

    When it is wrong:
        When a quantity goes below zero by agreement, such as returned goods counted as negative. Silence it with an
        ``ignore`` entry for ``STR411`` and the field.

    Settings:
        ``detection.structural.enabled``.

    References:
        ``vocabulary/quantities.txt`` and ``vocabulary/signed_fields.txt``: the names.
    """

    code = "STR411"
    name = "impossible_value"
    layer = "structural"
    fault = "value of a field"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds impossible numbers.

        Args:
            trace: The run.
            context: Its memo is used.
        """
        index = RunIndex.of(trace, context)
        findings: list[Detection] = []
        for step in trace.steps:
            if step.outcome in ("ok", "cached") and index.is_leaf(step):
                findings += self._below_zero(step, index)
                findings += self._off_scale(step, index)
        return findings

    def _below_zero(self, step: TraceStep, index: RunIndex) -> Iterator[Detection]:
        for field, value in step.output_state.items():
            found = [(path, number) for path, number in _numbers(value, field) if _is_impossible(path, number)]
            if not found or _is_replaced(step, field, index) or _was_given_any(step.input_state):
                continue
            path, number = found[0]
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            yield self._finding(
                step, field, path, number, f"wrote {number!r} into `{path}`{more}, which is no quantity"
            )

    def _off_scale(self, step: TraceStep, index: RunIndex) -> Iterator[Detection]:
        for field, bounds in _thresholds(index.graph(step), step.node_name).items():
            number = step.output_state.get(field)
            if isinstance(number, bool) or not isinstance(number, int | float):
                continue
            if number > 1 and number >= _SHARES * max(bounds):
                said = f"wrote {number!r} into `{field}`, which the way on compares with {max(bounds)!r}"
                yield self._finding(step, field, field, number, said)

    def _finding(self, step: TraceStep, field: str, path: str, number: float, said: str) -> Detection:
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"`{step.node_name}` {said}",
            step_id=step.id,
            field=field,
            confidence=0.75,
            details={"path": path, "value": number},
            evidence=(Evidence(step_id=step.id, field=path, note="wrote", value=number),),
        )


def _is_impossible(path: str, number: float) -> bool:
    named = [part for part in path.split(".") if not part.isdecimal()]
    if number >= 0 or number == -1 or not named:
        return False
    return is_named("quantities", named[-1]) and not any(is_named("signed_fields", part) for part in named)


def _was_given_any(state: JsonValue) -> bool:
    """Whether a number below zero stands in a state, written out in a text included."""
    return any(one < 0 for _, one in _numbers(state)) or any(_WRITTEN.search(text) for text in texts_in(state))


def _is_replaced(step: TraceStep, field: str, index: RunIndex) -> bool:
    last = index.last_write(step, field)
    return last is not None and last is not step and index.moment(last) > index.moment(step)


def _numbers(value: JsonValue, path: str = "") -> Iterator[tuple[str, float]]:
    """The numbers within a value with their dotted paths, the first ones of very many."""
    waiting: list[tuple[str, JsonValue]] = [(path, value)]
    left = _MOST
    while waiting and left:
        left -= 1
        place, one = waiting.pop()
        if isinstance(one, dict | list) and not is_mark(one):
            entries = list(one.items() if isinstance(one, dict) else enumerate(one))[:left]
            waiting += [(f"{place}.{key}" if place else str(key), inner) for key, inner in reversed(entries)]
        elif isinstance(one, int | float) and not isinstance(one, bool):
            yield place, one


def _thresholds(graph: GraphSpec | None, node: str) -> dict[str, list[float]]:
    """The fields that the ways on from a node compare with constants between 0 and 1, with these."""
    found: dict[str, list[float]] = {}
    for decision in graph.decisions if graph is not None else ():
        if decision.source == node and not decision.command:
            _collect(decision.rule, found)
    return found


def _collect(rule: JsonValue, found: dict[str, list[float]]) -> None:
    if not isinstance(rule, list):
        return
    if len(rule) == 3 and rule[0] in ("<", "<=", ">", ">="):
        for one, other in ((rule[1], rule[2]), (rule[2], rule[1])):
            field, bound = _field(one), _constant(other)
            if field is not None and isinstance(bound, float) and 0 < bound < 1:
                found.setdefault(field, []).append(bound)
    for part in rule:
        _collect(part, found)


def _field(rule: JsonValue) -> str | None:
    """The field of the state that an operation of a rule looks up."""
    if isinstance(rule, list) and len(rule) >= 3 and rule[0] in ("item", "attribute", "get"):
        key = _constant(rule[2]) if isinstance(rule[2], list) else rule[2]
        holder = rule[1]
        if isinstance(key, str) and isinstance(holder, list) and holder[:1] in (["name"], ["state"]):
            return key
    return None


def _constant(rule: JsonValue) -> JsonValue:
    return rule[1] if isinstance(rule, list) and len(rule) == 2 and rule[0] == "const" else None
