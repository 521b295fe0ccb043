"""Text measured in terminal cells: East Asian characters take two, combining ones none."""

from __future__ import annotations

import unicodedata

__all__ = ["clip", "fit", "split_at", "width"]


def width(text: str) -> int:
    """Cells that a text takes.

    Args:
        text: Without control characters.
    """
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def split_at(text: str, cells: int) -> tuple[str, str]:
    """The longest beginning that takes at most so many cells, and the rest.

    Args:
        text: Without control characters.
        cells: At least 0.
    """
    if text.isascii():
        return text[:cells], text[cells:]
    taken = 0
    for index, character in enumerate(text):
        taken += _cells(character)
        if taken > cells:
            return text[:index], text[index:]
    return text, ""


def clip(text: str, cells: int, ellipsis: str = "…") -> str:
    """The text, or its beginning with an ellipsis, in at most so many cells.

    Args:
        text: Without control characters.
        cells: At least the ellipsis's own.
        ellipsis: Stands for what is left out.
    """
    if width(text) <= cells:
        return text
    return split_at(text, max(0, cells - width(ellipsis)))[0].rstrip() + ellipsis


def fit(text: str, cells: int, ellipsis: str = "…", *, right: bool = False) -> str:
    """The text in exactly so many cells: cut, or filled up with spaces.

    Args:
        text: Without control characters.
        cells: The width wanted.
        ellipsis: Stands for what is left out.
        right: Whether the text stands at the right edge.
    """
    text = clip(text, cells, ellipsis)
    gap = " " * (cells - width(text))
    return gap + text if right else text + gap
