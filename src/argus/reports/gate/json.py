"""The gate's answer as JSON, in the shape of its published JSON Schema."""

from __future__ import annotations

from typing import Any

import msgspec

from argus.model.gate import Gate
from argus.reports.gate.base import GateContext
from argus.views.json_text import json_text

__all__ = ["json_schema", "render"]


def render(gate: Gate, context: GateContext) -> str:
    """The answer, indented.

    Args:
        gate: The answer.
        context: Not needed.
    """
    return json_text(gate)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document."""
    schema = msgspec.json.schema(Gate)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "ARGUS check", **schema}
