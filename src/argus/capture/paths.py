"""Which fields a rule means: a name, a glob, or a dotted path.

A dotted path names the keys that lead to a value, positions in lists left out: ``users.ssn`` is the ``ssn`` of every
item of ``users``. A rule with a dot fits a path that ends in it; a rule without one fits the last key alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

__all__ = ["PathRules", "join"]

_REMEMBERED = 4096
_JSON_KEY_CHARACTER = r'(?:[^"\\]|\\.)'


def join(path: str, key: str) -> str:
    """The dotted path of a key inside the value at ``path``."""
    return f"{path}.{key}" if path else key


class PathRules:
    """Rules compiled into one test that takes linear time; letter case never counts.

    Args:
        rules: Names, globs (``*``, ``?``, ``[…]``) or dotted paths of them.
        loosely: Whether ``-``, ``_`` and nothing are the same between the words of a rule without wildcards, so that
            ``api_key`` also means ``API-Key`` and ``apiKey``.
    """

    def __init__(self, rules: Iterable[str], *, loosely: bool = False) -> None:
        kept = list(dict.fromkeys(rule for rule in rules if rule))
        self._names = _compile([_translate(rule, loosely, ".") for rule in kept if "." not in rule], "")
        self._paths = _compile([_translate(rule, loosely, ".") for rule in kept if "." in rule], r"(?:.*\.)?")
        self._last_keys = [_translate(rule.rpartition(".")[2], loosely, _JSON_KEY_CHARACTER) for rule in kept]
        self._known: dict[str, bool] = {}
        self.dotted = self._paths is not None
        """Whether the path to a key matters, not just its name."""

    def fits(self, key: str, path: str = "") -> bool:
        """Whether a rule means this key.

        Args:
            key: The last key.
            path: The dotted path of what holds it; empty at the top.
        """
        place = join(path, key) if self._paths is not None else key
        known = self._known.get(place)
        if known is None:
            known = _matches(self._names, key) or _matches(self._paths, place)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[place] = known
        return known

    def key_pattern(self) -> str | None:
        """A pattern that finds every key in JSON text that a rule could mean, quotes left out; None without rules."""
        return "|".join(dict.fromkeys(self._last_keys)) or None


def _compile(patterns: list[str], before: str) -> Any:
    if not patterns:
        return None
    import re2

    return re2.compile(f"(?is){before}(?:{'|'.join(patterns)})")


def _matches(pattern: Any, text: str) -> bool:
    return pattern is not None and pattern.fullmatch(text.encode("utf-8", "backslashreplace")) is not None


def _translate(rule: str, loosely: bool, anything: str) -> str:
    if loosely and not any(character in rule for character in "*?["):
        return "[-_]?".join(_literal(word, anything) for word in re.split("[-_]", rule))
    pieces: list[str] = []
    position = 0
    while position < len(rule):
        character = rule[position]
        position += 1
        closing = rule.find("]", position + 1) if character == "[" else -1
        if character == "*":
            pieces.append(f"{anything}*")
        elif character == "?":
            pieces.append(anything)
        elif closing != -1:
            inside = rule[position:closing]
            negated = inside.startswith("!")
            inside = re.sub(r"([\\\[^])", r"\\\1", inside[negated:])
            pieces.append(f"[{'^' if negated else ''}{inside}]")
            position = closing + 1
        else:
            pieces.append(_literal(character, anything))
    return "".join(pieces)


def _literal(text: str, anything: str) -> str:
    """Text as a pattern; in JSON text a character that JSON escapes may be up to six long."""
    escaped_in_json = anything == _JSON_KEY_CHARACTER
    return "".join(
        f"{anything}{{1,6}}" if escaped_in_json and (character in '"\\' or character < " ") else re.escape(character)
        for character in text
    )
