"""JSON for programs."""

from __future__ import annotations

from typing import Any

from argus.cli.output.screen import Screen
from argus.views.json_text import json_text

__all__ = ["write_json"]


def write_json(screen: Screen, document: Any) -> None:
    """Writes a document, indented and harmless even on a terminal.

    Args:
        screen: Where to write.
        document: Records, dicts, lists and scalars.
    """
    screen.verbatim(json_text(document, ascii_only=not screen.unicode))
