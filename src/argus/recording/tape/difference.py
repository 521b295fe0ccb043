"""Which recorded request is most like one that was never recorded, and where the two differ first."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from argus.recording.tape.canonical import Asking

__all__ = ["first_difference", "nearest"]

_SHOWN: Final = 80
_MOST_COMPARED: Final = 2000


def nearest(asked: Asking, recorded: Iterable[Asking]) -> Asking | None:
    """The recorded request that is most like another one: address first, then method, then how far bodies agree.

    Args:
        asked: The request.
        recorded: Those to choose from; the first of equal ones wins.
    """
    return max(recorded, key=lambda one: _likeness(asked, one), default=None)


def _likeness(asked: Asking, other: Asking) -> tuple[bool, bool, bool, bool, float]:
    here, there = urlsplit(asked.url), urlsplit(other.url)
    return (
        asked.url == other.url,
        here.path == there.path,
        here.netloc == there.netloc,
        asked.method == other.method,
        _agreement(asked.body, other.body),
    )


def _agreement(first: str, second: str) -> float:
    """The share of two texts that is the same at both ends; 1 for equal ones."""
    if first == second:
        return 1.0
    most = min(len(first), len(second), _MOST_COMPARED)
    ahead = next((place for place in range(most) if first[place] != second[place]), most)
    behind = next((place for place in range(most - ahead) if first[-1 - place] != second[-1 - place]), most - ahead)
    return (ahead + behind) / (max(len(first), len(second)) + 1)


def first_difference(asked: Asking, recorded: Asking) -> str | None:
    """Where two requests differ first, in words; None when they ask the same.

    Args:
        asked: The one that was asked now.
        recorded: The one that was recorded.
    """
    if asked.method != recorded.method:
        return f"method: asked {asked.method}, recorded {recorded.method}"
    if asked.url != recorded.url:
        return f"address: asked {asked.url}, recorded {recorded.url}"
    if asked.body == recorded.body:
        return None
    for body, said in ((recorded.body, "asked with a body"), (asked.body, "asked without a body")):
        if not body:
            return f"{said}, recorded {'without one' if body is recorded.body else 'with one'}"
    try:
        return _in_json(json.loads(asked.body), json.loads(recorded.body), "body") or "body: spelled differently"
    except (ValueError, RecursionError):
        return _in_text(asked.body, recorded.body, "body")


def _in_json(asked: Any, recorded: Any, path: str) -> str | None:
    if isinstance(asked, dict) and isinstance(recorded, dict):
        for key in [*asked, *(key for key in recorded if key not in asked)]:
            place = f"{path}.{key}"
            if key not in recorded:
                return f"{place}: asked {_short(asked[key])}, not in the recorded one"
            if key not in asked:
                return f"{place}: recorded {_short(recorded[key])}, not asked now"
            found = _in_json(asked[key], recorded[key], place)
            if found:
                return found
        return None
    if isinstance(asked, list) and isinstance(recorded, list):
        for number, (one, other) in enumerate(zip(asked, recorded, strict=False)):
            found = _in_json(one, other, f"{path}[{number}]")
            if found:
                return found
        if len(asked) != len(recorded):
            return f"{path}: asked {len(asked)} items, recorded {len(recorded)}"
        return None
    if isinstance(asked, str) and isinstance(recorded, str):
        return _in_text(asked, recorded, path) if asked != recorded else None
    return None if asked == recorded else f"{path}: asked {_short(asked)}, recorded {_short(recorded)}"


def _in_text(asked: str, recorded: str, path: str) -> str:
    end = min(len(asked), len(recorded))
    place = next((one for one in range(end) if asked[one] != recorded[one]), end)
    start = max(0, place - 20)
    where = f", from character {place + 1}" if place else ""
    return f"{path}{where}: asked {_short(asked[start:])}, recorded {_short(recorded[start:])}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
