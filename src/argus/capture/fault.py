"""An exception as it is recorded."""

from __future__ import annotations

import sysconfig
import traceback
from functools import cache
from pathlib import Path
from types import TracebackType

from argus.capture.limits import cut
from argus.capture.redact import Redactor
from argus.capture.shapes import type_name
from argus.model.trace import ErrorInfo

__all__ = ["fault"]

_MESSAGE_LENGTH = 4000
_TRACEBACK_LENGTH = 20_000
_DEEPEST = 2000
_FRAMES = 60
_REDACTED_REACH = 200_000


def fault(error: BaseException, redactor: Redactor, *, handled: bool = False) -> ErrorInfo:
    """What is recorded of an exception; never raises.

    Args:
        error: The exception.
        redactor: Takes secrets out of message and traceback.
        handled: Whether the pipeline went on.
    """
    file, line = _own_place(error)
    return ErrorInfo(
        type=type_name(type(error)),
        message=_clean(_message(error), _MESSAGE_LENGTH, redactor),
        traceback=_last_lines(_clean(_traceback(error), _REDACTED_REACH, redactor)),
        file=file,
        line=line,
        handled=handled,
    )


def _message(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception as other:  # noqa: BLE001 - __str__ is the host's code
        return f"<its message raised {type_name(type(other))}>"
    return text


def _traceback(error: BaseException) -> str:
    """The formatted traceback with its causes; lines of source are as the file is now."""
    try:
        return "".join(traceback.TracebackException.from_exception(error, limit=-_FRAMES, compact=True).format())
    except Exception:  # noqa: BLE001 - formatting calls __str__, __cause__, loaders and what not
        try:
            return "".join(traceback.format_tb(error.__traceback__, limit=-_FRAMES))
        except Exception:  # noqa: BLE001
            return ""


def _clean(text: str, limit: int, redactor: Redactor) -> str:
    return cut(text, limit, redactor.text).encode("utf-8", "backslashreplace").decode()


def _last_lines(text: str) -> str:
    """The end of a long traceback, where the cause stands, under its first line."""
    if len(text) <= _TRACEBACK_LENGTH:
        return text
    lines = text.splitlines(keepends=True)
    room = _TRACEBACK_LENGTH
    kept: list[str] = []
    for line in reversed(lines):
        room -= len(line)
        if room < 0:
            break
        kept.append(line)
    left_out = len(lines) - len(kept)
    return f"  … {left_out} lines left out …\n" + "".join(reversed(kept))


def _own_place(error: BaseException) -> tuple[str | None, int | None]:
    """File and line of the innermost frame outside the standard library and installed packages."""
    place: tuple[str | None, int | None] = (None, None)
    step: TracebackType | None = error.__traceback__
    for _ in range(_DEEPEST):
        if step is None:
            break
        file = step.tb_frame.f_code.co_filename
        if not _is_foreign(file):
            place = (file, step.tb_lineno)
        step = step.tb_next
    return place


@cache
def _foreign_folders() -> tuple[str, ...]:
    paths = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    ours = str(Path(__file__).resolve().parents[1])
    return tuple(f"{path}/" for path in (*sorted(path for path in paths if path), ours))


def _is_foreign(file: str) -> bool:
    if file.startswith("<") and not (file.startswith("<ipython") or file == "<stdin>"):
        return True
    return "site-packages" in file or "dist-packages" in file or file.startswith(_foreign_folders())
