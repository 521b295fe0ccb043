"""What is never recorded: values of telling keys, and secrets inside any string.

Redaction happens once, here, before anything is kept. It is idempotent: what it leaves behind holds no secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any

from argus.capture import linear
from argus.capture.paths import PathRules
from argus.capture.secrets import PERSONAL, SECRETS, Kind, assignments
from argus.config.settings import DEFAULT_REDACT_KEYS, SecuritySettings
from argus.errors import ConfigError
from argus.model.values import REDACTED

__all__ = ["Redactor"]

_SHORTEST_SECRET = 7
_OWN = "custom"


class Redactor:
    """Decides what is hidden; immutable and thread-safe.

    Args:
        security: The ``security`` section.
        rewrite: The user's own function from text to redacted text, in place of the patterns for values.

    Raises:
        ConfigError: A pattern is not valid; all invalid ones are named.
    """

    def __init__(self, security: SecuritySettings, rewrite: Callable[[str], str] | None = None) -> None:
        keys = DEFAULT_REDACT_KEYS if security.redact_keys is None else security.redact_keys
        self.keys = PathRules(keys, loosely=True)
        """What is hidden by its key, whatever it is."""
        self._rewrite = rewrite
        key_pattern = self.keys.key_pattern()
        own = [] if security.redact_values is None or rewrite else _own_kinds(security.redact_values)
        kinds = [*SECRETS] if security.redact_values is None and rewrite is None else []
        if key_pattern and (kinds or own):
            kinds.append(assignments(key_pattern, self.keys.key_endings()))
        if security.redact_personal:
            kinds.extend(PERSONAL)
        self._kinds = (*own, *kinds)
        self._values = _combined(self._kinds) if self._kinds else None
        self._groups = _group_spans(self._kinds)
        self._hints = _any_of(hint for kind in kinds for hint in kind.hints)
        self._text_hints = _any_of(hint for kind in kinds for hint in (*kind.hints, *kind.text_hints))
        self._hints_tell = not own and rewrite is None

    def suspects(self, data: bytes) -> bool:
        """Whether JSON may hold a secret; keys are not looked at.

        False is certain; True means that the value must be looked at part by part.

        Args:
            data: Valid JSON, or several pieces of it with anything between them.
        """
        if self._hints_tell:
            return self._hints is not None and self._hints.search(data) is not None
        return True

    def text(self, text: str) -> str:
        """The text without secrets.

        Args:
            text: Any string.

        Returns:
            The text, each secret replaced by ``[REDACTED:kind]``.
        """
        if self._rewrite is not None:
            text = self._rewritten(text)
        if self._values is None or (len(text) < _SHORTEST_SECRET and self._hints_tell):
            return text
        raw = text.encode("utf-8", "backslashreplace")
        if self._hints_tell and (self._text_hints is None or self._text_hints.search(raw) is None):
            return text
        if linear.closing():
            return REDACTED
        kept: list[bytes] = []
        position = looked = 0
        while looked <= len(raw) and (match := self._values.search(raw, looked)) is not None:
            start, end, name = self._secret_in(match, raw)
            looked = end if end > match.start() else match.end() + 1
            if name is not None:
                kept += (raw[position:start], f"[REDACTED:{name}]".encode() if name else REDACTED.encode())
                position = end
        if not kept:
            return text
        kept.append(raw[position:])
        return b"".join(kept).decode()

    def _rewritten(self, text: str) -> str:
        """What the user's function makes of a text; when it fails, nothing of the text is kept."""
        assert self._rewrite is not None
        try:
            result = self._rewrite(text)
        except Exception:  # noqa: BLE001 - a failing function of the user's must not let a secret through
            return REDACTED
        return result if type(result) is str else REDACTED

    def _secret_in(self, match: Any, raw: bytes) -> tuple[int, int, str | None]:
        """Where in a match the secret stands, and its kind; without one, from where to look on."""
        for kind, (whole, last) in zip(self._kinds, self._groups, strict=True):
            if match.start(whole) < 0:
                continue
            inner = () if kind.name == _OWN else range(whole + 1, last + 1)
            start, end = match.span(next((group for group in inner if match.start(group) >= 0), whole))
            if kind.confirm is not None:
                held = kind.confirm(raw[start:end].decode("ascii", "replace"))
                if not held:
                    return start, _next_group(raw, start, end), None
                end = start + held
            return start, end, kind.name if start < end else None
        return 0, match.end(), None


def _next_group(raw: bytes, start: int, end: int) -> int:
    return next((place + 1 for place in range(start, end) if raw[place] in b" -"), end)


def _any_of(hints: Iterable[str]) -> re.Pattern[bytes] | None:
    """One pattern for all hints, gathered by their first characters, so that most of a text is passed over at once."""
    by_first: dict[str, list[str]] = {}
    for hint in dict.fromkeys(hints):
        length = 2 if hint.startswith("\\") else 1
        by_first.setdefault(hint[:length], []).append(hint[length:])
    either = "|".join(f"{first}(?:{'|'.join(rests)})" for first, rests in by_first.items())
    return re.compile(either.encode()) if either else None


def _combined(kinds: Sequence[Kind]) -> Any:
    try:
        return linear.compile_pattern("|".join(f"({kind.pattern})" for kind in kinds))
    except Exception as error:  # each pattern compiles alone, so only their group names can clash
        message = "security.redact_values: two patterns name a group alike; leave the names out"
        raise ConfigError(message) from error


def _group_spans(kinds: Sequence[Kind]) -> tuple[tuple[int, int], ...]:
    """For each kind, the number of its outer group and of its last inner group."""
    sizes = [linear.compile_pattern(f"({kind.pattern})").groups for kind in kinds]
    return tuple((last - size + 1, last) for last, size in zip(accumulate(sizes), sizes, strict=True))


def _own_kinds(patterns: Sequence[str]) -> list[Kind]:
    kinds: list[Kind] = []
    problems: list[str] = []
    for pattern in patterns:
        try:
            linear.compile_pattern(pattern)
        except Exception as error:  # noqa: BLE001 - the engine's errors have no documented class
            reason = error.args[0] if error.args else error
            reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
            problems.append(f"security.redact_values: {pattern!r} is not a valid pattern: {reason}")
        else:
            kinds.append(Kind(_OWN, f"(?:{pattern})", ()))
    if problems:
        raise ConfigError("; ".join(problems), problems)
    return kinds
