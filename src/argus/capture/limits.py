"""How much of a value is recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from argus.capture.paths import PathRules, join
from argus.config.settings import FieldPolicy, Settings
from argus.model.values import cut_marker, cut_of

__all__ = ["PREVIEW", "FieldPolicies", "Limits", "cut", "hash_of_text"]

PREVIEW = 200
"""Characters that the policy ``preview`` keeps."""

_MARGIN = 8192
_PIECE = 1 << 18
_DEEPEST = 200


class Limits(NamedTuple):
    """Bounds on one recorded value; what goes beyond is replaced by a mark that says so.

    Attributes:
        max_string: Characters of a string.
        max_depth: Nested containers; more than 200 are never recorded, for JSON readers have limits of their own.
        max_items: Items of one container.
        max_nodes: Values altogether.
    """

    max_string: int = 50_000
    max_depth: int = 100
    max_items: int = 50_000
    max_nodes: int = 500_000

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits that settings ask for."""
        return cls(settings.watcher.max_field_size, min(settings.capture.max_depth, _DEEPEST))


class FieldPolicies:
    """Which fields are recorded in part or not at all.

    Args:
        policies: A policy for each name, glob or dotted path; the first that fits wins. One without a dot means a
            field of the state, one with a dot a value inside a field.
    """

    def __init__(self, policies: dict[str, FieldPolicy]) -> None:
        self._rules = [(PathRules([rule]), "." in rule, policy) for rule, policy in policies.items()]
        self._known: dict[str, FieldPolicy | None] = {}
        self.dotted = any(dotted for _, dotted, _ in self._rules)
        """Whether values inside fields have policies."""

    def __bool__(self) -> bool:
        return bool(self._rules)

    def of(self, key: str, path: str) -> FieldPolicy | None:
        """The policy of a key, or None when there is none.

        Args:
            key: The key.
            path: The dotted path of what holds it; empty for a field of the state.
        """
        if not self._rules or (path and not self.dotted):
            return None
        place = join(path, key)
        if place not in self._known:
            if len(self._known) >= 4096:
                self._known.clear()
            self._known[place] = next(
                (policy for rules, dotted, policy in self._rules if dotted == bool(path) and rules.fits(key, path)),
                None,
            )
        return self._known[place]


def hash_of_text(text: str) -> str:
    """The xxh3-128 hash of a text in UTF-8, as 32 hex characters; lone surrogates are counted escaped."""
    from xxhash import xxh3_128

    digest = xxh3_128()
    for start in range(0, len(text), _PIECE):  # a copy of the whole would be fresh memory, far slower than hashing
        digest.update(text[start : start + _PIECE].encode("utf-8", "backslashreplace"))
    return digest.hexdigest()


def cut(text: str, limit: int, redact: Callable[[str], str]) -> str:
    """A text without secrets, of at most ``limit`` characters and a mark if it was longer.

    Only the part that is kept and a margin behind it are searched for secrets. The margin itself is never kept, so that
    a secret that ends behind it does not survive in part.

    Args:
        text: Any string.
        limit: Characters to keep.
        redact: Takes the secrets out of a text.
    """
    if len(text) <= limit or ((known := cut_of(text)) is not None and known.kept <= limit):
        return redact(text)
    reach = limit + _MARGIN
    if len(text) <= reach:
        kept = redact(text)
    else:
        kept = redact(text[:reach])
        kept = kept[: max(0, len(kept) - _MARGIN)]
    return kept[:limit] + cut_marker(len(text), hash_of_text(text))
