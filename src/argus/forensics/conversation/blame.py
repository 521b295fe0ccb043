"""Ranks the turns of a conversation by general signs.

A message log shows what was said, not what was read or written, so there is no data to follow. What can be done is to
rank: where failures of such systems tend to begin, given how they look. The weights were fitted on public failed runs
(``bench/whowhen.py`` does it again, with what it is worth on runs that were kept apart), then rounded.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from argus._internal.ids import forensics_id
from argus.forensics.conversation.signs import CLAUSES, signs_of
from argus.forensics.conversation.talk import Talk
from argus.forensics.wording import cut, plain
from argus.model.forensics import Forensics, Suspect
from argus.model.trace import Trace, TraceStep

__all__ = ["WEIGHTS", "Likely", "investigate_conversation", "likely_turns"]

WEIGHTS: Final[Mapping[str, float]] = {
    "opening_in_words": -0.6,
    "first_code": 1.0,
    "made_up": 0.5,
    "coordinates": -0.9,
    "early_work": 1.1,
    "last_work": 1.0,
    "holds_outcome": 1.3,
    "late": -0.6,
}
"""What each sign adds to the log-odds of a turn."""

_SUSPECTS: Final = 5
_REASONS: Final = 3
_SAID: Final = 90


@dataclass(frozen=True)
class Likely:
    """A turn that may be where it began.

    Attributes:
        place: Its place, from 0.
        step: Its step.
        chance: How likely, from 0 to 1; the chances of all turns sum to one.
        signs: Its signs.
    """

    place: int
    step: TraceStep
    chance: float
    signs: Mapping[str, float]


def likely_turns(trace: Trace, weights: Mapping[str, float] | None = None) -> list[Likely]:
    """The turns of a conversation that can be blamed, the likeliest first.

    Args:
        trace: A conversation.
        weights: What each sign counts; the usual weights when None.
    """
    talk = Talk(trace)
    weights = WEIGHTS if weights is None else weights
    found = signs_of(talk)
    places = [place for place in range(len(talk.turns)) if talk.may_be_blamed(place)]
    scores = [sum(weights.get(name, 0.0) * value for name, value in found[place].items()) for place in places]
    highest = max(scores, default=0.0)
    odds = [math.exp(score - highest) for score in scores]
    turns = [
        Likely(place, talk.turns[place].step, odd / sum(odds), found[place])
        for place, odd in zip(places, odds, strict=True)
    ]
    turns.sort(key=lambda turn: (-turn.chance, turn.place))
    return turns if talk.coordinators else _by_agent(turns)


def _by_agent(turns: Sequence[Likely]) -> list[Likely]:
    """Among equals the turns of one agent count together: who errs early tends to repeat it."""
    together: dict[str, float] = defaultdict(float)
    for turn in turns:
        together[turn.step.node_name] += turn.chance
    likeliest = max(together, key=lambda agent: together[agent], default="")
    return sorted(turns, key=lambda turn: turn.step.node_name != likeliest)


def investigate_conversation(trace: Trace) -> Forensics | None:
    """Who is suspected of having spoiled a conversation; no cause is ever named, because nothing proves one.

    Args:
        trace: A conversation with its findings.

    Returns:
        The suspects; None where there is nothing to explain.
    """
    counted = [one for one in trace.detections if one.suppressed is None and one.severity != "info"]
    turns = likely_turns(trace)[:_SUSPECTS] if counted else []
    if not turns:
        return None
    said = cut(plain(counted[0].message).rstrip("."), _SAID)
    return Forensics(
        id=forensics_id(trace.id),
        root_cause_step=None,
        explanation=f"{said}. Only messages were recorded, no data flow; suspects are ranked by general signs.",
        detection_ids=tuple(one.id for one in counted),
        confidence=round(turns[0].chance, 3),
        proof="observed",
        suspects=tuple(_suspect(turn) for turn in turns),
    )


def _suspect(turn: Likely) -> Suspect:
    """A suspect, the weightiest of its signs first."""
    telling = sorted(
        (name for name in turn.signs if name in CLAUSES and WEIGHTS.get(name, 0.0) > 0),
        key=lambda name: -WEIGHTS[name] * turn.signs[name],
    )
    return Suspect(
        step_id=turn.step.id,
        node_name=turn.step.node_name,
        score=round(turn.chance, 3),
        reasons=tuple(CLAUSES[name] for name in telling[:_REASONS]),
    )
