"""Names, values and spans of time as they stand in sentences; recorded text is made harmless and short."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from argus.dataflow.values import ABSENT
from argus.model.detection import Detection
from argus.model.trace import ErrorInfo, TraceStep
from argus.model.values import JsonValue, cut_of, is_mark

__all__ = ["clause_of", "cut", "excerpt", "listed", "looks", "name", "plain", "raised", "span"]

_NAME: Final = 40
_EXCERPT: Final = 200


def plain(text: str) -> str:
    """Text on one line, without control and formatting characters.

    Args:
        text: Anything recorded.
    """
    if text.isprintable() and "  " not in text:
        return text.strip()
    shown = "".join(char if unicodedata.category(char)[0] != "C" else " " for char in text)
    return " ".join(shown.split())


def cut(text: str, length: int) -> str:
    """Text of at most this many characters, an ellipsis showing that it was cut.

    Args:
        text: Any text.
        length: Characters, at least 1.
    """
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


@lru_cache(maxsize=1024)
def name(text: str) -> str:
    """A node or field as a sentence names it: in backticks, long ones cut in the middle.

    Args:
        text: The node's name, or a field or dotted path.
    """
    shown = plain(text[: 4 * _NAME] if len(text) > 8 * _NAME else text).replace("`", "'")
    if len(shown) > _NAME:
        shown = f"{shown[: _NAME // 2]}…{shown[-(_NAME // 2 - 1) :]}"
    return f"`{shown}`"


def listed(names: list[str] | tuple[str, ...]) -> str:
    """Several names as a sentence lists them.

    Args:
        names: Nodes or fields.
    """
    shown = [name(one) for one in names[:3]]
    if len(names) > 3:
        return f"{', '.join(shown)} and {len(names) - 3} more"
    return " and ".join(shown) if len(shown) < 3 else f"{shown[0]}, {shown[1]} and {shown[2]}"


def looks(value: JsonValue) -> str:
    """What a value is, in a word or two.

    Args:
        value: A recorded value, or :data:`~argus.dataflow.values.ABSENT`.
    """
    if value is ABSENT:
        return "nothing"
    if value is None:
        return "None"
    if isinstance(value, str):
        return "an empty text" if not value.strip() else "a text"
    if is_mark(value):
        return "a value that was not recorded"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, dict):
        return "a dict" if value else "an empty dict"
    return cut(str(value), 20)


def excerpt(value: JsonValue) -> JsonValue:
    """A value as evidence carries it: whole when small, otherwise the beginning of its text.

    Args:
        value: A recorded value; absence becomes None.
    """
    if value is ABSENT or value is None or isinstance(value, (bool, int, float)):
        return None if value is ABSENT else value
    if isinstance(value, str):
        return value if len(value) <= _EXCERPT or cut_of(value) else cut(value, _EXCERPT)
    if isinstance(value, (list, dict)) and not value:
        return value
    return cut(_beginning(value, _EXCERPT), _EXCERPT)


def _beginning(value: JsonValue, room: int) -> str:
    """The beginning of a value's text, without writing out the rest of it."""
    if isinstance(value, str):
        return repr(value[:room])
    if isinstance(value, (list, dict)) and room > 0:
        parts: list[str] = []
        entries = value.items() if isinstance(value, dict) else ((None, item) for item in value)
        for key, item in entries:
            text = _beginning(item, room)
            parts.append(text if key is None else f"{key[:room]!r}: {text}")
            room -= len(parts[-1]) + 2
            if room <= 0:
                break
        return f"{{{', '.join(parts)}}}" if isinstance(value, dict) else f"[{', '.join(parts)}]"
    return repr(value)


def raised(error: ErrorInfo, length: int = 60) -> str:
    """An exception as the thing that a step raised.

    Args:
        error: The exception.
        length: Characters of its message that are shown; 0 for the type alone.
    """
    kind = error.type.rpartition(".")[2]
    message = cut(plain(error.message[: 10 * length]), length).replace("`", "'") if length else ""
    return f"`{kind}: {message}`" if message else f"`{kind}`"


def span(earlier: TraceStep, later: TraceStep) -> str:
    """How much later one step began than another, as the beginning of a clause.

    Args:
        earlier: A step.
        later: A later one.
    """
    seconds = (later.timestamp - earlier.timestamp).total_seconds()
    if seconds < 1:
        return "later "
    if seconds < 100:
        return f"{seconds:.1f} s later "
    return f"{seconds / 60:.0f} min later "


def clause_of(detection: Detection, node: str) -> str:
    """What a finding says of its step, to stand behind the step's name; empty if it cannot be put that way.

    Args:
        detection: The finding.
        node: The step's node.
    """
    said = plain(detection.message).rstrip(".")
    subject = f"`{node}` "
    return said[len(subject) :] if said.startswith(subject) else ""
