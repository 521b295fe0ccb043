"""JSON for programs: complete, and still harmless on a terminal."""

from __future__ import annotations

import json
from typing import Any

from argus.cli.output.screen import Screen
from argus.model.codec import to_builtins
from argus.views.neutral import escape_for_json

__all__ = ["write_json"]


def write_json(screen: Screen, document: Any) -> None:
    """Writes a document, indented.

    Characters that could act on a terminal, and lone surrogates, are written as JSON escapes.

    Args:
        screen: Where to write.
        document: Records, dicts, lists and scalars.
    """
    text = json.dumps(to_builtins(document), ensure_ascii=not screen.unicode, indent=2)
    screen.verbatim(escape_for_json(text) + "\n")
