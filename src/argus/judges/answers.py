"""A judge's answer, taken apart; a judge may say anything."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

from argus.model.judgement import FaultKind, Question, Ruling, SeenFault

__all__ = ["MalformedAnswer", "parse_answer"]

_KINDS: Final = frozenset(get_args(FaultKind))
_FENCED: Final = re.compile(r"\A\s*```[a-zA-Z]*\s*\n(.*)\n\s*```\s*\Z", re.DOTALL)
_MOST: Final = 50
_LONGEST: Final = 1_000


class MalformedAnswer(ValueError):
    """An answer in another form than the one asked for."""


def parse_answer(answer: Any, question: Question) -> tuple[tuple[Ruling, ...], tuple[SeenFault, ...]]:
    """The rulings and faults of an answer.

    What the judge was not asked about is left out: findings with unknown ids, faults in steps or of kinds that do not
    exist.

    Args:
        answer: Text, or what was parsed of it already.
        question: What was asked.

    Raises:
        MalformedAnswer: It is no JSON object with the lists asked for.
    """
    said = _loaded(answer) if isinstance(answer, str) else answer
    if not isinstance(said, Mapping):
        raise MalformedAnswer("no JSON object")
    if "findings" not in said and "faults" not in said:
        raise MalformedAnswer("neither `findings` nor `faults`")
    asked = {charge.id for charge in question.charges}
    steps = {exhibit.step_id for exhibit in question.exhibits if exhibit.made}
    rulings: dict[str, Ruling] = {}
    for item in _items(said, "findings"):
        ruling = _ruling(item)
        if ruling.id in asked:
            rulings.setdefault(ruling.id, ruling)
    faults = tuple(fault for item in _items(said, "faults") if (fault := _fault(item)) and fault.step_id in steps)
    return tuple(rulings.values()), faults


def _loaded(text: str) -> Any:
    fenced = _FENCED.match(text)
    try:
        return json.loads(fenced.group(1) if fenced else text)
    except (ValueError, RecursionError) as error:
        raise MalformedAnswer("it does not parse as JSON") from error


def _items(said: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    items = said.get(name) or []
    if not isinstance(items, list):
        raise MalformedAnswer(f"`{name}` is no list")
    for item in items[:_MOST]:
        if not isinstance(item, Mapping):
            raise MalformedAnswer(f"`{name}` holds something else than objects")
        yield item


def _ruling(item: Mapping[str, Any]) -> Ruling:
    stands = item.get("stands")
    if not isinstance(stands, bool):
        raise MalformedAnswer("`stands` is neither true nor false")
    return Ruling(
        id=_text(item.get("id")),
        stands=stands,
        confidence=_share(item.get("confidence")),
        reason=_text(item.get("reason")),
        considered=_texts(item.get("considered")),
        overridden=_texts(item.get("overridden")),
    )


def _fault(item: Mapping[str, Any]) -> SeenFault | None:
    kind = item.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        return None
    return SeenFault(
        kind=kind,  # type: ignore[arg-type]  # one of the kinds, see above
        step_id=_text(item.get("step_id")),
        field=_text(item.get("field")),
        quote=_text(item.get("quote")),
        confidence=_share(item.get("confidence")),
        reason=_text(item.get("reason")),
    )


def _share(value: Any) -> float:
    """A confidence; one that is missing or makes no sense is none at all."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return 0.0
    return min(1.0, max(0.0, float(value)))


def _text(value: Any) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(item) for item in value[:_MOST] if isinstance(item, str)) if isinstance(value, list) else ()
