"""Recorded text made harmless for people's screens.

What a pipeline wrote may hold escape sequences that recolour or retitle a terminal, line breaks that forge lines of
ours, and invisible or direction-changing characters that make text read differently from what it is. All of them are
shown as visible symbols; everything else, in any script, stays as it is.
"""

from __future__ import annotations

import re

from argus.model.values import cut_of

__all__ = ["escape_for_json", "lines_of", "neutral", "shorten"]

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters: escape sequences start here
    "\u00ad\u061c\u180e\u200b\u200e\u200f"  # invisible, or switching direction
    "\u2028-\u202e\u2060-\u206f"  # line separators, bidirectional overrides and isolates, invisible operators
    "\ufeff\ufff9-\uffff\ud800-\udfff"  # byte order mark, annotations, non-characters, lone surrogates
    "\U000e0000-\U000e0fff]"  # tags and supplementary variation selectors, used to hide text
)


def neutral(text: str) -> str:
    """The text on one line, with control, invisible and direction-changing characters as visible symbols.

    Doing it twice changes nothing more.

    Args:
        text: Any string, lone surrogates included.

    Returns:
        Text that is encodable as UTF-8 and takes exactly one line.
    """
    return _UNSAFE.sub(_symbol, text)


def _symbol(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


def lines_of(text: str) -> list[str]:
    """The text's own lines, each made neutral; tabs become spaces.

    Args:
        text: Any string.
    """
    return [neutral(line.expandtabs(4)) for line in text.replace("\r\n", "\n").split("\n")]


def shorten(text: str, limit: int) -> str:
    """The text, or its beginning with the number of characters it really has.

    Args:
        text: Any string; one that was cut at capture tells its original length.
        limit: Characters kept, at least 1.
    """
    cut = cut_of(text)
    kept, length = (text[: cut.kept], cut.length) if cut else (text, len(text))
    if len(kept) <= limit and length == len(kept):
        return kept
    return f"{kept[:limit]}… ({length:,} characters)"


def escape_for_json(document: str) -> str:
    """JSON text in which what :func:`neutral` would replace is written as escapes; it still means the same.

    Args:
        document: JSON text; its own line breaks stay.
    """
    return _UNSAFE.sub(_json_escape, document)


def _json_escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if found[0] == "\n":  # inside a string it is escaped already: this one is layout
        return "\n"
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
