"""A value that no longer belongs to the values it has always belonged to."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

from argus.config.settings import StatisticalSettings
from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.excerpts import excerpt
from argus.detectors.statistical.grounds import Grounds, was_given
from argus.detectors.structural.learned_values import ENOUGH
from argus.detectors.wording import sifts
from argus.learning.breaches import Breach, breaches
from argus.learning.executions import Value
from argus.model.detection import Detection, Evidence, Severity
from argus.model.profile import RelationKind, Term
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue

__all__ = ["BrokenRelation"]

_ARITHMETIC: Final[tuple[RelationKind, ...]] = ("sum", "dot", "plus", "minus", "times")
_OF_SIZES: Final[tuple[RelationKind, ...]] = ("same_length", "sized")
_SLIP: Final = 0.75
_SHORTEST: Final = 4
_LONGEST: Final = 400
_SHOWN: Final = 3


class BrokenRelation(BaseDetector):
    """What tied a value to others in every earlier run no longer holds.

    Finds:
        Items that are not among those they were always chosen from; copies that differ from their original; with the
        statistical checks off, also sums, products, counts and lengths.

    Why it matters:
        A source that was never retrieved, an order number with two digits exchanged on the way from one node to the
        next: each value looks right by itself, and only beside the other is it wrong.

    How it decides:
        Relations are mined from healthy runs, of one update, of what the step was given, and of the latest updates of
        nodes before it. Only those count that at least eight runs kept and that coincidence explains with less than one
        in a hundred.

        - *Items.* Something is in the list that is not in the one it was always taken from: warning, confidence 0.75.
        - *Copies.* A text, list or record is not what it was always copied from: info, as nodes may tidy up what they
          hand on; a warning where it is empty and its original is not (but for nodes that filter by name), or where a
          text is a slip of its original, nearly the same and nowhere in the input.
        - *Numbers and sizes* are left to ``STA106`` and ``STA107``. Where those are switched off: arithmetic that does
          not add up is a warning, a count or a length an info.

        Nothing is said where something before the step was empty that never was.

    When it is wrong:
        When runs that could have shown that the values are independent have not come yet.

    Settings:
        ``detection.structural.check_contracts``; ``detection.baseline`` names a frozen file that counts instead.

    References:
        M. Ernst et al., "Dynamically discovering likely program invariants to support program evolution", 2001.
    """

    code = "STR409"
    name = "broken_relation"
    layer = "structural"
    fault = "value of a field"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds values that no longer belong together.

        Args:
            trace: The run.
            context: Its history and ``structural.check_contracts`` are used.
        """
        profile = context.history.profile() if context.history is not None else None
        if profile is None or profile.runs < ENOUGH or not context.settings.structural.check_contracts:
            return []
        grounds = Grounds.of(trace, context)
        gravest: dict[tuple[str, str], Detection] = {}
        for breach in breaches(profile, trace):
            if breach.relation.runs < ENOUGH or _is_told(breach, context.settings.statistical):
                continue
            if grounds.something_is_gone(breach.execution.step):
                continue
            found = self._finding(breach)
            key = (found.step_id, breach.relation.result.path.partition("[]")[0])
            known = gravest.setdefault(key, found)
            if (found.severity == "warning", found.confidence) > (known.severity == "warning", known.confidence):
                gravest[key] = found
        return list(gravest.values())

    def _finding(self, breach: Breach) -> Detection:
        relation, step = breach.relation, breach.execution.step
        severity, confidence, what = _weighed(breach)
        known = f"in all {relation.runs} earlier runs {relation}"
        return Detection(
            layer=self.layer,
            code=self.code,
            severity=severity,
            message=f"`{relation.result.path}` of `{step.node_name}` {what}; {known}",
            step_id=step.id,
            field=relation.result.path,
            confidence=min(confidence, relation.confidence),
            details={"relation": str(relation), "runs": relation.runs},
            evidence=tuple(_evidence(breach)),
        )


def _is_told(breach: Breach, settings: StatisticalSettings) -> bool:
    """Whether a detector of the statistical layer speaks of it."""
    result = _value(breach, breach.relation.result)
    if breach.relation.kind in _OF_SIZES:
        return settings.enabled and settings.check_sizes
    about_numbers = breach.relation.kind != "subset" and result is not None and result.number is not None
    return about_numbers and settings.enabled and settings.check_numbers


def _weighed(breach: Breach) -> tuple[Severity, float, str]:
    kind = breach.relation.kind
    if kind == "subset":
        strangers = _strangers(breach)
        shown = ", ".join(f"`{_short(one)}`" for one in strangers[:_SHOWN]) + (", …" if strangers[_SHOWN:] else "")
        return "warning", 0.75, f"has {shown}, which `{breach.relation.of[0]}` does not have"
    if kind in _ARITHMETIC:
        return "warning", 0.8, "is not what it must be"
    result, other = (_value(breach, term) for term in (breach.relation.result, breach.relation.of[0]))
    if kind == "equal" and result is not None and other is not None:
        if _is_lost(result, other) and not sifts(breach.execution.step.node_name):
            return "warning", 0.75, "is empty, while what it was always copied from is not"
        if _is_slip(result, other, breach.execution.step):
            return "warning", 0.8, f"is `{_short(result.key)}`, a slip of `{_short(other.key)}`"
    return "info", 0.5, "is no copy any more" if kind == "equal" else "has another number of items"


def _is_lost(result: Value, other: Value) -> bool:
    """Whether a copy is empty and its original is not."""
    return _is_empty(result) and not _is_empty(other)


def _is_empty(value: Value) -> bool:
    return value.items == () or value.key == b"{}" or (isinstance(value.key, str) and not value.key.strip())


def _is_slip(result: Value, other: Value, step: TraceStep) -> bool:
    """Whether a text was meant to be another one: nearly the same, and not from anywhere else."""
    one, two = result.key, other.key
    if not isinstance(one, str) or not isinstance(two, str) or one.casefold().split() == two.casefold().split():
        return False
    if not all(_SHORTEST <= len(text) <= _LONGEST for text in (one, two)) or was_given(one, step):
        return False
    return SequenceMatcher(None, one, two, autojunk=False).ratio() >= _SLIP and one not in two and two not in one


def _strangers(breach: Breach) -> list[object]:
    result, other = (_value(breach, term) for term in (breach.relation.result, breach.relation.of[0]))
    known = set(other.items or ()) if other is not None else set()
    return [item for item in (result.items or () if result is not None else ()) if item not in known]


def _value(breach: Breach, term: Term) -> Value | None:
    return breach.execution.value(term.node, term.origin, term.path)


def _evidence(breach: Breach) -> Iterator[Evidence]:
    for term in (breach.relation.result, *breach.relation.of):
        value = _value(breach, term)
        if value is not None:
            yield Evidence(step_id=breach.execution.step.id, field=term.path, note=str(term), value=_told(value))


def _told(value: Value) -> JsonValue:
    if value.number is not None:
        return value.number
    if value.items is not None:
        return excerpt([_short(item) for item in value.items[:_SHOWN]])
    return _short(value.key)


def _short(key: object) -> str:
    text = key.decode("utf-8", "replace") if isinstance(key, bytes) else str(key)
    return text if len(text) <= 60 else f"{text[:59]}…"
