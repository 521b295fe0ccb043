"""General signs in what agents say that a failure began there, none of them proof."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from argus._internal.words import words_in
from argus.forensics.conversation.talk import Talk

__all__ = ["CLAUSES", "signs_of"]

CLAUSES: Final[Mapping[str, str]] = {
    "opening_in_words": "set out how the task is to be done before anything was tried",
    "first_code": "wrote the first code, on which the rest builds",
    "made_up": "says that it works on something assumed or made up",
    "coordinates": "hands out the work",
    "early_work": "did one of the first pieces of the work",
    "last_work": "did the last piece of the work before the outcome",
    "holds_outcome": "already holds what became the outcome",
}
"""What each sign says of a turn, to stand behind the agent's name."""

_LATE: Final = "late"
_EARLY: Final = 3
_SALIENT = re.compile(r"\*\*([^*\n]{1,60})\*\*|\"([^\"\n]{1,60})\"|“([^”\n]{1,60})”|\b(\d[\d,.]*)\b")
_TELLING: Final = 20
_READ: Final = 20_000


def signs_of(talk: Talk) -> list[dict[str, float]]:
    """The signs at each turn, in order: from 0 to 1, absent ones left out; ``late`` is how far on in the run it stands.

    Args:
        talk: The conversation. The work is linear in what was said.
    """
    first_code = next((place for place, turn in enumerate(talk.turns) if _is_work_in_code(talk, place)), None)
    early = frozenset(talk.working[:_EARLY])
    outcome = _outcome(talk) if talk.coordinators else frozenset()
    found: list[dict[str, float]] = []
    for place, turn in enumerate(talk.turns):
        signs = {_LATE: place / len(talk.turns)}
        if place == 0 and not _is_work_in_code(talk, 0):
            signs["opening_in_words"] = 1.0
        if place == first_code:
            signs["first_code"] = 1.0
        if _says_made_up(turn.content[:_READ]):
            signs["made_up"] = 1.0
        if turn.agent in talk.coordinators:
            signs["coordinates"] = 1.0
        if place in early:
            signs["early_work"] = 1.0
        if talk.working and place == talk.working[-1]:
            signs["last_work"] = 1.0
        if outcome:
            signs["holds_outcome"] = len(outcome & _words(turn.content)) / len(outcome)
        found.append({name: value for name, value in signs.items() if value})
    return found


def _is_work_in_code(talk: Talk, place: int) -> bool:
    turn = talk.turns[place]
    return turn.has_code and turn.agent not in talk.coordinators | talk.askers


def _outcome(talk: Talk) -> frozenset[str]:
    """The words of what the run came to that the question did not hold: emphasised, quoted and numbers, else all."""
    last = next(
        (turn for turn in reversed(talk.turns) if len(turn.content) > _TELLING and not turn.is_output),
        talk.turns[-1],
    )
    asked = _words(talk.question)
    salient = (part for groups in _SALIENT.findall(last.content[:_READ]) for part in groups if part)
    told = frozenset(word for part in salient for word in _words(part)) - asked
    return told or _words(last.content) - asked


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word, _ in words_in(text[:_READ]))


def _says_made_up(text: str) -> bool:
    return any(pattern.search(text) is not None for pattern in _made_up())


@lru_cache(maxsize=1)
def _made_up() -> tuple[re.Pattern[str], ...]:
    lines = (Path(__file__).parent / "made_up.txt").read_text(encoding="utf-8").splitlines()
    return tuple(re.compile(line, re.IGNORECASE) for line in lines if line and not line.startswith("#"))
