"""The linear-time engine for patterns, and how to leave it in time.

The engine is C++ and works without the interpreter's lock. A daemon thread that is inside when the interpreter ends is
stopped while it waits for the lock, and tearing down C++ frames that way aborts the whole process. So nobody enters the
engine any more once the interpreter is about to end, and those inside are given time to come out.
"""

from __future__ import annotations

import atexit
import threading
import time
from typing import Any, Final

__all__ = ["closing", "compile_pattern"]

_MEMORY: Final = 64 << 20
_TIME_TO_LEAVE_S: Final = 0.05


class _Door:
    closed = False


def closing() -> bool:
    """Whether the engine must not be entered any more."""
    return _Door.closed


def compile_pattern(pattern: str) -> Any:
    """A compiled pattern with the methods of :mod:`re`.

    Args:
        pattern: In the syntax of RE2.

    Raises:
        re2.error: The pattern is not valid.
    """
    import re2

    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    return re2.compile(pattern, options)


def _close() -> None:
    _Door.closed = True
    if threading.active_count() > 1:
        time.sleep(_TIME_TO_LEAVE_S)


atexit.register(_close)
