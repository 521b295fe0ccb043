"""Source files as code hosts want them: relative to the repository, with slashes."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import quote

from argus.views.neutral import neutral

__all__ = ["file_uri", "relative_path", "repository_root"]

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def repository_root(folder: Path) -> Path:
    """The nearest folder upwards that holds ``.git``, or the folder itself.

    Args:
        folder: Where to begin.
    """
    folder = folder.absolute()
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)


def relative_path(file: str, root: Path) -> str | None:
    """A file relative to the repository, or None when it lies elsewhere.

    Args:
        file: As recorded, perhaps on another machine.
        root: The repository's folder, absolute.
    """
    path = PureWindowsPath(file) if _DRIVE.match(file) else PurePosixPath(file)
    if not path.is_absolute():
        return path.as_posix() if ".." not in path.parts else None
    above = PureWindowsPath(root) if isinstance(path, PureWindowsPath) else PurePosixPath(root.as_posix())
    try:
        return path.relative_to(above).as_posix()
    except ValueError:
        return None


def file_uri(file: str) -> str:
    """An absolute file as a URI.

    Args:
        file: Any absolute path.
    """
    text = neutral(file)
    return "file://" + ("/" + quote(text.replace("\\", "/"), safe="/:") if _DRIVE.match(text) else quote(text))
