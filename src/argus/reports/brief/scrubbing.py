"""Secrets taken out once more, before text leaves for somebody else's screen or model.

Capture has redacted what it knew. A trace may be imported, recorded with redaction switched off or with rules of
another day; a brief is made to be pasted elsewhere, so the default rules hold for it whatever is configured.
"""

from __future__ import annotations

from typing import Any, Final

from argus.capture.paths import join
from argus.capture.redact import Redactor
from argus.config.settings import SecuritySettings
from argus.model.values import REDACTED, JsonValue, is_mark, mark

__all__ = ["Scrubber"]

_DEEPEST: Final = 60


class Scrubber:
    """Takes secrets out by the default rules and by the configured ones.

    Args:
        security: The configured section ``security``.
    """

    def __init__(self, security: SecuritySettings) -> None:
        default = SecuritySettings()
        self._redactors = [Redactor(default)] if security == default else [Redactor(default), Redactor(security)]

    def text(self, text: str) -> str:
        """The text without secrets.

        Args:
            text: Any string.
        """
        for redactor in self._redactors:
            text = redactor.text(text)
        return text

    def value(self, value: JsonValue) -> JsonValue:
        """A recorded value without secrets; its own keys tell, too.

        Args:
            value: A recorded value; never changed.
        """
        return self._value(value, "", 0)

    def _value(self, value: JsonValue, path: str, depth: int) -> JsonValue:
        if isinstance(value, str):
            return self.text(value)
        if not isinstance(value, (dict, list)):
            return value
        if depth >= _DEEPEST:
            return mark("deep", type=type(value).__name__)
        if isinstance(value, list):
            return [self._value(item, path, depth + 1) for item in value]
        return self._dict(value, path, depth)

    def _dict(self, value: dict[str, Any], path: str, depth: int) -> dict[str, Any]:
        marked = is_mark(value)
        kept: dict[str, Any] = {}
        for key, item in value.items():
            hidden = not marked and any(redactor.keys.fits(key, path) for redactor in self._redactors)
            kept[self.text(key)] = REDACTED if hidden else self._value(item, join(path, key), depth + 1)
        return kept
