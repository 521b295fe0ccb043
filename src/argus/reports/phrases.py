"""Sentences with the names in them told apart, so that a template can set them off."""

from __future__ import annotations

import re
from typing import Literal

from argus.model.record import Record
from argus.views.chain import Story
from argus.views.neutral import neutral

__all__ = ["Phrase", "Piece", "phrase"]

_NAME = re.compile(r"`([^`]+)`")


class Piece(Record, frozen=True, kw_only=True):
    """A part of a sentence.

    Attributes:
        text: Harmless, on one line.
        kind: ``name`` stood in backticks; ``cause`` and ``symptom`` are the names of those nodes.
    """

    text: str
    kind: Literal["plain", "name", "cause", "symptom"] = "plain"


Phrase = tuple[Piece, ...]
"""A sentence in pieces."""


def phrase(text: str, told: Story | None = None) -> Phrase:
    """A sentence in pieces.

    Args:
        text: With names in backticks.
        told: Tells which names are cause and symptom; None marks neither.
    """
    cause = told.cause.node_name if told and told.cause else None
    symptom = told.chain[-1].node_name if told and len(told.chain) > 1 else None
    pieces = []
    for index, part in enumerate(_NAME.split(text)):
        if part:
            pieces.append(_piece(part, is_name=index % 2 == 1, cause=cause, symptom=symptom))
    return tuple(pieces)


def _piece(part: str, *, is_name: bool, cause: str | None, symptom: str | None) -> Piece:
    if not is_name:
        return Piece(text=neutral(part))
    return Piece(text=neutral(part), kind="cause" if part == cause else "symptom" if part == symptom else "name")
