"""The manual page of a detector, read from its docstring."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from argus.model.record import Record

if TYPE_CHECKING:
    from argus.detectors.base import BaseDetector

__all__ = ["Manual", "Section", "manual_of", "manuals"]

_HEADING = re.compile(r"([A-Z][\w ,'-]*):\Z")


class Section(Record, frozen=True, kw_only=True):
    """A part of a page.

    Attributes:
        title: Such as ``How it decides``.
        paragraphs: Each on one line.
    """

    title: str
    paragraphs: tuple[str, ...] = ()


class Manual(Record, frozen=True, kw_only=True):
    """What is to be known of a detector.

    Attributes:
        code: Its stable code.
        name: Its slug.
        layer: Its layer.
        summary: One sentence.
        sections: The page.
    """

    code: str
    name: str
    layer: str
    summary: str
    sections: tuple[Section, ...] = ()


def manuals() -> tuple[Manual, ...]:
    """The pages of all built-in detectors, by code."""
    from argus.detectors.registry import builtin_detectors

    return tuple(sorted(map(manual_of, builtin_detectors()), key=lambda page: page.code))


def manual_of(detector: BaseDetector) -> Manual:
    """The page of one detector.

    Args:
        detector: Its docstring holds the page.
    """
    lines = (inspect.getdoc(type(detector)) or "").split("\n")
    return Manual(
        code=detector.code,
        name=detector.name or type(detector).__name__,
        layer=detector.layer,
        summary=lines[0].strip(),
        sections=tuple(_sections(lines[1:])),
    )


def _sections(lines: Sequence[str]) -> list[Section]:
    titled: list[tuple[str, list[str]]] = []
    for line in lines:
        heading = _HEADING.match(line)
        if heading:
            titled.append((heading[1], []))
        elif titled:
            titled[-1][1].append(line.strip())
        elif line.strip():
            titled.append(("About", [line.strip()]))
    return [Section(title=title, paragraphs=_paragraphs(body)) for title, body in titled]


def _paragraphs(lines: Sequence[str]) -> tuple[str, ...]:
    blocks = "\n".join(lines).strip().split("\n\n")
    return tuple(" ".join(block.split()).replace("``", "`") for block in blocks if block.strip())
