"""URLs without their passwords."""

from __future__ import annotations

import re

__all__ = ["mask_url"]

_SECRET_PARAMETER = re.compile(r"([?&;][^=&;?]*(?:pass|pwd|secret|token|key)[^=&;?]*=)[^&;]*", re.IGNORECASE)


def mask_url(url: str) -> str:
    """A URL without its passwords, to be shown.

    Args:
        url: Any text; a password may hold unquoted ``/`` and ``@``, so everything up to the last ``@`` is hidden.
    """
    masked = re.sub(r"(//[^/?#@:]*):.*@", r"\1:***@", url, flags=re.DOTALL)
    return _SECRET_PARAMETER.sub(r"\1***", masked)
