"""Records as JSON answers, whatever a pipeline wrote into them."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response

__all__ = ["JsonAnswer", "json_bytes"]

_encode = msgspec.json.Encoder().encode


class JsonAnswer(Response[Any]):
    """An answer in JSON; strings and bytes pass as they are."""

    def render(self, content: Any, media_type: str, enc_hook: Any = None) -> bytes:
        """The body.

        Args:
            content: Records, or what is rendered already.
            media_type: What kind of body it is.
            enc_hook: Not needed.
        """
        if isinstance(content, bytes):
            return content
        if isinstance(content, str):
            return content.encode("utf-8", "backslashreplace")
        return json_bytes(content)


def json_bytes(content: Any) -> bytes:
    """JSON in UTF-8; what UTF-8 cannot say stands as an escape in the text.

    Args:
        content: Records, dicts, lists and scalars.
    """
    try:
        return _encode(content)
    except UnicodeEncodeError:
        return _encode(_speakable(msgspec.to_builtins(content)))


def _speakable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_speakable(key): _speakable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_speakable(item) for item in value]
    return value
