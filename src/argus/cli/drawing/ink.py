"""How verdicts look on a terminal: sign, word and style together."""

from __future__ import annotations

import re
from typing import Final

from argus.cli.output.screen import Screen, Span, Style
from argus.model.detection import Severity
from argus.model.trace import Status
from argus.views.timeline import Role
from argus.views.words import ROLE_SIGNS, SEVERITY_SIGNS, STATUS_SIGNS

__all__ = ["heading", "role_sign", "sentence", "severity_sign", "severity_style", "status_sign"]

_STATUS_STYLES: Final[dict[Status, Style]] = {
    "failed": "critical", "warning": "warning", "ok": "ok", "incomplete": "strong",
}  # fmt: skip
_SEVERITY_STYLES: Final[dict[Severity, Style]] = {"critical": "critical", "warning": "warning", "info": "plain"}
_ROLE_STYLES: Final[dict[Role, Style]] = {"cause": "blame", "path": "blame", "symptom": "critical"}
_NAME = re.compile(r"`([^`]+)`")


def status_sign(status: Status) -> Span:
    """Such as ``✕ Failed``."""
    sign = STATUS_SIGNS[status]
    return Span(f"{sign.glyph} {sign.word}", _STATUS_STYLES[status])


def severity_style(severity: Severity) -> Style:
    """The style of a severity."""
    return _SEVERITY_STYLES[severity]


def severity_sign(severity: Severity) -> Span:
    """The glyph of a severity."""
    return Span(SEVERITY_SIGNS[severity].glyph, _SEVERITY_STYLES[severity])


def role_sign(role: Role) -> Span:
    """The glyph of a part in the blame."""
    return Span(ROLE_SIGNS[role].glyph, _ROLE_STYLES[role])


def heading(screen: Screen, text: str, note: str = "") -> None:
    """Writes the title of a section, after an empty line."""
    screen.blank()
    lead = (Span(text, "strong"), Span("  ")) if note else (Span(text, "strong"),)
    screen.paragraph([Span(note, "dim")], first=lead, rest=(Span("  "),))


def sentence(screen: Screen, text: str) -> list[Span]:
    """A sentence whose names stand out: in bold where there is colour, else in the backticks they came with."""
    if not screen.colour:
        return [Span(text)]
    pieces = _NAME.split(text)
    return [Span(piece, "strong" if index % 2 else "plain") for index, piece in enumerate(pieces)]
