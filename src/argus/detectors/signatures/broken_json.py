"""JSON that breaks off or is spoilt."""

from __future__ import annotations

import ast
import json
import re
from typing import Final, Literal

__all__ = ["Flaw", "flaw_of"]

Flaw = Literal["truncated", "corrupted", "python"]

_OPENS: Final = re.compile(r'\{\s*(?:["\'}]|\Z)|\[\s*(?:[{"\[\]]|\Z)')
_PAIR: Final = re.compile(r'["\']\s*:|:\s*["\'{\[\d]')
_LITERAL: Final = 20_000
_SHORTEST: Final = 8


def flaw_of(text: str) -> Flaw | None:
    """What is wrong with a text that begins as JSON; None for whole JSON and for anything else.

    JSON that other text follows and several values one after another are not flawed: somebody meant them so. The
    written form of a Python value is called ``python``.

    Args:
        text: Without surrounding blanks and code fences.
    """
    if not _OPENS.match(text) or len(text) < _SHORTEST:
        return None
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg.startswith("Extra data"):
            return None
    except ValueError:
        return None
    except RecursionError:
        return "truncated" if _is_open(text) else None
    else:
        return None
    if not _PAIR.search(text[:2_000]) and not text.startswith(("[{", '["')):
        return None
    if _is_python(text):
        return "python"
    return "truncated" if _is_open(text) else "corrupted"


def _is_open(text: str) -> bool:
    """Whether a string, object or array is still open at the end."""
    depth, quoted, escaped = 0, False, False
    for one in text:
        if quoted:
            if escaped:
                escaped = False
            elif one == "\\":
                escaped = True
            elif one == '"':
                quoted = False
        elif one == '"':
            quoted = True
        elif one in "{[":
            depth += 1
        elif one in "}]":
            depth -= 1
    return quoted or depth > 0


def _is_python(text: str) -> bool:
    if len(text) > _LITERAL or "'" not in text:
        return False
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return False
    return isinstance(value, dict | list | tuple | set)
