"""Source files as a person here would write them."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["near"]


def near(file: str) -> str:
    """A path relative to the working folder when the file lies below it, else as it is.

    Args:
        file: A path as recorded, perhaps on another machine.
    """
    try:
        folder = str(Path.cwd())
    except OSError:  # the working folder was removed
        return file
    return file[len(folder) + 1 :] if file.startswith(folder + os.sep) else file
