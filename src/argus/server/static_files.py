"""The built web interface."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Final, NamedTuple

from argus.server.plain_pages import unbuilt_page

__all__ = ["FOLDER", "Served", "StaticFiles"]

FOLDER: Final = Path(__file__).parent / "static"
"""Where ``web/`` is built to."""

_KINDS: Final = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".txt": "text/plain",
}


class Served(NamedTuple):
    """A file to send.

    Attributes:
        body: Its contents.
        kind: Its media type.
    """

    body: bytes
    kind: str


class StaticFiles:
    """Files of one folder by name.

    What is asked for is looked up among the names that are there, and never becomes a path, so that nothing outside of
    the folder can be meant.

    Args:
        folder: The folder; it need not exist.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._built_at: float | None = None
        self._names: dict[str, Path] = {}

    def page(self) -> Served:
        """The page that shows everything, or one that says how to build it."""
        index = self._files().get("index.html")
        return Served(unbuilt_page(), _KINDS[".html"]) if index is None else Served(index.read_bytes(), _KINDS[".html"])

    def file(self, name: str) -> Served | None:
        """A file, or None when there is none of this name.

        Args:
            name: Relative to the folder, with slashes.
        """
        path = self._files().get(name)
        if path is None:
            return None
        guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        try:
            return Served(path.read_bytes(), _KINDS.get(path.suffix, guessed))
        except OSError:  # built anew at this moment
            return None

    def _files(self) -> dict[str, Path]:
        try:
            built_at: float | None = (self._folder / "index.html").stat().st_mtime
        except OSError:
            built_at = None
        if built_at != self._built_at:
            found = (path for path in self._folder.rglob("*") if path.is_file() and not path.is_symlink())
            self._names = {path.relative_to(self._folder).as_posix(): path for path in found} if built_at else {}
            self._built_at = built_at
        return self._names
