"""Records as JSON text for people and programs: complete, indented, harmless on a screen."""

from __future__ import annotations

import json
from typing import Any

from argus.model.codec import to_builtins
from argus.model.trace import Trace
from argus.views.neutral import escape_for_json

__all__ = ["json_text", "trace_document"]


def json_text(document: Any, *, ascii_only: bool = False) -> str:
    """A document as indented JSON; lone surrogates and what could act on a screen are written as escapes.

    Args:
        document: Records, dicts, lists and scalars.
        ascii_only: Whether everything beyond ASCII is escaped.
    """
    return escape_for_json(json.dumps(to_builtins(document), ensure_ascii=ascii_only, indent=2)) + "\n"


def trace_document(trace: Trace) -> dict[str, Any]:
    """The whole trace with its counts, as :meth:`argus.model.trace.Trace.to_json` writes it.

    Args:
        trace: A finalized trace.
    """
    document: dict[str, Any] = to_builtins(trace)
    return {**document, "detection_count": trace.detection_count, "node_count": trace.node_count}
