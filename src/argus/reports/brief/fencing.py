"""Recorded text set apart in Markdown, so that it can neither break out nor pass for what we say ourselves."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from argus.reports.markdown import as_code
from argus.views.neutral import lines_of

__all__ = ["fence_for", "fenced", "plain_name", "plain_place"]

_TICKS = re.compile("`+")
_NAME = re.compile(r"[^\W\d][\w.:\-\[\]]{0,79}")
_PLACE = re.compile(r"[\w./\\:\-~+@()\[\]=,]{1,400}")
_SHORTEST: Final = 3


def fence_for(texts: Iterable[str]) -> str:
    """A fence longer than any run of backticks in these texts.

    Args:
        texts: All that will stand between such fences.
    """
    longest = max((len(ticks) for text in texts for ticks in _TICKS.findall(text)), default=0)
    return "`" * max(_SHORTEST, longest + 1)


def fenced(text: str, fence: str) -> str:
    """A text between two fences, each of its lines harmless.

    Args:
        text: Any text.
        fence: From :func:`fence_for` for this text.
    """
    return "\n".join([f"{fence}text", *lines_of(text), fence])


def plain_name(name: str | None) -> str | None:
    """A name as a code span if it is one word, as names in programs are; None for anything that could say something.

    Args:
        name: A node's, field's or pipeline's name as recorded, or None.
    """
    return str(as_code(name)) if name is not None and _NAME.fullmatch(name) else None


def plain_place(file: str | None, line: int | None) -> str | None:
    """``file:line`` as a code span; None if unknown or if the path could say something.

    Args:
        file: A path as recorded, or None.
        line: A line, or None.
    """
    if file is None or not _PLACE.fullmatch(file):
        return None
    return str(as_code(f"{file}:{line}" if line is not None else file))
