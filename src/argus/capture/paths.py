"""Which fields a rule means: a name, a glob, or a dotted path.

A dotted path names the keys that lead to a value, positions in lists left out: ``users.ssn`` is the ``ssn`` of every
item of ``users``. A rule with a dot fits a path that ends in it; a rule without one fits the last key alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from typing import Any

from argus.capture import linear

__all__ = ["PathRules", "join"]

_REMEMBERED = 4096
_STRINGS = frozenset({str})
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
        last_keys = [rule.rpartition(".")[2] for rule in kept]
        self._last_keys = _compile([_translate(key, loosely, ".") for key in last_keys], "")
        self._in_json = [_translate(key, loosely, _JSON_KEY_CHARACTER) for key in last_keys]
        self._endings = [re.split("[-_*?]|\\]", key)[-1] for key in last_keys]
        self._known: dict[str, bool] = {}
        self._harmless: set[str] = set()
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

    def clears(self, keys: Collection[Any]) -> bool:
        """Whether all keys are strings that no rule can mean, wherever they stand.

        Args:
            keys: Of one dict or several.
        """
        harmless = self._harmless
        if harmless.issuperset(keys):
            return True
        new = [key for key in keys if key not in harmless]
        if not _STRINGS.issuperset(map(type, new)) or any(_matches(self._last_keys, key) for key in new):
            return False
        if len(harmless) + len(new) > _REMEMBERED:
            harmless.clear()
        if len(new) < _REMEMBERED:
            harmless.update(new)
        return True

    def key_pattern(self) -> str | None:
        """A pattern that finds every key in JSON text that a rule could mean, quotes left out; None without rules."""
        return "|".join(dict.fromkeys(self._in_json)) or None

    def key_endings(self) -> list[str]:
        """Text that the keys which a rule could mean end in; empty for a rule that leaves the end open."""
        return self._endings


def _compile(patterns: list[str], before: str) -> Callable[[str], Any] | None:
    """A test for whole texts; only rules with wildcards need the linear-time engine."""
    if not patterns:
        return None
    pattern = f"(?is){before}(?:{'|'.join(patterns)})"
    if not any("*" in one or "?" in one.replace("[-_]?", "") for one in (before, *patterns)):
        return re.compile(pattern).fullmatch
    compiled = linear.compile_pattern(pattern)

    def fullmatch(text: str) -> Any:
        return linear.closing() or compiled.fullmatch(text.encode("utf-8", "backslashreplace"))

    return fullmatch


def _matches(test: Callable[[str], Any] | None, text: str) -> bool:
    return test is not None and bool(test(text))


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
