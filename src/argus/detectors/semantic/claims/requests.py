"""Which tools a step asked for, and with which arguments, in the shapes of several libraries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from argus.model.values import JsonValue

__all__ = ["Request", "requests_in"]

_NAMES: Final = ("name", "tool", "tool_name", "function")
_ARGUMENTS: Final = ("args", "arguments", "parameters", "params", "tool_input", "input")
_LONGEST: Final = 20_000
_DEPTH: Final = 6


@dataclass(frozen=True)
class Request:
    """A tool call that a step asks for.

    Attributes:
        tool: The tool's name.
        arguments: By name.
        path: Where the arguments stand in the output.
    """

    tool: str
    arguments: dict[str, JsonValue]
    path: str


def requests_in(value: JsonValue, path: str = "", depth: int = _DEPTH) -> Iterator[Request]:
    """The tool calls in an output: dicts with a name and arguments, JSON texts of such dicts too.

    Args:
        value: A recorded value.
        path: Where it stands.
        depth: How deep containers are opened.
    """
    if not depth:
        return
    if isinstance(value, str):
        if value.startswith("{") and len(value) <= _LONGEST:
            yield from requests_in(_parsed(value), path, depth - 1)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from requests_in(item, f"{path}.{at}" if path else str(at), depth - 1)
    elif isinstance(value, dict):
        if value.get("type") == "tool" or value.get("role") == "tool":
            return
        name = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), None)
        key = next((key for key in _ARGUMENTS if key in value), None)
        arguments = _parsed(value[key]) if key is not None else None
        if name and isinstance(arguments, dict):
            yield Request(name, arguments, f"{path}.{key}" if path else str(key))
            return
        for field, inner in value.items():
            if isinstance(inner, (dict, list)) or (isinstance(inner, str) and inner.startswith("{")):
                yield from requests_in(inner, f"{path}.{field}" if path else field, depth - 1)


def _parsed(value: JsonValue) -> JsonValue:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None
